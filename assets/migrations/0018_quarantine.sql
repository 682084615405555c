-- Sessions that a person took out of everything: they are not read, not sent, and count for nothing.
CREATE TABLE quarantine (
    agent   TEXT NOT NULL REFERENCES agents (id),
    session TEXT NOT NULL,
    author  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (agent, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_of_session ON evidence (session);
