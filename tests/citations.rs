//! Citations go without a trace: whatever a document says, taking them out gives it back.

use proptest::prelude::*;
use wakeful::evidence::cite;

/// Lines a memory document may hold. None opens a fence: what stands in one is code, and stays.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z`*_.,é“”' ]{0,40}[a-z.]",
        2 => "[-*+] [A-Za-z0-9 ./`]{0,30}[a-z]",
        1 => "  - [a-z ]{1,20}[a-z]  ",
        1 => "#{1,3} [A-Z][a-z ]{0,20}[a-z]",
        1 => Just("<!-- a remark of our own -->".to_owned()),
        1 => Just("Text <!-- seen by the team in March --> and more.".to_owned()),
        1 => Just("| a | 12 |".to_owned()),
        2 => Just(String::new()),
    ]
}

fn comment() -> impl Strategy<Value = String> {
    let quote =
        prop_oneof![Just(String::new()), "[A-Za-z0-9,;:'é /._-]{1,40}".prop_map(|q| format!(" \"{q}\""))];
    let one = ("sesn_[0-9A-Za-z]{4,12}", quote).prop_map(|(id, quote)| format!("{id}{quote}"));
    (prop::collection::vec(one, 1..4), prop_oneof![Just("seen: "), Just("seen:"), Just("Seen: ")])
        .prop_map(|(all, word)| format!("<!-- {word}{} -->", all.join("; ")))
        .prop_filter("an arrow ends a comment", |comment| comment.matches("-->").count() == 1)
}

/// Where in a document a comment is put.
#[derive(Debug, Clone, Copy)]
enum Put {
    Behind,
    Below,
    Apart,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn taking_citations_out_gives_the_document_back(
        lines in prop::collection::vec(line(), 1..20),
        puts in prop::collection::vec((any::<prop::sample::Index>(), comment(), prop_oneof![Just(Put::Behind), Just(Put::Below), Just(Put::Apart)]), 0..5),
        ending in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        let document: String = lines.iter().map(|line| format!("{line}{ending}")).collect();
        let mut after: Vec<Vec<(Put, String)>> = vec![Vec::new(); lines.len()];
        for (index, comment, put) in puts {
            let at = index.index(lines.len());
            // A comment set apart stands where a blank line already is or comes to be; behind blank lines it
            // would be the blank line's.
            let follows_text = !lines[at].trim().is_empty();
            let before_text = lines.get(at + 1).is_none_or(|next| !next.trim().is_empty());
            let fits = match put {
                Put::Behind | Put::Below => follows_text,
                Put::Apart => follows_text && !before_text,
            };
            if fits && after[at].is_empty() && !lines[at].contains('`') {
                after[at].push((put, comment));
            }
        }
        let mut cited = String::new();
        for (line, comments) in lines.iter().zip(&after) {
            cited.push_str(line);
            match comments.first() {
                None => cited.push_str(ending),
                Some((Put::Behind, comment)) => cited.push_str(&format!(" {comment}{ending}")),
                Some((Put::Below, comment)) => cited.push_str(&format!("{ending}  {comment}{ending}")),
                Some((Put::Apart, comment)) => cited.push_str(&format!("{ending}{ending}{comment}{ending}")),
            }
        }
        prop_assert_eq!(cite::notes(&cited).len(), after.iter().flatten().count());
        prop_assert_eq!(cite::strip(&cited), document.clone());
        prop_assert_eq!(cite::strip(&document), document);
    }

    #[test]
    fn nothing_is_ever_added_and_nothing_fails(text in "(<!--|-->|seen:|sesn_1|\"|'|`|```|\n| |- |x|é|;){0,60}") {
        let stripped = cite::strip(&text);
        prop_assert!(stripped.len() <= text.len());
        let mut rest = text.chars();
        prop_assert!(stripped.chars().all(|c| rest.any(|other| other == c)), "only takes away");
        prop_assert!(!text.contains("seen") || cite::notes(&stripped).len() <= cite::notes(&text).len());
    }
}
