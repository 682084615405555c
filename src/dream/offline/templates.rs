//! Error lines that say the same: Drain, made independent of the order of its input.
//!
//! Owns: which masked lines share a template, and what of quotations and file names is kept. Must not
//! know: what the errors are about. The result is a function of the *set* of lines and the units that
//! show them, so no scheduling of threads can change it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::masks;
use crate::dream::Parameters;

/// Stands for a token that differs between the lines of a template.
pub const ANY: &str = "<*>";

/// A masked line and the kind of tool that gave it; lines of different tools never share a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// Kind of tool.
    pub class: String,
    /// The line, as [`masks::mask`] left it.
    pub masked: String,
}

/// Templates and which line belongs to which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// Tokens of each template, in the order of its number.
    pub tokens: Vec<Vec<String>>,
    of: BTreeMap<Line, u32>,
}

impl Templates {
    /// Groups lines; `seen` gives for each distinct line the units that show it.
    #[must_use]
    pub fn group(seen: &BTreeMap<Line, BTreeSet<u32>>, parameters: &Parameters) -> Self {
        let names = Names::count(seen);
        let mut distinct: BTreeMap<(&str, Vec<String>), Variant<'_>> = BTreeMap::new();
        for (line, units) in seen {
            let tokens = names.resolve(&line.masked, parameters.template_tokens);
            let variant = distinct.entry((&line.class, tokens)).or_default();
            variant.units.extend(units);
            variant.lines.push(line);
        }
        let mut order: Vec<_> = distinct.into_iter().collect();
        order.sort_by(|((class_a, a), one), ((class_b, b), other)| {
            (Reverse(one.units.len()), a, class_a).cmp(&(Reverse(other.units.len()), b, class_b))
        });

        let mut templates: Vec<Vec<String>> = Vec::new();
        // How many units show the line that each began with.
        let mut shown: Vec<usize> = Vec::new();
        let mut buckets: BTreeMap<(String, usize, String, String), Vec<usize>> = BTreeMap::new();
        let mut of = BTreeMap::new();
        for ((class, tokens), variant) in order {
            let (first, last) = ends(&tokens);
            let bucket = buckets.entry((class.to_owned(), tokens.len(), first, last)).or_default();
            let recurs = |number: usize| {
                variant.units.len() >= WORDS_RECUR
                    && shown.get(number).is_some_and(|units| *units >= WORDS_RECUR)
            };
            let fit = best_fit(&templates, bucket, &tokens, parameters.template_likeness, recurs);
            let number = if let Some((number, merged)) = fit {
                if let Some(slot) = templates.get_mut(number) {
                    *slot = merged;
                }
                number
            } else if templates.len() >= parameters.templates || bucket.len() >= parameters.template_bucket {
                continue;
            } else {
                templates.push(tokens);
                shown.push(variant.units.len());
                bucket.push(templates.len() - 1);
                templates.len() - 1
            };
            of.extend(variant.lines.into_iter().map(|line| (line.clone(), number as u32)));
        }
        Self { tokens: templates, of }
    }

    /// The template of a line; `None` for lines beyond the caps.
    #[must_use]
    pub fn of(&self, line: &Line) -> Option<u32> {
        self.of.get(line).copied()
    }

    /// A template as text.
    #[must_use]
    pub fn text(&self, number: u32) -> String {
        self.tokens.get(number as usize).map(|tokens| tokens.join(" ")).unwrap_or_default()
    }
}

/// Lines that are equal once names that do not recur are masked, and the units that show them.
#[derive(Default)]
struct Variant<'a> {
    units: BTreeSet<u32>,
    lines: Vec<&'a Line>,
}

/// Which quoted words and file names recur, and so name something.
struct Names<'a>(BTreeMap<&'a str, BTreeSet<u32>>);

const QUOTES_RECUR: usize = 2;
const FILES_RECUR: usize = 3;
/// The same of plain words, where hardly another word is left to name the error: "alpha is not ready".
const WORDS_RECUR: usize = 3;

