-- Dream passes, the lessons they propose, and the places those rest on.

CREATE TABLE dreams (
    id         TEXT PRIMARY KEY,
    agent      TEXT NOT NULL REFERENCES agents (id),
    engine     TEXT NOT NULL,
    status     TEXT NOT NULL,
    started    INTEGER NOT NULL,
    ended      INTEGER,
    reads      TEXT NOT NULL,
    base       TEXT NOT NULL REFERENCES snapshots (hash),
    proposed   TEXT REFERENCES snapshots (hash),
    manifest   TEXT,
    error      TEXT
) STRICT;
CREATE INDEX dreams_by_agent ON dreams (agent, started DESC);
CREATE INDEX dreams_by_time ON dreams (started DESC);

-- One row per lesson identity. Texts are not here: they are cut from the dream's two snapshots.
CREATE TABLE lessons (
    id            TEXT PRIMARY KEY,
    agent         TEXT NOT NULL REFERENCES agents (id),
    dream         TEXT NOT NULL REFERENCES dreams (id),
    identity      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    topic         TEXT NOT NULL,
    statement     TEXT NOT NULL,
    state         TEXT NOT NULL,
    snoozed_until INTEGER,
    edited        INTEGER NOT NULL DEFAULT 0,
    basis         TEXT NOT NULL,
    support       INTEGER,
    exposed       INTEGER,
    contradict    INTEGER NOT NULL,
    mention       INTEGER NOT NULL,
    days          INTEGER NOT NULL,
    users         INTEGER NOT NULL,
    lower_bound   REAL,
    tier          TEXT NOT NULL,
    marks         TEXT NOT NULL,
    documents     TEXT NOT NULL,
    tokens        INTEGER NOT NULL,
    cosmetic      INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    first_seen    INTEGER NOT NULL
) STRICT;
CREATE INDEX lessons_by_state ON lessons (state, agent);
CREATE INDEX lessons_by_agent ON lessons (agent, state);
CREATE INDEX lessons_by_dream ON lessons (dream, position);

CREATE TABLE evidence (
    lesson      TEXT NOT NULL REFERENCES lessons (id),
    seq         INTEGER NOT NULL,
    session     TEXT NOT NULL,
    file        TEXT NOT NULL,
    record      TEXT NOT NULL,
    call        TEXT,
    first_byte  INTEGER NOT NULL,
    end_byte    INTEGER NOT NULL,
    at          INTEGER,
    stance      TEXT NOT NULL,
    status      TEXT NOT NULL,
    quote       TEXT NOT NULL,
    PRIMARY KEY (lesson, seq)
) STRICT, WITHOUT ROWID;
