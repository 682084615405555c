-- What reviewers decided. Rows are only ever added; taking a decision back adds its inverse.

CREATE TABLE batches (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL CHECK (action IN ('decide', 'undo', 'redo')),
    -- The deciding batch that an undo or redo is about.
    target INTEGER REFERENCES batches (id),
    author TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_by_target ON batches (target, id DESC) WHERE target IS NOT NULL;
CREATE INDEX batches_decided ON batches (id DESC) WHERE action = 'decide';

CREATE TABLE decisions (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    batch      INTEGER NOT NULL REFERENCES batches (id),
    lesson     TEXT NOT NULL REFERENCES lessons (id),
    dream      TEXT NOT NULL REFERENCES dreams (id),
    verdict    TEXT NOT NULL,
    until      INTEGER,
    edit       TEXT,
    author     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    reason     TEXT,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    -- What the decision replaced, so that its inverse can be written.
    from_until INTEGER,
    from_edit  TEXT
) STRICT;
CREATE INDEX decisions_by_lesson ON decisions (lesson, seq);
CREATE INDEX decisions_by_batch ON decisions (batch, seq);

CREATE TRIGGER batches_stay BEFORE UPDATE ON batches
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER batches_remain BEFORE DELETE ON batches
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