impl<'a> Names<'a> {
    fn count(seen: &'a BTreeMap<Line, BTreeSet<u32>>) -> Self {
        let mut names: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for (line, units) in seen {
            for token in tokens(&line.masked) {
                if let Some(name) = quoted(token).or_else(|| file(token)) {
                    names.entry(name).or_default().extend(units);
                }
            }
        }
        Self(names)
    }

    fn recurs(&self, name: &str, times: usize) -> bool {
        self.0.get(name).is_some_and(|units| units.len() >= times)
    }

    fn resolve(&self, masked: &str, most: usize) -> Vec<String> {
        let resolve = |token: &str| {
            if let Some(name) = quoted(token).filter(|name| !self.recurs(name, QUOTES_RECUR)) {
                return token.replace(&format!("'{name}'"), "<text>");
            }
            if let Some(name) = file(token).filter(|name| !self.recurs(name, FILES_RECUR)) {
                let extension =
                    name.rsplit_once('.').map_or(String::new(), |(_, extension)| format!(".{extension}"));
                return token.replace(&format!("<path:{name}>"), &format!("<path{extension}>"));
            }
            token.to_owned()
        };
        tokens(masked).take(most).map(resolve).collect()
    }
}

fn tokens(masked: &str) -> impl Iterator<Item = &str> {
    let mut rest = masked;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (token, after) = masks::next_token(rest);
        rest = after.trim_start();
        Some(token)
    })
}

/// The text between quotes, if the token is a quotation.
fn quoted(token: &str) -> Option<&str> {
    let from = token.find('\'').filter(|at| *at <= 1)? + 1;
    let to = token.rfind('\'').filter(|to| *to > from)?;
    token.get(from..to)
}

fn file(token: &str) -> Option<&str> {
    let from = token.find("<path:")? + "<path:".len();
    let to = from + token.get(from..)?.find('>')?;
    token.get(from..to)
}

/// First and last token that are not masks: lines that differ there are different errors.
fn ends(tokens: &[String]) -> (String, String) {
    let mut fixed = tokens.iter().filter(|token| !is_mask(token));
    let first = fixed.next().cloned().unwrap_or_default();
    let last = fixed.next_back().cloned().unwrap_or_default();
    (first, last)
}

/// Whether a token stands for varying text.
#[must_use]
pub fn is_mask(token: &str) -> bool {
    token.starts_with('<') && token.ends_with('>') || token.starts_with("<path")
}

fn best_fit(
    templates: &[Vec<String>],
    bucket: &[usize],
    tokens: &[String],
    likeness: f64,
    recurs: impl Fn(usize) -> bool,
) -> Option<(usize, Vec<String>)> {
    let mut best: Option<(usize, usize, Vec<String>)> = None;
    for &number in bucket {
        let Some(template) = templates.get(number) else { continue };
        let equal = template.iter().zip(tokens).filter(|(a, b)| a == b).count();
        let enough = equal as f64 >= likeness * tokens.len() as f64;
        if enough
            && best.as_ref().is_none_or(|(most, ..)| equal > *most)
            && let Some(merged) = merge(template, tokens, recurs(number))
        {
            best = Some((equal, number, merged));
        }
    }
    best.map(|(_, number, merged)| (number, merged))
}

/// Generalises two token lists, unless that would hide what names the error. `recur` says that both are met often
/// by themselves.
fn merge(template: &[String], tokens: &[String], recur: bool) -> Option<Vec<String>> {
    let mut merged = Vec::with_capacity(tokens.len());
    for (a, b) in template.iter().zip(tokens) {
        if a == b {
            merged.push(a.clone());
            continue;
        }
        if [a, b].iter().any(|token| names_the_error(token)) {
            return None;
        }
        merged.push(ANY.to_owned());
    }
    let fixed = merged.iter().filter(|token| {
        !is_mask(token)
            && !super::words::is_stop_word(&token.to_lowercase())
            && token.chars().any(char::is_alphabetic)
    });
    let (labels, words): (Vec<&String>, Vec<&String>) = fixed.partition(|token| is_label(token));
    let enough = words.len() >= 2 || !recur && labels.len() + words.len() >= 2;
    enough.then_some(merged)
}

