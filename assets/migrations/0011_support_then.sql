-- How many sessions supported a lesson when it was written, so that it can be compared with today.
-- NULL: written by an earlier version, or the lesson rests on the memory itself.
ALTER TABLE apply_lessons ADD COLUMN support INTEGER;
