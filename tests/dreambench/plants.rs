//! Lessons put into a corpus, each with what is true of it.
//!
//! Owns: mistakes with and without a way out, orders of steps, notes on what is gone and notes that contradict each
//! other, facts about the surroundings, and preferences in five ways of putting them, for all and for one segment.
//! Must not know: how an engine finds them.

use std::collections::BTreeSet;

use wakeful::dream::Claim;

use super::corpus::{Corpus, SESSIONS, error_of};

/// In how many sessions each planted lesson shows.
pub const SUPPORTS: [usize; 6] = [3, 5, 8, 10, 15, 20];

/// A lesson that is there to be found.
pub struct Plant {
    /// Words that a statement of it must hold.
    words: [String; 2],
    /// In how many sessions it was meant to show.
    pub support: usize,
    /// Sessions in which it does show.
    pub truth: BTreeSet<usize>,
    /// Sessions that show the opposite.
    pub against: BTreeSet<usize>,
}

impl Plant {
    /// Whether a text names both its halves.
    pub fn holds(&self, text: &str) -> bool {
        self.words.iter().all(|word| text.contains(word.as_str()))
    }

    /// Whether a claim is about this lesson.
    pub fn is(&self, claim: &Claim) -> bool {
        self.holds(&claim.statement)
    }
}

/// How people put a preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// The same words every time.
    Same,
    /// Other words around the same two things.
    Reworded,
    /// However they like.
    Free,
    /// However they like, in a second set of ways.
    Second,
    /// In a third set, written before and not looked at while the engine's words were chosen.
    Third,
}

/// Six mistakes, each ended by its own fix most of the time: the fix is tried in 70 % of reactions and
/// works in 92 % of them.
pub fn mistakes(corpus: &mut Corpus) -> Vec<Plant> {
    let names = ["olive", "plaza", "quilt", "robin", "sugar", "tulip"];
    names
        .into_iter()
        .zip(SUPPORTS)
        .map(|(name, support)| {
            let (mut truth, mut against) = (BTreeSet::new(), BTreeSet::new());
            for session in corpus.shuffled() {
                if truth.len() >= support {
                    break;
                }
                match mistake(corpus, session, name) {
                    Some(true) => truth.insert(session),
                    Some(false) => against.insert(session),
                    None => false,
                };
            }
            let words = [format!("`{name} run`"), format!("`{name} setup`")];
            Plant { words, support, truth, against }
        })
        .collect()
}

/// Whether the fix was what ended the error; `None` if it was not tried.
fn mistake(corpus: &mut Corpus, session: usize, name: &str) -> Option<bool> {
    let (line, error) = (format!("{name} run"), error_of(name));
    corpus.shell(session, &line, Err(&error));
    let (mut tries, mut ended) = (0, 0);
    for _ in 0..3 {
        let fix = corpus.dice.chance(0.7);
        let action = if fix { format!("{name} setup") } else { corpus.action().to_owned() };
        tries += u32::from(fix);
        corpus.shell(session, &action, Ok("fine"));
        let helped = corpus.dice.chance(if fix { 0.92 } else { 0.3 });
        corpus.shell(session, &line, if helped { Ok("fine") } else { Err(&error) });
        if helped {
            ended = u32::from(fix);
            break;
        }
    }
    // A fix that failed twice before is not what ended it.
    (tries > 0).then_some(ended * 2 >= tries)
}

/// Pairs of things that people choose between.
const CHOICES: [(&str, &str); 6] = [
    ("pnpm", "yarn"),
    ("vitest", "jest"),
    ("httpx", "requests"),
    ("podman", "docker"),
    ("ruff", "flake8"),
    ("zod", "yup"),
];

/// Six preferences at the same supports.
pub fn preferences(corpus: &mut Corpus, wording: Wording) -> Vec<Plant> {
    CHOICES
        .into_iter()
        .zip(SUPPORTS)
        .map(|((this, that), support)| {
            let mut truth = BTreeSet::new();
            for session in corpus.shuffled().into_iter().take(support) {
                let at = corpus.dice.below(if matches!(wording, Wording::Second | Wording::Third) {
                    10
                } else {
                    5
                });
                corpus.assistant(session, "Done, and the change is committed.");
                corpus.user(session, &wish(this, that, wording, at));
                truth.insert(session);
            }
            let against = BTreeSet::new();
            Plant { words: [this.to_owned(), that.to_owned()], support, truth, against }
        })
        .collect()
}

