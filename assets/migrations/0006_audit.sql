-- Who did what, when. Each row carries a hash over the previous row's hash and its own fields, so a
-- row that is changed, removed or slipped in later breaks the chain at that row.

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    author  TEXT NOT NULL,
    action  TEXT NOT NULL,
    agent   TEXT,
    lessons TEXT NOT NULL,
    apply   TEXT,
    path    TEXT,
    before  TEXT,
    after   TEXT,
    note    TEXT,
    hash    TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_agent ON audit (agent, seq);
CREATE INDEX audit_by_apply ON audit (apply, seq) WHERE apply IS NOT NULL;

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
