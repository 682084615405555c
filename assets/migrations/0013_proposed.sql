-- How many lessons a pass proposed. Later passes that propose the same lessons again take them over.
-- NULL: a pass of an earlier version, or one that is not finished.
ALTER TABLE dreams ADD COLUMN lessons INTEGER;
