-- What an edit made of a lesson beside its text: the guards' marks on the new text and its size, as JSON.
-- NULL: nothing is known of it (an edit of an earlier version), or the text is as proposed.
ALTER TABLE decisions ADD COLUMN remade TEXT;
-- The same of the edit that the decision replaced, so that its inverse can be written.
ALTER TABLE decisions ADD COLUMN from_remade TEXT;
