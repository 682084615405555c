//! Which files hold rules that people wrote for the agent.
//!
//! Owns: recognising their paths as they stand in JSON. Must not know: what they say.

use crate::transcript::echo::PEOPLE_WRITE;

/// Whether a path, of either kind of system and as it stands in JSON, is that of a rules file.
pub(super) fn is_file(path: &str) -> bool {
    let mut parts = path.split(['/', '\\']).filter(|part| !part.is_empty()).rev();
    let (name, folder, above) = (parts.next(), parts.next(), parts.next());
    name.is_some_and(|name| PEOPLE_WRITE.contains(&name))
        || (above, folder) == (Some(".claude"), Some("rules"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_files_are_known_by_name() {
        assert!(is_file("/srv/shop/CLAUDE.md") && is_file(r"C:\\shop\\AGENTS.md") && is_file("CLAUDE.md"));
        assert!(is_file("/srv/shop/.claude/rules/go.md"));
        assert!(
            !is_file("/srv/shop/MEMORY.md") && !is_file("/srv/CLAUDE.md/x") && !is_file("/srv/rules/go.md")
        );
    }
}
