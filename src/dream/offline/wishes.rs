//! What a person asked for in so many words: corrections and preferences in a turn.
//!
//! Owns: the cues that make a turn a correction, and the patterns that read what is wanted and what
//! is not. Must not know: other sessions; whether a wish is a preference is decided by repetition.
//!
//! Paraphrase is out of reach for patterns: expect to find what is said plainly, and only that.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::mood;
use super::patterns::{self, Pattern, opens_a_demand};
use super::takeback;
use super::words;
use super::{at_hand, manner, past};
use crate::guard::secrets;

/// One thing asked for in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The sentence, as it stands in the turn, secrets masked.
    pub sentence: String,
    /// How much it sounds like a correction, in tenths.
    pub score: i32,
    /// Whether the thing is wanted; `false` for "don't …".
    pub wanted: bool,
    /// What is (not) wanted.
    pub this: String,
    /// What it takes the place of, in "this instead of that".
    pub that: Option<String>,
    /// Where it is to hold, as it was put: "for prices".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// What surrounds a turn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setting {
    /// The person interrupted or refused something just before, or with this turn.
    pub after_interrupt: bool,
    /// The agent had done something before it.
    pub after_action: bool,
    /// It says again what an earlier turn said.
    pub rephrases: bool,
    /// The person took back an edit by hand just before.
    pub after_revert: bool,
}

const INTERRUPT: i32 = 15;
const REFUSAL: i32 = 15;
const UNIVERSAL: i32 = 10;
const CONTRAST: i32 = 15;
const REPHRASE: i32 = 10;
const REVERT: i32 = 15;
const PASTED: i32 = -10;
const TASK: i32 = -10;
/// A choice between two named things said with a task is half a preference: sessions that consist of one
/// prompt have no later turn to say it in, and only its repetition on other days makes it a lesson.
const TASK_WITH_CHOICE: i32 = -5;

/// Longest sentence that is read as a wish, in bytes; longer ones are prose or data.
const LONGEST_SENTENCE: usize = 300;
/// Longest text that a person types as a correction; more is a document.
const LONGEST_TYPED: usize = 1_200;
const MOST_SENTENCES: usize = 40;
/// Words within which a sentence that takes something back may go on to ask for something else.
const OPENING: usize = 2;

/// Reads the wishes of a turn.
#[must_use]
pub fn read(turn: &str, setting: Setting) -> Vec<Wish> {
    let (typed, pasted) = typed_lines(turn);
    let refuses = refuses(&typed);
    let base = base_score(&typed, pasted, setting) + if refuses { REFUSAL } else { 0 };
    let mut wishes: Vec<Wish> = Vec::new();
    for sentence in typed.iter().flat_map(|line| sentences(line)).take(MOST_SENTENCES) {
        if sentence.len() > LONGEST_SENTENCE {
            continue;
        }
        let bare = mood::without_quotes(sentence);
        let pieces = words::pieces(&bare);
        let lower = patterns::lower(&pieces);
        let says: Vec<&str> = lower.iter().map(String::as_str).collect();
        if let Some(at) = mood::takes_back(&says) {
            // What was asked for before is taken back with it; "forget that, use …" asks for something new.
            wishes.clear();
            if at > OPENING {
                continue;
            }
        }
        if let Some(taken) = takeback::of_sentence(&says) {
            wishes.retain(|wish| !taken.takes(wish));
        }
        if past::closes(&says) {
            wishes.clear();
            continue;
        }
        if mood::asks(&bare, &says)
            || mood::reports(&says)
            || past::remembers(&says)
            || mood::is_exception(&says)
        {
            continue;
        }
        let (pieces, plain) = patterns::without_politeness(pieces, lower.clone());
        let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
        let manner = manner::asked(&plain);
        let universal = manner.is_some() || is_universal(&says);
        // Said against what the agent did, a certain thing at a certain place may stand for all of them.
        let of_the_task = mood::is_task(&says)
            || at_hand::names_a_part(&says)
            || base <= 0 && (at_hand::replaces_a_certain_thing(&says) || mood::is_a_change(&says));
        if !universal && of_the_task {
            continue;
        }
        let read = || Pattern { pieces: &pieces, says: &plain }.read(universal);
        let Some(asked) = manner.or_else(read) else { continue };
        // Nobody can follow what is masked, and the mask is nothing that was asked for.
        let things = [Some(&asked.this), asked.that.as_ref(), asked.scope.as_ref()];
        if secrets::is_masked(sentence) && things.into_iter().flatten().any(|thing| has_mask(thing)) {
            continue;
        }
        let mut score = base;
        // Whatever the turn opens with: "ok, but don't …" says no to what was done.
        score += if setting.after_action && !asked.wanted && !refuses && !universal { REFUSAL } else { 0 };
        score += if universal { UNIVERSAL } else { 0 };
        score += if asked.that.is_some() { CONTRAST } else { 0 };
        score += match (setting.after_action || universal, asked.that.is_some()) {
            (true, _) => 0,
            (false, true) => TASK_WITH_CHOICE,
            (false, false) => TASK,
        };
        if score > 0 {
            wishes.push(Wish {
                sentence: sentence.to_owned(),
                score,
                wanted: asked.wanted,
                this: asked.this,
                that: asked.that,
                scope: asked.scope,
            });
        }
    }
    wishes
}

