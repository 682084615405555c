-- What a reviewer said of some of the places that a search found for a lesson, and what that makes of the
-- estimate; the newest check of each lesson. The trail has every one of them.
CREATE TABLE spot_checks (
    lesson TEXT PRIMARY KEY REFERENCES lessons (id),
    body   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
