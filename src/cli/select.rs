//! Finds the agent, lesson, dream or apply that a person means by a part of its name.
//!
//! Owns: what is near enough, and the words when it is not. Must not know: commands.

use super::error::CliError;
use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::ids::LessonId;
use crate::domain::text::SafeText;
use crate::store::{LessonQuery, Reader};

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
/// Where none fits or several do.
pub fn lesson(reader: &Reader, wanted: &str) -> Result<LessonId, CliError> {
    let id = LessonId::new(wanted);
    if reader.lesson(&id)?.is_some() {
        return Ok(id);
    }
    let bare = wanted.strip_prefix("les_").unwrap_or(wanted);
    let known = reader.lessons(&LessonQuery::default())?;
    let found: Vec<_> = known
        .iter()
        .filter(|lesson| {
            !bare.is_empty() && lesson.id.as_str().strip_prefix("les_").is_some_and(|id| id.starts_with(bare))
        })
        .collect();
    match found.as_slice() {
        [lesson] => Ok(lesson.id.clone()),
        [] => Err(CliError::usage(format!(
            "there is no lesson {}; `wakeful lessons --min-support 0` lists them",
            SafeText::line(wanted)
        ))),
        several => {
            let lines: Vec<String> = several
                .iter()
                .map(|lesson| format!("  {}  {}", lesson.id, SafeText::line(&lesson.statement)))
                .collect();
            Err(CliError::usage(format!(
                "{} fits {} lessons; say which:\n{}",
                SafeText::line(wanted),
                several.len(),
                lines.join("\n")
            )))
        }
    }
}

/// The pass with this id, or the only one whose id begins so.
///
/// # Errors
/// Where none fits or several do.
pub fn dream<'a>(dreams: &'a [Dream], wanted: &str) -> Result<&'a Dream, CliError> {
    let bare = wanted.strip_prefix("drm_").unwrap_or(wanted);
    let found: Vec<&Dream> = dreams
        .iter()
        .filter(|dream| {
            !bare.is_empty()
                && dream.id.as_str().strip_prefix("drm_").unwrap_or(dream.id.as_str()).starts_with(bare)
        })
        .collect();
    match found.as_slice() {
        [dream] => Ok(dream),
        [] => Err(CliError::usage(format!(
            "there is no pass {}; `wakeful dream list` lists them",
            SafeText::line(wanted)
        ))),
        several => Err(CliError::usage(format!("{} fits {} passes", SafeText::line(wanted), several.len()))),
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
}
