-- What the Claude platform adds: dreams that run elsewhere, what they cost, how far each sync is,
-- and who wrote what into a memory store.

ALTER TABLE dreams ADD COLUMN model TEXT;
ALTER TABLE dreams ADD COLUMN instructions TEXT;
ALTER TABLE dreams ADD COLUMN remote TEXT;
ALTER TABLE dreams ADD COLUMN usage TEXT;
ALTER TABLE dreams ADD COLUMN estimate TEXT;
ALTER TABLE dreams ADD COLUMN cost TEXT;

-- Dreams that were asked for. A row is here before the request is sent and says what came of it, so
-- that an answer lost on the way never leads to a second dream.
CREATE TABLE dream_intents (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    agent   TEXT NOT NULL REFERENCES agents (id),
    profile TEXT NOT NULL,
    at      INTEGER NOT NULL,
    body    TEXT NOT NULL,
    -- 'open' until it is known whether the dream came to be.
    outcome TEXT NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'started', 'refused')),
    dream   TEXT REFERENCES dreams (id)
) STRICT;
CREATE INDEX dream_intents_open ON dream_intents (profile) WHERE outcome = 'open';

-- How far the reading of a list is, by profile and list. Losing a row costs a full reading.
CREATE TABLE sync_cursors (
    profile TEXT NOT NULL,
    list    TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (profile, list)
) STRICT, WITHOUT ROWID;

-- The last trouble of an agent's sync; NULL once a sync went through.
ALTER TABLE agents ADD COLUMN sync_error TEXT;
ALTER TABLE agents ADD COLUMN sync_error_at INTEGER;

-- The full reading in which a session was last met; sessions that a later one misses are gone.
ALTER TABLE sessions ADD COLUMN pass INTEGER NOT NULL DEFAULT 0;

-- What stores say of their own history. Kept for good: the platform forgets after about a month.
CREATE TABLE memory_records (
    store     TEXT NOT NULL,
    id        TEXT NOT NULL,
    memory    TEXT NOT NULL,
    path      TEXT,
    operation TEXT NOT NULL,
    content   TEXT,
    author    TEXT,
    at        INTEGER NOT NULL,
    PRIMARY KEY (store, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_records_by_path ON memory_records (store, path, at DESC);
CREATE INDEX memory_records_by_time ON memory_records (store, at DESC);
