//! What the console asks of the world, answered in its own words: cache, sources and background
//! work behind one face. Everything here blocks and runs beside the screen.
//!
//! Owns: opening readers, finding an agent's source, and turning errors into words a reviewer can
//! act on. Must not know: the model, terminals, or which thread it runs on.

mod audit;
mod far;
mod memory;
mod output;
mod overview;
mod quarantine;
mod show;
mod write;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::data::{Failure, Overview, Progress};
use crate::app::view_state::ViewState;
use crate::config::Config;
use crate::domain::agent::Agent;
use crate::domain::dream::{self, Window};
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::request::Request;
use crate::observe::Requests;
use crate::source::Sources;
use crate::store::{Reader, Store, StoreError, Writer};
use crate::sync::apply::Plan;
use crate::sync::dream::Reading;
use crate::sync::platform::prices::Prices;
use crate::sync::{self, Cuttings, SyncError};

/// Key under which the console keeps its view in the cache.
const VIEW: &str = "console";

/// The smallest example count that is shown: the one configured, unless it was changed in the console since. What
/// counts lessons for a person counts by this one; what writes by itself goes by the configuration alone.
///
/// # Errors
/// When the cache can't be read.
pub fn threshold(reader: &Reader, configured: u32) -> Result<u32, StoreError> {
    let kept = reader.view(VIEW)?.unwrap_or_default();
    Ok(ViewState::parse(&kept).threshold_over(configured))
}

/// Cache, sources and settings.
pub struct World {
    store: Store,
    writer: Writer,
    sources: Sources,
    config: Config,
    prices: Prices,
    cuttings: Cuttings,
    /// Whose the lines of the memory are that was asked about last.
    origins: sync::leaving::Known,
    /// Connections not in use: opening one costs more than most questions.
    readers: Mutex<Vec<Reader>>,
    /// The plans that are being looked at, under the number of the preview.
    plans: Mutex<Option<Previewed>>,
    /// The dream on the platform that is being looked at before it starts.
    dreams: Mutex<Option<(u64, Agent, sync::platform::Plan)>>,
    /// How often dreams elsewhere are looked at.
    look_every: Duration,
    /// The latest requests to a platform.
    requests: Requests,
    /// The lists, being read since before the terminal was asked anything.
    early: Mutex<Option<JoinHandle<Result<Overview, Failure>>>>,
}

/// What a preview shows.
struct Previewed {
    number: u64,
    plans: Vec<(Agent, Plan)>,
    /// Lessons that are one, because several agents have them.
    same: Vec<Vec<LessonId>>,
    /// It is all of a dream: writing it accepts every lesson in it.
    adopts: bool,
}

/// How background work tells how far it is.
pub type Tell<'a> = &'a (dyn Fn(Progress) + Sync);

impl World {
    /// Puts cache, sources and settings together.
    #[must_use]
    pub fn new(store: Store, sources: Sources, config: Config, prices: Prices) -> Self {
        Self {
            writer: store.writer(),
            store,
            sources,
            config,
            prices,
            cuttings: Cuttings::new(),
            origins: sync::leaving::Known::default(),
            readers: Mutex::default(),
            plans: Mutex::default(),
            dreams: Mutex::default(),
            look_every: far::LOOK_EVERY,
            requests: Requests::default(),
            early: Mutex::default(),
        }
    }

