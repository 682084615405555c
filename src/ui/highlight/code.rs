//! Finds keywords, strings and comments in fenced code.
//!
//! Owns: the syntax definitions (loaded when the first code block needs them) and the limits that
//! keep pattern matching from taking long. Must not know: Markdown.

use std::ops::Range;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use super::Canvas;
use crate::ui::theme::Role;

/// What one text may spend on code; what is over stays in the plain look of code.
pub(super) struct Budget {
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 128 << 10 }
    }
}

/// A block with a longer line is data, and patterns can be slow on it.
const LONGEST_LINE: usize = 1_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// Scopes and their roles, most telling first; a scope matches with everything below it.
static ROLES: LazyLock<Vec<(Scope, Role)>> = LazyLock::new(|| {
    [
        ("comment", Role::SyntaxComment),
        ("string", Role::SyntaxString),
        ("constant", Role::SyntaxConstant),
        ("keyword", Role::SyntaxKeyword),
        ("storage", Role::SyntaxKeyword),
        ("entity.name", Role::SyntaxName),
        ("support", Role::SyntaxName),
        ("variable.function", Role::SyntaxName),
    ]
    .into_iter()
    .filter_map(|(name, role)| Some((Scope::new(name).ok()?, role)))
    .collect()
});

pub(super) fn highlight(
    text: &str,
    language: &str,
    content: &[Range<usize>],
    budget: &mut Budget,
    canvas: &mut Canvas,
) {
    let bytes: usize = content.iter().map(ExactSizeIterator::len).sum();
    let slices = || content.iter().filter_map(|range| Some((range.start, text.get(range.clone())?)));
    let long = slices().flat_map(|(_, slice)| slice.lines()).any(|line| line.len() > LONGEST_LINE);
    if language.is_empty() || long || bytes > budget.bytes {
        return;
    }
    let Some(syntax) = SYNTAXES.find_syntax_by_token(language) else { return };
    budget.bytes -= bytes;
    let mut state = ParseState::new(syntax);
    let mut scopes = ScopeStack::new();
    for (start, slice) in slices() {
        let mut line_start = start;
        for line in slice.split_inclusive('\n') {
            // A definition that fails leaves the rest of the block as plain code.
            let Ok(changes) = state.parse_line(line, &SYNTAXES) else { return };
            let mut from = 0;
            for (at, change) in changes {
                paint(canvas, line_start + from..line_start + at, &scopes);
                from = at;
                if scopes.apply(&change).is_err() {
                    return;
                }
            }
            paint(canvas, line_start + from..line_start + line.len(), &scopes);
            line_start += line.len();
        }
    }
}

fn paint(canvas: &mut Canvas, range: Range<usize>, scopes: &ScopeStack) {
    let known = |scope: &Scope| ROLES.iter().find(|(known, _)| known.is_prefix_of(*scope));
    if let Some((_, role)) = scopes.as_slice().iter().rev().find_map(known) {
        canvas.paint(range, *role);
    }
}
