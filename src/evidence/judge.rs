//! Does a place support a lesson, contradict it, or only mention it? Decided by rules, without a model.
//!
//! Owns: the rules, precision first: what is not clearly support is a mention, because a count that is
//! too high is worse than one that is too low. Must not know: how places are found, or how many there
//! are.
//!
//! Who speaks decides how much words can prove. A person's words, and a tool that failed, can support
//! or contradict. What the agent says is at best a mention, and so is what it does: doing as memory says
//! is no evidence that memory is right. Answers of tools that read files or the network repeat whatever
//! stands there. Measured on the transcripts of the shared data in `tests/evidence_bench.rs`.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::domain::evidence::{Origin, Stance};
use crate::domain::session::EventKind;

use super::find::terms::{Stems, words};

/// Share of a thesis's words, by weight, that a stretch of text must hold to support or contradict it.
const COVERED: f64 = 0.6;
/// The same for answers of tools that did not fail.
const COVERED_BY_ANSWER: f64 = 0.8;
/// The same to contradict without naming an alternative.
const COVERED_BY_OPPOSITE: f64 = 0.75;
/// The same to mention it.
const MENTIONED: f64 = 0.4;
/// The same where the words were quoted for it.
const CITED: f64 = 0.25;

/// Words that a stretch may span: of talk, and of what tools print.
const SPAN_OF_TALK: usize = 30;
const SPAN_OF_OUTPUT: usize = 60;

/// Words that must meet for support, if the thesis has as many.
const LEAST_WORDS: usize = 3;

/// Words behind a negation that it reaches, if no phrase ends before: all of a phrase, as a rule. With
/// five, "never push to the main branch directly" and the same words in another order disagreed.
const REACH: usize = 8;
/// The same behind "instead of": what is named there, and no more.
const REACH_OF_PAIR: usize = 3;

/// Bytes of a call's input that say what is called.
const CALL_HEAD: usize = 400;

/// One thing a lesson says, as far as words can tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Thesis {
    terms: Vec<Wanted>,
    total: f64,
    /// Speaks of something that fails or is not to be done.
    of_failure: bool,
    /// Names nothing as unwanted but what it names as wanted, such as one reviewer instead of two
    /// reviewers: words can't tell it from its opposite.
    blurred: bool,
    /// Words it quotes, such as the text of an error: where they stand, it is meant; where they do not,
    /// another failure is.
    quoted: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    term: String,
    weight: f64,
    negated: bool,
}

impl Thesis {
    /// Reads a sentence. `weight` says how rare a term is. `None` if it says too little to look for.
    #[must_use]
    pub fn of(text: &str, stems: &Stems, weight: &dyn Fn(&str) -> f64) -> Option<Self> {
        let mut terms: Vec<Wanted> = Vec::new();
        let tagged = tagged(text, stems);
        for tag in &tagged {
            if !terms.iter().any(|wanted| wanted.term == tag.term) && terms.len() < MOST_TERMS {
                // That something fails is said in many ways, and mostly not by what fails.
                let weight =
                    if fails(&tag.term) { LEAST_WEIGHT } else { weight(&tag.term).max(LEAST_WEIGHT) };
                terms.push(Wanted { term: tag.term.clone(), weight, negated: tag.negated });
            }
        }
        let total = terms.iter().map(|wanted| wanted.weight).sum();
        let of_failure = words(text).iter().any(|word| fails(&word.text.to_lowercase()))
            || terms.iter().any(|wanted| wanted.negated);
        let named = |negated: bool| -> BTreeSet<&str> {
            tagged.iter().filter(|tag| tag.negated == negated).map(|tag| tag.term.as_str()).collect()
        };
        let unwanted = named(true);
        let blurred = !unwanted.is_empty() && unwanted.is_subset(&named(false));
        (terms.len() >= 2).then_some(Self { terms, total, of_failure, blurred, quoted: quoted(text) })
    }

    /// How many different words it is made of.
    #[must_use]
    pub fn words(&self) -> usize {
        self.terms.len()
    }

