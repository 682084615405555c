//! Wiring: the console's model, screen and keys put together with the cache, the sources and a
//! terminal.
//!
//! Owns: assembling the parts and ending them in order. Must not know: what any of them does.

pub mod effects;
pub mod event_loop;
pub mod face;
pub mod headless;
pub mod world;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use self::effects::Executor;
use self::event_loop::{Console, Pace, Until};
use self::face::Held;
use self::world::World;
use crate::app::view_state::ViewState;
use crate::app::{Model, Msg};
use crate::config::{Config, Origin, ThemeChoice};
use crate::domain::clock::Clock;
use crate::domain::ids::AgentId;
use crate::input::{Keymap, Overrides, Router};
use crate::observe::Requests;
use crate::source::Sources;
use crate::store::Store;
use crate::sync::platform::prices::Prices;
use crate::term::events::SIGHUP;
use crate::term::probe;
use crate::term::session;
use crate::ui::theme::{Library, Theme};

pub use self::event_loop::Ended;

/// What the console works on.
pub struct ConsoleOptions {
    /// The cache.
    pub store: Store,
    /// Where agents, sessions and memory come from.
    pub sources: Sources,
    /// Settings.
    pub config: Config,
    /// What models cost.
    pub prices: Prices,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where days begin and end.
    pub zone: TimeZone,
    /// Folder for texts that are too long to copy.
    pub state: PathBuf,
    /// The latest requests to a platform, as they are made.
    pub requests: Requests,
    /// Remarks to show at the start, such as warnings about the configuration.
    pub notices: Vec<String>,
    /// Read the sources as soon as the console is open.
    pub sync_at_start: bool,
    /// Run a pass for this agent as soon as the console is open.
    pub dream_at_start: Option<AgentId>,
}

/// Why the console could not go on. Everything shown as saved is saved.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// There is no terminal, or it is gone.
    #[error(
        "the console needs a terminal: {0}. Nothing was lost; `wakeful review --plain` and the other commands work without one"
    )]
    Terminal(#[from] io::Error),
    /// A fault of the program, already reported.
    #[error("the console ended because of a fault of its own; everything that was shown as saved is saved")]
    Fault,
}

/// How the loop is paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speed {
    Local,
    Remote,
    Headless,
}

/// Opens the console on this process's terminal, and returns when the reviewer leaves it.
///
/// # Errors
/// When there is no terminal, or the program has a fault. The terminal is restored in every case.
pub fn console(options: ConsoleOptions) -> Result<Ended, ConsoleError> {
    let env = |name: &str| std::env::var(name).ok();
    let config = &options.config;
    let (choice, ascii) = (config.theme.value.clone(), *config.ascii);
    let speed = if probe::over_ssh(&env) { Speed::Remote } else { Speed::Local };
    let (mouse, focus, editor) = (*config.mouse, *config.notify, config.editor.value.clone());
    let (saved, in_tmux) = (options.state.clone(), env("TMUX").is_some());
    let (sync, dream) = (options.sync_at_start, options.dream_at_start.clone());
    let runtime = runtime()?;
    let ended = runtime.block_on(async move {
        let mut unanswered = false;
        // Asked before raw mode: an answer that comes late would look like typed text.
        let theme = || {
            let found = probe::theme(&choice, ascii, &env);
            unanswered = found.unanswered;
            found.theme
        };
        let mut console = assemble(options, theme, speed);
        let mut terminal = face::Terminal::enter(Held { mouse, focus, unanswered, editor, saved, in_tmux })?;
        console.start(sync);
        if let Some(agent) = dream {
            console.dream(agent);
        }
        let ended = console.run(&mut terminal, Until::Left).await.or_else(hung_up);
        // The terminal is given back before the last writes are waited for: they are quick, but a
        // reviewer who left should see the shell at once.
        drop(terminal);
        console.finish();
        ended.map(|ended| ended.unwrap_or(Ended::Left))
    });
    // A pass that does not hear at once that it is to stop is left behind; the next one notices.
    runtime.shutdown_timeout(Duration::from_secs(2));
    ended
}

/// A terminal that is gone in the middle of a frame is a line that was hung up, seen before its signal.
fn hung_up(error: ConsoleError) -> Result<Option<Ended>, ConsoleError> {
    match error {
        ConsoleError::Terminal(cause) if session::is_gone(&cause) => Ok(Some(Ended::Signal(SIGHUP))),
        other => Err(other),
    }
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Puts the parts together. Needs a running tokio runtime. While the theme is found out the lists are read already.
fn assemble(options: ConsoleOptions, theme: impl FnOnce() -> Theme, speed: Speed) -> Console {
    let ConsoleOptions { store, sources, config, prices, clock, zone, notices, requests, .. } = options;
    let overrides: Overrides =
        config.bindings.iter().map(|(id, keys)| (id.clone(), keys.value.clone())).collect();
    let (keymap, problems) = Keymap::load(&overrides);
    let threshold = *config.threshold;
    let (snooze_days, mouse, read_only) = (*config.snooze_days, *config.mouse, *config.read_only);
    let (calm, notify) = (*config.reader, *config.notify);
    let chosen_by_default = config.theme.origin == Origin::Default;
    let own_theme = match &*config.theme {
        ThemeChoice::Own(name) => Some(name.clone()),
        _ => None,
    };
    let files: Vec<_> = config.themes.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
    let world = World::new(store, sources, config, prices).showing(requests);
    // Nobody waits for a headless console but a test.
    let world = Arc::new(match speed {
        Speed::Headless => world.looking_every(Duration::from_millis(20)),
        Speed::Local | Speed::Remote => world,
    });
    if speed != Speed::Headless {
        world.read_early();
    }
    let theme = theme();
    let theme = if calm { theme.for_readers() } else { theme };
    let mut view = ViewState::parse(&world.view().unwrap_or_default());
    view.threshold = Some(view.threshold_over(threshold));
    view.configured = Some(threshold);
    let mut model = Model::new(zone, clock.now(), &view);
    model.snooze_days = snooze_days;
    model.mouse = mouse;
    model.read_only = read_only;
    model.calm = calm;
    model.notify = notify;
    let (themes, broken) = Library::new(theme, &files);
    model.themes = themes.names();
    // What the configuration names stands above what was picked some time.
    let wanted = if chosen_by_default { view.theme.as_deref() } else { own_theme.as_deref() };
    model.theme = wanted.filter(|name| themes.get(name).is_some()).map(Arc::from);
    let executor = Executor::new(world, Arc::clone(themes.fitting()));
    let pace = match speed {
        Speed::Local => Pace { frame: Duration::from_millis(16), watch: true, patient: true },
        Speed::Remote => Pace { frame: Duration::from_millis(33), watch: true, patient: true },
        Speed::Headless => Pace { frame: Duration::ZERO, watch: false, patient: false },
    };
    let mut console = Console::new(model, Router::new(keymap), themes, executor, clock, pace);
    for notice in notices.into_iter().chain(problems).chain(broken) {
        console.send(Msg::Notice(notice));
    }
    console
}
