//! The query of an address.
//!
//! Owns: decoding it, repeated and bracketed names, and the time filters. Must not know: endpoints.

use jiff::Timestamp;

use super::failure::Failure;

/// Names and values, decoded, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands behind the question mark.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name, written with brackets or repeated plainly.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let bracketed = format!("{name}[]");
        let mine = self.0.iter().filter(|(known, _)| known == name || *known == bracketed);
        mine.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// What all pages of a list must agree in: everything but the page itself.
    pub fn filters(&self) -> String {
        let mut rest: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| name != "page" && name != "limit" && name != "beta")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        rest.sort();
        rest.join("&")
    }

    /// Refuses names that the endpoint does not know.
    pub fn only(&self, known: &[&str]) -> Result<(), Failure> {
        match self.0.iter().find(|(name, _)| name != "beta" && !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Failure::invalid(format!("{name}: unknown parameter"))),
            None => Ok(()),
        }
    }

    /// Whether a moment passes `created_at[gt]`, `[gte]`, `[lt]` and `[lte]`.
    pub fn admits(&self, at: Timestamp) -> Result<bool, Failure> {
        let mut admitted = true;
        for (name, value) in &self.0 {
            let Some(bound) = name.strip_prefix("created_at[").and_then(|rest| rest.strip_suffix(']')) else {
                continue;
            };
            let limit: Timestamp =
                value.parse().map_err(|_| Failure::invalid(format!("{name}: not a time: {value}")))?;
            admitted &= match bound {
                "gt" => at > limit,
                "gte" => at >= limit,
                "lt" => at < limit,
                "lte" => at <= limit,
                _ => return Err(Failure::invalid(format!("{name}: unknown bound"))),
            };
        }
        Ok(admitted)
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = std::str::from_utf8(&pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
                bytes.push(hex.unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_come_encoded_or_not() {
        let query = Query::parse("statuses%5B%5D=idle&statuses[]=running&statuses=x&a=1%2F2+3");
        assert_eq!(query.all("statuses"), ["idle", "running", "x"]);
        assert_eq!(query.get("a"), Some("1/2 3"));
        let bounded =
            Query::parse("created_at[gte]=2026-11-19T00:00:00Z&created_at%5Blt%5D=2026-11-20T00:00:00Z");
        assert!(bounded.admits("2026-11-19T00:00:00Z".parse().unwrap()).unwrap());
        assert!(!bounded.admits("2026-11-20T00:00:00Z".parse().unwrap()).unwrap());
        assert!(Query::parse("created_at[gt]=yesterday").admits(Timestamp::UNIX_EPOCH).is_err());
    }
}
