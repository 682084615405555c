//! A document as a sequence of blocks: the grain at which memory is compared.
//!
//! Owns: where one block ends and the next begins. Blocks and the glue between them (line ends and
//! blank lines) partition the source exactly: concatenating `glue[0], block 0, glue[1], block 1, …`
//! gives the document back byte for byte, whatever the Markdown parser makes of it.
//! Must not know: a second document, or what a lesson is.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::domain::memory::DocPath;

/// What a block is, as far as cutting and joining need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum BlockKind {
    /// YAML between `---` lines at the top.
    FrontMatter,
    /// A heading of level 1 to 6.
    Heading(u8),
    /// A list item without the items nested below it; depth 0 is the outermost list.
    Item { depth: u8, ordered: bool },
    /// Running text.
    Paragraph,
    /// A fenced or indented code block outside lists.
    Code,
    /// Header and delimiter row of a table.
    TableHead,
    /// One further row of a table.
    TableRow,
    /// An HTML block or comment.
    Html,
    /// A block quote.
    Quote,
    /// A thematic break.
    Rule,
    /// A line of a document that is not Markdown.
    Line,
}

/// One block: a byte range of its document, from the start of a line to the end of its last
/// non-blank line, without that line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub kind: BlockKind,
    pub range: Range<usize>,
    /// The block this one hangs below: the item around a nested item, the head of a table's row.
    pub parent: Option<usize>,
    /// The nearest heading above.
    pub section: Option<usize>,
}

/// A document cut into blocks.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "the blocks of a document are what it says")]
pub(crate) struct Blocks {
    pub text: Arc<str>,
    pub blocks: Vec<Block>,
    /// `glue[i]` lies before block `i`; the last lies before the end. Always one more than blocks.
    pub glue: Vec<Range<usize>>,
}

impl Blocks {
    /// Cuts a document, as Markdown or by lines depending on its name.
    pub fn parse(path: &DocPath, text: &Arc<str>) -> Self {
        let starts = if path.is_markdown() { markdown_starts(text) } else { line_starts(text) };
        Self::from_starts(Arc::clone(text), starts)
    }

    /// A document that does not exist: no text, no blocks.
    pub fn absent() -> Self {
        Self { text: Arc::from(""), blocks: Vec::new(), glue: std::iter::once(0..0).collect() }
    }

    /// The bytes of a block.
    pub fn content(&self, block: usize) -> &str {
        self.blocks.get(block).map_or("", |block| self.slice(&block.range))
    }

    /// The bytes between block `before - 1` and block `before`.
    pub fn glue_before(&self, before: usize) -> &str {
        self.glue.get(before).map_or("", |range| self.slice(range))
    }

    /// The blocks that a block hangs below, the nearest first.
    pub fn ancestors(&self, block: usize) -> impl Iterator<Item = usize> {
        let parent = |block: usize| self.blocks.get(block).and_then(|block| block.parent);
        std::iter::successors(parent(block), move |&above| parent(above).filter(|&next| next < above))
    }

    /// Some bytes of the document; ranges here always lie on character boundaries.
    pub fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or("")
    }

    /// The same text cut at other places: each a start of a line, in order, with what begins there.
    /// Parents and sections of the blocks are found anew as far as headings go.
    pub fn recut(&self, cuts: Vec<(usize, BlockKind)>) -> Self {
        let starts = cuts.into_iter().map(|(at, kind)| Start { at, kind, parent: None }).collect();
        Self::from_starts(Arc::clone(&self.text), starts)
    }

    fn from_starts(text: Arc<str>, starts: Vec<Start>) -> Self {
        let mut blocks: Vec<Block> = Vec::with_capacity(starts.len());
        let mut glue: Vec<Range<usize>> = Vec::with_capacity(starts.len() + 1);
        let mut end = 0;
        let mut section = None;
        for (at, start) in starts.iter().enumerate() {
            let limit = starts.get(at + 1).map_or(text.len(), |next| next.at);
            glue.push(end..start.at);
            end = start.at + trimmed_len(text.get(start.at..limit).unwrap_or(""));
            blocks.push(Block { kind: start.kind, range: start.at..end, parent: start.parent, section });
            if matches!(start.kind, BlockKind::Heading(_)) {
                section = Some(at);
            }
        }
        glue.push(end..text.len());
        Self { text, blocks, glue }
    }
}

