//! Finds the markup of a Markdown text.
//!
//! Owns: which construct gets which role. Must not know: code inside fences, lines, or the cache.
//!
//! A parser rather than a grammar of patterns: patterns for Markdown take milliseconds on single
//! lines with several code spans, and a document can hold thousands of them.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::{Canvas, code};
use crate::ui::theme::Role;

pub(super) fn highlight(text: &str) -> Canvas {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut canvas = Canvas::new(text);
    let mut budget = code::Budget::default();
    // Language and content of the code block that is open.
    let mut block: Option<(String, Vec<Range<usize>>)> = None;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or_default().to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                canvas.paint(range, Role::SyntaxMarker);
                block = Some((language, Vec::new()));
            }
            Event::Text(_) => {
                if let Some((_, content)) = &mut block {
                    canvas.paint(range.clone(), Role::SyntaxCode);
                    content.push(range);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((language, content)) = block.take() {
                    code::highlight(text, &language, &content, &mut budget, &mut canvas);
                }
            }
            Event::Start(tag) => start(text, &tag, range, &mut canvas),
            Event::Code(_) => canvas.paint(range, Role::SyntaxCode),
            Event::Html(_) | Event::InlineHtml(_) => canvas.paint(range, Role::SyntaxComment),
            Event::Rule | Event::TaskListMarker(_) => canvas.paint(range, Role::SyntaxMarker),
            _ => {}
        }
    }
    canvas
}

fn start(text: &str, tag: &Tag<'_>, range: Range<usize>, canvas: &mut Canvas) {
    match tag {
        Tag::Heading { .. } => canvas.paint(range, Role::SyntaxHeading),
        Tag::Strong => canvas.paint(range, Role::SyntaxStrong),
        Tag::Emphasis => canvas.paint(range, Role::SyntaxEmphasis),
        Tag::Link { .. } | Tag::Image { .. } => canvas.paint(range, Role::SyntaxLink),
        Tag::MetadataBlock(_) | Tag::HtmlBlock => canvas.paint(range, Role::SyntaxComment),
        Tag::Item => {
            let item = text.get(range.clone()).unwrap_or_default();
            let digits = item.bytes().take_while(u8::is_ascii_digit).count();
            canvas.paint(range.start..range.start + digits + 1, Role::SyntaxMarker);
        }
        Tag::BlockQuote(_) => {
            let mut at = range.start;
            for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
                let indent = line.len() - line.trim_start().len();
                if line.trim_start().starts_with('>') {
                    canvas.paint(at + indent..at + indent + 1, Role::SyntaxMarker);
                }
                at += line.len();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::Highlighted;

    /// Each line's ranges as `role:text`.
    fn shown(text: &str) -> Vec<String> {
        let highlighted = Highlighted::markdown(text);
        text.lines()
            .enumerate()
            .map(|(index, line)| {
                let spans = highlighted.line(index as u32 + 1).iter();
                spans
                    .map(|(range, role)| {
                        format!("{}:{}", role.name().trim_start_matches("syntax."), &line[range.clone()])
                    })
                    .collect::<Vec<_>>()
                    .join(" | ")
            })
            .collect()
    }

    #[test]
    fn markup_is_found() {
        let text = "---\nname: x\n---\n# Head `c`\n\nA *b* **c** `d` [e](f).\n\n- one\n- [ ] two\n\n12. x\n\n> q\n\n<!-- n -->\n";
        insta::assert_snapshot!(shown(text).join("\n"), @r"
        comment:---
        comment:name: x
        comment:---
        heading:# Head  | code:`c`

        emphasis:*b* | strong:**c** | code:`d` | link:[e](f)

        marker:-
        marker:- | marker:[ ]

        marker:12.

        marker:>

        comment:<!-- n -->
        ");
    }

    #[test]
    fn code_is_found_also_inside_lists() {
        let text = "- item\n  ```rust\n  let x = \"s\"; // c\n  ```\n";
        insta::assert_snapshot!(shown(text).join("\n"), @r#"
        marker:-
        marker:```rust
        marker:   | keyword:let | code: x  | keyword:= | code:  | string:"s" | code:;  | comment:// c
        marker:  ```
        "#);
    }

    #[test]
    fn several_code_spans_on_long_lines_take_no_time() {
        let line = "Use `a` and `b` with `c` or **`d`** [`e`](`f`) `` ` `` ``` ` `` ".repeat(2_000);
        assert_eq!(shown(&line).len(), 1);
    }
}
