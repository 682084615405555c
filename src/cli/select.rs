//! Finds the agent, lesson, dream or apply that a person means by a part of its name.
//!
//! Owns: what is near enough, and the words when it is not. Must not know: commands.

use super::error::CliError;
use super::output::minute;
use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::ids::{LessonId, is_own};
use crate::domain::lesson::Lesson;
use crate::domain::text::SafeText;
use crate::store::{Apply, LessonQuery, Reader};

/// Most candidates that are listed where several fit.
const LISTED: usize = 20;

/// The agent with this id or name, or the only one with this in its id or name.
///
/// # Errors
/// Names the candidates where several fit, or all agents where none does.
pub fn agent<'a>(agents: &'a [Agent], wanted: &str) -> Result<&'a Agent, CliError> {
    if let Some(agent) = agents.iter().find(|agent| agent.id.as_str() == wanted) {
        return Ok(agent);
    }
    let by_name: Vec<&Agent> =
        agents.iter().filter(|agent| agent.name.eq_ignore_ascii_case(wanted)).collect();
    let part = wanted.to_lowercase();
    let by_part = || {
        agents
            .iter()
            .filter(|agent| {
                agent.name.to_lowercase().contains(&part) || agent.id.as_str().to_lowercase().contains(&part)
            })
            .collect()
    };
    let found: Vec<&Agent> = if by_name.is_empty() { by_part() } else { by_name };
    match found.as_slice() {
        [agent] => Ok(agent),
        [] if agents.is_empty() => {
            Err(CliError::usage("no agents are known yet; `wakeful sync` looks for them"))
        }
        [] => Err(CliError::usage(format!(
            "no agent fits “{}”; there are:\n{}",
            SafeText::line(wanted),
            list(agents.iter())
        ))),
        several => Err(CliError::usage(format!(
            "“{}” fits {} agents; say which:\n{}",
            SafeText::line(wanted),
            several.len(),
            list(several.iter().copied())
        ))),
    }
}

fn list<'a>(agents: impl Iterator<Item = &'a Agent>) -> String {
    agents
        .map(|agent| format!("  {}  ({})", SafeText::line(&agent.name), SafeText::line(agent.id.as_str())))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The lesson with this id, or the only one whose id begins so.
///
/// # Errors
/// Where none fits or several do; those are listed.
pub fn lesson(reader: &Reader, wanted: &str) -> Result<LessonId, CliError> {
    let id = LessonId::new(wanted);
    if reader.lesson(&id)?.is_some() {
        return Ok(id);
    }
    let known = reader.lessons(&LessonQuery::default())?;
    let found: Vec<&Lesson> = begin_so(&known, "les_", wanted, |lesson| lesson.id.as_str());
    let row = |lesson: &&Lesson| format!("  {}  {}", lesson.id, SafeText::line(&lesson.statement));
    let all = "`wakeful lessons --state all --min-support 0` lists them";
    Ok(only(&found, wanted, ["lesson", "lessons"], all, row)?.id.clone())
}

/// The pass with this id, or the only one whose id begins so.
///
/// # Errors
/// Where none fits or several do; those are listed.
pub fn dream<'a>(dreams: &'a [Dream], wanted: &str) -> Result<&'a Dream, CliError> {
    let found = begin_so(dreams, "drm_", wanted, |dream| dream.id.as_str());
    let row = |dream: &&Dream| {
        format!("  {}  {}  {}", dream.id, minute(dream.started), SafeText::line(dream.agent.as_str()))
    };
    only(&found, wanted, ["dream", "dreams"], "`wakeful dream list` lists them", row)
}

/// The apply with this id, or the only one whose id begins so.
///
/// # Errors
/// Where none fits or several do; those are listed.
pub fn apply<'a>(applies: &'a [Apply], wanted: &str) -> Result<&'a Apply, CliError> {
    let found = begin_so(applies, "apl_", wanted, |apply| apply.id.as_str());
    let row = |apply: &&Apply| {
        let by = SafeText::line(&apply.author);
        format!("  {}  {}  {} by {by}", apply.id, minute(apply.begun), apply.action.as_str())
    };
    let all = "`wakeful audit --action apply` and `wakeful memory log` name them";
    only(&found, wanted, ["apply", "applies"], all, row)
}

/// Everything whose id is this, or begins so; the part before the underscore may be left out. Without any,
/// those of the platform that end so.
fn begin_so<'a, T>(all: &'a [T], prefix: &str, wanted: &str, id: fn(&T) -> &str) -> Vec<&'a T> {
    if let Some(exact) = all.iter().find(|item| id(item) == wanted) {
        return vec![exact];
    }
    let bare = wanted.strip_prefix(prefix).unwrap_or(wanted);
    let begin: Vec<&T> = all
        .iter()
        .filter(|item| id(item).strip_prefix(prefix).is_some_and(|id| id.starts_with(bare)))
        .collect();
    if !begin.is_empty() || wanted.is_empty() {
        return begin;
    }
    // The platform's are shown by their end.
    all.iter().filter(|item| !is_own(id(item)) && id(item).ends_with(wanted)).collect()
}