/// A word that says that something failed, and not what.
fn is_label(token: &str) -> bool {
    const LABELS: [&str; 6] = ["err", "error", "failed", "failure", "fatal", "panic"];
    LABELS.contains(&token.trim_end_matches([':', '!']).to_lowercase().as_str())
}

fn names_the_error(token: &str) -> bool {
    let core = token.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ':' | ';' | '.'));
    masks::is_code(core) || quoted(token).is_some() || token.contains('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(lines: &[(&str, &[u32])]) -> (Templates, Vec<Option<u32>>) {
        let seen: BTreeMap<Line, BTreeSet<u32>> =
            lines.iter().map(|(text, units)| (line(text), units.iter().copied().collect())).collect();
        let templates = Templates::group(&seen, &Parameters::default());
        let numbers = lines.iter().map(|(text, _)| templates.of(&line(text))).collect();
        (templates, numbers)
    }

    fn line(text: &str) -> Line {
        Line { class: "shell".into(), masked: masks::mask(text) }
    }

    #[test]
    fn lines_that_vary_in_data_share_a_template() {
        let (templates, numbers) = group(&[
            ("Cannot connect to worker alpha after 3 tries", &[1]),
            ("Cannot connect to worker beta after 5 tries", &[2]),
            ("File does not exist: /a/b.ts", &[1]),
            ("File does not exist: /c/d.ts", &[2]),
        ]);
        assert_eq!(numbers[0], numbers[1]);
        assert_eq!(numbers[2], numbers[3]);
        assert_eq!(templates.text(numbers[0].unwrap()), "Cannot connect to worker <*> after <n> tries");
        assert_eq!(templates.text(numbers[2].unwrap()), "File does not exist: <path.ts>");
    }

    #[test]
    fn errors_that_differ_in_their_only_name_are_kept_apart_where_each_recurs() {
        let often = |first: &'static [u32], second: &'static [u32]| {
            let (_, numbers) =
                group(&[("error: alpha is not ready", first), ("error: beta is not ready", second)]);
            numbers[0] == numbers[1]
        };
        assert!(!often(&[1, 2, 3], &[4, 5, 6]));
        assert!(often(&[1], &[2]), "what is another one each time is data");
        assert!(often(&[1, 2, 3, 4], &[5]));
    }

    #[test]
    fn codes_and_recurring_names_keep_errors_apart() {
        let (_, numbers) = group(&[
            ("error[E0433]: failed to resolve the name here", &[1]),
            ("error[E0599]: failed to resolve the name here", &[2]),
            ("error: script \"lint\" exited with code 1", &[1, 2]),
            ("error: script \"test\" exited with code 1", &[3, 4]),
            ("error: unrecognized subcommand 'bun'", &[1, 2]),
            ("error: unrecognized subcommand 'npx'", &[3, 4]),
        ]);
        let distinct: BTreeSet<_> = numbers.iter().collect();
        assert_eq!(distinct.len(), 6);
    }

    #[test]
    fn a_quotation_that_does_not_recur_is_data() {
        let (_, numbers) =
            group(&[("no user 'anna' found here", &[1]), ("no user 'berta' found here", &[2])]);
        assert_eq!(numbers[0], numbers[1]);
    }

    #[test]
    fn the_order_of_sessions_does_not_matter() {
        let mut dice = crate::evidence::noise::Dice::new("t", "t", 0);
        let words = ["read", "write", "open", "close"];
        let mut lines: Vec<String> = (0..120)
            .map(|i| {
                format!("failed to {} the {} item {} now", words[dice.below(4)], words[dice.below(4)], i % 7)
            })
            .collect();
        let build = |lines: &[String]| {
            let mut seen: BTreeMap<Line, BTreeSet<u32>> = BTreeMap::new();
            for text in lines {
                let number: u32 = text.bytes().map(u32::from).sum::<u32>() % 50;
                seen.entry(line(text)).or_default().insert(number);
            }
            Templates::group(&seen, &Parameters::default())
        };
        let first = build(&lines);
        for _ in 0..5 {
            dice.shuffle(&mut lines);
            assert_eq!(build(&lines), first);
        }
    }
}
