//! The shape of the program: which module may use which, and which crates stay behind their module.
//! In a single crate the compiler does not stop the screen from reading the database; this does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each module may use. A row uses rows below it, never the reverse; `store` and `source` do not
/// know each other, the screen knows neither, and `app` is pure. Inside a row only what is named.
const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    (
        "cli",
        &[
            "run",
            "ui",
            "input",
            "term",
            "app",
            "sync",
            "store",
            "source",
            "stand_in",
            "dream",
            "evidence",
            "guard",
            "lesson",
            "diff",
            "transcript",
            "domain",
            "config",
            "observe",
        ],
    ),
    (
        "run",
        &[
            "ui",
            "input",
            "term",
            "app",
            "sync",
            "store",
            "source",
            "dream",
            "evidence",
            "guard",
            "lesson",
            "diff",
            "transcript",
            "domain",
            "config",
            "observe",
        ],
    ),
    ("ui", &["input", "app", "guard", "lesson", "diff", "domain", "config"]),
    ("term", &["ui", "input", "app", "domain", "config", "observe"]),
    ("input", &["app", "domain", "config"]),
    ("app", &["guard", "lesson", "diff", "domain"]),
    ("sync", &["store", "source", "dream", "evidence", "guard", "lesson", "diff", "transcript", "domain"]),
    ("store", &["lesson", "transcript", "domain"]),
    ("source", &["guard", "transcript", "domain"]),
    ("stand_in", &["domain"]),
    ("dream", &["evidence", "guard", "lesson", "transcript", "domain"]),
    ("evidence", &["transcript", "domain"]),
    ("guard", &["lesson", "domain"]),
    ("lesson", &["domain"]),
    ("diff", &["domain"]),
    ("transcript", &["domain"]),
    ("domain", &[]),
    ("config", &["domain"]),
    ("observe", &["domain"]),
];

/// Crates that only some modules may name.
const CRATES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("rusqlite_migration", &["store"]),
    ("crossterm", &["term", "input", "run"]),
    ("ratatui", &["ui", "term", "run"]),
    ("syntect", &["ui"]),
    ("terminal_colorsaurus", &["term", "run"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("tokio", &["run", "cli", "term", "source", "stand_in"]),
    ("futures_util", &["run", "term", "source", "stand_in", "sync"]),
    ("hyper", &["stand_in"]),
    ("hyper_util", &["stand_in"]),
    ("http_body_util", &["stand_in"]),
    ("reqwest", &["source"]),
    ("rustls", &["source"]),
    ("secrecy", &["source"]),
    ("directories", &["config", "cli"]),
    ("tracing_subscriber", &["observe"]),
    ("tracing_appender", &["observe"]),
];

struct Source {
    path: PathBuf,
    module: String,
    /// Without comments, so that a word in an explanation is not taken for a use.
    code: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    files(&root().join("src"), ".rs", &mut found);
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            let inside = path.strip_prefix(root().join("src")).unwrap();
            let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            Source { module: first.trim_end_matches(".rs").to_owned(), path: inside.to_owned(), code, text }
        })
        .collect()
}

/// Words that follow `start` directly, such as module names behind `crate::`.
fn words_after<'a>(code: &'a str, start: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(start) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + start.len()..];
        // `crate::{a::B, c::D}` names several.
        let list = rest.strip_prefix('{').map_or(rest, |inner| inner.split("};").next().unwrap());
        let grouped = rest.starts_with('{');
        let mut depth = 0;
        for part in list.split_inclusive(['{', '}', ',']) {
            if depth == 0 {
                let word = part.trim_start();
                let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
                if !word[..end].is_empty() {
                    found.push(&word[..end]);
                }
            }
            depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
            if !grouped {
                break;
            }
        }
    }
    found
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(module, uses)| (*module, uses.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for source in sources() {
        if source.module == "lib" {
            continue;
        }
        let Some(allowed) = allowed.get(source.module.as_str()) else {
            wrong.push(format!("{} is in no row of the table", source.path.display()));
            continue;
        };
        let start = if source.module == "main" { "wakeful::" } else { "crate::" };
        for used in words_after(&source.code, start) {
            if used != source.module
                && MAY_USE.iter().any(|(module, _)| *module == used)
                && !allowed.contains(used)
            {
                wrong.push(format!("{} uses {used}", source.path.display()));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_never_form_a_circle() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    for (module, _) in MAY_USE {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = allowed[module].to_vec();
        while let Some(next) = open.pop() {
            assert_ne!(next, *module, "{module} uses itself through others");
            if seen.insert(next) {
                open.extend(allowed[next]);
            }
        }
    }
}

#[test]
fn crates_stay_behind_their_module() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, modules) in CRATES {
            let named = !words_after(&source.code, &format!("{name}::")).is_empty()
                || source.code.contains(&format!("use {name};"));
            if named && !modules.contains(&source.module.as_str()) {
                wrong.push(format!("{} names {name}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_prints_past_the_writers_it_was_given() {
    let mut wrong = Vec::new();
    for source in sources() {
        for print in ["println!", "eprintln!", "print!(", "eprint!(", "dbg!("] {
            let used = source.code.match_indices(print).any(|(at, _)| {
                !source.code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            let tested = source.code.find("#[cfg(test)]").unwrap_or(source.code.len());
            if used && source.code.find(print).is_some_and(|at| at < tested) {
                wrong.push(format!("{} has {print}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_owns() {
    for source in sources() {
        let exempt = source.text.lines().count() < 6 || source.path.ends_with("tests.rs");
        assert!(exempt || source.text.starts_with("//!"), "{} has no header", source.path.display());
    }
}

#[test]
fn the_lock_file_has_one_of_what_must_not_be_doubled() {
    let lock: toml::Table =
        toml::from_str(&std::fs::read_to_string(root().join("Cargo.lock")).unwrap()).unwrap();
    let packages = lock["package"].as_array().unwrap();
    for name in ["crossterm", "ratatui", "ratatui-core", "rusqlite", "libsqlite3-sys"] {
        let versions: Vec<&str> = packages
            .iter()
            .filter(|package| package["name"].as_str() == Some(name))
            .map(|package| package["version"].as_str().unwrap())
            .collect();
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}

#[test]
fn the_repository_knows_no_machine() {
    // Put together here, or this file would find itself.
    let places =
        [["/wo", "rk/shared"].concat(), ["/home/", "runner"].concat(), ["/Us", "ers/runner"].concat()];
    let mut found = Vec::new();
    for folder in ["src", "assets", "tests", ".ci"] {
        let folder = root().join(folder);
        if folder.is_dir() {
            files(&folder, "", &mut found);
        }
    }
    for path in found {
        // Pictures and the like can't be read as text, and say nothing.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for place in &places {
            assert!(!text.contains(place.as_str()), "{} names {place}", path.display());
        }
    }
}
