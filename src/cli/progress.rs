//! How far long work is: a bar on a terminal, plain lines in a pipe.
//!
//! Owns: that choice, and not drawing more often than a person sees. Must not know: what works.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::domain::dream::Progress;
use crate::domain::text::SafeText;

/// Width of the bar in characters.
const BAR: usize = 24;
/// Time between two drawings on a terminal.
const OFTEN: Duration = Duration::from_millis(80);

/// Shows progress on the error output. May be told from several threads.
pub struct Meter {
    terminal: bool,
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    /// Put before every line in a pipe, where lines of several runs follow one another.
    label: String,
    stage: &'static str,
    drawn: Option<Instant>,
    width: usize,
    /// Last quarter that was told of each stage: stages may take turns.
    told: BTreeMap<&'static str, u64>,
}

impl Meter {
    /// A meter on the error output.
    #[must_use]
    pub fn new(terminal: bool) -> Self {
        Self::to(Box::new(std::io::stderr()), terminal, "")
    }

    /// A meter on the error output whose lines in a pipe say what they are about.
    #[must_use]
    pub fn about(terminal: bool, label: &str) -> Self {
        Self::to(Box::new(std::io::stderr()), terminal, label)
    }

    /// A meter that writes elsewhere, for tests.
    #[must_use]
    pub fn to(out: Box<dyn Write + Send>, terminal: bool, label: &str) -> Self {
        let label = if label.is_empty() { String::new() } else { format!("{}: ", SafeText::line(label)) };
        let state = State { out, label, stage: "", drawn: None, width: 0, told: BTreeMap::new() };
        Self { terminal, state: Mutex::new(state) }
    }

    /// Takes note of how far the work is.
    pub fn tell(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Progress is a courtesy: where it can't be written the work goes on.
        let _ = if self.terminal { state.draw(progress) } else { state.line(progress) };
    }

    /// Clears the bar.
    pub fn finish(&self) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.terminal && state.width > 0 {
            let blank = " ".repeat(state.width);
            let _ = write!(state.out, "\r{blank}\r").and_then(|()| state.out.flush());
            state.width = 0;
        }
    }
}

impl State {
    fn draw(&mut self, progress: &Progress) -> std::io::Result<()> {
        let changed = self.stage != progress.stage;
        let ended = progress.total > 0 && progress.done >= progress.total;
        if !changed && !ended && self.drawn.is_some_and(|drawn| drawn.elapsed() < OFTEN) {
            return Ok(());
        }
        let text = bar(progress);
        let pad = " ".repeat(self.width.saturating_sub(text.len()));
        write!(self.out, "\r{text}{pad}")?;
        self.out.flush()?;
        self.width = text.len();
        self.stage = progress.stage;
        self.drawn = Some(Instant::now());
        Ok(())
    }

    /// One line per stage, and one per quarter of it where it is long.
    fn line(&mut self, progress: &Progress) -> std::io::Result<()> {
        let quarter = (progress.done * 4).checked_div(progress.total).unwrap_or(0);
        let news = match self.told.get(progress.stage) {
            None => true,
            Some(told) => quarter > *told && progress.total >= 200,
        };
        if news {
            self.told.insert(progress.stage, quarter);
            writeln!(self.out, "{}{}", self.label, plain(progress))?;
        }
        Ok(())
    }
}

fn bar(progress: &Progress) -> String {
    let Progress { stage, done, total } = progress;
    if *total == 0 {
        return format!("{stage} …");
    }
    let filled = (*done).min(*total) as usize * BAR / *total as usize;
    format!("{stage:<14} [{}{}] {done}/{total}", "#".repeat(filled), ".".repeat(BAR - filled))
}

fn plain(progress: &Progress) -> String {
    match progress {
        Progress { stage, total: 0, .. } => (*stage).to_owned(),
        Progress { stage, done, total } => format!("{stage} {done}/{total}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(terminal: bool, steps: &[(&'static str, u64, u64)]) -> String {
        let out = Shared::default();
        let meter = Meter::to(Box::new(out.clone()), terminal, if terminal { "" } else { "shop" });
        for &(stage, done, total) in steps {
            meter.tell(&Progress { stage, done, total });
        }
        meter.finish();
        String::from_utf8(out.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_pipe_gets_few_plain_lines() {
        let mut steps = vec![("reading", 0, 400)];
        steps.extend((1..=400).map(|done| ("reading", done, 400)));
        steps.extend([("counting", 0, 0), ("reading", 400, 400), ("counting", 0, 0)]);
        let text = told(false, &steps);
        assert_eq!(
            text,
            "shop: reading 0/400\nshop: reading 100/400\nshop: reading 200/400\nshop: reading 300/400\n\
             shop: reading 400/400\nshop: counting\n"
        );
    }

    #[test]
    fn a_terminal_gets_a_bar_that_goes_away() {
        let text = told(true, &[("reading", 0, 2), ("reading", 2, 2)]);
        assert!(text.contains("reading        [########################] 2/2"), "{text:?}");
        assert!(text.ends_with(" \r"), "{text:?}");
        assert!(!text.contains('\u{1b}'));
    }
}
