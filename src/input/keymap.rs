//! Which keys start which action: the embedded defaults, changed by the reviewer's own configuration.
//!
//! Owns: reading both, taking a key from its default owner, and reporting what could not be used.
//! Keys come only from the reviewer's configuration, never from a project or a server.
//! Must not know: what actions do.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::{Action, Scope};
use crate::domain::nearest::nearest;

use super::key::Key;

/// One or more keys pressed one after the other.
pub type Sequence = Vec<Key>;

/// Keys the reviewer wants for actions, by action id: `Some` replaces the keys, empty unbinds.
pub type Overrides = BTreeMap<String, Vec<String>>;

const DEFAULTS: &str = include_str!("../../assets/keymap.toml");

/// Keys of all actions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keymap {
    bindings: Vec<(Action, Sequence)>,
}

impl Keymap {
    /// The defaults, changed by `overrides`; and what was wrong with those, in words.
    #[must_use]
    pub fn load(overrides: &Overrides) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut map = Self { bindings: Vec::new() };
        let defaults: Overrides = toml::from_str(DEFAULTS).unwrap_or_default();
        for (id, keys) in &defaults {
            map.add(id, keys, &mut problems);
        }
        let built_in = map.bindings.clone();
        let mut own = Self::default();
        for (id, keys) in overrides {
            let before = own.bindings.len();
            own.add(id, keys, &mut problems);
            // A key that can't be used does not cost the one that was there.
            let usable = keys.is_empty() || own.bindings.len() > before;
            if let Some(action) = Action::parse(id).filter(|_| usable) {
                map.bindings.retain(|(owner, _)| *owner != action);
            }
        }
        problems.extend(own.conflicts());
        // What the reviewer binds is taken from whoever had it in the same place.
        for (action, sequence) in own.bindings {
            map.bindings.retain(|(owner, keys)| !(overlap(*owner, action) && clash(keys, &sequence)));
            if !built_in.iter().any(|(owner, keys)| *owner == action && *keys == sequence) {
                problems.extend(map.hidden_by(action, &sequence));
            }
            map.bindings.push((action, sequence));
        }
        map.bindings.sort_by_key(|(action, _)| *action);
        let had: BTreeSet<Action> = built_in.into_iter().map(|(action, _)| action).collect();
        let unbound = |action: &Action| overrides.get(action.id()).is_some_and(Vec::is_empty);
        for action in had.into_iter().filter(|action| map.keys(*action).next().is_none() && !unbound(action))
        {
            problems.push(format!("keys: {} has no key left", action.id()));
        }
        (map, problems)
    }

    /// Actions of everywhere that can't be reached any more where a key of an inner place hides theirs.
    fn hidden_by(&self, action: Action, sequence: &[Key]) -> Vec<String> {
        let everywhere = |other: Action| {
            other.spec().scopes.iter().any(|scope| matches!(scope, Scope::Global | Scope::Always))
        };
        if everywhere(action) {
            return Vec::new();
        }
        let hidden = self.bindings.iter().filter(|(other, keys)| everywhere(*other) && clash(keys, sequence));
        let told = |(other, _): &(Action, Sequence)| {
            format!("keys: {} for {} hides {} there", spell(sequence), action.id(), other.id())
        };
        hidden.map(told).collect()
    }

    fn add(&mut self, id: &str, keys: &[String], problems: &mut Vec<String>) {
        let Some(action) = Action::parse(id) else {
            let nearest = nearest(id, Action::ALL.iter().map(|action| action.id()));
            let hint = nearest.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
            problems.push(format!("keys: there is no action “{id}”{hint}"));
            return;
        };
        for keys in keys {
            match keys.split_whitespace().map(Key::parse).collect::<Result<Sequence, _>>() {
                Ok(sequence) if !sequence.is_empty() => self.bindings.push((action, sequence)),
                Ok(_) => problems.push(format!("keys: {id} has an empty key")),
                Err(unknown) => problems.push(format!("keys: {id}: {unknown}")),
            }
        }
    }

    /// Bindings that can't both be reached.
    #[must_use]
    pub fn conflicts(&self) -> Vec<String> {
        let mut conflicts = Vec::new();
        for (index, (action, keys)) in self.bindings.iter().enumerate() {
            for (other, others) in self.bindings.iter().skip(index + 1) {
                if action != other && overlap(*action, *other) && clash(keys, others) {
                    let (one, two) = (action.id(), other.id());
                    conflicts.push(format!("keys: {} starts both {one} and {two}", spell(keys)));
                }
            }
        }
        conflicts
    }

    /// Every binding, in the order of the registry.
    pub fn bindings(&self) -> impl Iterator<Item = (Action, &Sequence)> {
        self.bindings.iter().map(|(action, keys)| (*action, keys))
    }

    /// Keys of one action.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = &Sequence> {
        self.bindings.iter().filter(move |(owner, _)| *owner == action).map(|(_, keys)| keys)
    }

    /// The first key of an action as shown in hints, if it has one.
    #[must_use]
    pub fn hint(&self, action: Action, ascii: bool) -> Option<String> {
        self.keys(action).next().map(|keys| short(keys, ascii))
    }

    /// What keys pressed so far mean in these scopes, innermost first.
    #[must_use]
    pub fn find(&self, scopes: &[Scope], pressed: &[Key]) -> Found {
        for scope in scopes {
            let here = || self.bindings.iter().filter(|(action, _)| action.spec().scopes.contains(scope));
            if let Some((action, _)) = here().find(|(_, keys)| keys == pressed) {
                return Found::Action(*action);
            }
            if here().any(|(_, keys)| keys.starts_with(pressed)) {
                return Found::Prefix;
            }
        }
        Found::Nothing
    }

    /// The table of all actions and keys, for the documentation.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        for group in crate::app::Group::ALL {
            out.push_str(&format!(
                "### {}\n\n| Key | Command | What it does |\n|---|---|---|\n",
                group.title()
            ));
            for action in Action::ALL.iter().filter(|action| action.spec().group == *group) {
                let keys: Vec<_> =
                    self.keys(*action).map(|keys| format!("`{}`", spell(keys).replace('|', "\\|"))).collect();
                out.push_str(&format!("| {} | {} | {} |\n", keys.join(" "), action.id(), action.spec().help));
            }
            out.push('\n');
        }
        out
    }
}

