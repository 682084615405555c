-- Where the reviewer was: cursor, filters, layout. Losing it costs nothing.

CREATE TABLE view_state (
    key  TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