    /// Whether it wants one thing and not another.
    fn contrasts(&self) -> bool {
        self.terms.iter().any(|wanted| wanted.negated) && self.terms.iter().any(|wanted| !wanted.negated)
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|wanted| wanted.term.as_str()).filter(|term| is_number(term))
    }
}

/// Words of a sentence that are compared.
const MOST_TERMS: usize = 40;
/// A word that stands everywhere still says a little.
const LEAST_WEIGHT: f64 = 0.3;

/// Beginnings of words that speak of failure.
const FAILING: [&str; 17] = [
    "fail", "error", "break", "broke", "crash", "reject", "refus", "denied", "deny", "invalid", "unrecogn",
    "unknown", "missing", "timeout", "wrong", "forbid", "mistake",
];

/// Stretches between double quotes that are long enough to be recognised.
fn quoted(text: &str) -> Vec<String> {
    let text = text.replace(['“', '”'], "\"");
    let inside = text.split('"').skip(1).step_by(2).map(plain);
    inside.filter(|words| words.len() >= 10 && words.contains(' ')).collect()
}

/// Lower case, blanks made single, without the marks at the ends.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase().trim_matches(['.', ',', '…', ':', '!']).to_owned()
}

fn fails(word: &str) -> bool {
    FAILING.iter().any(|beginning| word.starts_with(beginning))
}

/// An event that may say something about a thesis.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What it is.
    pub kind: EventKind,
    /// Whose words.
    pub origin: Origin,
    /// The words, or the part of them to look at.
    pub text: &'a str,
    /// It failed.
    pub is_error: bool,
    /// For answers: the tool and the head of what it was called with.
    pub call: Option<(&'a str, &'a str)>,
    /// It belongs to a sub-agent: what looks like a person there is the agent.
    pub sidechain: bool,
}

/// What a scene says.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Support, counter or mention.
    pub stance: Stance,
    /// Share of the thesis's words that meet there, by weight.
    pub covered: f64,
    /// Where in the scene's text.
    pub range: Range<usize>,
}

/// Judges a scene. With `cited`, the scene is a stretch that was quoted for the thesis: fewer of its
/// words have to meet. `None` if it says nothing about it.
#[must_use]
pub fn judge(thesis: &Thesis, scene: &Scene<'_>, stems: &Stems, cited: bool) -> Option<Finding> {
    let output = matches!(scene.kind, EventKind::ToolResult | EventKind::ToolCall);
    let span = if output { SPAN_OF_OUTPUT } else { SPAN_OF_TALK };
    let stretch = Stretch::best(thesis, scene.text, stems, span)?;
    let told = Told { thesis, scene, stretch: &stretch };
    let stance = match scene.kind {
        EventKind::Thinking | EventKind::Injected | EventKind::Rules | EventKind::Summary => return None,
        EventKind::User | EventKind::Interrupt if !scene.sidechain => told.by_person(cited),
        EventKind::User | EventKind::Interrupt | EventKind::Assistant => told.mention(cited),
        EventKind::ToolCall => told.by_action(cited),
        EventKind::ToolResult | EventKind::Outcome => {
            if scene.origin == Origin::Outside {
                told.mention(cited)
            } else if scene.is_error {
                told.by_failure(stems, cited)
            } else {
                told.by_answer(cited)
            }
        }
    }?;
    Some(Finding { stance, covered: stretch.covered / thesis.total, range: stretch.range })
}

struct Told<'a> {
    thesis: &'a Thesis,
    scene: &'a Scene<'a>,
    stretch: &'a Stretch,
}

