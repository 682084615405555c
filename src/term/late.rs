//! Answers of the terminal that arrive after nobody waits for them any more.
//!
//! Owns: recognising such an answer among the keys it would otherwise be taken for: over a slow line
//! a colour comes as `ESC ] 11;rgb:…`, and each of its letters would be a command. Must not know:
//! what keys mean.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// No answer is longer; what goes on beyond this was typed.
const MOST: usize = 40;

/// Takes late answers out of the keys.
#[derive(Debug, Default)]
pub struct LateAnswer {
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Every question was answered in time.
    #[default]
    Settled,
    /// So many questions are open.
    Open(usize),
    /// An answer has begun: so many of its characters were taken, and so many questions are open
    /// beside it.
    Within(usize, usize),
}

impl LateAnswer {
    /// So many questions were not answered in time.
    pub fn expect(&mut self, answers: usize) {
        self.state = State::Open(answers);
    }

    /// Whether this key is no key but part of the answer.
    pub fn takes(&mut self, key: &KeyEvent) -> bool {
        let with = |code: char, modifier| key.code == KeyCode::Char(code) && key.modifiers == modifier;
        match self.state {
            State::Settled | State::Open(0) => false,
            State::Open(answers) => {
                // `ESC ]` reads as Alt with a bracket.
                let begins = with(']', KeyModifiers::ALT);
                if begins {
                    self.state = State::Within(0, answers - 1);
                }
                begins
            }
            State::Within(taken, others) => {
                let ends = with('\\', KeyModifiers::ALT) || with('g', KeyModifiers::CONTROL);
                let within =
                    matches!(key.code, KeyCode::Char(c) if c.is_ascii_hexdigit() || "rgba:;/?".contains(c));
                self.state = if within && !ends && taken < MOST {
                    State::Within(taken + 1, others)
                } else {
                    State::Open(others)
                };
                within || ends
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<KeyEvent> {
        text.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect()
    }

    #[test]
    fn answers_are_taken_out_and_nothing_else() {
        let start = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT);
        let ends = [
            KeyEvent::new(KeyCode::Char('\\'), KeyModifiers::ALT),
            KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL),
        ];
        for end in ends {
            let mut late = LateAnswer::default();
            assert!(!late.takes(&start), "nothing was asked");
            late.expect(1);
            assert!(keys("ax").iter().all(|key| !late.takes(key)), "keys before the answer are keys");
            assert!(late.takes(&start));
            assert!(keys("11;rgb:aaaa/ffff/0000").iter().all(|key| late.takes(key)));
            assert!(late.takes(&end));
            assert!(keys("a]").iter().all(|key| !late.takes(key)), "and so are those after it");
            assert!(!late.takes(&start), "one answer was owed");
        }
    }

    #[test]
    fn what_is_no_answer_is_given_back_soon() {
        let mut late = LateAnswer::default();
        late.expect(2);
        assert!(late.takes(&KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT)));
        assert!(keys("jj").iter().all(|key| !late.takes(key)));
    }
}
