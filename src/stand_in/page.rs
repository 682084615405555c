//! Lists in pages.
//!
//! Owns: cursors (opaque to callers, bound to their list, its filters and its order, and able to
//! expire), limits, and the shape of a page. Must not know: what is listed.

use serde_json::{Value, json};

use super::failure::Failure;
use super::query::Query;

/// What holds for the cursors of a workspace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursors {
    /// Cursors of an earlier age have expired.
    pub age: u64,
    /// The last page leaves `next_page` out rather than saying null; servers do either.
    pub omit_last: bool,
}

/// How many items a list gives.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without a `limit`.
    pub usual: usize,
    /// A larger one is refused.
    pub most: usize,
}

/// 20, and 100 at most: what most lists have.
pub const USUAL: Limits = Limits { usual: 20, most: 100 };

/// A place in a list, behind an item.
struct Cursor {
    age: u64,
    filters: String,
    after: String,
}

impl Cursor {
    fn write(&self) -> String {
        let text = format!("{}\n{}\n{}", self.age, self.filters, self.after);
        text.bytes().rev().map(|byte| format!("{:02x}", byte ^ 0x5a)).collect()
    }

    fn read(text: &str) -> Option<Self> {
        let mut bytes = Vec::with_capacity(text.len() / 2);
        for pair in text.as_bytes().chunks(2) {
            bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()? ^ 0x5a);
        }
        bytes.reverse();
        let text = String::from_utf8(bytes).ok()?;
        let mut lines = text.splitn(3, '\n');
        Some(Self {
            age: lines.next()?.parse().ok()?,
            filters: lines.next()?.to_owned(),
            after: lines.next()?.to_owned(),
        })
    }
}

/// One request for a page.
pub struct Ask {
    /// Items to give.
    pub limit: usize,
    /// The key behind which to go on.
    pub after: Option<String>,
    list: String,
    cursors: Cursors,
}

impl Ask {
    /// Reads `limit` and `page`.
    pub fn read(list: &str, query: &Query, limits: Limits, cursors: Cursors) -> Result<Self, Failure> {
        let limit = match query.get("limit") {
            None => limits.usual,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=limits.most).contains(&limit) => limit,
                _ => return Err(Failure::invalid(format!("limit: must be from 1 to {}", limits.most))),
            },
        };
        let list = format!("{list}?{}", query.filters());
        let after = match query.get("page") {
            None => None,
            Some(page) => {
                let cursor = Cursor::read(page).ok_or_else(|| Failure::invalid("page: not a cursor"))?;
                if cursor.age != cursors.age {
                    return Err(Failure::invalid("page: the cursor has expired"));
                }
                if cursor.filters != list {
                    return Err(Failure::invalid("page: the cursor belongs to another query"));
                }
                Some(cursor.after)
            }
        };
        Ok(Self { limit, after, list, cursors })
    }

    /// Takes the page out of all items, which come with their keys in ascending order, or in
    /// descending order.
    pub fn take<T>(
        &self,
        items: impl Iterator<Item = (String, T)>,
        descending: bool,
    ) -> (Vec<T>, Option<String>) {
        let behind = |key: &str| match &self.after {
            None => true,
            Some(after) if descending => key < after.as_str(),
            Some(after) => key > after.as_str(),
        };
        let mut taken = Vec::new();
        let mut last = None;
        for (key, item) in items.filter(|(key, _)| behind(key)) {
            if taken.len() == self.limit {
                return (taken, last);
            }
            last = Some(key);
            taken.push(item);
        }
        (taken, None)
    }

    /// The body of a page; `last` is the key of its last item if more follow.
    pub fn body(&self, data: Vec<Value>, last: Option<String>) -> Value {
        let mut body = json!({ "data": data });
        let next =
            last.map(|after| Cursor { age: self.cursors.age, filters: self.list.clone(), after }.write());
        if let Some(body) = body.as_object_mut()
            && (next.is_some() || !self.cursors.omit_last)
        {
            body.insert("next_page".to_owned(), next.into());
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str, age: u64) -> Result<Ask, Failure> {
        Ask::read("list", &Query::parse(query), USUAL, Cursors { age, omit_last: false })
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let items = || (0..45).map(|n| (format!("{n:03}"), n));
        let mut query = "limit=20&x=1".to_owned();
        let mut all = Vec::new();
        loop {
            let ask = ask(&query, 1).unwrap();
            let (taken, last) = ask.take(items(), false);
            all.extend(taken);
            let body = ask.body(Vec::new(), last);
            let Some(next) = body["next_page"].as_str() else { break };
            query = format!("limit=20&x=1&page={next}");
        }
        assert_eq!(all, (0..45).collect::<Vec<_>>());
        // The same cursor with other filters, or after expiry.
        assert!(ask(&query.replace("x=1", "x=2"), 1).is_err());
        assert!(ask(&query, 2).is_err());
        assert!(ask("limit=0", 1).is_err());
        assert!(ask("limit=101", 1).is_err());
        assert!(ask("page=xyz", 1).is_err());
    }
}
