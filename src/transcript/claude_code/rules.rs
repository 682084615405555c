//! Which files hold rules that people wrote for the agent.
//!
//! Owns: their names. Must not know: what they say.

/// Names of such files. `MEMORY.md` is none: the agent writes it.
const NAMES: [&str; 3] = ["CLAUDE.md", "CLAUDE.local.md", "AGENTS.md"];

/// Whether a path, of either kind of system and as it stands in JSON, is that of a rules file.
pub(super) fn is_file(path: &str) -> bool {
    path.rsplit(['/', '\\']).next().is_some_and(|name| NAMES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_files_are_known_by_name() {
        assert!(is_file("/srv/shop/CLAUDE.md") && is_file(r"C:\\shop\\AGENTS.md") && is_file("CLAUDE.md"));
        assert!(!is_file("/srv/shop/MEMORY.md") && !is_file("/srv/CLAUDE.md/x"));
    }
}
