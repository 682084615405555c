//! One request before it is sent.
//!
//! Owns: what belongs to it. Must not know: how it is sent.

use bytes::Bytes;
use reqwest::Method;

use super::retry::Effect;
use super::settings::Family;

/// A request to be made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) family: Family,
    pub(super) effect: Effect,
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Bytes>,
}

impl Call {
    /// Reading something. `path` is below `/v1`; ids are opaque, so each is one segment whatever is in it.
    pub(super) fn get(family: Family, path: &[&str]) -> Self {
        Self::new(Method::GET, family, Effect::Reads, path)
    }

    pub(super) fn post(family: Family, effect: Effect, path: &[&str]) -> Self {
        Self::new(Method::POST, family, effect, path)
    }

    pub(super) fn delete(family: Family, path: &[&str]) -> Self {
        Self::new(Method::DELETE, family, Effect::Once, path)
    }

    fn new(method: Method, family: Family, effect: Effect, path: &[&str]) -> Self {
        let segments = path.iter().map(|&segment| segment.to_owned()).collect();
        Self { method, family, effect, segments, query: Vec::new(), body: None }
    }

    pub(super) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    pub(super) fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn carrying(mut self, body: Vec<u8>) -> Self {
        self.body = Some(Bytes::from(body));
        self
    }

    /// The same at another page.
    pub(super) fn at_page(&self, cursor: &str) -> Self {
        self.clone().with("page", cursor)
    }

    /// How errors name it: `GET /v1/dreams`.
    pub(super) fn shown(&self) -> String {
        let path = self.segments.join("/");
        crate::domain::text::SafeText::line(&format!("{} /v1/{path}", self.method)).into_string()
    }
}
