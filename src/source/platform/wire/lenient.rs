//! Reading fields that may be missing, null or odd.
//!
//! Owns: that rule. Must not know: any object.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::Raw;

/// A field of another form than expected counts as absent: one odd field must not cost a whole page.
pub(super) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let raw = Option::<Raw>::deserialize(from)?;
    Ok(raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default())
}

/// The members of a list that can be understood; the others are left out.
pub(super) fn each<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let members: Vec<Raw> = or_default(from)?;
    Ok(members.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect())
}
