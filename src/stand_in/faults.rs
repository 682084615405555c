//! What goes wrong, when asked to.
//!
//! Owns: the kinds of fault, and which request they hit. Must not know: endpoints.

use std::time::Duration;

/// What happens to a request instead of, or on top of, the right answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An error envelope with this status; nothing is done. With `retry-after` where given.
    Status(u16, Option<u64>),
    /// An error envelope with this status and `error.details.error_code`; nothing is done.
    Coded(u16, &'static str),
    /// What a proxy says: HTML with this status; nothing is done.
    Html(u16),
    /// No answer ever; nothing is done.
    Silence,
    /// It is done, and no answer ever comes.
    LostAnswer,
    /// The right answer, in pieces of some bytes with a pause before each.
    Trickle(usize, Duration),
    /// The right answer's first half, as if that were all of it.
    TruncatedJson,
    /// The right answer's first half; then the connection breaks.
    CutOff,
    /// The connection breaks; nothing is done.
    ResetBefore,
    /// It is done; then the connection breaks.
    ResetAfter,
    /// A list gives the same page again: its `next_page` leads back to where it was asked.
    DuplicatePage,
    /// Page cursors given so far no longer hold, beginning with this request.
    ExpireCursors,
    /// Someone else writes this content to the memory first, whatever it was.
    Interfere(String),
}

/// Which requests a fault hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    methods: Vec<String>,
    path: String,
    skip: usize,
    times: usize,
    fault: Fault,
}

impl Rule {
    /// The next request to a path; `*` stands for one part of the path, `**` for any rest.
    #[must_use]
    pub fn on(path: &str, fault: Fault) -> Self {
        Self { methods: Vec::new(), path: path.to_owned(), skip: 0, times: 1, fault }
    }

    /// Only with this method, or with another one named so.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.methods.push(method.to_owned());
        self
    }

    /// After letting so many pass.
    #[must_use]
    pub fn after(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    /// So many of them rather than one.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// All of them, until the faults are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }
}

/// The faults that are arranged for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Rule>);

impl Faults {
    /// Arranges for one more. Where several hit the same request, the one added first has it.
    pub fn add(&mut self, rule: Rule) {
        self.0.push(rule);
    }

    /// Lets everything work again.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether every fault arranged for has happened.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.0.is_empty()
    }

    /// What goes wrong with this request.
    pub(super) fn hit(&mut self, method: &str, path: &str) -> Option<Fault> {
        let mut found = None;
        for rule in &mut self.0 {
            let other = !rule.methods.is_empty() && rule.methods.iter().all(|only| only != method);
            if other || !matches(&rule.path, path) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if found.is_none() {
                rule.times = rule.times.saturating_sub(1);
                found = Some(rule.fault.clone());
            }
        }
        self.0.retain(|rule| rule.times > 0);
        found
    }
}

/// Whether a path is as the pattern has it.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_request_it_is_meant_for() {
        let mut faults = Faults::default();
        let rule = Rule::on("/v1/sessions/*/events", Fault::ResetBefore).method("GET").after(1).times(2);
        faults.add(rule);
        faults.add(Rule::on("/v1/dreams/**", Fault::Silence));
        assert_eq!(faults.hit("GET", "/v1/sessions/a/events"), None);
        assert_eq!(faults.hit("POST", "/v1/sessions/a/events"), None);
        assert_eq!(faults.hit("GET", "/v1/sessions/a/events/stream"), None);
        assert_eq!(faults.hit("GET", "/v1/sessions/b/events"), Some(Fault::ResetBefore));
        assert_eq!(faults.hit("GET", "/v1/sessions/b/events"), Some(Fault::ResetBefore));
        assert_eq!(faults.hit("GET", "/v1/sessions/b/events"), None);
        assert!(!faults.is_spent());
        assert_eq!(faults.hit("POST", "/v1/dreams/d/cancel"), Some(Fault::Silence));
        assert!(faults.is_spent());
    }
}
