//! Messages and content blocks as the Claude API, and with it Claude Code, spells them; borrowed from
//! the line.
//!
//! Owns: shapes, and being lenient about them: a field of an unexpected type is an absent field,
//! never a lost record. Must not know: who is speaking.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::scan::{self, unquoted};

/// `message` of a user or assistant record.
#[derive(Debug, Default)]
pub struct Message<'a> {
    pub model: Text<'a>,
    pub content: Content<'a>,
}

/// `content` of a message or a tool result.
#[derive(Debug, Default)]
pub enum Content<'a> {
    #[default]
    None,
    Text(Cow<'a, str>),
    Blocks(Vec<Block<'a>>),
}

impl<'a> Content<'a> {
    /// All of it as one text; what is not text is named, not shown.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::None => Cow::default(),
            Self::Text(text) => text,
            Self::Blocks(parts) => joined(parts),
        }
    }
}

/// One content block, whatever its type.
#[derive(Debug, Default)]
pub struct Block<'a> {
    pub kind: Text<'a>,
    pub text: Text<'a>,
    pub thinking: Text<'a>,
    pub id: Text<'a>,
    pub name: Text<'a>,
    pub tool_name: Text<'a>,
    pub tool_use_id: Text<'a>,
    pub input: Option<&'a RawValue>,
    pub source: Option<&'a RawValue>,
    pub content: Content<'a>,
    pub is_error: Flag,
}

impl<'a> Block<'a> {
    /// The input of a call as it stands.
    pub fn input_json(&self) -> &'a str {
        self.input.map_or("{}", RawValue::get)
    }
}

/// The text of a result given as a list; what is not text is named, not shown.
fn joined(parts: Vec<Block<'_>>) -> Cow<'_, str> {
    let mut texts = parts.into_iter().filter_map(|part| match part.kind.as_str() {
        "text" => part.text.0,
        "tool_reference" => Some(format!("[tool {}]", part.tool_name.as_str()).into()),
        _ => media(&part).map(Cow::Owned),
    });
    let first = texts.next().unwrap_or_default();
    texts.fold(first, |all, text| format!("{all}\n{text}").into())
}

/// What there is to say of an image or document: its type and size. It is never decoded.
pub fn media(block: &Block<'_>) -> Option<String> {
    let source = scan::head(block.source.map(RawValue::get)?);
    let field = |key| source.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| *value);
    let kilobytes = field("data").len() * 3 / 4 / 1000;
    Some(format!("[{} {}, {kilobytes} kB]", block.kind.as_str(), unquoted(field("media_type"))))
}

/// A string, or nothing where something else stands.
#[derive(Debug, Default, Clone)]
pub struct Text<'a>(pub Option<Cow<'a, str>>);

impl Text<'_> {
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// True only for `true`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Flag(pub bool);

/// Gives a visitor an answer for every JSON type it has no use for.
macro_rules! anything_else {
    ($lifetime:lifetime, $($method:ident($type:ty)),*) => {
        $(fn $method<E: serde::de::Error>(self, _: $type) -> Result<Self::Value, E> { Ok(Self::Value::default()) })*
        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

macro_rules! pass_over {
    (map $lifetime:lifetime) => {
        fn visit_map<A: MapAccess<$lifetime>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (seq $lifetime:lifetime) => {
        fn visit_seq<A: SeqAccess<$lifetime>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            anything_else!('de, visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
            pass_over!(map 'de);
            pass_over!(seq 'de);
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FlagVisitor;
        impl<'de> Visitor<'de> for FlagVisitor {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Flag(flag))
            }
            anything_else!('de, visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
            pass_over!(map 'de);
            pass_over!(seq 'de);
        }
        deserializer.deserialize_any(FlagVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;
        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = Content<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Content::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Content::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut blocks = Vec::new();
                while let Some(block) = seq.next_element()? {
                    blocks.push(block);
                }
                Ok(Content::Blocks(blocks))
            }
            anything_else!('de, visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
            pass_over!(map 'de);
        }
        deserializer.deserialize_any(ContentVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Block<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BlockVisitor;
        impl<'de> Visitor<'de> for BlockVisitor {
            type Value = Block<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut block = Block::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    match key.as_str() {
                        "type" => block.kind = map.next_value()?,
                        "text" => block.text = map.next_value()?,
                        "thinking" => block.thinking = map.next_value()?,
                        "id" => block.id = map.next_value()?,
                        "name" => block.name = map.next_value()?,
                        "tool_name" => block.tool_name = map.next_value()?,
                        "tool_use_id" => block.tool_use_id = map.next_value()?,
                        "input" => block.input = Some(map.next_value()?),
                        "source" => block.source = Some(map.next_value()?),
                        "content" => block.content = map.next_value()?,
                        "is_error" => block.is_error = map.next_value()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(block)
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Block {
                    kind: Text(Some(Cow::Borrowed("text"))),
                    text: Text(Some(Cow::Borrowed(text))),
                    ..Block::default()
                })
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Block {
                    kind: Text(Some(Cow::Borrowed("text"))),
                    text: Text(Some(Cow::Owned(text.to_owned()))),
                    ..Block::default()
                })
            }
            anything_else!('de, visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
            pass_over!(seq 'de);
        }
        deserializer.deserialize_any(BlockVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MessageVisitor;
        impl<'de> Visitor<'de> for MessageVisitor {
            type Value = Message<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut message = Message::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    match key.as_str() {
                        "model" => message.model = map.next_value()?,
                        "content" => message.content = map.next_value()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(message)
            }
            anything_else!('de, visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
            pass_over!(seq 'de);
        }
        deserializer.deserialize_any(MessageVisitor)
    }
}
