//! What a lesson is, in words and numbers, read off the script.
//!
//! Owns: kind, statement, identity, token change and document list of each lesson.
//! Must not know: how lessons were grouped.

use std::collections::BTreeSet;

use super::align::Bond;
use super::blocks::BlockKind;
use super::cut::{CutLesson, Draft, Extra};
use super::phrase::{STATEMENT, headline, plain, shorten, with_more};
use super::script::{DocScript, Rule, Script, Step};
use super::structure::Rules;
use crate::domain::ids::hex_digest;
use crate::domain::lesson::{Change, DocumentChange, Kind};
use crate::domain::memory::{ContentHash, DocPath};
use crate::domain::tokens;

/// Describes every lesson and notes in the script which document is the main one of each.
pub(crate) fn lessons(draft: &Draft, rules: &Rules, script: &mut Script) -> Vec<CutLesson> {
    let mut owned: Vec<Vec<(usize, usize)>> = vec![Vec::new(); rules.members.len()];
    let mut touched: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); rules.members.len()];
    let mut structure: Vec<String> = vec![String::new(); rules.members.len()];
    for (doc, document) in script.documents.iter().enumerate() {
        for (at, step) in document.steps.iter().enumerate() {
            if let Some(list) = step.owner.and_then(|lesson| owned.get_mut(lesson)) {
                list.push((doc, at));
            }
            for &lesson in step.rule.lessons() {
                touched.get_mut(lesson).map(|docs| docs.insert(doc));
                if let Some(lines) =
                    structure.get_mut(lesson).filter(|_| step.owner.is_none() && step.inserts())
                {
                    add_lines(lines, step);
                }
            }
        }
        for lesson in
            [document.cosmetic, document.rename].into_iter().flatten().chain(empty_document(document))
        {
            touched.get_mut(lesson).map(|docs| docs.insert(doc));
        }
    }
    let mut seen: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    let mut lessons = Vec::with_capacity(rules.members.len());
    for (lesson, units) in rules.members.iter().enumerate() {
        let (Some(steps), Some(docs)) = (owned.get(lesson), touched.get(lesson)) else { continue };
        let structure = structure.get(lesson).map_or("", String::as_str);
        let main = main_document(script, steps);
        if let Some(document) = main.and_then(|doc| script.documents.get_mut(doc)) {
            document.main_of.insert(lesson);
        }
        let view = View { draft, script, lesson, units, steps, docs, main, structure };
        let key = view.key();
        let repeats = seen.entry(key.clone()).or_default();
        let key =
            if *repeats == 0 { key } else { hex_digest(&[key.as_bytes(), repeats.to_string().as_bytes()]) };
        *repeats += 1;
        lessons.push(view.describe(key));
    }
    lessons
}

fn add_lines(text: &mut String, step: &Step) {
    text.push_str(step.content.as_str());
    text.push('\n');
}

fn empty_document(document: &DocScript) -> Vec<usize> {
    let sole = |rule: &Rule, exists: bool| if exists { Vec::new() } else { rule.lessons().to_vec() };
    let mut lessons = sole(&document.create, document.old.is_some());
    lessons.extend(sole(&document.delete, document.new.is_some()));
    lessons
}

/// The document in which a lesson brings most text, or else takes text away first.
fn main_document(script: &Script, steps: &[(usize, usize)]) -> Option<usize> {
    let mut bytes: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    for &(doc, at) in steps {
        if let Some(step) = script.documents.get(doc).and_then(|document| document.steps.get(at)) {
            *bytes.entry(doc).or_default() += if step.inserts() { step.content.as_str().len() } else { 0 };
        }
    }
    bytes.into_iter().max_by_key(|&(doc, bytes)| (bytes, std::cmp::Reverse(doc))).map(|(doc, _)| doc)
}

struct View<'a> {
    draft: &'a Draft,
    script: &'a Script,
    lesson: usize,
    units: &'a [usize],
    steps: &'a [(usize, usize)],
    docs: &'a BTreeSet<usize>,
    main: Option<usize>,
    structure: &'a str,
}

