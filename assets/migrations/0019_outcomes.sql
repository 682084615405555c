-- How sessions ended, as the last dream that read them saw it. None: nobody says.
CREATE TABLE outcomes (
    agent   TEXT NOT NULL,
    session TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (agent, session),
    FOREIGN KEY (agent, session) REFERENCES sessions (agent, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