impl Told<'_> {
    fn covered(&self) -> f64 {
        self.stretch.covered / self.thesis.total
    }

    fn mention(&self, cited: bool) -> Option<Stance> {
        let enough = if cited { CITED } else { MENTIONED };
        (self.covered() >= enough && (cited || self.stretch.met.len() >= 2)).then_some(Stance::Mention)
    }

    /// Enough different words meet to speak of the same thing: three, or what is wanted and what is not.
    fn is_firm(&self) -> bool {
        let of = |negated| {
            let met = |index: &usize| self.thesis.terms.get(*index).is_some_and(|w| w.negated == negated);
            self.stretch.met.iter().any(met)
        };
        self.stretch.met.len() >= LEAST_WORDS || of(true) && of(false)
    }

    /// The words the thesis quotes stand in the scene; `None` if it quotes none.
    fn shows_quoted(&self) -> Option<bool> {
        if self.thesis.quoted.is_empty() {
            return None;
        }
        let text = plain(self.scene.text);
        Some(self.thesis.quoted.iter().any(|words| text.contains(words.as_str())))
    }

    /// A number in the thesis is a fact of its own: another number is another fact.
    fn numbers_agree(&self) -> bool {
        let met = |number: &str| {
            self.stretch
                .met
                .iter()
                .any(|index| self.thesis.terms.get(*index).is_some_and(|w| w.term == number))
        };
        self.thesis.numbers().next().is_none() || self.thesis.numbers().any(met)
    }

    fn by_person(&self, cited: bool) -> Option<Stance> {
        let covered = self.covered();
        if self.thesis.blurred && !cited {
            return self.mention(cited);
        }
        if is_hedged(self.scene.text, &self.stretch.range) || is_pasted(self.scene.text, &self.stretch.range)
        {
            return self.mention(cited);
        }
        let opposed = self.stretch.opposed;
        if cited && covered >= CITED {
            return Some(match opposed {
                share if share >= 0.75 && covered >= COVERED => Stance::Contradict,
                share if share <= 0.5 => Stance::Support,
                _ => Stance::Mention,
            });
        }
        if covered >= COVERED && self.is_firm() && self.numbers_agree() {
            if opposed <= 0.25 {
                return Some(Stance::Support);
            }
            if opposed >= 0.75 && (self.thesis.contrasts() || covered >= COVERED_BY_OPPOSITE) {
                return Some(Stance::Contradict);
            }
        }
        self.mention(cited)
    }

    /// What the agent does shows what it believes, not what is so.
    fn by_action(&self, cited: bool) -> Option<Stance> {
        self.mention(cited)
    }

    fn by_failure(&self, stems: &Stems, cited: bool) -> Option<Stance> {
        match self.shows_quoted() {
            Some(true) if self.thesis.of_failure => return Some(Stance::Support),
            Some(false) if !cited => return self.mention(cited),
            _ => {}
        }
        let (tool, input) = self.scene.call.unwrap_or_default();
        let head = input.get(..input.floor_char_boundary(CALL_HEAD)).unwrap_or_default();
        let mut of_call: BTreeSet<usize> = BTreeSet::new();
        for term in stems.terms(&format!("{tool} {head}")) {
            of_call.extend(self.thesis.terms.iter().position(|wanted| wanted.term == term));
        }
        let weight = |met: &BTreeSet<usize>| -> f64 {
            met.iter().filter_map(|index| self.thesis.terms.get(*index)).map(|wanted| wanted.weight).sum()
        };
        let both: BTreeSet<usize> = self.stretch.met.union(&of_call).copied().collect();
        let covered = weight(&both) / self.thesis.total;
        let enough = if cited { CITED } else { COVERED };
        let shown = self.covered() >= CITED && (cited || both.len() >= LEAST_WORDS);
        if self.thesis.of_failure && covered >= enough && shown && self.numbers_agree() {
            return Some(Stance::Support);
        }
        // What the lesson recommends was done, and failed.
        if !self.thesis.of_failure
            && weight(&of_call) / self.thesis.total >= COVERED
            && of_call.len() >= LEAST_WORDS
        {
            return Some(Stance::Contradict);
        }
        let mentioned = covered >= MENTIONED && both.len() >= 2;
        if mentioned { Some(Stance::Mention) } else { self.mention(cited) }
    }

    fn by_answer(&self, cited: bool) -> Option<Stance> {
        let reads = self.scene.call.is_some_and(|(tool, input)| only_reads(tool, input));
        match self.shows_quoted() {
            Some(true) if !reads => return Some(Stance::Support),
            Some(false) if !cited => return self.mention(cited),
            _ => {}
        }
        let enough = if cited { CITED } else { COVERED_BY_ANSWER };
        let firm = cited || self.is_firm();
        if !reads && self.covered() >= enough && firm && self.numbers_agree() && self.stretch.opposed <= 0.25
        {
            return Some(Stance::Support);
        }
        self.mention(cited)
    }
}

