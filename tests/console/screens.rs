//! Every screen at five sizes, as text, and its colours in three themes; and that no size makes drawing fail.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wakeful::app::data::Progress;
use wakeful::app::line_edit::TextEdit;
use wakeful::app::{Action, Model, Msg};
use wakeful::domain::lifecycle::State;
use wakeful::input::{Keymap, Overrides};
use wakeful::ui::theme::{Background, Depth, Name, Theme};
use wakeful::ui::{Drawn, Painter, Scene, Surface, draw};

use crate::sample;

pub const SIZES: [(u16, u16); 5] = [(200, 60), (140, 40), (100, 30), (80, 24), (60, 20)];

/// Draws until nothing more is wanted, as the loop does.
pub struct Stage {
    theme: Theme,
    keymap: Keymap,
    surface: Surface,
    painter: Painter,
}

impl Stage {
    pub fn new(ascii: bool) -> Self {
        Self::of(Theme::load(Name::Dark, Background::Dark, Depth::Indexed, ascii))
    }

    /// For those who listen.
    pub fn aloud() -> Self {
        Self::of(Theme::load(Name::Dark, Background::Dark, Depth::Indexed, true).for_readers())
    }

    pub fn of(theme: Theme) -> Self {
        Self {
            theme,
            keymap: Keymap::load(&Overrides::new()).0,
            surface: Surface::default(),
            painter: Painter::default(),
        }
    }

    /// How much is kept from frame to frame.
    pub fn kept(&self) -> usize {
        format!("{:?}", self.surface).len()
    }

    pub fn draw(&mut self, model: &mut Model, (width, height): (u16, u16)) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        for _ in 0..4 {
            let mut buffer = Buffer::empty(area);
            let scene = Scene { model, theme: &self.theme, keymap: &self.keymap, pending: None };
            let Drawn { viewport, wants, .. } = draw(&mut buffer, area, &scene, &mut self.surface);
            let settled = viewport == model.viewport && wants.is_none();
            sample::send(model, Msg::Viewport(viewport));
            if let Some(job) = wants {
                let painting = self.painter.paint(&job, &self.theme);
                let heard = painting.msg();
                self.surface.keep(painting);
                sample::send(model, heard);
            }
            if settled {
                return buffer;
            }
        }
        panic!("drawing never settles at {width}x{height}");
    }
}

pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = wakeful::ui::wrap::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

pub fn act(model: &mut Model, actions: &[Action]) {
    for &action in actions {
        sample::send(model, Msg::Action(action));
    }
}

/// What a theme makes of a screen: its styles with a letter each, and per row how many cells have
/// which. Words are the same in every theme and stand in the snapshot of the text.
fn colours(buffer: &Buffer) -> String {
    let letter = |index: usize| char::from_u32('a' as u32 + index as u32).unwrap_or('?');
    let mut styles: Vec<String> = Vec::new();
    let mut rows = String::new();
    for y in 0..buffer.area.height {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            // What stands on a blank can't be seen but for its background.
            let blank = cell.symbol() == " ";
            let style = if blank {
                format!("on {} {:?}", cell.bg, cell.modifier - ratatui::style::Modifier::BOLD)
            } else {
                format!("{} on {} {:?}", cell.fg, cell.bg, cell.modifier)
            };
            let index = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
            match runs.last_mut() {
                Some((count, last)) if *last == index => *count += 1,
                _ => runs.push((1, index)),
            }
        }
        let runs: Vec<String> =
            runs.iter().map(|(count, index)| format!("{count}{}", letter(*index))).collect();
        rows.push_str(&runs.join(" "));
        rows.push('\n');
    }
    let legend: String =
        styles.iter().enumerate().map(|(index, style)| format!("{} {style}\n", letter(index))).collect();
    format!("{legend}\n{rows}")
}

fn snapshot(name: &str, prepare: impl Fn(&mut Model)) {
    for size in SIZES {
        let mut words = None;
        for (theme, background) in
            [(Name::Dark, Background::Dark), (Name::Light, Background::Light), (Name::Mono, Background::Dark)]
        {
            let mut model = sample::model();
            let mut stage = Stage::of(Theme::load(theme, background, Depth::Indexed, false));
            stage.draw(&mut model, size);
            prepare(&mut model);
            let drawn = stage.draw(&mut model, size);
            let at = format!("{name}-{}x{}", size.0, size.1);
            match &words {
                None => insta::assert_snapshot!(at.clone(), words.insert(text(&drawn))),
                Some(words) => assert_eq!(*words, text(&drawn), "{at}: a theme has no words of its own"),
            }
            insta::assert_snapshot!(format!("{at}-{}", theme.as_str()), colours(&drawn));
        }
    }
}