/// The sentences of a line that a person typed and that neither ask nor wonder nor tell what others say;
/// quotations in them are blanked out.
#[must_use]
pub fn stated(line: &str) -> Vec<Cow<'_, str>> {
    if is_pasted(line) {
        return Vec::new();
    }
    let mut stated: Vec<Cow<'_, str>> = Vec::new();
    for sentence in sentences(line) {
        let bare = mood::without_quotes(sentence);
        let lower = patterns::lower(&words::pieces(&bare));
        let says: Vec<&str> = lower.iter().map(String::as_str).collect();
        let untold = |says: &[&str]| mood::reports(says) || mood::is_exception(says) || past::is_over(says);
        if mood::takes_back(&says).is_some() || past::closes(&says) {
            stated.clear();
        } else if !(mood::asks(&bare, &says) || untold(&says)) {
            stated.push(bare);
        }
    }
    stated
}

/// Whether two turns say the same: at least 60 % of the shorter one's words.
#[must_use]
pub fn is_rephrase(
    turn: &std::collections::BTreeSet<String>,
    earlier: &std::collections::BTreeSet<String>,
) -> bool {
    let shorter = turn.len().min(earlier.len());
    shorter >= 4 && turn.intersection(earlier).count() * 10 >= shorter * 6
}

/// Whether a mask is among the words of a thing, which have no brackets any more.
fn has_mask(thing: &str) -> bool {
    thing.split(|c: char| !c.is_alphanumeric()).any(|word| word == "masked")
}

/// Whether a turn opens with a no to what was done.
fn refuses(typed: &[&str]) -> bool {
    let opening: String =
        typed.first().map_or("", |line| line.trim()).chars().take(40).collect::<String>().to_lowercase();
    let opening = opening.replace('’', "'");
    let mut opening = opening.trim_start_matches(|c: char| !c.is_alphanumeric());
    while let Some(rest) = POLITE.iter().find_map(|word| opening.strip_prefix(word)) {
        opening = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    }
    let refuses = [
        "no ",
        "no,",
        "no.",
        "no!",
        "nope",
        "stop",
        "wrong",
        "don't",
        "do not",
        "that's not",
        "that is not",
        "not what i",
        "i said",
        "i told you",
        "again,",
        "again ",
        "again:",
        "why did you",
        "why are you",
        "undo",
        "revert",
    ];
    opening == "no" || refuses.iter().any(|cue| opening.starts_with(cue))
}

fn base_score(typed: &[&str], pasted: bool, setting: Setting) -> i32 {
    let mut score = 0;
    score += if setting.after_interrupt { INTERRUPT } else { 0 };
    score += if setting.rephrases { REPHRASE } else { 0 };
    score += if setting.after_revert { REVERT } else { 0 };
    score += if pasted { PASTED } else { 0 };
    let typed_bytes: usize = typed.iter().map(|line| line.len()).sum();
    score + if typed_bytes > LONGEST_TYPED { PASTED + TASK } else { 0 }
}

