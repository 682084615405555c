//! The tree of a session: going back to an earlier turn leaves a branch that leads nowhere.
//!
//! Owns: which records lie on such a branch. Must not know: any transcript format.

use rustc_hash::FxHashMap;

/// A record in the tree.
#[derive(Debug, Clone, Copy)]
struct Node {
    parent: u64,
    start: u64,
    live: bool,
    prompt: bool,
}

/// Parents of the records read so far. Ids are fingerprints; 0 stands for none.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    at: FxHashMap<u64, usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// On the way from the root to the last record, or a leaf beside it such as one of several
    /// parallel tool results.
    Live,
    /// On a branch that was gone back from.
    Abandoned,
    /// In another tree, such as before a compaction; nothing can be said.
    Apart,
}

impl Tree {
    /// Adds a record, in file order.
    pub fn add(&mut self, id: u64, parent: u64, start: u64) {
        self.at.insert(id, self.nodes.len());
        self.nodes.push(Node { parent, start, live: false, prompt: false });
    }

    /// Says that the record added last is a person's turn.
    pub fn is_prompt(&mut self) {
        if let Some(last) = self.nodes.last_mut() {
            last.prompt = true;
        }
    }

    /// Offsets of the records on branches that were gone back from: a person's turn that is not on
    /// the way to the last record, though its parent is, and all that followed from it.
    pub fn abandoned(mut self) -> Vec<u64> {
        let mut next = self.nodes.len().checked_sub(1);
        while let Some(node) = next.and_then(|index| self.nodes.get_mut(index)).filter(|node| !node.live) {
            node.live = true;
            next = self.at.get(&node.parent).copied();
        }
        let mut places: Vec<Place> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let parent = self.at.get(&node.parent).and_then(|&parent| places.get(parent)).copied();
            places.push(match parent {
                _ if node.live => Place::Live,
                Some(Place::Live) if node.prompt => Place::Abandoned,
                Some(place) => place,
                None => Place::Apart,
            });
        }
        let abandoned = self.nodes.iter().zip(places).filter(|(_, place)| *place == Place::Abandoned);
        abandoned.map(|(node, _)| node.start).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes as (id, parent, is a person's turn); the offset is the id.
    fn abandoned(nodes: &[(u64, u64, bool)]) -> Vec<u64> {
        let mut tree = Tree::default();
        for &(id, parent, prompt) in nodes {
            tree.add(id, parent, id);
            if prompt {
                tree.is_prompt();
            }
        }
        tree.abandoned()
    }

    #[test]
    fn a_turn_gone_back_from_is_abandoned_with_all_that_followed() {
        let nodes = [(1, 0, true), (2, 1, false), (3, 2, true), (4, 3, false), (5, 2, true), (6, 5, false)];
        assert_eq!(abandoned(&nodes), vec![3, 4]);
    }

    #[test]
    fn parallel_results_are_not_abandoned() {
        let nodes = [(1, 0, true), (2, 1, false), (3, 2, false), (4, 3, false), (5, 2, false), (6, 4, false)];
        assert_eq!(abandoned(&nodes), vec![] as Vec<u64>);
    }

    #[test]
    fn what_lies_before_a_compaction_is_not_abandoned() {
        let nodes = [(1, 0, true), (2, 1, false), (3, 0, false), (4, 3, true)];
        assert_eq!(abandoned(&nodes), vec![] as Vec<u64>);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        assert_eq!(abandoned(&[(1, 2, true), (2, 1, true)]), vec![] as Vec<u64>);
        assert_eq!(abandoned(&[(1, 1, true)]), vec![] as Vec<u64>);
    }
}