impl View<'_> {
    fn describe(&self, key: String) -> CutLesson {
        let kind = self.kind();
        let cosmetic = self.is_cosmetic();
        let inserted = self.text(|step, doc| step.inserts() && Some(doc) == self.main, true);
        let removed = self.text(|step, _| step.deletes(), false);
        let brings: u64 = self.sum(Step::inserts);
        let takes: u64 = self.sum(Step::deletes);
        CutLesson {
            key,
            kind,
            statement: self.statement(kind, cosmetic),
            documents: self.documents(),
            tokens: brings as i64 - takes as i64,
            cosmetic,
            inserted,
            removed,
            beside: self.beside(),
        }
    }

    fn own_steps(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().filter_map(|&(doc, at)| Some((doc, self.script.documents.get(doc)?.steps.get(at)?)))
    }

    fn sum(&self, wanted: fn(&Step) -> bool) -> u64 {
        self.own_steps()
            .filter(|(_, step)| wanted(step))
            .map(|(_, step)| tokens::estimate(step.content.as_str()))
            .sum()
    }

    /// The lesson's own text of one sort, with the blank lines it has in its document.
    fn text(&self, wanted: impl Fn(&Step, usize) -> bool, after: bool) -> String {
        let mut text = String::new();
        for (doc, step) in self.own_steps().filter(|(doc, step)| wanted(step, *doc)) {
            if !text.is_empty() {
                let glue = self.script.documents.get(doc).map_or("\n", |document| {
                    let side = if after { &document.after } else { &document.before };
                    side.glue_before(if after { step.new } else { step.old }.unwrap_or_default())
                });
                text.push_str(if glue.contains('\n') { glue } else { "\n" });
            }
            text.push_str(step.content.as_str());
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn beside(&self) -> String {
        let mut beside = self.structure.to_owned();
        let elsewhere = self.own_steps().filter(|(doc, step)| step.inserts() && Some(*doc) != self.main);
        elsewhere.for_each(|(_, step)| add_lines(&mut beside, step));
        beside
    }

    fn bonds(&self) -> impl Iterator<Item = Bond> {
        self.units.iter().filter_map(|&unit| self.draft.units.get(unit)).map(|unit| unit.bond)
    }

    fn is_cosmetic(&self) -> bool {
        self.bonds().all(|bond| bond == Bond::Cosmetic)
    }

    fn extra(&self) -> Option<Extra> {
        self.units.iter().find_map(|unit| self.draft.extras.get(unit).copied())
    }

    fn kind(&self) -> Kind {
        match self.extra() {
            Some(Extra::Create(_)) => return Kind::Add,
            Some(Extra::Delete(_)) => return Kind::Remove,
            _ => {}
        }
        if self.bonds().any(|bond| bond == Bond::Merged) {
            return Kind::Merge;
        }
        if self.bonds().all(|bond| bond == Bond::Moved) {
            return Kind::Move;
        }
        let brings = self.own_steps().any(|(_, step)| step.inserts());
        let takes = self.own_steps().any(|(_, step)| step.deletes());
        match (brings, takes) {
            (true, false) => Kind::Add,
            (false, true) => Kind::Remove,
            _ => Kind::Revise,
        }
    }

    fn documents(&self) -> Vec<DocumentChange> {
        // What the lesson says comes before the lines that lead to it.
        let mut docs: Vec<usize> = self.docs.iter().copied().collect();
        docs.sort_by_key(|doc| Some(*doc) != self.main);
        docs.into_iter()
            .filter_map(|doc| self.script.documents.get(doc))
            .filter_map(|document| {
                let only = |rule: &Rule| rule.lessons() == [self.lesson];
                let (path, change) = match (&document.old, &document.new) {
                    (None, Some(new)) => (new, Change::Created),
                    (Some(old), None) if only(&document.delete) => (old, Change::Deleted),
                    (Some(old), Some(new)) if document.rename == Some(self.lesson) => {
                        (new, Change::Renamed(old.clone()))
                    }
                    (Some(path), _) => (path, Change::Modified),
                    (None, None) => return None,
                };
                Some(DocumentChange { path: path.clone(), change })
            })
            .collect()
    }

    /// Identity: paths and texts of what goes and comes, structure and neighbours left out, so that
    /// the same proposal in other company is still the same lesson.
    fn key(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (doc, step) in self.own_steps() {
            let Some(document) = self.script.documents.get(doc) else { continue };
            let (sign, path) = if step.inserts() { ('+', &document.new) } else { ('-', &document.old) };
            let path = path.as_ref().map_or("", |path| path.as_str());
            let text = step.content.as_str().replace("\r\n", "\n");
            parts.push(format!("{sign}{path}\n{}", text.trim_end()));
        }
        for &unit in self.units {
            let Some(&extra) = self.draft.extras.get(&unit) else { continue };
            let (Extra::Rename(doc) | Extra::Create(doc) | Extra::Delete(doc) | Extra::Spacing(doc)) = extra;
            let Some(pair) = self.draft.pairs.get(doc) else { continue };
            let path = |path: &Option<DocPath>| path.as_ref().map_or(String::new(), ToString::to_string);
            let what = match extra {
                Extra::Rename(_) => "rename".to_owned(),
                Extra::Create(_) => "create".to_owned(),
                Extra::Delete(_) => "delete".to_owned(),
                Extra::Spacing(_) => {
                    let all: String =
                        (0..=pair.after.blocks.len()).map(|at| pair.after.glue_before(at)).collect();
                    format!("spacing {}", ContentHash::of(all.as_bytes()))
                }
            };
            parts.push(format!("{what}\n{}\n{}", path(&pair.old), path(&pair.new)));
        }
        parts.sort_unstable();
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        hex_digest(&parts)
    }

    fn statement(&self, kind: Kind, cosmetic: bool) -> String {
        let paths: Vec<&str> = self
            .docs
            .iter()
            .filter_map(|&doc| self.script.documents.get(doc))
            .filter_map(|document| document.new.as_ref().or(document.old.as_ref()))
            .map(DocPath::as_str)
            .collect();
        let path = paths.first().copied().unwrap_or("");
        if let Some(Extra::Rename(doc)) = self.extra()
            && let Some(document) = self.script.documents.get(doc)
            && let (Some(old), Some(new)) = (&document.old, &document.new)
        {
            return format!("Rename {old} to {new}");
        }
        match self.extra() {
            Some(Extra::Create(_)) => return format!("New empty document {path}"),
            Some(Extra::Delete(_)) => return format!("Drop the empty document {path}"),
            _ => {}
        }
        let come: Vec<&Step> = self.own_steps().map(|(_, step)| step).filter(|step| step.inserts()).collect();
        let gone: Vec<&Step> = self.own_steps().map(|(_, step)| step).filter(|step| step.deletes()).collect();
        if cosmetic {
            return match come.len() {
                0 => format!("Spacing only in {path}"),
                1 => format!("Formatting only in {path}"),
                places => format!("Formatting only in {path}: {places} places"),
            };
        }
        let (says, says_old) = (headline(&come), headline(&gone));
        let whole = self.documents().iter().any(|document| document.change == Change::Deleted);
        let text = match kind {
            Kind::Add if come.iter().any(|step| step.kind == BlockKind::FrontMatter) => says,
            Kind::Add => with_more(&says, come.len()),
            Kind::Remove if whole => format!("Drop {path}: {says_old}"),
            Kind::Remove if gone.len() > 1 => format!("Drop {} notes: {says_old}", gone.len()),
            Kind::Remove => format!("Drop: {says_old}"),
            Kind::Merge if come.is_empty() => format!("Drop the repeated note: {says_old}"),
            Kind::Merge => format!("Merge {} notes: {says}", gone.len().max(2)),
            Kind::Move => {
                let to = self.place_of_first_come().unwrap_or_else(|| path.to_owned());
                if gone.len() > 1 {
                    format!("Move {} notes to {to}: {says}", gone.len())
                } else {
                    format!("Move to {to}: {says}")
                }
            }
            Kind::Revise if gone.len() > 2 || come.len() > 2 => {
                let place = self.place_of_first_come().unwrap_or_else(|| path.to_owned());
                format!("Rewrite {place}, {} notes to {}: {says}", gone.len(), come.len())
            }
            Kind::Revise => says,
        };
        shorten(&text, STATEMENT)
    }

    /// Where the lesson's text stands: under which heading, or in which document.
    fn place_of_first_come(&self) -> Option<String> {
        let (doc, step) = self.own_steps().find(|(_, step)| step.inserts())?;
        let document = self.script.documents.get(doc)?;
        let section = document.after.blocks.get(step.new?)?.section;
        let path = document.new.as_ref()?;
        Some(match section {
            Some(heading) => {
                format!("“{}” in {path}", plain(BlockKind::Heading(1), document.after.content(heading)))
            }
            None => path.to_string(),
        })
    }
}
