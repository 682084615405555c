//! `wakeful init`: finds agents and writes a configuration.

use std::path::{Path, PathBuf};

use super::super::args::Init;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::output::{count, line};
use super::runs;
use crate::config::{Origin, TEMPLATE};
use crate::source::Source;
use crate::source::claude_code::ClaudeCode;
use crate::source::folder::Folder;

/// The line that makes the platform one of the places to read.
const PROFILE: &str = "[platform.default]";

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Init) -> Result<Exit, CliError> {
    let path = context.paths.config.clone();
    if !args.runs.is_empty() {
        let [folder] = args.folder.as_slice() else {
            return Err(CliError::usage("the runs go into one folder; say which with one --folder"));
        };
        let written = runs::write(&args.runs, folder)?;
        writeln!(
            context.out,
            "Wrote {} into {}.",
            count(written as u64, "session"),
            line(&folder.display().to_string())
        )?;
    }
    let mut named = absolute(&args.claude_code)?;
    let mut folders = absolute(&args.folder)?;
    // Places named with --source are meant to stay, and those that a variable of this shell names are not found
    // without it: a later start elsewhere would know no agent, and the cache would be full of them.
    for (given, list) in [(&context.config.claude_code, &mut named), (&context.config.folders, &mut folders)]
    {
        if matches!(given.origin, Origin::Flag(_) | Origin::Environment(_)) {
            list.extend(
                given.value.iter().filter(|place| !list.contains(place)).cloned().collect::<Vec<_>>(),
            );
        }
    }
    let claude = if named.is_empty() { context.claude_code_folders() } else { named.clone() };
    let mut found = 0;
    for folder in &claude {
        found += report(context, folder, "Claude Code", &ClaudeCode::new(folder.clone(), Vec::new()))?;
    }
    for folder in &folders {
        found += report(context, folder, "plain folder", &Folder::new(folder.clone()))?;
    }
    if found == 0 && !args.platform {
        writeln!(
            context.out,
            "No agents were found. `wakeful init --folder DIR` takes a folder with `sessions/*.jsonl` and \
             `memory/`; `wakeful demo` shows a sample."
        )?;
    }
    if path.exists() && !args.force {
        writeln!(
            context.out,
            "{} exists and was left as it is; --force replaces it.",
            line(&path.display().to_string())
        )?;
        for (key, wanted, now) in [
            ("claude-code", &named, &context.config.claude_code),
            ("folders", &folders, &context.config.folders),
        ] {
            let in_file = matches!(now.origin, Origin::File(_));
            let kept: Vec<PathBuf> = now.value.iter().filter(|_| in_file).cloned().collect();
            let new: Vec<PathBuf> = wanted.iter().filter(|place| !kept.contains(place)).cloned().collect();
            if new.is_empty() {
                continue;
            }
            let setting = setting(key, &[kept, new].concat())?;
            let instead = match now.origin {
                Origin::File(number) => format!(" instead of the one at line {number}"),
                _ => " under [sources]".to_owned(),
            };
            writeln!(
                context.out,
                "To add what was named, put this line into it{instead}:\n{}",
                line(&setting)
            )?;
        }
        if args.platform {
            writeln!(context.out, "Put the line `{PROFILE}` into it for agents of the Claude platform.")?;
        }
        return Ok(Exit::Done);
    }
    write(&path, &template(&named, &folders, args.platform)?)?;
    writeln!(context.out, "Wrote {}.", line(&path.display().to_string()))?;
    context.again.without_sources();
    if args.platform {
        writeln!(
            context.out,
            "Claude platform (profile default): the key is taken from ANTHROPIC_API_KEY; the file says how to \
             name a command or a private file instead. `wakeful doctor` checks it, `wakeful sync` fetches."
        )?;
    } else {
        writeln!(context.out, "For agents of the Claude platform, put the line `{PROFILE}` into it.")?;
    }
    if found > 0 {
        let next = "Next: `wakeful dream run` looks for lessons, `wakeful` reviews them.";
        writeln!(context.out, "{}", context.again.complete(next))?;
    }
    Ok(Exit::Done)
}

fn report(
    context: &mut Context<'_>,
    folder: &Path,
    what: &str,
    source: &dyn Source,
) -> Result<usize, CliError> {
    let agents = source.agents()?;
    writeln!(
        context.out,
        "{} ({what}): {}",
        line(&folder.display().to_string()),
        count(agents.len() as u64, "agent")
    )?;
    for agent in &agents {
        // A folder that can't be listed now is reported by `sync`, with what to do.
        let sessions = source.sessions(agent).map_or(0, |sessions| sessions.len());
        writeln!(context.out, "  {}  {}", line(&agent.name), count(sessions as u64, "session"))?;
    }
    Ok(agents.len())
}

fn absolute(folders: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    folders
        .iter()
        .map(|folder| {
            std::fs::canonicalize(folder).map_err(|error| {
                CliError::new(
                    Exit::NoAccess,
                    format!(
                        "{} can't be read: {error}. Nothing was written",
                        line(&folder.display().to_string())
                    ),
                )
            })
        })
        .collect()
}

/// The commented template, with the places that were named filled in. Claude Code's own folder is
/// found without being named, so it stays a comment.
fn template(claude: &[PathBuf], folders: &[PathBuf], platform: bool) -> Result<String, CliError> {
    let mut text = TEMPLATE.to_owned();
    if platform {
        text = text.replacen(&format!("#{PROFILE}"), PROFILE, 1);
    }
    for (key, places) in [("claude-code", claude), ("folders", folders)] {
        if places.is_empty() {
            continue;
        }
        let filled = setting(key, places)?;
        let commented = format!("#{key} = ");
        text = text
            .lines()
            .map(|line| if line.starts_with(&commented) { filled.as_str() } else { line })
            .collect::<Vec<_>>()
            .join("\n");
        text.push('\n');
    }
    Ok(text)
}

/// The line of the configuration that names places.
fn setting(key: &str, places: &[PathBuf]) -> Result<String, CliError> {
    let list: Option<Vec<toml::Value>> = places
        .iter()
        .map(|place| place.to_str().map(|place| toml::Value::String(place.to_owned())))
        .collect();
    let Some(list) = list else {
        return Err(CliError::new(Exit::Config, "a folder's name is not UTF-8 and can't stand in the file"));
    };
    Ok(format!("{key} = {}", toml::Value::Array(list)))
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let fail = |error: std::io::Error| {
        CliError::new(
            Exit::NoAccess,
            format!(
                "{} could not be written: {error}. Nothing was changed",
                line(&path.display().to_string())
            ),
        )
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    // In one step, so that a full disk can't leave half a configuration.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn named_places_are_filled_into_the_template() {
        let text = template(&[], &[PathBuf::from("/a \"quoted\"/b"), PathBuf::from("/c")], true).unwrap();
        let loaded = Config::parse(&text, &|_| None);
        assert_eq!(loaded.warnings, vec![]);
        assert_eq!(*loaded.config.folders, [PathBuf::from("/a \"quoted\"/b"), PathBuf::from("/c")]);
        assert_eq!(loaded.config.claude_code.origin, Origin::Default);
        assert!(loaded.config.platforms.contains_key("default"));
        assert!(Config::parse(&template(&[], &[], false).unwrap(), &|_| None).config.platforms.is_empty());
    }
}
