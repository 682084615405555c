-- What was asked of a lesson's count beyond the number: whether it repeats, for whom, and how easily chance
-- gives it. NULL: proposed by an earlier version.
ALTER TABLE lessons ADD COLUMN checks TEXT;
