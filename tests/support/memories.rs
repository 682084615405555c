//! Generated memories and changes to them, for property tests of the core.

use proptest::prelude::*;
use wakeful::domain::memory::{DocPath, Snapshot};

/// Words few enough that notes repeat and resemble one another.
const WORDS: &[&str] = &[
    "refund",
    "window",
    "bun",
    "rtk",
    "deploy",
    "token",
    "portal",
    "escalate",
    "ticket",
    "naïve",
    "東京",
    "never",
    "always",
    "run",
    "`cargo test`",
    "before",
    "merge",
    "14",
    "30",
    "👩‍💻",
    "Straße",
    "customer",
];

/// One block of a generated document.
#[derive(Debug, Clone)]
pub enum Piece {
    Heading(u8, Vec<usize>),
    Paragraph(Vec<usize>),
    Item(u8, bool, Vec<usize>),
    Code(Vec<usize>),
    Table(Vec<Vec<usize>>),
    Comment(Vec<usize>),
    Quote(Vec<usize>),
    Rule,
    Link(usize),
}

/// One generated document: pieces, blank lines before each, and how its lines end.
#[derive(Debug, Clone)]
pub struct Doc {
    pub name: usize,
    pub front: bool,
    pub pieces: Vec<(Piece, u8)>,
    pub crlf: bool,
    pub final_newline: bool,
}

/// A change that a dream might make.
#[derive(Debug, Clone)]
pub enum Edit {
    Delete(usize, usize),
    Insert(usize, usize, Piece),
    Move(usize, usize, usize, usize),
    Reword(usize, usize, usize),
    Merge(usize, usize, usize),
    Space(usize, usize, u8),
    LineEnds(usize),
    FinalNewline(usize),
    Rename(usize, usize),
    DropDoc(usize),
    NewDoc(Doc),
    Rewrite(usize, Vec<Piece>),
}

fn words(indices: &[usize]) -> String {
    let words: Vec<&str> = indices.iter().map(|&i| WORDS[i % WORDS.len()]).collect();
    words.join(" ")
}

fn spelled(piece: &Piece) -> String {
    match piece {
        Piece::Heading(level, text) => format!("{} {}", "#".repeat(usize::from(*level)), words(text)),
        Piece::Paragraph(text) => words(text),
        Piece::Item(depth, ordered, text) => {
            format!(
                "{}{} {}",
                "    ".repeat(usize::from(*depth)),
                if *ordered { "1." } else { "-" },
                words(text)
            )
        }
        Piece::Code(text) => format!("```\n{}\n\n  {}\n```", words(text), words(text)),
        Piece::Table(rows) => {
            let rows: Vec<String> = rows.iter().map(|row| format!("| {} | x |", words(row))).collect();
            format!("| k | v |\n|---|---|\n{}", rows.join("\n"))
        }
        Piece::Comment(text) => format!("<!-- {} -->", words(text)),
        Piece::Quote(text) => format!("> {}", words(text)),
        Piece::Rule => "***".to_owned(),
        Piece::Link(doc) => format!("- [Doc](doc{doc}.md) — hook"),
    }
}

impl Doc {
    fn path(&self) -> DocPath {
        let ending = if self.name % 5 == 4 { "txt" } else { "md" };
        DocPath::new(&format!("/doc{}.{ending}", self.name)).unwrap()
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if self.front {
            text.push_str("---\nname: x\ndescription: one fact\n---\n");
        }
        for (piece, blank) in &self.pieces {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&"\n".repeat(usize::from(*blank)));
            text.push_str(&spelled(piece));
        }
        if self.final_newline && !text.is_empty() {
            text.push('\n');
        }
        if self.crlf { text.replace('\n', "\r\n") } else { text }
    }
}

/// The snapshot of some documents; of two with one name the last wins.
pub fn snapshot(docs: &[Doc]) -> Snapshot {
    docs.iter().map(|doc| (doc.path(), doc.text().into())).collect()
}

fn at(index: usize, length: usize) -> Option<usize> {
    (length > 0).then(|| index % length)
}

/// The documents after some changes.
pub fn changed(docs: &[Doc], edits: &[Edit]) -> Vec<Doc> {
    let mut docs = docs.to_vec();
    for edit in edits {
        change(&mut docs, edit);
    }
    docs
}

fn take(docs: &mut [Doc], doc: usize, piece: usize) -> Option<(Piece, u8)> {
    let doc = at(doc, docs.len())?;
    let piece = at(piece, docs[doc].pieces.len())?;
    Some(docs[doc].pieces.remove(piece))
}

fn put(docs: &mut [Doc], doc: usize, place: usize, piece: (Piece, u8)) {
    if let Some(doc) = at(doc, docs.len()) {
        let place = place % (docs[doc].pieces.len() + 1);
        docs[doc].pieces.insert(place, piece);
    }
}