/// What may stand before a refusal.
const POLITE: [&str; 9] = ["please ", "please,", "pls ", "hey ", "hey,", "hm,", "sorry,", "sorry ", "btw "];

/// The lines a person typed, and whether most of the turn was pasted: fenced code, quotations, logs,
/// headings, tables and lists under the name of what they are taken from.
fn typed_lines(turn: &str) -> (Vec<&str>, bool) {
    let mut typed = Vec::new();
    let (mut kept, mut dropped) = (0, 0);
    let (mut fenced, mut of_notes) = (false, false);
    for line in turn.lines() {
        let bare = line.trim();
        let fence = bare.starts_with("```") || bare.starts_with("~~~");
        if fence {
            fenced = !fenced;
        }
        if bare.is_empty() {
            continue;
        }
        of_notes = mood::cites(bare) || of_notes && bare.starts_with(['-', '*', '+']);
        if fenced || fence || of_notes || is_pasted(line) {
            dropped += line.len();
        } else {
            kept += line.len();
            typed.push(bare);
        }
    }
    (typed, dropped > kept)
}

fn is_pasted(line: &str) -> bool {
    let bare = line.trim_start();
    let indent = line.len() - bare.len();
    let first = bare.split([' ', ':']).next().unwrap_or("");
    let time = first.bytes().filter(u8::is_ascii_digit).count() >= 4 && first.contains(['-', ':', '/', '.']);
    bare.starts_with(['>', '|', '$', '#', '<', '{', '}'])
        || bare.starts_with("at ") && bare.contains([':', '/'])
        || bare.starts_with('[') && bare.get(1..).is_some_and(|rest| rest.contains(']'))
        || bare.starts_with('[') && !bare.contains("](")
        || time
        || (indent >= 4 || line.starts_with('\t')) && !bare.starts_with(['-', '*', '+'])
        || ["error:", "warning:", "Error:", "ERROR", "WARN", "INFO", "DEBUG", "Traceback"]
            .iter()
            .any(|cue| bare.starts_with(cue))
        || bare.ends_with([';', '{', '}'])
}

/// Sentences of a line; a full stop inside code, a quotation or a word ends none.
#[must_use]
pub fn sentences(line: &str) -> Vec<&str> {
    let line = line.trim_start_matches(['-', '*', '+', ' ']);
    let mut out = Vec::new();
    let (mut start, mut code) = (0, false);
    let bare = mood::without_quotes(line);
    let mut chars = bare.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        code ^= c == '`';
        let ends = matches!(c, '.' | '!' | '?')
            && !code
            && chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends {
            out.push(line.get(start..=at).unwrap_or("").trim());
            start = at + 1;
        }
    }
    out.push(line.get(start..).unwrap_or("").trim());
    out.retain(|sentence| sentence.chars().any(char::is_alphabetic));
    out
}

