//! Rows on public data with labels, beside the packages that are installed.

use serde_json::{Value, json};

use super::evidence_bench::talk::Talks;
use super::evidence_bench::{coding, locomo, longmemeval, quotes, tau, who_and_when};
use super::peers::Peers;
use super::table::{Asked, Table, number};

const ABSENT: &str = "the data is not there";

/// Everything that is labelled.
pub fn rows(table: &mut Table, peers: &Peers) {
    retrieval(table, peers);
    citations(table);
    orders(table, peers);
    templates(table, peers);
    failures(table);
}

fn sessions(talks: &Talks) -> Vec<Vec<&str>> {
    talks.0.iter().map(|talk| talk.turns.iter().map(|(_, text)| text.as_str()).collect()).collect()
}

/// One figure of each peer, in words.
fn others(answer: &Value, figure: &str) -> String {
    let name = |peer: &str| match peer {
        "fts5" => "FTS5 default".to_owned(),
        other => other.to_owned(),
    };
    let said = ["rank_bm25", "bm25s", "fts5"].map(|peer| match answer[peer][figure].as_f64() {
        Some(value) => format!("{} {}", name(peer), number(value)),
        None => format!("{} not installed", name(peer)),
    });
    said.join(", ")
}

fn retrieval(table: &mut Table, peers: &Peers) {
    let (locomo, longmemeval) = (locomo::conversations(), longmemeval::histories());
    let mut asked = serde_json::Map::new();
    if let Some(conversations) = &locomo {
        let corpora = conversations.iter().map(|(talks, asked)| {
            let questions: Vec<Value> = asked
                .iter()
                .map(|asked| {
                    let mut answers: Vec<u32> = asked.evidence.iter().map(|(session, _)| *session).collect();
                    answers.dedup();
                    json!({ "text": asked.question, "turns": asked.evidence, "sessions": answers })
                })
                .collect();
            json!({ "sessions": sessions(talks), "questions": questions })
        });
        asked.insert("locomo".to_owned(), corpora.collect());
    }
    if let Some(histories) = &longmemeval {
        let corpora = histories.iter().map(|(talks, asked)| {
            let questions: Vec<Value> = asked
                .iter()
                .map(|asked| json!({ "text": asked.question, "turns": [], "sessions": asked.sessions }))
                .collect();
            json!({ "sessions": sessions(talks), "questions": questions })
        });
        asked.insert("longmemeval".to_owned(), corpora.collect());
    }
    let answer = peers.ask(&json!({ "retrieval": asked }));
    let of = |corpus: &str, figure: &str| others(&answer["retrieval"][corpus], figure);
    match locomo {
        None => table.skipped("LoCoMo", ABSENT),
        Some(conversations) => {
            let found = locomo::recall(&conversations);
            let name = |figure: &str| format!("LoCoMo, {} questions: {figure}", found.questions);
            table.row(&name("turns R@5"), found.turns_at_5, Asked::Nothing, &of("locomo", "turns_at_5"));
            table.row(
                &name("turns R@10"),
                found.turns_at_10,
                Asked::Least(0.72, 0.78),
                &of("locomo", "turns_at_10"),
            );
            table.row(
                &name("turns MRR"),
                found.mean_reciprocal_rank,
                Asked::Least(0.52, 0.58),
                &of("locomo", "reciprocal"),
            );
            table.row(
                &name("sessions R@5"),
                found.sessions_at_5,
                Asked::Least(0.85, 0.90),
                &of("locomo", "sessions_at_5"),
            );
        }
    }
    match longmemeval {
        None => table.skipped("LongMemEval", ABSENT),
        Some(histories) => {
            let found = longmemeval::recall(&histories);
            // One question more or less is .11: too few for a threshold.
            table.shown(
                "LongMemEval slice: a right session in the first 5",
                &format!("{} of {}", found.any_of_5, found.questions),
                0.0,
                Asked::Nothing,
                &of("longmemeval", "any_at_5"),
            );
        }
    }
}