fn wish(this: &str, that: &str, wording: Wording, at: usize) -> String {
    match (wording, at) {
        (Wording::Same, _) | (Wording::Reworded, 0) => format!("No, use {this} instead of {that}."),
        (Wording::Reworded, 1) => format!("please use `{this}` rather than `{that}` here"),
        (Wording::Reworded, 2) => format!("don't use {that}, use {this}"),
        (Wording::Reworded, 3) => format!("Always use {this}, not {that}!"),
        (Wording::Reworded, _) => format!("instead of {that}, use {this}"),
        (Wording::Free, 0) => format!("{that} again? We agreed on {this} a while ago."),
        (Wording::Free, 1) => format!("I would rather see {this} than {that} in this code base"),
        (Wording::Free, 2) => format!("hm, {that} is gone from this project; {this} does that job"),
        (Wording::Free, 3) => format!("No, use {this} instead of {that}."),
        (Wording::Free, _) => format!("please switch from {that} to {this}, as always"),
        (Wording::Second, 0) => format!("we moved off {that} last year, {this} is what we use"),
        (Wording::Second, 1) => format!("can you redo that with {this}? {that} is deprecated here"),
        (Wording::Second, 2) => format!("why {that}? the rest of the code is on {this}"),
        (Wording::Second, 3) => format!("I thought we dropped {that} in favour of {this}"),
        (Wording::Second, 4) => format!("same mistake as last time: {that}. It should have been {this}."),
        (Wording::Second, 5) => format!("{this} please, {that} breaks our pipeline"),
        (Wording::Second, 6) => format!("let's go for {this} and forget about {that}"),
        (Wording::Second, 7) => format!("replace {that} by {this} everywhere"),
        (Wording::Second, 8) => format!("I don't want to see {that} in this project, only {this}"),
        (Wording::Third, 0) => format!("you used {that} again, it has to be {this}"),
        (Wording::Third, 1) => format!("{that} was ripped out last spring, it's {this} now"),
        (Wording::Third, 2) => format!("this repo runs on {this}, please never {that}"),
        (Wording::Third, 3) => format!("I keep telling you: {this}, {that} is not installed"),
        (Wording::Third, 4) => format!("wrong tool, that was {that}. We go with {this}."),
        (Wording::Third, 5) => format!("the team voted for {this} over {that}"),
        (Wording::Third, 6) => format!("could you please use {this} instead of {that}?"),
        (Wording::Third, 7) => format!("{this} > {that}, always"),
        (Wording::Third, 8) => format!("everything here is written for {this}, so {that} will not do"),
        (Wording::Third, _) => format!("always {this}, never {that}"),
        (Wording::Second, _) => format!("use {this}, not {that}"),
    }
}

/// What the lessons of the last three families are about.
const NAMES: [&str; 6] = ["olive", "plaza", "quilt", "robin", "sugar", "tulip"];

/// Puts something into as many sessions as each lesson is to show in.
fn spread(
    corpus: &mut Corpus,
    words: impl Fn(&str) -> [String; 2],
    put: impl Fn(&mut Corpus, usize, &str),
) -> Vec<Plant> {
    let plant = |(name, support): (&str, usize)| {
        let truth: BTreeSet<usize> = corpus.shuffled().into_iter().take(support).collect();
        for &session in &truth {
            corpus.user(session, &format!("now on to {name}, please"));
            put(corpus, session, name);
        }
        Plant { words: words(name), support, truth, against: BTreeSet::new() }
    };
    NAMES.into_iter().zip(SUPPORTS).map(plant).collect()
}

/// Six ways of working of three steps each.
pub fn workflows(corpus: &mut Corpus) -> Vec<Plant> {
    spread(
        corpus,
        |name| [format!("`{name} freeze`, then `{name} notes`"), format!("then `{name} push`")],
        |corpus, session, name| {
            for step in ["freeze", "notes", "push"] {
                corpus.shell(session, &format!("{name} {step}"), Ok("ok"));
            }
        },
    )
}

/// Six notes on scripts that are not there any more.
pub fn gone(corpus: &mut Corpus) -> Vec<Plant> {
    let notes: String =
        NAMES.iter().map(|name| format!("- Before a release, run `scripts/{name}.sh` once.\n")).collect();
    corpus.remember("releases.md", &format!("# Releases\n\n{notes}"));
    spread(
        corpus,
        |name| [format!("scripts/{name}.sh"), "not there any more".to_owned()],
        |corpus, session, name| {
            let error = format!("Exit code 127\nbash: scripts/{name}.sh: No such file or directory");
            corpus.shell(session, &format!("scripts/{name}.sh"), Err(&error));
        },
    )
}

/// Six errors that nothing ends.
pub fn unresolved(corpus: &mut Corpus) -> Vec<Plant> {
    spread(
        corpus,
        |name| [format!("`{name} run`"), "keeps failing".to_owned()],
        |corpus, session, name| {
            let (line, error) = (format!("{name} run"), error_of(name));
            corpus.shell(session, &line, Err(&error));
            for _ in 0..2 {
                let action = corpus.action();
                corpus.shell(session, action, Ok("fine"));
                corpus.shell(session, &line, Err(&error));
            }
        },
    )
}

/// Six things that are found only after searching.
pub fn places(corpus: &mut Corpus) -> Vec<Plant> {
    spread(
        corpus,
        |name| [format!("`post_{name}`"), format!("`src/{name}/entry.rs`")],
        |corpus, session, name| {
            hunt(corpus, session, &format!("post_{name}"), &format!("src/{name}/entry.rs"));
        },
    )
}