/// The words of a screen and what three themes make of them, in one file for each size.
fn picture(name: &str, world: impl Fn() -> Model, prepare: impl Fn(&mut Model)) {
    for size in SIZES {
        let mut all = String::new();
        for (theme, background) in
            [(Name::Dark, Background::Dark), (Name::Light, Background::Light), (Name::Mono, Background::Dark)]
        {
            let mut model = world();
            let mut stage = Stage::of(Theme::load(theme, background, Depth::Indexed, false));
            stage.draw(&mut model, size);
            prepare(&mut model);
            let drawn = stage.draw(&mut model, size);
            let words = text(&drawn);
            if all.is_empty() {
                all.push_str(&words);
            }
            assert!(all.starts_with(&words), "{name}: a theme has no words of its own");
            all.push_str(&format!("\n{}\n{}", theme.as_str(), colours(&drawn)));
        }
        insta::assert_snapshot!(format!("{name}-{}x{}-all", size.0, size.1), all);
    }
}

#[test]
fn blame() {
    picture("blame", sample::model, |model| {
        act(model, &[Action::ScreenMemory, Action::FocusNext]);
        act(model, &[Action::Down; 5]);
    });
}

#[test]
fn what_a_version_changed() {
    picture("version", sample::model, |model| {
        act(model, &[Action::ScreenMemory, Action::FocusPrevious, Action::Open]);
    });
}

#[test]
fn final_text() {
    picture("final", sample::model, |model| act(model, &[Action::Open, Action::FinalText]));
}

#[test]
fn what_marks_and_numbers_mean() {
    picture("explain", sample::model, |model| act(model, &[Action::Explain]));
}

#[test]
fn choice_of_agents() {
    picture("agent-picker", sample::model, |model| act(model, &[Action::ScreenMemory, Action::ChooseAgent]));
}

#[test]
fn choice_of_themes() {
    picture("theme-picker", sample::model, |model| {
        model.themes =
            ["dark", "light", "high-contrast", "ansi16", "mono"].map(std::sync::Arc::from).to_vec();
        act(model, &[Action::Theme]);
    });
}

#[test]
fn question_before_a_dream_on_the_platform() {
    let world = || sample::model_of(sample::overview_on_the_platform());
    picture("start", world, |model| act(model, &[Action::ScreenAgents, Action::Down, Action::DreamRun]));
}

#[test]
fn what_a_dream_on_the_platform_is_asked_for() {
    let world = || sample::model_of(sample::overview_on_the_platform());
    let open = [Action::ScreenAgents, Action::Down, Action::DreamRun, Action::DreamChange, Action::InputNext];
    picture("wish", world, |model| act(model, &open));
}

#[test]
fn a_pass_that_runs_here() {
    picture("running", sample::model, |model| {
        act(model, &[Action::ScreenDreams]);
        let agent = model.agents.list[0].agent.id.clone();
        let start = sample::now().checked_sub(jiff::SignedDuration::from_secs(12)).unwrap();
        let _ = wakeful::app::update(model, Msg::Dream(agent), start);
        model.toasts.dismiss();
        let far = Progress { stage: "reading".to_owned(), done: 17, total: 48 };
        sample::send(model, Msg::Dreaming(far));
    });
}

#[test]
fn a_dream_that_runs_on_the_platform() {
    let world = || sample::model_of(sample::overview_on_the_platform());
    picture("followed", world, |model| {
        act(model, &[Action::ScreenDreams]);
        sample::send(model, Msg::DreamSeen(sample::steps()));
    });
}

#[test]
fn nothing_waits() {
    let world = || sample::model_of(sample::cleared(&[State::Snoozed, State::Snoozed, State::Rejected]));
    picture("nothing", world, |_| {});
}

#[test]
fn inbox() {
    snapshot("inbox", |_| {});
}