fn is_universal(says: &[&str]) -> bool {
    let pairs: [&[&str]; 7] = [
        &["from", "now", "on"],
        &["every", "time"],
        &["each", "time"],
        &["going", "forward"],
        &["in", "this", "repo"],
        &["in", "this", "project"],
        &["in", "this", "repository"],
    ];
    let single = |(at, word): (usize, &&str)| match *word {
        "always" | "never" => true,
        "remember" => opens_a_demand(says, at),
        _ => false,
    };
    says.iter().enumerate().any(single)
        || pairs.iter().any(|phrase| says.windows(phrase.len()).any(|window| window == *phrase))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LATER: Setting =
        Setting { after_interrupt: false, after_action: true, rephrases: false, after_revert: false };

    fn one(turn: &str) -> Option<(i32, String)> {
        let wishes = read(turn, LATER);
        wishes.first().map(|w| {
            let sign = if w.wanted { '+' } else { '-' };
            let that = w.that.as_ref().map_or(String::new(), |that| format!(" / {that}"));
            (w.score, format!("{sign} {}{that}", w.this))
        })
    }

    #[rstest]
    #[case("No, use pnpm instead of npm.", 30, "+ pnpm / npm")]
    #[case("please use `pnpm` instead of `npm` for this", 15, "+ pnpm / npm")]
    #[case("instead of npm, use pnpm", 15, "+ pnpm / npm")]
    #[case("don't use npm, use pnpm", 30, "+ pnpm / npm")]
    #[case("Always use pnpm, not npm!", 25, "+ pnpm / npm")]
    #[case("I prefer tabs over spaces here", 15, "+ tabs / spaces")]
    #[case("not npm but pnpm", 15, "+ pnpm / npm")]
    #[case("could you please use pnpm instead of npm?", 15, "+ pnpm / npm")]
    #[case("always pnpm, never npm", 25, "+ pnpm / npm")]
    #[case("the team chose pnpm over npm", 15, "+ pnpm / npm")]
    #[case("it should be `main` not `master`", 15, "+ main / master")]
    #[case("From now on, run the linter before you commit.", 10, "+ run the linter before you commit")]
    #[case("Hm. Don't delete the lockfile please.", 15, "- delete the lockfile")]
    #[case("ok but don't delete the lockfile", 15, "- delete the lockfile")]
    #[case("As I said, don't delete the lockfile.", 15, "- delete the lockfile")]
    #[case("Again: don't delete the lockfile!", 15, "- delete the lockfile")]
    #[case("Reminder: don't delete the lockfile.", 15, "- delete the lockfile")]
    #[case("Looks good. Also, don't delete the lockfile.", 15, "- delete the lockfile")]
    #[case("- don't delete the lockfile", 15, "- delete the lockfile")]
    #[case("replace moment by dayjs everywhere", 15, "+ dayjs / moment")]
    #[case("No, rename `Customer` to `Account`.", 30, "+ Account / Customer")]
    #[case("please don't delete the lockfile", 15, "- delete the lockfile")]
    #[case("Hey, please don't delete the lockfile.", 15, "- delete the lockfile")]
    #[case("don't delete the lockfile please", 15, "- delete the lockfile")]
    #[case("pnpm please, not npm", 15, "+ pnpm / npm")]
    #[case("pnpm, please, not npm!", 15, "+ pnpm / npm")]
    #[case("No, pnpm, not npm.", 30, "+ pnpm / npm")]
    #[case("I said pnpm, not npm", 30, "+ pnpm / npm")]
    #[case("pnpm instead of npm please", 15, "+ pnpm / npm")]
    #[case("use it with vitest instead of jest", 15, "+ vitest / jest")]
    #[case("never push to main directly", 10, "- push to main directly")]
    #[case("Stop adding comments to obvious code", 15, "- adding comments to obvious code")]
    #[case("use the new client rather than the old one", 15, "+ new client / old one")]
    #[case("no. switch from jest to vitest please", 30, "+ vitest / jest")]
    #[case("Don't use black instead of yapf.", 30, "+ yapf / black")]
    #[case("Don’t use black instead of yapf.", 30, "+ yapf / black")]
    #[case("Please never use redis instead of memcached.", 25, "+ memcached / redis")]
    #[case("Stop using moment instead of dayjs.", 30, "+ dayjs / moment")]
    #[case("It is wrong to use yarn instead of npm.", 15, "+ npm / yarn")]
    #[case("I don't want you to use yarn instead of npm", 15, "+ npm / yarn")]
    #[case("you should not use yarn rather than npm", 15, "+ npm / yarn")]
    #[case("don't forget to use pnpm instead of npm", 30, "+ pnpm / npm")]
    #[case("Forget that, use pnpm instead of npm.", 15, "+ pnpm / npm")]
    #[case("Always refactor to use pnpm instead of npm.", 25, "+ pnpm / npm")]
    #[case("Don't ask me, always run the tests", 25, "- ask me")]
    #[case("Make sure to never use npm instead of pnpm.", 25, "+ pnpm / npm")]
    #[case("I told you to use pnpm instead of npm", 30, "+ pnpm / npm")]
    #[case("It's better to use pnpm instead of npm", 15, "+ pnpm / npm")]
    #[case("Never use vitest, jest is what we use.", 10, "- use vitest")]
    #[case("never push to main, master or release", 10, "- push to main master or release")]
    #[case("# Task\n- Always use pnpm instead of npm", 25, "+ pnpm / npm")]
    #[case("use pnpm instead of npm, ok?", 15, "+ pnpm / npm")]
    #[case("I said use \"pnpm\" instead of \"npm\"", 30, "+ pnpm / npm")]
    #[case("don't switch from npm to yarn", 15, "- switch from npm to yarn")]
    fn plain_wishes_are_read(#[case] turn: &str, #[case] score: i32, #[case] wish: &str) {
        assert_eq!(one(turn), Some((score, wish.to_owned())), "{turn}");
    }

    #[rstest]
    #[case("Should we use pnpm instead of npm?")]
    #[case("fix the login page")]
    #[case("can you explain why we use pnpm instead of npm?")]
    #[case("would you use pnpm instead of npm, maybe?")]
    #[case("I don't think so")]
    #[case("commit")]
    #[case("My id is x7, but I don't remember the reservation id.")]
    #[case("I never got the refund for my order")]
    #[case("it always fails when I open the page")]
    #[case("I always fly in the morning")]
    #[case("```\nuse pnpm instead of npm\n```")]
    #[case("> use pnpm instead of npm\n> always")]
    #[case("[12:00:01] use pnpm instead of npm")]
    #[case("Should we use yarn instead of npm in this repo?")]
    #[case("Should we use yarn instead of npm every time?")]
    #[case("Do we always use yarn instead of npm?")]
    #[case("should we always use yarn instead of npm")]
    #[case("Is it ok to use yarn instead of npm from now on?")]
    #[case("Why do you use yarn instead of npm every time?")]
    #[case("So, do you want to always use yarn instead of npm?")]
    #[case("Use yarn instead of npm in this repo?")]
    #[case("we could use yarn instead of npm in this repo")]
    #[case("I wonder whether to use yarn instead of npm from now on")]
    #[case("Bob said: use tabs instead of spaces in this repo. I disagree, leave it.")]
    #[case("The style guide says to always use tabs instead of spaces.")]
    #[case("The linter says \"use const instead of let\" in this repo, ignore that warning.")]
    #[case("I was told to use tabs instead of spaces in this repo.")]
    #[case("According to the wiki, always use tabs instead of spaces.")]
    #[case("The notes say: \"- Use tabs instead of spaces.\"  Please continue with the task as planned.")]
    #[case("# Notes\n\n- Always use tabs instead of spaces.\n- Never push to main.\n\nPlease go on.")]
    #[case("The memory says this:\n- Always use tabs instead of spaces.\nIs that so?")]
    #[case("No, use TOKEN=[masked github-token] instead of the old login in this repo.")]
    #[case("Always run `deploy --password [masked password]` before the release.")]
    #[case("Always use password [masked password-in-words] for the staging database, not the old one.")]
    #[case("Use pnpm instead of npm for [masked password].")]
    #[case("No, the new key is there, use it instead of the old one.")]
    #[case("Do not, under any circumstances, use redis instead of memcached.")]
    #[case("Using yarn instead of npm is wrong.")]
    #[case("In the docs: use tabs instead of spaces.")]
    #[case("In the old project we always use tabs instead of spaces.")]
    #[case("Use tabs instead of spaces in this repo. Actually, no, keep spaces.")]
    #[case("no need to use tabs instead of spaces")]
    #[case("You can use tabs instead of spaces.")]
    #[case("not only tabs but spaces too")]
    #[case("It is not a bug but use tabs anyway")]
    #[case("I don't think we should use tabs instead of spaces in this repo")]
    #[case("I never said you should always use tabs instead of spaces")]
    #[case("Memory has “always use tabs instead of spaces” twice.")]
    #[case("the rules have 'never use spaces. use tabs instead of spaces' in them")]
    #[case("If you use tabs instead of spaces in this repo, the build fails.")]
    #[case("The build fails when you use tabs instead of spaces in this repo.")]
    #[case("If the tests fail, never push to main.")]
    #[case("Last year we used to use mocha instead of jest in this project.")]
    #[case("we used to use mocha instead of jest in this repo")]
    #[case("No, use tabs instead of spaces in this repo. Wait, forget that, I was wrong, spaces are right.")]
    #[case("Always use tabs instead of spaces. Never mind.")]
    #[case("For this one file only, use tabs instead of spaces.")]
    #[case("No, use tabs instead of spaces just this once.")]
    #[case("I did not ask you to use tabs instead of spaces.")]
    #[case("You keep using jest instead of vitest in this repo.")]
    #[case("You always use jest instead of vitest")]
    #[case("We don't use jest instead of vitest in this repo.")]
    #[case("You don't have to use jest instead of vitest in this repo.")]
    #[case("Refactor the client to use async instead of callbacks.")]
    #[case("Rename Customer to Account in the admin pages.")]
    #[case("Please replace the spinner with a skeleton.")]
    #[case("Next, switch from jest to vitest.")]
    #[case("Next, please rewrite the parser to use bytes instead of strings.")]
    #[case("use tabs, not in this repo")]
    #[case("The tests always fail on mondays, and the build never finishes")]
    #[case("")]
    fn questions_tasks_and_pastes_are_not_wishes(#[case] turn: &str) {
        let strong: Vec<Wish> = read(turn, LATER).into_iter().filter(|w| w.score > 5).collect();
        assert_eq!(strong, [], "{turn}");
    }

    #[rstest]
    #[case("No, use `Decimal` instead of `float` for prices.", Some("for prices"))]
    #[case("use `Decimal` instead of `float` for prices, the cents come out wrong", Some("for prices"))]
    #[case("Use vitest, not jest, in tests of the shop.", None)]
    #[case("use vitest instead of jest in tests of the shop.", Some("in tests of the shop"))]
    #[case("For prices, use `Decimal` instead of `float`.", Some("For prices"))]
    #[case("When you write tests, use vitest instead of jest.", Some("When you write tests"))]
    #[case("use pnpm instead of npm in this repo", None)]
    #[case("please use pnpm instead of npm for this", None)]
    #[case("use pnpm instead of npm because it is faster in CI", None)]
    fn where_a_choice_is_to_hold_is_read(#[case] turn: &str, #[case] scope: Option<&str>) {
        let wishes = read(turn, LATER);
        assert_eq!(wishes.first().and_then(|wish| wish.scope.as_deref()), scope, "{turn}");
        assert_eq!(wishes.len(), 1, "{turn}");
    }

    #[test]
    fn the_setting_changes_the_score() {
        let text = "use pnpm instead of npm";
        let score = |setting| read(text, setting).first().map_or(0, |w| w.score);
        assert_eq!(score(Setting { after_interrupt: true, ..LATER }), 30);
        assert_eq!(score(Setting { rephrases: true, ..LATER }), 25);
        assert_eq!(score(Setting { after_action: false, ..LATER }), 10, "said with a task");
        assert_eq!(read("always use pnpm instead of npm", Setting::default())[0].score, 25);
    }

    #[test]
    fn a_long_document_is_not_a_correction() {
        let plan =
            format!("Implement the following plan:\n{}", "Do this and that in the module.\n".repeat(60));
        let plan = format!("{plan}Use the cache instead of the database.");
        assert!(read(&plan, LATER).is_empty());
    }

    #[test]
    fn the_sentence_is_kept_word_for_word() {
        let turn = "ok.  No, don't touch `a.b`: use  `c.d` instead of `a.b`. Thanks";
        let wish = &read(turn, LATER)[0];
        assert!(turn.contains(&wish.sentence));
    }
}