/// Length of a stretch without its trailing blank lines and last line end.
fn trimmed_len(stretch: &str) -> usize {
    let body = stretch.trim_end_matches(['\n', '\r', ' ', '\t']);
    // Spaces at the end of the last line with text belong to it: two of them are a line break.
    let rest = stretch.get(body.len()..).unwrap_or("");
    body.len() + rest.find(['\n', '\r']).unwrap_or(rest.len())
}

struct Start {
    at: usize,
    kind: BlockKind,
    parent: Option<usize>,
}

fn line_starts(text: &str) -> Vec<Start> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            starts.push(Start { at, kind: BlockKind::Line, parent: None });
        }
        at += line.len();
    }
    starts
}

/// Starts of blocks in document order, each at the beginning of a line, none twice.
fn markdown_starts(text: &str) -> Vec<Start> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_TASKLISTS;
    let mut found: Vec<Start> = Vec::new();
    // Indices into `found` of the items around the current position, outermost first.
    let mut items: Vec<Option<usize>> = Vec::new();
    let mut ordered: Vec<bool> = Vec::new();
    let mut quotes = 0usize;
    let mut table = None;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let kind = match &event {
            Event::Start(Tag::BlockQuote(_)) => {
                quotes += 1;
                (quotes == 1 && items.is_empty()).then_some(BlockKind::Quote)
            }
            Event::End(TagEnd::BlockQuote(_)) => {
                quotes = quotes.saturating_sub(1);
                None
            }
            _ if quotes > 0 => None,
            Event::Start(Tag::List(first)) => {
                ordered.push(first.is_some());
                None
            }
            Event::End(TagEnd::List(_)) => {
                ordered.pop();
                None
            }
            Event::Start(Tag::Item) => Some(BlockKind::Item {
                depth: u8::try_from(items.len()).unwrap_or(u8::MAX),
                ordered: ordered.last().copied().unwrap_or(false),
            }),
            Event::End(TagEnd::Item) => {
                items.pop();
                None
            }
            _ if !items.is_empty() => None,
            Event::Start(Tag::Heading { level, .. }) => Some(BlockKind::Heading(level_number(*level))),
            Event::Start(Tag::Paragraph) => Some(BlockKind::Paragraph),
            Event::Start(Tag::CodeBlock(_)) => Some(BlockKind::Code),
            Event::Start(Tag::HtmlBlock) => Some(BlockKind::Html),
            Event::Start(Tag::MetadataBlock(_)) => Some(BlockKind::FrontMatter),
            Event::Start(Tag::TableHead) => Some(BlockKind::TableHead),
            Event::Start(Tag::TableRow) => Some(BlockKind::TableRow),
            Event::Rule => Some(BlockKind::Rule),
            _ => None,
        };
        let opens_item = matches!(event, Event::Start(Tag::Item));
        let Some(kind) = kind else { continue };
        let at = line_start(text, range.start);
        let parent = match kind {
            BlockKind::Item { .. } => items.iter().rev().find_map(|item| *item),
            BlockKind::TableRow => table,
            _ => None,
        };
        // `- - x` opens two items on one line: the line can be cut only once. What a parser puts
        // out of order can't be cut at all; it stays with the block before.
        let fresh = found.last().is_none_or(|last| last.at < at);
        if fresh {
            found.push(Start { at, kind, parent });
        }
        let index = fresh.then(|| found.len() - 1);
        if opens_item {
            items.push(index.or_else(|| items.last().copied().flatten()));
        }
        if kind == BlockKind::TableHead {
            table = index;
        }
    }
    // Text before the first block that the parser reports (link definitions) is a paragraph.
    let lead = found.first().map_or(text.len(), |first| first.at);
    if !text.get(..lead).unwrap_or("").trim().is_empty() {
        for start in &mut found {
            start.parent = start.parent.map(|parent| parent + 1);
        }
        let blank = text.get(..lead).unwrap_or("");
        let at = line_start(text, blank.len() - blank.trim_start().len());
        found.insert(0, Start { at, kind: BlockKind::Paragraph, parent: None });
    }
    found
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn level_number(level: HeadingLevel) -> u8 {
    level as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(BlockKind, String)> {
        let path = DocPath::new("/x.md").unwrap();
        let blocks = Blocks::parse(&path, &Arc::from(text));
        assert_exact(&blocks);
        blocks
            .blocks
            .iter()
            .enumerate()
            .map(|(i, block)| (block.kind, blocks.content(i).to_owned()))
            .collect()
    }

    fn assert_exact(blocks: &Blocks) {
        let mut whole = String::new();
        for i in 0..blocks.blocks.len() {
            whole.push_str(blocks.glue_before(i));
            whole.push_str(blocks.content(i));
        }
        whole.push_str(blocks.glue_before(blocks.blocks.len()));
        assert_eq!(whole, &*blocks.text);
    }

    #[test]
    fn a_note_with_everything_in_it() {
        let text = "---\nname: x\n---\n\n# Title\n\nSome prose\nover two lines.\n\n- one\n  - inner\n  \
                    continued\n- two\n\n  still two\n\n```sh\nmake\n\nmake test\n```\n\n| a | b |\n|---|---|\n\
                    | 1 | 2 |\n| 3 | 4 |\n\n> quoted\n> text\n\n<!-- hidden -->\n\n***\n1. first\n2. second\n";
        let kinds: Vec<BlockKind> = cut(text).into_iter().map(|(kind, _)| kind).collect();
        let item = |depth, ordered| BlockKind::Item { depth, ordered };
        assert_eq!(
            kinds,
            [
                BlockKind::FrontMatter,
                BlockKind::Heading(1),
                BlockKind::Paragraph,
                item(0, false),
                item(1, false),
                item(0, false),
                BlockKind::Code,
                BlockKind::TableHead,
                BlockKind::TableRow,
                BlockKind::TableRow,
                BlockKind::Quote,
                BlockKind::Html,
                BlockKind::Rule,
                item(0, true),
                item(0, true),
            ]
        );
    }

    #[test]
    fn items_keep_their_continuations_and_know_their_parent() {
        let path = DocPath::new("/x.md").unwrap();
        let blocks = Blocks::parse(&path, &Arc::from("- a\n  b\n\n  ```\n  c\n  ```\n  - d\n    - e\n- f"));
        let parents: Vec<Option<usize>> = blocks.blocks.iter().map(|block| block.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(1), None]);
        assert_eq!(blocks.content(0), "- a\n  b\n\n  ```\n  c\n  ```");
    }

    #[test]
    fn odd_documents_partition_exactly() {
        for text in [
            "",
            "\n",
            "  \n\n",
            "x",
            "\r\n\r\n# A\r\n\r\n- b\r\n",
            "[a]: http://b\n\ntext\n",
            "- - x\n",
            "#\n",
            "a  \n",
            "\u{feff}# BOM\n",
            "- a\r\n\r\n\r\n- b",
            "> - quoted item\n",
            "```\nopen fence\n",
            "\0\n\0",
            "a\rb\r",
            "| a |\n|---|\n",
            "é\n\n- ü\n",
            "---\nnot closed\n",
            "    code\n\n\ttab\n",
        ] {
            cut(text);
            let path = DocPath::new("/x.txt").unwrap();
            assert_exact(&Blocks::parse(&path, &Arc::from(text)));
        }
    }
}
