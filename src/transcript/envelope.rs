//! What a record says of itself, gleaned in passing when the record is too large to hold.
//!
//! Owns: a streaming look at the short fields around a huge payload. Must not know: what the fields
//! are for, or the payload.

use memchr::memchr2;

/// Longest key or value that is kept; ids, timestamps and folders are shorter.
const LONGEST_FIELD: usize = 1024;

/// Fields of a record whose payload was not read. Fed with the record's bytes in any portions.
#[derive(Debug, Default)]
pub struct Envelope {
    /// Short string, number and literal fields of the record itself.
    pub fields: Vec<(String, String)>,
    /// The same of the first object inside `message.content`, which names the tool call.
    pub block: Vec<(String, String)>,
    /// Open containers, as their opening bytes.
    open: Vec<u8>,
    /// Key of the record the walk is inside of.
    section: String,
    key: String,
    token: Vec<u8>,
    state: State,
    /// The next string in an object is a key.
    key_next: bool,
    blocks: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Between,
    Text,
    Escape,
    Word,
}

impl Envelope {
    /// A field of the record itself.
    pub fn field(&self, key: &str) -> Option<&str> {
        find(&self.fields, key)
    }

    /// A field of the first content block.
    pub fn block_field(&self, key: &str) -> Option<&str> {
        find(&self.block, key)
    }

    /// Looks at the next portion of the record.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.state == State::Text {
                let plain = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
                let (taken, left) = bytes.split_at(plain);
                let room = (LONGEST_FIELD + 1).saturating_sub(self.token.len());
                self.token.extend_from_slice(taken.get(..room).unwrap_or(taken));
                bytes = left;
                if let Some((&stop, after)) = left.split_first() {
                    bytes = after;
                    if stop == b'"' {
                        self.end_of_text();
                    } else {
                        self.state = State::Escape;
                    }
                }
                continue;
            }
            bytes = rest;
            self.step(byte);
        }
    }

    fn step(&mut self, byte: u8) {
        match (self.state, byte) {
            (State::Escape, _) => {
                // Kept raw: a field with escapes in it is a path, and only shown.
                if byte == b'\\' || byte == b'/' || byte == b'"' {
                    self.token.push(byte);
                }
                self.state = State::Text;
            }
            (State::Word, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'+' | b'.' | b'E') => self.token.push(byte),
            (State::Word, _) => {
                self.end_of_value();
                self.state = State::Between;
                self.step(byte);
            }
            (_, b'"') => {
                self.token.clear();
                self.state = State::Text;
            }
            (_, b'{' | b'[') => {
                self.open.push(byte);
                self.key_next = byte == b'{';
                if self.in_block() {
                    self.blocks += 1;
                }
            }
            (_, b'}' | b']') => {
                self.open.pop();
                self.key_next = false;
            }
            (_, b',') => self.key_next = self.open.last() == Some(&b'{'),
            (_, b'0'..=b'9' | b'a'..=b'z' | b'-') => {
                self.token.clear();
                self.token.push(byte);
                self.state = State::Word;
            }
            _ => {}
        }
    }

    fn in_block(&self) -> bool {
        self.section == "message" && self.open == *b"{{[{"
    }

    fn end_of_text(&mut self) {
        self.state = State::Between;
        if self.key_next {
            self.key_next = false;
            if self.open.len() == 1 || self.open.len() == 2 || self.in_block() {
                self.key = String::from_utf8_lossy(&self.token).into_owned();
            }
            if self.open.len() == 1 {
                self.section.clone_from(&self.key);
            }
        } else {
            self.end_of_value();
        }
    }

    fn end_of_value(&mut self) {
        if self.token.len() > LONGEST_FIELD {
            return;
        }
        let fields = if self.open == *b"{" {
            &mut self.fields
        } else if self.blocks == 1 && self.in_block() {
            &mut self.block
        } else {
            return;
        };
        fields.push((self.key.clone(), String::from_utf8_lossy(&self.token).into_owned()));
    }
}

fn find<'f>(fields: &'f [(String, String)], key: &str) -> Option<&'f str> {
    fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_around_a_payload_are_found_in_any_portions() {
        let record = br#"{"parentUuid":null,"isSidechain":true,"cwd":"D:\\x","message":{"role":"user","content":[
            {"type":"tool_result","content":"\"uuid\":\"no\" {[","is_error":true,"tool_use_id":"toolu_1","n":{"uuid":"no"}},
            {"type":"tool_result","tool_use_id":"toolu_2"}]},
            "type":"user","uuid":"u1","timestamp":"2026-01-01T00:00:00Z","toolUseResult":{"uuid":"no","n":[{"type":"no"}]}}"#;
        for portion in [1, 2, 7, 64, 4096] {
            let mut envelope = Envelope::default();
            record.chunks(portion).for_each(|part| envelope.feed(part));
            assert_eq!(envelope.field("uuid"), Some("u1"));
            assert_eq!(envelope.field("type"), Some("user"));
            assert_eq!(envelope.field("isSidechain"), Some("true"));
            assert_eq!(envelope.field("cwd"), Some("D:\\x"));
            assert_eq!(envelope.field("timestamp"), Some("2026-01-01T00:00:00Z"));
            assert_eq!(envelope.block_field("tool_use_id"), Some("toolu_1"));
            assert_eq!(envelope.block_field("is_error"), Some("true"));
            assert_eq!(envelope.block_field("uuid"), None);
        }
    }

    #[test]
    fn a_value_too_long_to_be_a_field_is_dropped() {
        let mut envelope = Envelope::default();
        envelope.feed(br#"{"uuid":""#);
        envelope.feed(&[b'x'; 3000]);
        envelope.feed(br#"","type":"user"}"#);
        assert_eq!(envelope.field("uuid"), None);
        assert_eq!(envelope.field("type"), Some("user"));
    }
}
