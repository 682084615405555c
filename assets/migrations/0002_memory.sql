-- Memory snapshots, content-addressed: a text that did not change is kept once.

CREATE TABLE documents (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE snapshots (
    hash      TEXT PRIMARY KEY,
    documents INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
    tokens    INTEGER NOT NULL
) STRICT;

CREATE TABLE snapshot_documents (
    snapshot TEXT NOT NULL REFERENCES snapshots (hash),
    path     TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES documents (hash),
    PRIMARY KEY (snapshot, path)
) STRICT, WITHOUT ROWID;

-- Every state in which an agent's memory was seen, newest last.
CREATE TABLE memory_versions (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    agent    TEXT NOT NULL REFERENCES agents (id),
    snapshot TEXT NOT NULL REFERENCES snapshots (hash),
    seen_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX memory_versions_by_agent ON memory_versions (agent, seq DESC);
