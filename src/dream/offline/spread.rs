//! How the units of a pass spread over days and people.
//!
//! Owns: whether a set of units is wide enough to be more than one person's bad day. Must not know:
//! what was found in them.

use std::collections::{BTreeMap, BTreeSet};

use super::pool::Pool;
use crate::dream::Parameters;

/// What the gates need to know of the units of a pass.
#[derive(Debug, Clone)]
pub struct Spread {
    days: Vec<Option<i64>>,
    users: Vec<Option<u32>>,
    segments: Vec<Option<u32>>,
    known_segments: u32,
    several_users: bool,
    dated: bool,
}

impl Spread {
    /// Days and people of a pool's units; the first session of a unit speaks for it.
    #[must_use]
    pub fn of(pool: &Pool<'_>) -> Self {
        let mut spread = Self {
            days: vec![None; pool.units as usize],
            users: vec![None; pool.units as usize],
            segments: vec![None; pool.units as usize],
            known_segments: 0,
            several_users: pool.several_users,
            dated: pool.dated,
        };
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        let mut labels: BTreeMap<&str, u32> = BTreeMap::new();
        for member in &pool.members {
            let unit = member.unit as usize;
            let day = member.meta.started.map(|at| at.as_second().div_euclid(86_400));
            if let Some(slot) = spread.days.get_mut(unit).filter(|slot| slot.is_none()) {
                *slot = day;
            }
            let next = names.len() as u32;
            let user = member.meta.user.as_deref().map(|user| *names.entry(user).or_insert(next));
            if let Some(slot) = spread.users.get_mut(unit).filter(|slot| slot.is_none()) {
                *slot = user;
            }
            let next = labels.len() as u32;
            let segment = member.meta.segment.as_deref().map(|label| *labels.entry(label).or_insert(next));
            if let Some(slot) = spread.segments.get_mut(unit).filter(|slot| slot.is_none()) {
                *slot = segment;
            }
        }
        spread.known_segments = distinct(spread.segments.iter().copied().flatten());
        spread
    }

    /// Whether units come from enough people, or, where all sessions are one person's, from enough
    /// days. Undated sessions of one person must be as many as for a *supported* lesson instead.
    #[must_use]
    pub fn suffices(&self, units: &BTreeSet<u32>, parameters: &Parameters) -> bool {
        if self.several_users {
            return self.users(units) >= parameters.least_users;
        }
        if self.dated {
            return self.days(units) >= parameters.least_days;
        }
        units.len() as u32 >= parameters.supported_sessions
    }

    /// Distinct days.
    #[must_use]
    pub fn days(&self, units: &BTreeSet<u32>) -> u32 {
        distinct(units.iter().filter_map(|unit| self.days.get(*unit as usize).copied().flatten()))
    }

    /// Units per known person.
    #[must_use]
    pub fn by_user(&self, units: &BTreeSet<u32>) -> Vec<u32> {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        for user in units.iter().filter_map(|unit| self.users.get(*unit as usize).copied().flatten()) {
            *counts.entry(user).or_default() += 1;
        }
        counts.into_values().collect()
    }

    /// Units without those of the person who has most of them; the same units where only one person is known.
    #[must_use]
    pub fn without_top(&self, units: &BTreeSet<u32>) -> BTreeSet<u32> {
        if !self.several_users {
            return units.clone();
        }
        let user = |unit: &u32| self.users.get(*unit as usize).copied().flatten();
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        units.iter().filter_map(user).for_each(|user| *counts.entry(user).or_default() += 1);
        let top = counts.iter().max_by_key(|(user, count)| (**count, std::cmp::Reverse(**user)));
        let top = top.map(|(user, _)| *user);
        units.iter().filter(|unit| top.is_none() || user(unit) != top).copied().collect()
    }

    /// People known.
    #[must_use]
    pub fn people(&self) -> u32 {
        distinct(self.users.iter().copied().flatten())
    }

    /// More than one person is known.
    #[must_use]
    pub fn several_users(&self) -> bool {
        self.several_users
    }

    /// Distinct segments.
    #[must_use]
    pub fn segments(&self, units: &BTreeSet<u32>) -> u32 {
        distinct(units.iter().filter_map(|unit| self.segments.get(*unit as usize).copied().flatten()))
    }

    /// Number of a unit's segment, below [`Spread::known_segments`].
    #[must_use]
    pub fn segment(&self, unit: u32) -> Option<u32> {
        self.segments.get(unit as usize).copied().flatten()
    }

    /// Distinct segments of all units.
    #[must_use]
    pub fn known_segments(&self) -> u32 {
        self.known_segments
    }

    /// Distinct people.
    #[must_use]
    pub fn users(&self, units: &BTreeSet<u32>) -> u32 {
        distinct(units.iter().filter_map(|unit| self.users.get(*unit as usize).copied().flatten()))
    }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> u32 {
    items.collect::<BTreeSet<T>>().len() as u32
}