fn citations(table: &mut Table) {
    match quotes::verified() {
        None => table.skipped("quotes", ABSENT),
        Some(found) => {
            let exact = found.exact as f64 / found.quotes as f64;
            table.row("quotes word for word: found", exact, Asked::Least(0.99, 1.0), "");
            table.row("quotes with 10 % edits: found", found.recall(), Asked::Least(0.99, 0.995), "");
            table.shown(
                "quotes cited to a wrong session: counted there",
                &format!("{} of {}", found.accepted, found.wrong),
                found.accepted_share(),
                Asked::Most(0.001, 0.0),
                "",
            );
        }
    }
    match coding::searched_support() {
        None => table.skipped("searched support", ABSENT),
        Some((precision, recall)) => {
            table.row(
                "searched support on Claude Code labels: precision",
                precision,
                Asked::Least(0.95, 0.99),
                "",
            );
            table.row("searched support on Claude Code labels: recall", recall, Asked::Least(0.94, 0.97), "");
        }
    }
}

fn orders(table: &mut Table, peers: &Peers) {
    let Some(runs) = tau::runs() else { return table.skipped("tau-bench", ABSENT) };
    let found = tau::replication(&runs, tau::SPLITS);
    let seen = format!("seen in 3 runs {} of {}", found.seen_again, found.seen);
    let answer = peers.ask(&json!({ "sequences": tau::walks_of_halves(&runs) }));
    let prefixspan = match serde_json::from_value::<Vec<Vec<Vec<String>>>>(answer["sequences"].clone()) {
        Ok(orders) => {
            let (again, all) = tau::replicated(&runs, &orders);
            format!("prefixspan, 50 best of each half, {again} of {all}")
        }
        Err(_) => "prefixspan not installed".to_owned(),
    };
    table.shown(
        "tau-bench: orders of half the tasks that stand out on the rest",
        &format!("{} of {}", found.again, found.orders),
        f64::from(found.again) / f64::from(found.orders.max(1)),
        Asked::Least(0.80, 0.90),
        &format!("{seen}, {prefixspan}"),
    );
    let pooled = tau::pooled_only(&runs);
    table.row(
        "tau-bench: effects of the task mix shown as lessons",
        pooled.shown as f64,
        Asked::Most(0.0, 0.0),
        "",
    );
}

/// Two compiler errors that share every word but the code, as the decoy plants them.
fn templates(table: &mut Table, peers: &Peers) {
    let lines: Vec<String> = (0..20_000)
        .map(|n| format!("error: connection {} to host db-{} timed out after {} ms", n, n % 40, n * 7 % 9000))
        .collect();
    let apart = ["error[E0433]: it does not compile", "error[E0599]: it does not compile"];
    let answer = peers.ask(&json!({ "templates": { "lines": lines, "apart": apart } }));
    let others = match answer["templates"]["keeps_apart"].as_bool() {
        Some(keeps) => format!(
            "drain3: {}, {:.0} lines/s",
            if keeps { "kept apart" } else { "one template" },
            answer["templates"]["lines_per_second"].as_f64().unwrap_or_default()
        ),
        None => "drain3 not installed".to_owned(),
    };
    let decoy = super::dreambench::decoys::ALL.iter().find(|decoy| decoy.name.starts_with("two codes"));
    let apart = decoy.is_some_and(|decoy| super::dreambench::score::fooled(decoy, 5) == 0);
    let shown = if apart { "kept apart" } else { "one template" };
    let value = f64::from(u8::from(apart));
    table.shown("two error codes in the same words", shown, value, Asked::Least(1.0, 1.0), &others);
}

fn failures(table: &mut Table) {
    let Some(runs) = who_and_when::runs() else { return table.skipped("Who&When", ABSENT) };
    let found = who_and_when::near_the_step(&runs);
    table.shown(
        "Who&When: a failure seen within 2 steps of the label",
        &format!("{} of {} (any failure seen in {})", found.hits, found.runs, found.fired),
        0.0,
        Asked::Nothing,
        &format!("as many steps by chance {:.1} of {}", found.by_chance, found.runs),
    );
}
