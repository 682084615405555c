//! The one table: a figure, what is asked of it, what came out, and what others reach.
//!
//! Owns: how a row is judged and printed. Must not know: how anything is measured.

/// What is asked of a figure: the least that is acceptable, and the aim.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// At least so much.
    Least(f64, f64),
    /// At most so much.
    Most(f64, f64),
    /// Only reported.
    Nothing,
}

/// Rows, printed as they come: a run takes minutes.
pub struct Table {
    below: Vec<String>,
}

impl Table {
    /// Prints the head.
    pub fn new() -> Self {
        println!("| figure | wakeful | at least | aim | stands | others, same data |");
        println!("|---|---|---|---|---|---|");
        Self { below: Vec::new() }
    }

    /// A figure with up to three digits.
    pub fn row(&mut self, figure: &str, value: f64, asked: Asked, others: &str) {
        self.shown(figure, &number(value), value, asked, others);
    }

    /// The same figure in other words.
    pub fn shown(&mut self, figure: &str, shown: &str, value: f64, asked: Asked, others: &str) {
        let (least, aim, stands) = match asked {
            Asked::Least(least, aim) => (
                format!("≥ {}", number(least)),
                format!("≥ {}", number(aim)),
                stands(value >= least, value >= aim),
            ),
            Asked::Most(most, aim) => (
                format!("≤ {}", number(most)),
                format!("≤ {}", number(aim)),
                stands(value <= most, value <= aim),
            ),
            Asked::Nothing => ("–".to_owned(), "–".to_owned(), "reported"),
        };
        if stands == "BELOW" {
            self.below.push(figure.to_owned());
        }
        println!("| {figure} | {shown} | {least} | {aim} | {stands} | {others} |");
    }

    /// A figure that could not be taken here.
    #[expect(clippy::unused_self, reason = "a row of this table, told like the others")]
    pub fn skipped(&mut self, figure: &str, why: &str) {
        println!("| {figure} | skipped: {why} | | | | |");
    }

    /// Says what is below what it should be, and whether nothing is.
    pub fn end(self) -> bool {
        if self.below.is_empty() {
            println!("\nNo figure is below the least that is asked of it.");
        } else {
            println!("\nBelow the least that is asked: {}.", self.below.join("; "));
        }
        self.below.is_empty()
    }
}

fn stands(enough: bool, all: bool) -> &'static str {
    match (enough, all) {
        (false, _) => "BELOW",
        (true, false) => "enough",
        (true, true) => "aim",
    }
}

/// Up to three digits after the point, none where there are none.
pub fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}
