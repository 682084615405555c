//! A one-line text field: text, cursor, and the edits people's fingers know.
//!
//! Owns: moving and editing by whole characters as people see them. Must not know: keys, or how the
//! field is drawn.

use unicode_segmentation::UnicodeSegmentation;

/// More than any filter, reason or command needs; keeps a pasted novel out of the model.
const LIMIT: usize = 2_000;

/// A line being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineEdit {
    text: String,
    /// Byte offset, always on a grapheme boundary.
    cursor: usize,
    /// The whole text is selected: what is typed next takes its place.
    selected: bool,
}

/// One edit of a text field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextEdit {
    /// Put a character in.
    Insert(char),
    /// Take out the character before the cursor.
    Backspace,
    /// Take out the character under the cursor.
    Delete,
    /// Take out the word before the cursor.
    DeleteWord,
    /// Take out everything before the cursor.
    DeleteToStart,
    /// One character left.
    Left,
    /// One character right.
    Right,
    /// To the start.
    Home,
    /// To the end.
    End,
}

impl LineEdit {
    /// A field that holds `text`, cursor at its end.
    #[must_use]
    pub fn with(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    /// A field that offers `text`, selected: typing replaces it, moving the cursor keeps it.
    #[must_use]
    pub fn offering(text: &str) -> Self {
        Self { selected: true, ..Self::with(text) }
    }

    /// Whether the whole text is selected.
    #[must_use]
    pub const fn is_selected(&self) -> bool {
        self.selected
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it takes no more.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.text.len() >= LIMIT
    }

    /// The text before and after the cursor.
    #[must_use]
    pub fn around_cursor(&self) -> (&str, &str) {
        self.text.split_at_checked(self.cursor).unwrap_or((&self.text, ""))
    }

    /// Replaces everything.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.paste(text);
    }

    /// Puts text in as if typed: line ends become spaces, control characters are dropped.
    pub fn paste(&mut self, text: &str) {
        if std::mem::take(&mut self.selected) {
            self.clear();
        }
        // Terminals send a line end as a carriage return when something is pasted.
        for c in text.replace("\r\n", "\n").chars() {
            let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
            self.insert(c);
        }
    }

    /// Carries out one edit.
    pub fn edit(&mut self, edit: &TextEdit) {
        if std::mem::take(&mut self.selected) {
            match edit {
                TextEdit::Insert(_) => self.clear(),
                TextEdit::Backspace | TextEdit::Delete => return self.clear(),
                _ => {}
            }
        }
        match edit {
            TextEdit::Insert(c) => self.insert(*c),
            TextEdit::Backspace => {
                let to = self.cursor;
                self.left();
                self.cut(self.cursor, to);
            }
            TextEdit::Delete => {
                let from = self.cursor;
                let to = from + self.next_width();
                self.cut(from, to);
            }
            TextEdit::DeleteWord => {
                let (before, _) = self.around_cursor();
                let kept = before
                    .trim_end()
                    .rfind(char::is_whitespace)
                    .map_or(0, |space| space + before[space..].chars().next().map_or(0, char::len_utf8));
                self.cut(kept, self.cursor);
            }
            TextEdit::DeleteToStart => self.cut(0, self.cursor),
            TextEdit::Left => self.left(),
            TextEdit::Right => self.cursor += self.next_width(),
            TextEdit::Home => self.cursor = 0,
            TextEdit::End => self.cursor = self.text.len(),
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn insert(&mut self, c: char) {
        if c.is_control() || self.text.len() >= LIMIT {
            return;
        }
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
    }

    fn left(&mut self) {
        let (before, _) = self.around_cursor();
        self.cursor -= before.graphemes(true).next_back().map_or(0, str::len);
    }

    fn next_width(&self) -> usize {
        self.around_cursor().1.graphemes(true).next().map_or(0, str::len)
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(edits: &[TextEdit]) -> LineEdit {
        let mut field = LineEdit::with("agent:bot née 👨\u{200D}👩\u{200D}👧");
        for edit in edits {
            field.edit(edit);
        }
        field
    }

    #[test]
    fn edits_move_by_what_people_see() {
        assert_eq!(type_in(&[TextEdit::Backspace]).text(), "agent:bot née ");
        assert_eq!(
            type_in(&[TextEdit::Left, TextEdit::DeleteWord]).text(),
            "agent:bot 👨\u{200D}👩\u{200D}👧"
        );
        assert_eq!(type_in(&[TextEdit::DeleteToStart]).text(), "");
        let mut field = type_in(&[TextEdit::Home, TextEdit::Delete, TextEdit::Insert('A')]);
        assert_eq!(field.around_cursor(), ("A", "gent:bot née 👨\u{200D}👩\u{200D}👧"));
        field.set("x");
        field.edit(&TextEdit::Right);
        assert_eq!(field.around_cursor(), ("x", ""));
    }

    #[test]
    fn typing_replaces_what_is_offered() {
        let after = |edit: TextEdit| {
            let mut field = LineEdit::offering("8");
            field.edit(&edit);
            field.edit(&TextEdit::Insert('5'));
            field.text().to_owned()
        };
        assert_eq!(after(TextEdit::Insert('1')), "15");
        assert_eq!(after(TextEdit::Backspace), "5");
        assert_eq!(after(TextEdit::End), "85");
        let mut field = LineEdit::offering("8");
        field.paste("12");
        assert_eq!((field.text(), field.is_selected()), ("12", false));
    }

    #[test]
    fn control_characters_never_get_in() {
        let mut field = LineEdit::default();
        field.paste("a\u{1b}[31m\nb");
        assert_eq!(field.text(), "a[31m b");
        field.set("one\rtwo\r\nthree");
        assert_eq!(field.text(), "one two three");
    }
}
