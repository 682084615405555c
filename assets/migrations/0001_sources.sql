-- Agents, their sessions as last described, and facts mined from sessions.
-- A released migration is never edited: add another file.

PRAGMA application_id = 0x77616b65;
-- Moments are nanoseconds since the epoch; lists and records that are only read whole are JSON.

-- "wake": so that a database of another program is never taken for this one.
PRAGMA application_id = 0x77616b65;

CREATE TABLE agents (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    body      TEXT NOT NULL,
    present   INTEGER NOT NULL DEFAULT 1,
    synced_at INTEGER
) STRICT;

CREATE TABLE sessions (
    agent   TEXT NOT NULL REFERENCES agents (id),
    id      TEXT NOT NULL,
    ended   INTEGER,
    segment TEXT,
    body    TEXT NOT NULL,
    -- What tells sessions that share history: a chain the file names, its first record, and
    -- fingerprints of all records, eight bytes each.
    chain        TEXT,
    first_record TEXT,
    records      BLOB NOT NULL,
    PRIMARY KEY (agent, id)
) STRICT;
CREATE INDEX sessions_by_time ON sessions (agent, ended DESC, id);

-- What an engine found in each session, valid while the digest over its files and the engine's
-- version is the same.
CREATE TABLE facts (
    id      INTEGER PRIMARY KEY,
    agent   TEXT NOT NULL,
    session TEXT NOT NULL,
    engine  TEXT NOT NULL,
    digest  TEXT NOT NULL,
    body    BLOB NOT NULL,
    UNIQUE (agent, session, engine),
    FOREIGN KEY (agent, session) REFERENCES sessions (agent, id) ON DELETE CASCADE
) STRICT;
