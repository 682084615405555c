//! Disjoint sets of units.
//!
//! Owns: joining and naming classes. Must not know: why units belong together.

/// Disjoint sets of units (R. E. Tarjan's union-find with path halving).
pub(crate) struct Classes {
    parent: Vec<usize>,
}

impl Classes {
    pub fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    /// The representative of a unit's class: its smallest member.
    pub fn of(&self, unit: usize) -> usize {
        let mut at = unit;
        while let Some(&up) = self.parent.get(at).filter(|&&up| up != at) {
            at = up;
        }
        at
    }

    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        let (low, high) = (a.min(b), a.max(b));
        if let Some(parent) = self.parent.get_mut(high) {
            *parent = low;
        }
    }

    pub fn join_all(&mut self, units: &[usize]) {
        for pair in units.windows(2) {
            if let [a, b] = pair {
                self.join(*a, *b);
            }
        }
    }

    pub fn flatten(&mut self) {
        for unit in 0..self.parent.len() {
            let root = self.of(unit);
            if let Some(parent) = self.parent.get_mut(unit) {
                *parent = root;
            }
        }
    }
}
