//! Lessons and places that do or do not show them, made by rule: a confusion table of the judge.
//!
//! The judge's thresholds were set on other data (see `coding`), before these pairs were written, and were
//! not changed for them; one rule was added after looking at the second half (a lesson whose two sides share
//! all their words is not judged). The halves are told apart so that what is tuned on one shows in the other.

use wakeful::domain::evidence::{Origin, Stance};
use wakeful::domain::session::EventKind;
use wakeful::evidence::find::terms::Stems;
use wakeful::evidence::judge::{Scene, Thesis, judge};

/// One thing wanted instead of another, and for what.
const SUBJECTS: [(&str, &str, &str); 24] = [
    ("pnpm", "npm", "installing packages"),
    ("uv", "pip", "Python dependencies"),
    ("the staging cluster", "production", "load tests"),
    ("invoice numbers", "customer names", "refund tickets"),
    ("ripgrep", "find", "searching the sources"),
    ("UTC timestamps", "local time", "audit logs"),
    ("metric units", "imperial units", "shipping weights"),
    ("the blue template", "the grey template", "quarterly reports"),
    ("Postgres", "SQLite", "integration fixtures"),
    ("short bullets", "long paragraphs", "meeting notes"),
    ("a phone call", "an email", "cancelled subscriptions"),
    ("snake case", "camel case", "column names"),
    ("the sandbox account", "the live account", "payment experiments"),
    ("tabs", "spaces", "makefile recipes"),
    ("French quotes", "straight quotes", "the Paris newsletter"),
    ("the new importer", "the legacy importer", "warehouse deliveries"),
    ("squash merges", "merge commits", "documentation branches"),
    ("two reviewers", "one reviewer", "database migrations"),
    ("the internal mirror", "the public registry", "nightly builds"),
    ("store credit", "cash refunds", "damaged parcels"),
    ("dark screenshots", "light screenshots", "the release gallery"),
    ("ISO dates", "American dates", "contract drafts"),
    ("the regional warehouse", "the central warehouse", "fragile orders"),
    ("plain sentences", "marketing phrases", "support replies"),
];

/// Places, with `{x}` wanted, `{y}` not, `{z}` the purpose: who speaks, what they say, and what it shows.
const PLACES: [(EventKind, Origin, &str, Option<Stance>); 27] = {
    use EventKind::{Assistant, Injected, ToolResult, User};
    const S: Option<Stance> = Some(Stance::Support);
    const C: Option<Stance> = Some(Stance::Contradict);
    const M: Option<Stance> = None;
    [
        (User, Origin::User, "Use {x} instead of {y} for {z}.", S),
        (User, Origin::User, "No, please use {x} for {z}, not {y}.", S),
        (User, Origin::User, "For {z} we always use {x}, never {y}.", S),
        (User, Origin::User, "I told you before: {z} means {x}, not {y}. Change it.", S),
        (User, Origin::User, "stop using {y} for {z}! use {x}", S),
        (User, Origin::User, "Thanks. One thing: prefer {x} over {y} whenever you do {z}.", S),
        (User, Origin::User, "Good, but {z} should be done with {x} rather than with {y}.", S),
        (User, Origin::User, "Don't take {y} for {z}, take {x}.", S),
        (User, Origin::User, "That is wrong again. {x} for {z}. Not {y}.", S),
        (User, Origin::User, "Use {y} instead of {x} for {z}.", C),
        (User, Origin::User, "No, {z} needs {y}, not {x}.", C),
        (User, Origin::User, "For {z} use {y}, never {x}.", C),
        (User, Origin::User, "I changed my mind: {y} rather than {x} for {z}.", C),
        (User, Origin::User, "Don't use {x} for {z}, use {y}.", C),
        (User, Origin::User, "Should we use {x} instead of {y} for {z}?", M),
        (User, Origin::User, "What is the difference between {x} and {y}?", M),
        (User, Origin::User, "Look at {z} first, then tell me what you found.", M),
        (User, Origin::User, "Maybe {x} would be better than {y} for {z}, could you check that?", M),
        (User, Origin::User, "Somebody wrote about {y} yesterday, and it was a long discussion.", M),
        (User, Origin::User, "Write a summary of {z} for the team.", M),
        (Assistant, Origin::Prose, "I will use {x} instead of {y} for {z}.", M),
        (Assistant, Origin::Prose, "As you wished, {x} and not {y} for {z}.", M),
        (ToolResult, Origin::Outside, "Blog: always use {x} instead of {y} for {z}.", M),
        (ToolResult, Origin::Tool, "notes.md: {z}", M),
        (ToolResult, Origin::Tool, "README: this project has {x} and {y}", M),
        (Injected, Origin::Injected, "Memory: use {x} instead of {y} for {z}.", M),
        (User, Origin::User, "The build of the shop is red since this morning, have a look.", M),
    ]
};

/// The judge on half of the subjects: counts by what a place shows and what the judge says of it; support,
/// counter, neither.
pub struct Half {
    name: &'static str,
    table: [[u32; 3]; 3],
}

impl Half {
    /// Share of what is said to support that does.
    pub fn precision(&self) -> f64 {
        let said: u32 = self.table.iter().map(|row| row[0]).sum();
        f64::from(self.table[0][0]) / f64::from(said.max(1))
    }

    /// Share of what supports that is said to.
    pub fn recall(&self) -> f64 {
        let all: u32 = self.table[0].iter().sum();
        f64::from(self.table[0][0]) / f64::from(all.max(1))
    }
}

impl std::fmt::Display for Half {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pairs: u32 = self.table.iter().flatten().sum();
        let (precision, recall) = (self.precision(), self.recall());
        writeln!(
            f,
            "judge on {pairs} planted pairs, {}: support precision {precision:.3}, recall {recall:.3}",
            self.name
        )?;
        writeln!(f, "                 said: support counter neither")?;
        for (truth, [support, counter, neither]) in ["support", "counter", "neither"].iter().zip(&self.table)
        {
            writeln!(f, "  is {truth:>8}          {support:>6} {counter:>7} {neither:>7}")?;
        }
        Ok(())
    }
}

fn column(stance: Option<Stance>) -> usize {
    match stance {
        Some(Stance::Support) => 0,
        Some(Stance::Contradict) => 1,
        Some(Stance::Mention) | None => 2,
    }
}

fn filled(text: &str, (x, y, z): (&str, &str, &str)) -> String {
    text.replace("{x}", x).replace("{y}", y).replace("{z}", z)
}

fn judged(name: &'static str, subjects: &[(&str, &str, &str)]) -> Half {
    let stems = Stems::default();
    let mut table = [[0; 3]; 3];
    for &subject in subjects {
        let lesson = filled("Use {x} instead of {y} for {z}.", subject);
        let thesis = Thesis::of(&lesson, &stems, &|_| 1.0).unwrap();
        for (kind, origin, text, truth) in PLACES {
            let text = filled(text, subject);
            let scene = Scene { kind, origin, text: &text, is_error: false, call: None, sidechain: false };
            let said = judge(&thesis, &scene, &stems, false).map(|finding| finding.stance);
            table[column(truth)][column(said)] += 1;
        }
    }
    Half { name, table }
}

/// Both halves of the subjects.
pub fn halves() -> [Half; 2] {
    let (one, other) = SUBJECTS.split_at(SUBJECTS.len() / 2);
    [judged("one half", one), judged("the other half", other)]
}
