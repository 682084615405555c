-- Lessons that a dream wrote into the memory itself, and that an apply takes out because the reviewer turned
-- them down.
ALTER TABLE apply_lessons ADD COLUMN takes_out INTEGER NOT NULL DEFAULT 0 CHECK (takes_out IN (0, 1));