    /// The same, with dreams elsewhere looked at so often.
    #[must_use]
    pub fn looking_every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }

    /// The same, with the requests that were and will be kept.
    #[must_use]
    pub fn showing(self, requests: Requests) -> Self {
        Self { requests, ..self }
    }

    /// The latest requests to a platform, newest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.latest()
    }

    /// Begins to read the lists: the first to ask for them gets them sooner.
    pub fn read_early(self: &Arc<Self>) {
        let this = Arc::clone(self);
        let reading = std::thread::Builder::new().name("first-lists".to_owned());
        let reading = reading.spawn(move || this.lists_now()).ok();
        *self.early.lock().unwrap_or_else(PoisonError::into_inner) = reading;
    }

    /// Settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Lends a connection.
    fn read<T, E: From<StoreError>>(&self, ask: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => self.store.reader()?,
        };
        let answer = ask(&reader);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        answer
    }

    /// Does something with everything that concerns one agent.
    fn with_agent<T>(
        &self,
        agent: &AgentId,
        work: impl FnOnce(&sync::Context<'_>) -> Result<T, SyncError>,
    ) -> Result<T, SyncError> {
        self.read(|reader| {
            let unknown = || SyncError::NoSource { agent: agent.to_string() };
            let mut agent = reader.agent(agent)?.ok_or_else(unknown)?;
            self.config.apply_to(&mut agent);
            let source = self.sources.of(&agent).ok_or_else(unknown)?;
            work(&sync::Context {
                agent: &agent,
                source: source.as_ref(),
                reader,
                writer: &self.writer,
                cuttings: &self.cuttings,
                by: &self.config.reviewer.value,
            })
        })
    }

    /// The view state kept last.
    #[must_use]
    pub fn view(&self) -> Option<String> {
        self.read(|reader| reader.view(VIEW)).ok().flatten()
    }

    /// Keeps the view state.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn save_view(&self, json: &str) -> Result<(), Failure> {
        self.writer.set_view(VIEW, json).map_err(failure)
    }

    /// Reads new sessions and memories.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn pull(&self, tell: Tell<'_>, cancel: &AtomicBool) -> Result<crate::app::data::Pulled, Failure> {
        let options = self.options();
        let adjust = |agent: &mut Agent| self.config.apply_to(agent);
        let heard = |progress: dream::Progress| tell(in_words(progress));
        let report = self
            .read(|reader| {
                sync::pull::run_with(&self.sources, reader, &self.writer, &options, &adjust, &heard, cancel)
            })
            .map_err(failure)?;
        let failed = report.is_failure();
        Ok(crate::app::data::Pulled { failed, sessions: report.read, problems: report.problems })
    }

    /// Runs a pass; `None` when it was stopped.
    ///
    /// # Errors
    /// When it fails; that is kept with it.
    pub fn dream(
        &self,
        agent: &AgentId,
        window: Option<Window>,
        tell: Tell<'_>,
        cancel: &AtomicBool,
    ) -> Result<Option<u32>, Failure> {
        let heard = |progress: dream::Progress| tell(in_words(progress));
        let ended = self.with_agent(agent, |context| {
            let last = self.config.lookback_of(context.agent);
            let window = window.unwrap_or(Window { last, ..Window::default() });
            let parameters = crate::dream::Parameters::under(self.config.rules_of(context.agent));
            let dream = sync::dream::run(context, &window, &parameters, Reading::Asking, &heard, cancel)?;
            sync::shared::after(&self.sources, context.reader, context.writer, context.cuttings, context.by)?;
            let query = crate::store::LessonQuery { dream: Some(dream), ..Default::default() };
            Ok(context.reader.lessons(&query)?.len() as u32)
        });
        match ended {
            Ok(lessons) => Ok(Some(lessons)),
            Err(SyncError::Canceled) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// A connection that notices when anyone else writes.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn watcher(&self) -> Result<Watcher, Failure> {
        Ok(Watcher { reader: Arc::new(Mutex::new(self.store.reader().map_err(failure)?)) })
    }
}

/// Notices that someone wrote to the cache, in this process or another.
#[derive(Clone)]
pub struct Watcher {
    reader: Arc<Mutex<Reader>>,
}

impl Watcher {
    /// A number that differs from last time if anyone wrote since; `None` if it can't be told now.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).data_version().ok()
    }
}

fn in_words(progress: dream::Progress) -> Progress {
    Progress { stage: progress.stage.to_owned(), done: progress.done, total: progress.total }
}

/// The errors of the modules below say themselves what is safe and what to do.
fn failure(error: impl std::fmt::Display) -> Failure {
    let text = error.to_string();
    Failure::plain(text.trim_end_matches('.'))
}
