//! One key press, read from and printed as text.
//!
//! Owns: names of keys, and how a terminal's events become keys. Must not know: what keys do.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key with its modifiers. Shift is part of the character where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: Code,
    ctrl: bool,
    alt: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Code {
    Char(char),
    Function(u8),
    Named(Named),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Named {
    Enter,
    Esc,
    Tab,
    ShiftTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// Name in files, and the short form on screen.
const NAMES: &[(Named, &str, &str)] = &[
    (Named::Enter, "enter", "⏎"),
    (Named::Esc, "esc", "esc"),
    (Named::Tab, "tab", "tab"),
    (Named::ShiftTab, "shift-tab", "shift-tab"),
    (Named::Backspace, "backspace", "bksp"),
    (Named::Delete, "delete", "del"),
    (Named::Insert, "insert", "ins"),
    (Named::Up, "up", "↑"),
    (Named::Down, "down", "↓"),
    (Named::Left, "left", "←"),
    (Named::Right, "right", "→"),
    (Named::Home, "home", "home"),
    (Named::End, "end", "end"),
    (Named::PageUp, "pgup", "pgup"),
    (Named::PageDown, "pgdn", "pgdn"),
];

/// A name that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no key; write for example a, A, space, enter, esc, ctrl-d, alt-x, f1")]
pub struct UnknownKey(pub String);

impl Key {
    /// The key of a terminal event; `None` for releases and keys that have no name here.
    #[must_use]
    pub fn from_event(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::F(n) => Code::Function(n),
            KeyCode::Enter => Code::Named(Named::Enter),
            KeyCode::Esc => Code::Named(Named::Esc),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Code::Named(Named::ShiftTab),
            KeyCode::Tab => Code::Named(Named::Tab),
            KeyCode::BackTab => Code::Named(Named::ShiftTab),
            KeyCode::Backspace => Code::Named(Named::Backspace),
            KeyCode::Delete => Code::Named(Named::Delete),
            KeyCode::Insert => Code::Named(Named::Insert),
            KeyCode::Up => Code::Named(Named::Up),
            KeyCode::Down => Code::Named(Named::Down),
            KeyCode::Left => Code::Named(Named::Left),
            KeyCode::Right => Code::Named(Named::Right),
            KeyCode::Home => Code::Named(Named::Home),
            KeyCode::End => Code::Named(Named::End),
            KeyCode::PageUp => Code::Named(Named::PageUp),
            KeyCode::PageDown => Code::Named(Named::PageDown),
            _ => return None,
        };
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        // With Ctrl, terminals differ in whether Shift reaches us; the letter alone counts.
        let code = match code {
            Code::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
            code => code,
        };
        Some(Self { code, ctrl, alt })
    }

    /// Reads a key by its name.
    ///
    /// # Errors
    /// Names that are no key.
    pub fn parse(name: &str) -> Result<Self, UnknownKey> {
        let mut rest = name;
        let (mut ctrl, mut alt) = (false, false);
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-").filter(|after| !after.is_empty()) {
                ctrl = true;
                rest = after;
            } else if let Some(after) = rest.strip_prefix("alt-").filter(|after| !after.is_empty()) {
                alt = true;
                rest = after;
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() && !c.is_whitespace() => Code::Char(c),
            _ if rest == "space" => Code::Char(' '),
            _ => match NAMES.iter().find(|(_, known, _)| *known == rest) {
                Some((named, _, _)) => Code::Named(*named),
                None => Code::Function(
                    rest.strip_prefix('f')
                        .and_then(|digits| digits.parse().ok())
                        .filter(|n| (1..=12).contains(n))
                        .ok_or_else(|| UnknownKey(name.to_owned()))?,
                ),
            },
        };
        Ok(Self { code, ctrl, alt })
    }

    /// As shown in hints: `^d`, `⏎`, `space`.
    #[must_use]
    pub fn short(&self, ascii: bool) -> String {
        let mut out = String::new();
        if self.alt {
            out.push_str("alt-");
        }
        if self.ctrl {
            out.push('^');
        }
        match self.code {
            Code::Char(' ') => out.push_str("space"),
            Code::Char(c) => out.push(c),
            Code::Function(n) => out.push_str(&format!("f{n}")),
            Code::Named(named) => {
                let name = NAMES.iter().find(|(known, _, _)| *known == named);
                out.push_str(name.map_or("", |(_, long, short)| if ascii { long } else { short }));
            }
        }
        out
    }

    /// The character it types into a text field, if it types one.
    #[must_use]
    pub fn typed(&self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("space"),
            Code::Char(c) => write!(f, "{c}"),
            Code::Function(n) => write!(f, "f{n}"),
            Code::Named(named) => f.write_str(
                NAMES.iter().find(|(known, _, _)| *known == named).map_or("", |(_, name, _)| name),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for name in
            ["a", "A", "space", "enter", "ctrl-d", "alt-x", "f12", "shift-tab", "pgdn", "<", "-", "ctrl--"]
        {
            assert_eq!(Key::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "ctrl-", "aa", "f13", "hyper-x", "\u{7}"] {
            assert!(Key::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Key::from_event(event), Key::parse("G").ok());
        let back = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Key::from_event(back), Key::parse("shift-tab").ok());
        let ctrl = KeyEvent::new(KeyCode::Char('D'), KeyModifiers::CONTROL | KeyModifiers::SHIFT);
        assert_eq!(Key::from_event(ctrl), Key::parse("ctrl-d").ok());
    }
}
