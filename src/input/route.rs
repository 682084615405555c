//! From keys to messages: scope by scope, innermost first; what is typed into a field is text.
//!
//! Owns: the keys of a sequence pressed so far. A key goes to one place only. Must not know: what
//! messages do.

use crate::app::line_edit::TextEdit;
use crate::app::{Action, Model, Msg, Scope};

use super::key::Key;
use super::keymap::{Found, Keymap, short, spell};

/// Holds the keymap and the sequence being pressed.
#[derive(Debug, Clone)]
pub struct Router {
    keymap: Keymap,
    pressed: Vec<Key>,
}

impl Router {
    /// A router for a keymap.
    #[must_use]
    pub fn new(keymap: Keymap) -> Self {
        Self { keymap, pressed: Vec::new() }
    }

    /// The keymap.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// What a key means where the keyboard is now; `None` while a sequence is unfinished.
    pub fn route(&mut self, key: Key, model: &Model) -> Option<Msg> {
        if model.takes_text() {
            self.pressed.clear();
            return match self.keymap.find(model.scopes(), &[key]) {
                Found::Action(action) => Some(Msg::Action(action)),
                // Where nothing is typed, the keys that move a cursor elsewhere choose.
                Found::Prefix | Found::Nothing if model.only_chooses() => {
                    match self.keymap.find(&[Scope::Inbox], &[key]) {
                        Found::Action(Action::Down) => Some(Msg::Action(Action::InputNext)),
                        Found::Action(Action::Up) => Some(Msg::Action(Action::InputPrevious)),
                        _ => None,
                    }
                }
                Found::Prefix | Found::Nothing => match self.page(key, model) {
                    Some(action) => Some(Msg::Action(action)),
                    None => text_edit(key).map(Msg::Text),
                },
            };
        }
        let waiting = !self.pressed.is_empty();
        self.pressed.push(key);
        match self.keymap.find(model.scopes(), &self.pressed) {
            Found::Action(action) => {
                self.pressed.clear();
                Some(Msg::Action(action))
            }
            Found::Prefix => None,
            Found::Nothing if waiting && spell(&[key]) == "esc" => {
                self.pressed.clear();
                None
            }
            Found::Nothing => {
                let pressed = std::mem::take(&mut self.pressed);
                Some(Msg::UnknownKey(short(&pressed, false)))
            }
        }
    }

    /// Where a list stands below the field: the keys that page elsewhere page in it. What edits a text does that
    /// as long as there is one, and letters are always typed.
    fn page(&self, key: Key, model: &Model) -> Option<Action> {
        let typed = model.pages()?;
        if key.typed().is_some() || (typed && text_edit(key).is_some()) {
            return None;
        }
        match self.keymap.find(&[Scope::Inbox], &[key]) {
            Found::Action(action @ (Action::PageDown | Action::PageUp | Action::Top | Action::Bottom)) => {
                Some(action)
            }
            _ => None,
        }
    }

    /// The unfinished sequence, and what may follow it: keys and titles.
    #[must_use]
    pub fn pending(&self, model: &Model, ascii: bool) -> Option<(String, Vec<(String, &'static str)>)> {
        if self.pressed.is_empty() {
            return None;
        }
        let follows = self
            .keymap
            .bindings()
            .filter(|(action, _)| action.spec().scopes.iter().any(|scope| model.scopes().contains(scope)))
            .filter_map(|(action, keys)| {
                let rest = keys.strip_prefix(self.pressed.as_slice())?;
                Some((short(rest, ascii), action.spec().title))
            })
            .collect();
        Some((short(&self.pressed, ascii), follows))
    }
}

/// The edits of text fields that are not in the keymap: what every field has had for forty years.
fn text_edit(key: Key) -> Option<TextEdit> {
    if let Some(c) = key.typed() {
        return Some(TextEdit::Insert(c));
    }
    Some(match spell(&[key]).as_str() {
        "backspace" | "ctrl-h" => TextEdit::Backspace,
        "delete" => TextEdit::Delete,
        "ctrl-w" | "alt-backspace" => TextEdit::DeleteWord,
        "ctrl-u" => TextEdit::DeleteToStart,
        "left" => TextEdit::Left,
        "right" => TextEdit::Right,
        "home" | "ctrl-a" => TextEdit::Home,
        "end" | "ctrl-e" => TextEdit::End,
        _ => return None,
    })
}