/// Tools, and programs of a shell, that show what stands in files and on the network.
fn only_reads(tool: &str, input: &str) -> bool {
    let tool = tool.to_ascii_lowercase();
    let named = ["read", "grep", "glob", "search", "fetch", "view", "browse", "list", "ls"];
    let programs = [
        "cat ", "head ", "tail ", "less ", "sed ", "grep ", "rg ", "find ", "ls", "git log", "git show",
        "git diff",
    ];
    let command =
        input.split_once("\"command\":").or_else(|| input.split_once("\"cmd\":")).map(|(_, rest)| rest);
    let command = command.unwrap_or_default().trim_start_matches([' ', '"']);
    named.iter().any(|name| tool.starts_with(name) || tool.ends_with(name))
        || programs.iter().any(|program| command.starts_with(program))
        || command.contains("| grep")
        || command.contains("&& cat ")
}

/// The stretch of a text in which most of a thesis's words meet.
struct Stretch {
    range: Range<usize>,
    /// Words met, by position in the thesis.
    met: BTreeSet<usize>,
    /// Their weight.
    covered: f64,
    /// Share of that weight where one says "not" and the other does not.
    opposed: f64,
}

impl Stretch {
    fn best(thesis: &Thesis, text: &str, stems: &Stems, span: usize) -> Option<Self> {
        let hits: Vec<(usize, Tagged)> = tagged(text, stems)
            .into_iter()
            .filter_map(|tag| {
                let index = thesis.terms.iter().position(|wanted| wanted.term == tag.term)?;
                Some((index, tag))
            })
            .collect();
        let weight = |index: usize| thesis.terms.get(index).map_or(0.0, |wanted| wanted.weight);
        let mut best: Option<(usize, usize, f64)> = None;
        for (first, (_, start)) in hits.iter().enumerate() {
            let mut met = BTreeSet::new();
            let mut covered = 0.0;
            for (last, (index, tag)) in hits.iter().enumerate().skip(first) {
                if tag.position >= start.position + span {
                    break;
                }
                if met.insert(*index) {
                    covered += weight(*index);
                    if best.is_none_or(|(.., most)| covered > most + 1e-9) {
                        best = Some((first, last, covered));
                    }
                }
            }
        }
        let (first, last, covered) = best?;
        let hits = hits.get(first..=last)?;
        let met: BTreeSet<usize> = hits.iter().map(|(index, _)| *index).collect();
        let against = |index: &usize| {
            let negated = thesis.terms.get(*index).is_some_and(|wanted| wanted.negated);
            hits.iter().filter(|(other, _)| other == index).all(|(_, tag)| tag.negated != negated)
        };
        let opposed: f64 = met.iter().filter(|index| against(index)).map(|index| weight(*index)).sum();
        let range = hits.first()?.1.range.start..hits.last()?.1.range.end;
        Some(Self { range, met, covered, opposed: opposed / covered })
    }
}

/// A word that says something, with whether it is negated.
struct Tagged {
    term: String,
    range: Range<usize>,
    position: usize,
    negated: bool,
}

const NEGATIONS: [&str; 26] = [
    "not",
    "never",
    "no",
    "without",
    "avoid",
    "avoids",
    "stop",
    "don't",
    "dont",
    "doesn't",
    "didn't",
    "isn't",
    "aren't",
    "wasn't",
    "can't",
    "cannot",
    "couldn't",
    "shouldn't",
    "mustn't",
    "won't",
    "wouldn't",
    "nor",
    "neither",
    "none",
    "refrain",
    "forbidden",
];

/// Words behind which a negation reaches no further.
const RESETS: [&str; 9] =
    ["but", "however", "use", "always", "prefer", "forget", "only", "because", "hesitate"];

