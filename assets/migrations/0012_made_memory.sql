-- Whether the memory folder itself came to be by this apply: taking its text back takes the folder back.
ALTER TABLE applies ADD COLUMN made_memory INTEGER NOT NULL DEFAULT 0;