fn change(docs: &mut Vec<Doc>, edit: &Edit) {
    match edit {
        Edit::Delete(doc, piece) => drop(take(docs, *doc, *piece)),
        Edit::Insert(doc, place, piece) => put(docs, *doc, *place, (piece.clone(), 1)),
        Edit::Move(doc, piece, to, place) => {
            if let Some(taken) = take(docs, *doc, *piece) {
                put(docs, *to, *place, taken);
            }
        }
        Edit::Reword(doc, piece, word) => {
            let Some(doc) = at(*doc, docs.len()) else { return };
            let Some(piece) = at(*piece, docs[doc].pieces.len()) else { return };
            match &mut docs[doc].pieces[piece].0 {
                Piece::Heading(_, text)
                | Piece::Paragraph(text)
                | Piece::Item(_, _, text)
                | Piece::Code(text)
                | Piece::Comment(text)
                | Piece::Quote(text) => {
                    let place = word % text.len();
                    text[place] = word / 7;
                }
                Piece::Table(rows) => rows.push(vec![*word]),
                Piece::Rule | Piece::Link(_) => {}
            }
        }
        Edit::Merge(doc, a, b) => {
            let (Some((first, blank)), Some((second, _))) = (take(docs, *doc, *a), take(docs, *doc, *b))
            else {
                return;
            };
            let text = |piece: &Piece| match piece {
                Piece::Paragraph(text) | Piece::Item(_, _, text) => text.clone(),
                _ => vec![0],
            };
            let mut both = text(&first);
            both.extend(text(&second));
            put(docs, *doc, *a, (Piece::Item(0, false, both), blank));
        }
        Edit::Space(doc, piece, blank) => {
            let Some(doc) = at(*doc, docs.len()) else { return };
            let Some(piece) = at(*piece, docs[doc].pieces.len()) else { return };
            docs[doc].pieces[piece].1 = *blank;
        }
        Edit::LineEnds(doc) => {
            if let Some(doc) = at(*doc, docs.len()) {
                docs[doc].crlf = !docs[doc].crlf;
            }
        }
        Edit::FinalNewline(doc) => {
            if let Some(doc) = at(*doc, docs.len()) {
                docs[doc].final_newline = !docs[doc].final_newline;
            }
        }
        Edit::Rename(doc, name) => {
            if let Some(doc) = at(*doc, docs.len()) {
                docs[doc].name = *name;
            }
        }
        Edit::DropDoc(doc) => {
            if let Some(doc) = at(*doc, docs.len()) {
                docs.remove(doc);
            }
        }
        Edit::NewDoc(doc) => docs.push(doc.clone()),
        Edit::Rewrite(doc, pieces) => {
            if let Some(doc) = at(*doc, docs.len()) {
                docs[doc].pieces = pieces.iter().map(|piece| (piece.clone(), 1)).collect();
            }
        }
    }
}

fn sentence() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..WORDS.len(), 1..9)
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        3 => (1u8..4, sentence()).prop_map(|(level, text)| Piece::Heading(level, text)),
        3 => sentence().prop_map(Piece::Paragraph),
        8 => (0u8..3, any::<bool>(), sentence()).prop_map(|(depth, ordered, text)| Piece::Item(depth, ordered, text)),
        1 => sentence().prop_map(Piece::Code),
        1 => prop::collection::vec(sentence(), 0..4).prop_map(Piece::Table),
        1 => sentence().prop_map(Piece::Comment),
        1 => sentence().prop_map(Piece::Quote),
        1 => Just(Piece::Rule),
        2 => (0usize..8).prop_map(Piece::Link),
    ]
}

fn doc() -> impl Strategy<Value = Doc> {
    (0usize..8, any::<bool>(), prop::collection::vec((piece(), 0u8..3), 0..14), any::<bool>(), any::<bool>())
        .prop_map(|(name, front, pieces, crlf, final_newline)| Doc {
            name,
            front,
            pieces,
            crlf,
            final_newline,
        })
}

/// Zero to five documents.
pub fn docs() -> impl Strategy<Value = Vec<Doc>> {
    prop::collection::vec(doc(), 0..5)
}

fn edit() -> impl Strategy<Value = Edit> {
    let n = || 0usize..64;
    prop_oneof![
        4 => (n(), n()).prop_map(|(a, b)| Edit::Delete(a, b)),
        5 => (n(), n(), piece()).prop_map(|(a, b, piece)| Edit::Insert(a, b, piece)),
        4 => (n(), n(), n(), n()).prop_map(|(a, b, c, d)| Edit::Move(a, b, c, d)),
        4 => (n(), n(), 0usize..200).prop_map(|(a, b, c)| Edit::Reword(a, b, c)),
        2 => (n(), n(), n()).prop_map(|(a, b, c)| Edit::Merge(a, b, c)),
        1 => (n(), n(), 0u8..4).prop_map(|(a, b, c)| Edit::Space(a, b, c)),
        1 => n().prop_map(Edit::LineEnds),
        1 => n().prop_map(Edit::FinalNewline),
        1 => (n(), 0usize..8).prop_map(|(a, b)| Edit::Rename(a, b)),
        1 => n().prop_map(Edit::DropDoc),
        1 => doc().prop_map(Edit::NewDoc),
        1 => (n(), prop::collection::vec(piece(), 0..20)).prop_map(|(a, b)| Edit::Rewrite(a, b)),
    ]
}

/// Zero to seven changes.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(edit(), 0..8)
}
