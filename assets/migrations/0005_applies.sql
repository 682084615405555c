-- The journal of writes to memory stores: what is to be written is here before anything is written.

CREATE TABLE applies (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    agent      TEXT NOT NULL REFERENCES agents (id),
    action     TEXT NOT NULL CHECK (action IN ('apply', 'undo')),
    -- The apply that an undo takes back, wholly or in part.
    target     TEXT REFERENCES applies (id),
    author     TEXT NOT NULL,
    begun      INTEGER NOT NULL,
    ended      INTEGER,
    -- Memory when it was planned, and as planned.
    before     TEXT NOT NULL REFERENCES snapshots (hash),
    after      TEXT NOT NULL REFERENCES snapshots (hash)
) STRICT;
CREATE INDEX applies_by_agent ON applies (agent, seq DESC);
CREATE INDEX applies_open ON applies (agent) WHERE ended IS NULL;

-- Lessons of an apply in the order in which they were put together.
CREATE TABLE apply_lessons (
    apply    TEXT NOT NULL REFERENCES applies (id),
    position INTEGER NOT NULL,
    lesson   TEXT NOT NULL REFERENCES lessons (id),
    dream    TEXT NOT NULL REFERENCES dreams (id),
    edit     TEXT,
    -- 'planned' until the apply ends, then what became of it.
    fate     TEXT NOT NULL DEFAULT 'planned'
             CHECK (fate IN ('planned', 'written', 'collided', 'satisfied')),
    PRIMARY KEY (apply, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX apply_lessons_by_lesson ON apply_lessons (lesson);

-- Documents to write. A step is added, never removed: a step that must be taken back gets a later one.
CREATE TABLE outbox (
    apply    TEXT NOT NULL REFERENCES applies (id),
    step     INTEGER NOT NULL,
    path     TEXT NOT NULL,
    -- NULL: the document must not exist (expected), or is to go (content).
    expected TEXT,
    content  TEXT REFERENCES documents (hash),
    lessons  TEXT NOT NULL,
    progress TEXT NOT NULL DEFAULT 'waiting'
             CHECK (progress IN ('waiting', 'written', 'changed', 'replaced')),
    PRIMARY KEY (apply, step)
) STRICT, WITHOUT ROWID;

-- The apply that put a lesson into the memory, while it is there.
ALTER TABLE lessons ADD COLUMN applied_by TEXT REFERENCES applies (id);
CREATE INDEX lessons_by_apply ON lessons (applied_by) WHERE applied_by IS NOT NULL;

-- The apply after which a memory state was seen, where it was wakeful that changed it.
ALTER TABLE memory_versions ADD COLUMN apply TEXT REFERENCES applies (id);
