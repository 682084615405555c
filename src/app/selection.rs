//! Selection by identity: a refresh, a filter or a sort never moves the cursor to another thing.
//!
//! Owns: which item is selected and where the cursor lands when that item leaves the list.
//! Must not know: what the items are.

/// A cursor in a list whose items have identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<Id> {
    current: Option<Id>,
    /// Where the selected item stood when last seen; says what "nearest" means once it is gone.
    index: usize,
}

impl<Id> Default for Selection<Id> {
    fn default() -> Self {
        Self { current: None, index: 0 }
    }
}

impl<Id: Clone + PartialEq> Selection<Id> {
    /// The selected item.
    #[must_use]
    pub fn current(&self) -> Option<&Id> {
        self.current.as_ref()
    }

    /// Position of the selected item in the list last given to [`Selection::reconcile`].
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Keeps the cursor on its item in the new list, or on the item that now stands nearest to
    /// where it was. An empty list keeps the identity, so that clearing a filter finds it again.
    pub fn reconcile(&mut self, items: &[Id]) {
        if let Some(index) = self.current.as_ref().and_then(|id| items.iter().position(|item| item == id)) {
            self.index = index;
        } else if !items.is_empty() {
            self.index = self.index.min(items.len() - 1);
            self.current = items.get(self.index).cloned();
        }
    }

    /// Puts the cursor on the item at `index`, or on the last one.
    pub fn select_index(&mut self, items: &[Id], index: usize) {
        if let Some(last) = items.len().checked_sub(1) {
            self.index = index.min(last);
            self.current = items.get(self.index).cloned();
        }
    }

    /// Puts the cursor on an item whether or not it is in the list yet.
    pub fn select(&mut self, items: &[Id], id: Id) {
        self.current = Some(id);
        self.reconcile(items);
    }

    /// Moves the cursor by so many items, stopping at the ends.
    pub fn step(&mut self, items: &[Id], by: isize) {
        self.select_index(items, self.index.saturating_add_signed(by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_with_its_item() {
        let mut selection = Selection::default();
        selection.reconcile(&["a", "b", "c"]);
        selection.step(&["a", "b", "c"], 1);
        selection.reconcile(&["x", "y", "b"]);
        assert_eq!((selection.current(), selection.index()), (Some(&"b"), 2));
    }

    #[test]
    fn a_vanished_item_leaves_the_cursor_on_its_neighbour() {
        let mut selection = Selection::default();
        selection.select_index(&["a", "b", "c"], 1);
        selection.reconcile(&["a", "c"]);
        assert_eq!(selection.current(), Some(&"c"));
        selection.reconcile(&["a"]);
        assert_eq!(selection.current(), Some(&"a"));
    }

    #[test]
    fn an_empty_list_forgets_nothing() {
        let mut selection = Selection::default();
        selection.select_index(&["a", "b"], 1);
        selection.reconcile(&[]);
        selection.reconcile(&["a", "b"]);
        assert_eq!(selection.current(), Some(&"b"));
    }
}
