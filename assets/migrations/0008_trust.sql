-- Where the words of a place came from: a person, the agent, a tool, or somebody outside.

ALTER TABLE evidence ADD COLUMN origin TEXT NOT NULL DEFAULT 'unknown';