/// The only one found. Several are never reported as none: they are listed.
fn only<'a, T>(
    found: &[&'a T],
    wanted: &str,
    [one, many]: [&str; 2],
    all: &str,
    row: impl Fn(&&'a T) -> String,
) -> Result<&'a T, CliError> {
    let wanted = SafeText::line(wanted);
    match found {
        [found] => Ok(found),
        [] => Err(CliError::usage(format!("there is no {one} {wanted}; {all}"))),
        several => {
            let mut lines: Vec<String> = several.iter().take(LISTED).map(row).collect();
            if several.len() > LISTED {
                lines.push(format!("  … and {} more; {all}", several.len() - LISTED));
            }
            Err(CliError::usage(format!(
                "“{wanted}” fits {} {many}; say which:\n{}",
                several.len(),
                lines.join("\n")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::{Budget, Mode, SourceKind};
    use crate::domain::ids::AgentId;

    fn agents() -> Vec<Agent> {
        [
            ("folder:support-bot", "support-bot"),
            ("folder:support-lead", "support-lead"),
            ("claude-code:-x", "api"),
        ]
        .into_iter()
        .map(|(id, name)| Agent {
            id: AgentId::new(id),
            name: name.to_owned(),
            source: SourceKind::Folder,
            sessions_at: String::new(),
            memory_at: String::new(),
            protected: Vec::new(),
            segment: None,
            mode: Mode::Review,
            budget: Budget::default(),
            outcomes: crate::domain::outcome::Outcomes::default(),
        })
        .collect()
    }

    #[test]
    fn a_part_is_enough_if_it_fits_one() {
        let agents = agents();
        assert_eq!(agent(&agents, "api").unwrap().name, "api");
        assert_eq!(agent(&agents, "LEAD").unwrap().name, "support-lead");
        assert_eq!(agent(&agents, "folder:support-bot").unwrap().name, "support-bot");
        assert_eq!(agent(&agents, "claude").unwrap().name, "api");
    }

    #[test]
    fn otherwise_the_candidates_are_listed() {
        let agents = agents();
        let message = agent(&agents, "support").unwrap_err().message;
        assert!(message.contains("fits 2 agents") && message.contains("support-lead"), "{message}");
        let message = agent(&agents, "zebra").unwrap_err().message;
        assert!(message.contains("no agent fits") && message.contains("claude-code:-x"), "{message}");
    }

    #[test]
    fn what_is_shown_of_an_id_of_the_platform_tells_it_apart_and_is_taken_back() {
        let ids =
            ["drm_01StandInAAAAAAAAAAAAAA1", "drm_01StandInAAAAAAAAAAAAAA2", "drm_0123456789abcdef0123"];
        let shown = ids.map(super::super::output::short);
        assert_eq!(shown, ["AAAAAAAAAAA1", "AAAAAAAAAAA2", "drm_01234567"]);
        for (id, shown) in ids.iter().zip(shown) {
            assert_eq!(begin_so(&ids, "drm_", shown, |id| id), [id]);
        }
        assert_eq!(begin_so(&ids, "drm_", "drm_01Stand", |id| id).len(), 2);
    }

    #[test]
    fn several_ids_that_begin_alike_are_listed_and_an_exact_one_is_taken() {
        let ids = ["les_4f2a11", "les_4f2a22", "les_4f", "les_9c01"].map(str::to_owned);
        let pick = |wanted: &str| {
            let found = begin_so(&ids, "les_", wanted, |id| id.as_str());
            only(&found, wanted, ["lesson", "lessons"], "see the list", |id| format!("  {id}")).cloned()
        };
        assert_eq!(pick("les_9").unwrap(), "les_9c01");
        assert_eq!(pick("9c").unwrap(), "les_9c01");
        assert_eq!(pick("les_4f").unwrap(), "les_4f", "exact before longer ones");
        let several = pick("4f2a").unwrap_err().message;
        assert_eq!(several, "“4f2a” fits 2 lessons; say which:\n  les_4f2a11\n  les_4f2a22");
        for vague in ["les_", ""] {
            let several = pick(vague).unwrap_err().message;
            assert!(several.contains("fits 4 lessons"), "{several}");
        }
        let none = pick("zz").unwrap_err();
        assert_eq!(none.message, "there is no lesson zz; see the list");
        assert_eq!(none.exit, super::super::error::Exit::Usage);
    }
}