fn tagged(text: &str, stems: &Stems) -> Vec<Tagged> {
    let mut found = Vec::new();
    let mut reach = 0_usize;
    let mut before = String::new();
    for (position, word) in words(text).into_iter().enumerate() {
        let lower = word.text.to_lowercase().replace('’', "'");
        if word.after_break {
            reach = 0;
        }
        let pair = matches!((before.as_str(), lower.as_str()), ("instead", "of") | ("rather", "than"));
        if pair {
            reach = REACH_OF_PAIR + 1;
        } else if NEGATIONS.contains(&lower.as_str()) {
            // "No, do this": the comma behind ends it at once.
            reach = REACH + 1;
        } else if RESETS.contains(&lower.as_str()) || lower == "instead" {
            // "Do not use x" goes on; "not x, use y" does not: there the comma has ended it.
            reach = if lower == "use" && NEGATIONS.contains(&before.as_str()) { reach } else { 0 };
        }
        if let Some(term) = stems.term(word.text)
            && !NEGATIONS.contains(&lower.as_str())
        {
            found.push(Tagged { term, range: word.range, position, negated: reach > 0 });
        }
        reach = reach.saturating_sub(1);
        before = lower;
    }
    found
}

fn is_number(term: &str) -> bool {
    term.bytes().all(|b| b.is_ascii_digit())
}

/// The stretch stands in a question, or in a sentence that wonders.
fn is_hedged(text: &str, range: &Range<usize>) -> bool {
    let head = text.get(..range.start).unwrap_or_default();
    let start = head.rfind(['.', '!', '?', '\n']).map_or(0, |at| at + 1);
    let tail = text.get(range.end..).unwrap_or_default();
    let end = tail.find(['.', '!', '?', '\n']);
    let asks = end.and_then(|at| tail.get(at..)).is_some_and(|rest| rest.starts_with('?'));
    let sentence = text.get(start..range.end).unwrap_or_default().to_lowercase();
    asks || [
        "should we",
        "should i ",
        "could you maybe",
        "maybe ",
        "perhaps ",
        "would it",
        "i wonder",
        "what if",
    ]
    .iter()
    .any(|cue| sentence.contains(cue))
}