#[test]
fn inbox_with_marks_and_filter() {
    snapshot("marks", |model| {
        act(model, &[Action::Mark, Action::Mark, Action::ThresholdLower, Action::SortNext]);
        act(model, &[Action::Filter]);
        for c in "flag:any".chars() {
            sample::send(model, Msg::Text(TextEdit::Insert(c)));
        }
        act(model, &[Action::InputSubmit]);
        model.toasts.dismiss();
    });
}

#[test]
fn lesson() {
    snapshot("lesson", |model| act(model, &[Action::Open]));
}

#[test]
fn evidence() {
    snapshot("evidence", |model| act(model, &[Action::Evidence]));
}

#[test]
fn transcript() {
    snapshot("transcript", |model| act(model, &[Action::OpenTranscript]));
}

#[test]
fn dreams() {
    snapshot("dreams", |model| {
        act(model, &[Action::ScreenDreams, Action::DreamRun, Action::Down, Action::Down]);
    });
}

#[test]
fn agents() {
    snapshot("agents", |model| act(model, &[Action::ScreenAgents]));
}

#[test]
fn memory() {
    snapshot("memory", |model| act(model, &[Action::ScreenMemory]));
}

#[test]
fn a_document_nobody_is_known_to_have_written_has_no_column_for_it() {
    let mut model = sample::model();
    act(&mut model, &[Action::ScreenMemory, Action::Down]);
    let drawn = text(&Stage::new(false).draw(&mut model, (140, 40)));
    let line = drawn.lines().find(|line| line.contains("Refunds within 30 days.")).unwrap();
    let (_, beside) = line.rsplit_once("││").unwrap();
    assert!(beside.starts_with(" 1   Refunds"), "{line}");
}

#[test]
fn memory_history() {
    snapshot("history", |model| {
        act(model, &[Action::ScreenMemory, Action::FocusPrevious, Action::Down, Action::TakeBack]);
    });
}

#[test]
fn three_sides_of_a_collision() {
    snapshot("fit", |model| act(model, &[Action::Top, Action::Down, Action::Fit, Action::FitLesson]));
}

#[test]
fn what_changed_since_a_decision() {
    snapshot("since", |model| {
        act(model, &[Action::Top, Action::Compare, Action::Open]);
        model.toasts.dismiss();
    });
}

#[test]
fn audit() {
    snapshot("audit", |model| act(model, &[Action::ScreenAudit]));
}

#[test]
fn preview() {
    snapshot("preview", |model| act(model, &[Action::Preview]));
}

#[test]
fn help() {
    snapshot("help", |model| act(model, &[Action::Help]));
}

#[test]
fn command_line() {
    snapshot("command", |model| {
        act(model, &[Action::Command]);
        sample::send(model, Msg::Text(TextEdit::Insert('t')));
    });
}

#[test]
fn batch_question() {
    snapshot("question", |model| act(model, &[Action::MarkAll, Action::Accept]));
}

#[test]
fn ascii_has_only_ascii_of_its_own() {
    let mut model = sample::model();
    let drawn = text(&Stage::new(true).draw(&mut model, (140, 40)));
    let ours = drawn.replace(['“', '”', '→', '⟨', '⟩'], "");
    assert!(ours.is_ascii(), "{:?}", ours.chars().find(|c| !c.is_ascii()));
}

#[test]
fn every_size_draws_on_every_screen() {
    use Action as A;
    let ways: &[&[Action]] = &[
        &[],
        &[A::Open],
        &[A::Evidence],
        &[A::OpenTranscript],
        &[A::ScreenDreams],
        &[A::ScreenAgents],
        &[A::ScreenMemory],
        &[A::ScreenMemory, A::FocusNext],
        &[A::ScreenAudit],
        &[A::Preview],
        &[A::Top, A::Down, A::Fit],
        &[A::Help],
        &[A::Command],
        &[A::Filter],
        &[A::MarkAll, A::Reject],
        &[A::Messages],
    ];
    for way in ways {
        let mut model = sample::model();
        act(&mut model, way);
        let mut stage = Stage::new(false);
        for width in [1, 2, 3, 5, 8, 13, 21, 34, 55, 59, 89, 109, 110, 111, 144, 233] {
            for height in [1, 2, 3, 4, 5, 6, 8, 9, 10, 13, 21, 34, 55] {
                stage.draw(&mut model, (width, height));
            }
        }
    }
}

#[test]
fn the_keys_are_documented() {
    insta::assert_snapshot!(Keymap::load(&Overrides::new()).0.to_markdown());
}