/// Two searches for a name, and the file that has it.
pub fn hunt(corpus: &mut Corpus, session: usize, name: &str, file: &str) {
    for pattern in [format!("fn {name}"), format!("{name}\\(")] {
        let input = serde_json::json!({ "pattern": pattern }).to_string();
        corpus.tool(session, "Grep", &input, Ok("no files found"));
    }
    let input = serde_json::json!({ "file_path": file }).to_string();
    corpus.tool(session, "Read", &input, Ok("text"));
    corpus.shell(session, "cargo tree", Ok("fine"));
}

/// Limits that the tool names.
pub fn limits(corpus: &mut Corpus) -> Vec<Plant> {
    spread(
        corpus,
        |name| [format!("`{name} send --batch` takes at most 200"), "more fails".to_owned()],
        |corpus, session, name| {
            let size = 201 + corpus.dice.below(700);
            let error = format!("Exit code 1\nerror: {name} accepts at most 200 in a batch");
            corpus.shell(session, &format!("{name} send --batch {size}"), Err(&error));
        },
    )
}

/// Options without which a command fails, seen in sessions that have it and others that have not.
pub fn options(corpus: &mut Corpus) -> Vec<Plant> {
    let plants = spread(
        corpus,
        |name| [format!("`--with-{name}`"), format!("`{name} build`")],
        |corpus, session, name| {
            let error = format!("Exit code 1\nerror: the part {name} is required");
            corpus.shell(session, &format!("{name} build"), Err(&error));
        },
    );
    for (plant, name) in plants.iter().zip(NAMES) {
        let free = corpus.shuffled().into_iter().filter(|session| !plant.truth.contains(session));
        for session in free.take(plant.support + 2).collect::<Vec<_>>() {
            corpus.shell(session, &format!("{name} build --with-{name}"), Ok("built"));
        }
    }
    plants
}

/// Versions that programs tell when asked.
pub fn versions(corpus: &mut Corpus) -> Vec<Plant> {
    spread(
        corpus,
        |name| [format!("`{name}` here is version"), "4.2.1".to_owned()],
        |corpus, session, name| {
            corpus.shell(session, &format!("{name} --version"), Ok(&format!("{name} 4.2.1")));
        },
    )
}

/// Six pairs of notes that contradict each other, and people who side with the first of each.
pub fn contradicted(corpus: &mut Corpus) -> Vec<Plant> {
    let notes: String = CHOICES
        .iter()
        .map(|(this, that)| format!("- Use {this} instead of {that}.\n- Use {that} instead of {this}.\n"))
        .collect();
    corpus.remember("choices.md", &format!("# Choices\n\n{notes}"));
    let plant = |((this, that), support): ((&str, &str), usize)| {
        let truth: BTreeSet<usize> = corpus.shuffled().into_iter().take(support).collect();
        for &session in &truth {
            corpus.user(session, &format!("No, use {this} instead of {that}."));
        }
        let words = [this.to_owned(), format!("drop \"Use {that} instead of {this}")];
        Plant { words, support, truth, against: BTreeSet::new() }
    };
    CHOICES.into_iter().zip(SUPPORTS).map(plant).collect()
}

/// Whose sessions those of one segment are.
pub const SEGMENT: &str = "billing";

/// Preferences of one segment, then preferences of all; everybody uses what they are about.
pub fn of_segments(corpus: &mut Corpus) -> [Vec<Plant>; 2] {
    for session in 0..SESSIONS {
        corpus.label(session, [SEGMENT, "shop", "wholesale"][session % 3]);
    }
    let mut of = |choices: &[(&str, &str)], supports: [usize; 3], narrow: bool| -> Vec<Plant> {
        let plant = |(&(this, that), support): (&(&str, &str), usize)| {
            let all = corpus.shuffled().into_iter().filter(|session| !narrow || session % 3 == 0);
            let truth: BTreeSet<usize> = all.take(support).collect();
            for session in 0..SESSIONS {
                corpus.shell(session, &format!("{that} list"), Ok("fine"));
                if truth.contains(&session) {
                    corpus.user(session, &format!("No, use {this} instead of {that}."));
                }
            }
            Plant { words: [this.to_owned(), that.to_owned()], support, truth, against: BTreeSet::new() }
        };
        choices.iter().zip(supports).map(plant).collect()
    };
    [of(&CHOICES[..3], [8, 10, 12], true), of(&CHOICES[3..], [12, 15, 20], false)]
}

/// Two notes that contradict each other, and people who side with one of them.
pub fn contradiction(corpus: &mut Corpus) {
    corpus.remember(
        "choices.md",
        "# Choices\n\n- Use olive instead of plaza.\n- Use plaza instead of olive.\n",
    );
    for session in corpus.shuffled().into_iter().take(6) {
        corpus.user(session, "No, use olive instead of plaza.");
    }
}