/// What a lookup found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An action.
    Action(Action),
    /// The beginning of a longer sequence.
    Prefix,
    /// Nothing.
    Nothing,
}

/// A sequence as written in files.
#[must_use]
pub fn spell(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
}

/// A sequence as shown in hints.
#[must_use]
pub fn short(keys: &[Key], ascii: bool) -> String {
    keys.iter().map(|key| key.short(ascii)).collect::<Vec<_>>().join(" ")
}

/// Whether there is a place from which both can be started at the same depth.
fn overlap(a: Action, b: Action) -> bool {
    a.spec().scopes.iter().any(|scope| b.spec().scopes.contains(scope))
}

/// Whether one sequence hides the other.
fn clash(a: &[Key], b: &[Key]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(entries: &[(&str, &[&str])]) -> Overrides {
        entries
            .iter()
            .map(|(id, keys)| ((*id).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn the_defaults_are_sound() {
        let (map, problems) = Keymap::load(&Overrides::new());
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(map.conflicts(), Vec::<String>::new());
    }

    #[test]
    fn every_action_is_reached_by_a_key_or_a_name() {
        let (map, _) = Keymap::load(&Overrides::new());
        for &action in Action::ALL {
            assert!(map.keys(action).next().is_some() || action.is_command(), "{}", action.id());
        }
    }

    #[test]
    fn a_key_that_is_taken_leaves_its_owner() {
        let (map, problems) = Keymap::load(&overrides(&[("accept", &["x"]), ("reject-because", &[])]));
        assert_eq!(problems, ["keys: reject has no key left"], "what was unbound on purpose is not told");
        let (_, problems) = Keymap::load(&overrides(&[("copy", &["q"])]));
        assert_eq!(problems, ["keys: q for copy hides back there"]);
        let key = |name| [Key::parse(name).unwrap()];
        assert_eq!(map.find(&[Scope::Inbox], &key("x")), Found::Action(Action::Accept));
        assert_eq!(map.find(&[Scope::Inbox], &key("a")), Found::Nothing);
        assert_eq!(map.find(&[Scope::Inbox], &key("X")), Found::Nothing);
        assert_eq!(map.conflicts(), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_used_is_reported_and_the_rest_holds() {
        let (map, problems) = Keymap::load(&overrides(&[
            ("acept", &["a"]),
            ("undo", &["ctrl-?!"]),
            ("mark", &["m"]),
            ("range", &["m"]),
        ]));
        let left = ["keys: fit has no key left", "keys: mark has no key left"];
        assert_eq!(problems.len(), 3 + left.len(), "{problems:?}");
        assert_eq!(problems[3..], left, "m went to range");
        assert!(problems[0].contains("did you mean accept"), "{}", problems[0]);
        assert_eq!(map.hint(Action::Accept, true).as_deref(), Some("a"));
        assert_eq!(map.hint(Action::Undo, true).as_deref(), Some("u"), "the key that was there stays");
    }

    #[test]
    fn sequences_wait_for_their_end() {
        let (map, _) = Keymap::load(&overrides(&[("top", &["g g"])]));
        let g = Key::parse("g").unwrap();
        assert_eq!(map.find(&[Scope::Inbox], &[g]), Found::Prefix);
        assert_eq!(map.find(&[Scope::Inbox], &[g, g]), Found::Action(Action::Top));
    }
}
