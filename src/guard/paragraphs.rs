//! Markdown as the guards read it: paragraphs and list items, each as one line.
//!
//! Owns: where a paragraph begins. Must not know: what is looked for in it.

/// Lines that belong together: a paragraph or a list item with its continuation.
pub(super) struct Paragraph {
    /// All of it.
    pub text: String,
    /// Where in `text` each line begins, and its number in the document.
    starts: Vec<(usize, usize)>,
}

impl Paragraph {
    /// Number of the line, counted from 1, that holds a byte of the text.
    pub fn line_at(&self, at: usize) -> usize {
        self.starts.iter().rev().find(|(start, _)| *start <= at).map_or(1, |(_, line)| *line)
    }
}

/// Paragraphs of a Markdown text, each as one line. Code blocks are examples and left out.
pub(super) fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut out: Vec<Paragraph> = Vec::new();
    let (mut fenced, mut open) = (false, false);
    for (index, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
            open = false;
        } else if fenced || bare.is_empty() {
            open = false;
        } else {
            let begins = bare.starts_with(['#', '-', '*', '+', '>', '|', '<'])
                || bare.split_once(['.', ')']).is_some_and(|(number, _)| number.parse::<u32>().is_ok());
            match out.last_mut().filter(|_| open && !begins) {
                Some(paragraph) => {
                    paragraph.text.push(' ');
                    paragraph.starts.push((paragraph.text.len(), index + 1));
                    paragraph.text.push_str(bare);
                }
                None => out.push(Paragraph { text: bare.to_owned(), starts: vec![(0, index + 1)] }),
            }
            open = !bare.starts_with('#');
        }
    }
    out
}