/// The stretch stands in a fence or a quotation: the person shows it, and does not say it.
fn is_pasted(text: &str, range: &Range<usize>) -> bool {
    let head = text.get(..range.start).unwrap_or_default();
    let fences = head.lines().filter(|line| line.trim_start().starts_with("```")).count();
    let line = head.rsplit('\n').next().unwrap_or_default().trim_start();
    fences % 2 == 1 || line.starts_with('>') || line.starts_with('|')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn stance_of(lesson: &str, scene: Scene<'_>) -> Option<Stance> {
        let stems = Stems::default();
        let thesis = Thesis::of(lesson, &stems, &|_| 1.0).unwrap();
        judge(&thesis, &scene, &stems, false).map(|finding| finding.stance)
    }

    fn said(kind: EventKind, text: &str) -> Scene<'_> {
        let origin = if kind == EventKind::User { Origin::User } else { Origin::Prose };
        Scene { kind, origin, text, is_error: false, call: None, sidechain: false }
    }

    const PNPM: &str = "Use pnpm instead of npm.";

    #[rstest]
    #[case("no, use pnpm not npm", Some(Stance::Support))]
    #[case("please use pnpm instead of npm here", Some(Stance::Support))]
    #[case("Don't use npm. Use pnpm.", Some(Stance::Support))]
    #[case("use npm instead of pnpm", Some(Stance::Contradict))]
    #[case("don't use pnpm, use npm", Some(Stance::Contradict))]
    #[case("is pnpm faster than npm?", Some(Stance::Mention))]
    #[case("maybe use pnpm instead of npm", Some(Stance::Mention))]
    #[case("```\nuse pnpm instead of npm\n```", Some(Stance::Mention))]
    #[case("> use pnpm instead of npm\nwhat does this mean", Some(Stance::Mention))]
    #[case("install with pnpm", None)]
    #[case("write a test", None)]
    fn a_persons_choice_is_read_with_its_negations(#[case] text: &str, #[case] expected: Option<Stance>) {
        assert_eq!(stance_of(PNPM, said(EventKind::User, text)), expected, "{text}");
    }

    #[rstest]
    #[case(
        "Never push directly to the main branch.",
        "never push to the main branch directly",
        Some(Stance::Support)
    )]
    #[case(
        "Never push directly to the main branch.",
        "push directly to the main branch now",
        Some(Stance::Contradict)
    )]
    #[case("Refunds take 5 business days.", "a refund takes 5 business days", Some(Stance::Support))]
    #[case("Refunds take 5 business days.", "a refund takes 14 business days", Some(Stance::Mention))]
    #[case("Run the linter before committing.", "run the linter, then commit", Some(Stance::Support))]
    #[case(
        "Don't forget to run the linter before committing.",
        "always run the linter before you commit",
        Some(Stance::Support)
    )]
    fn rules_and_facts(#[case] lesson: &str, #[case] text: &str, #[case] expected: Option<Stance>) {
        assert_eq!(stance_of(lesson, said(EventKind::User, text)), expected, "{text}");
    }

    #[test]
    fn agents_only_mention() {
        assert_eq!(
            stance_of(PNPM, said(EventKind::Assistant, "I will use pnpm instead of npm")),
            Some(Stance::Mention)
        );
        let call = said(EventKind::ToolCall, r#"{"command":"pnpm install # not npm"}"#);
        assert_eq!(stance_of(PNPM, call), Some(Stance::Mention));
        let sidechain = Scene { sidechain: true, ..said(EventKind::User, "use pnpm, not npm") };
        assert_eq!(stance_of(PNPM, sidechain), Some(Stance::Mention));
        for kind in [EventKind::Injected, EventKind::Rules, EventKind::Summary, EventKind::Thinking] {
            assert_eq!(stance_of(PNPM, said(kind, "use pnpm instead of npm")), None);
        }
    }

    fn answer<'a>(tool: &'a str, input: &'a str, text: &'a str, is_error: bool) -> Scene<'a> {
        Scene {
            kind: EventKind::ToolResult,
            origin: Origin::Tool,
            text,
            is_error,
            call: Some((tool, input)),
            sidechain: false,
        }
    }

    #[test]
    fn a_failure_supports_what_warns_of_it_and_contradicts_what_recommends_it() {
        let input = r#"{"command":"rtk bun run test"}"#;
        let failed = answer("Bash", input, "error: unrecognized subcommand 'bun'", true);
        let warns = "Run bun directly: `rtk bun` fails with \"unrecognized subcommand 'bun'\".";
        assert_eq!(stance_of(warns, failed), Some(Stance::Support));
        assert_eq!(stance_of("Run every test through rtk bun run.", failed), Some(Stance::Contradict));
        assert_eq!(stance_of("Deploy only on Fridays after lunch.", failed), None);
    }

    #[test]
    fn what_tools_read_or_strangers_wrote_only_mentions() {
        let lesson = "The staging database listens on port 5433.";
        let text = "staging database listening on port 5433";
        assert_eq!(
            stance_of(lesson, answer("Bash", r#"{"command":"./db status"}"#, text, false)),
            Some(Stance::Support)
        );
        assert_eq!(stance_of(lesson, answer("Read", "{}", text, false)), Some(Stance::Mention));
        assert_eq!(
            stance_of(lesson, answer("Bash", r#"{"command":"cat notes.md"}"#, text, false)),
            Some(Stance::Mention)
        );
        let outside = Scene { origin: Origin::Outside, ..answer("WebFetch", "{}", text, true) };
        assert_eq!(stance_of(lesson, outside), Some(Stance::Mention));
    }

    #[test]
    fn quoted_words_need_less() {
        let stems = Stems::default();
        let thesis =
            Thesis::of("Offer a voucher before cancelling an order that is late.", &stems, &|_| 1.0).unwrap();
        let scene = said(EventKind::User, "the voucher would have been enough for me");
        assert_eq!(judge(&thesis, &scene, &stems, false), None);
        assert_eq!(
            judge(&thesis, &scene, &stems, true).map(|f| f.stance),
            None,
            "one word of five is too little"
        );
        let scene = said(EventKind::User, "a voucher for the late order would have been enough");
        assert_eq!(judge(&thesis, &scene, &stems, true).map(|f| f.stance), Some(Stance::Support));
    }
}
