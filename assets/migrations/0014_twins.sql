-- The same lesson of several agents is found by its words.
CREATE INDEX lessons_by_statement ON lessons (statement, kind);
