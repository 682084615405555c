//! Carries out effects beside the screen, and sends back what came of them.
//!
//! Owns: lanes. What writes goes one by one in the order it was asked, so that a decision and its
//! undo can't pass each other; of what only the newest counts for, the older ones are skipped; the
//! rest runs as it comes. Must not know: the model, keys, terminals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc as queue;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::world::{Watcher, World};
use crate::app::data::{Failure, Progress};
use crate::app::{Effect, Msg};
use crate::domain::ids::LessonId;
use crate::ui::theme::Theme;
use crate::ui::{PaintJob, Painter, Painting};

/// What came of an effect.
#[derive(Debug)]
pub enum Reply {
    /// Something for the model.
    Msg(Msg),
    /// A finished painting.
    Painted(Box<Painting>),
    /// The text of a lesson is there to be edited.
    Edit(LessonId, String),
    /// The cache was looked at; whether someone wrote to it since last time.
    Watched(bool),
    /// Done, with nothing to tell.
    Done,
    /// A fault of the program itself; the report is written already.
    Fault,
}

/// Answers wait here until the loop takes them; a full queue makes workers wait, never the loop.
const ANSWERS: usize = 256;
/// Progress is told at most this often: more is only bytes.
const PROGRESS_EVERY: Duration = Duration::from_millis(120);

type Work = Box<dyn FnOnce(&Lane) -> Reply + Send>;

/// Carries out effects.
pub struct Executor {
    world: Arc<World>,
    lane: Lane,
    writes: Option<queue::Sender<Work>>,
    writer: Option<JoinHandle<()>>,
    details: Latest,
    paintings: Latest,
    painter: Arc<Mutex<Painter>>,
    theme: Arc<Theme>,
    pull: Arc<AtomicBool>,
    dream: Arc<AtomicBool>,
    watcher: Option<Watcher>,
    seen: Arc<Mutex<Option<i64>>>,
}

/// The way back, and the count of what is under way.
#[derive(Clone)]
pub struct Lane {
    replies: mpsc::Sender<Reply>,
    busy: Arc<AtomicUsize>,
}

impl Lane {
    fn start(&self) {
        self.busy.fetch_add(1, Ordering::SeqCst);
    }

    /// Runs work and sends its answer. A panic is caught here so that the loop can end in order; the
    /// panic hook has reported it by then.
    fn carry_out(&self, work: impl FnOnce(&Self) -> Reply) {
        let reply = catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or(Reply::Fault);
        self.send(reply);
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// Nobody listens any more once the console is left; then the answer is not needed.
    fn send(&self, reply: Reply) {
        let _ = self.replies.blocking_send(reply);
    }

    /// A teller of progress that does not tell too often.
    fn progress(&self, message: fn(Progress) -> Msg) -> impl Fn(Progress) + Sync {
        let last: Mutex<Option<(Instant, String)>> = Mutex::new(None);
        let lane = self.clone();
        move |progress: Progress| {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let due = last
                .as_ref()
                .is_none_or(|(at, stage)| at.elapsed() >= PROGRESS_EVERY || *stage != progress.stage);
            if due {
                *last = Some((Instant::now(), progress.stage.clone()));
                // Progress that does not fit is not worth waiting for.
                let _ = lane.replies.try_send(Reply::Msg(message(progress)));
            }
        }
    }
}

/// Work of which only the newest counts.
#[derive(Clone, Default)]
struct Latest {
    waiting: Arc<Mutex<Option<Work>>>,
    running: Arc<AtomicBool>,
}

impl Latest {
    fn submit(&self, lane: &Lane, work: Work) {
        lane.start();
        let replaced = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).replace(work);
        if replaced.is_some() {
            lane.busy.fetch_sub(1, Ordering::SeqCst);
        }
        if self.running.swap(true, Ordering::SeqCst) {
            return;
        }
        let (this, lane) = (self.clone(), lane.clone());
        tokio::task::spawn_blocking(move || {
            loop {
                let next = this.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(work) = next {
                    lane.carry_out(work);
                    continue;
                }
                this.running.store(false, Ordering::SeqCst);
                // Work may have come between looking and saying that nobody runs it.
                let missed = this.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_some();
                if !missed || this.running.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
    }
}

impl Executor {
    /// An executor, and where its answers come out.
    #[must_use]
    pub fn new(world: Arc<World>, theme: Arc<Theme>) -> (Self, mpsc::Receiver<Reply>) {
        let (replies, answers) = mpsc::channel(ANSWERS);
        let lane = Lane { replies, busy: Arc::default() };
        let (writes, work) = queue::channel::<Work>();
        let on_lane = lane.clone();
        let writer = std::thread::Builder::new().name("console-writes".to_owned()).spawn(move || {
            for work in work {
                on_lane.carry_out(work);
            }
        });
        let executor = Self {
            lane,
            writes: Some(writes),
            writer: writer.ok(),
            details: Latest::default(),
            paintings: Latest::default(),
            painter: Arc::default(),
            theme,
            pull: Arc::default(),
            dream: Arc::default(),
            watcher: world.watcher().ok(),
            seen: Arc::default(),
            world,
        };
        (executor, answers)
    }

    /// Whether anything is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.lane.busy.load(Ordering::SeqCst) > 0
    }

    /// Whether texts or lines for the screen are about to come.
    #[must_use]
    pub fn is_showing(&self) -> bool {
        self.details.running.load(Ordering::SeqCst) || self.paintings.running.load(Ordering::SeqCst)
    }

    /// Starts an effect. Those that need the terminal are not for here and come back.
    pub fn start(&self, effect: Effect) -> Option<Effect> {
        let world = Arc::clone(&self.world);
        match effect {
            Effect::Decide(token, asks) => {
                self.write(move |_| Msg::Decided(token, world.decide(&asks)));
            }
            Effect::Undo => self.write(move |_| Msg::Undone(world.turn_back(false))),
            Effect::Redo => self.write(move |_| Msg::Redone(world.turn_back(true))),
            // Reads what was accepted, so it has to see every decision asked before it.
            Effect::PlanApply(token) => {
                self.write(move |_| Msg::Planned(token, world.plan(token).map(Box::new)));
            }
            Effect::Apply(token) => self.write(move |_| Msg::Applied(world.apply(token))),
            Effect::Resume => self.write(move |_| Msg::Resumed(world.resume())),
            Effect::TakeBackLesson(id) => {
                self.write(move |_| Msg::TakenBack(world.take_back_lesson(&id)));
            }
            Effect::TakeBackApply(id) => {
                self.write(move |_| Msg::TakenBack(world.take_back_apply(&id)));
            }
            Effect::SaveView(json) => self.write_quietly(move || {
                if let Err(failure) = world.save_view(&json) {
                    tracing::warn!(%failure, "the view was not kept");
                }
            }),
            Effect::LoadOverview(number) => {
                self.read(move |_| Reply::Msg(Msg::Overview(number, world.overview().map(Box::new))));
            }
            Effect::LoadMemory(number, agent) => {
                self.read(move |_| Reply::Msg(Msg::Memory(number, world.memory(&agent).map(Box::new))));
            }
            Effect::LoadAudit(number, words) => {
                self.read(move |_| Reply::Msg(Msg::Audit(number, world.audit(&words).map(Box::new))));
            }
            Effect::LoadTranscript(number, agent, place) => self.read(move |_| {
                let transcript = world.transcript(&agent, &place);
                Reply::Msg(Msg::Transcript(number, transcript.map(Box::new)))
            }),
            Effect::LoadDetail(number, lesson) => {
                let work =
                    move |_: &Lane| Reply::Msg(Msg::Detail(number, world.detail(&lesson).map(Box::new)));
                self.details.submit(&self.lane, Box::new(work));
            }
            Effect::EditText(lesson) => self.read(move |_| match world.editable(&lesson) {
                Ok(text) => Reply::Edit(lesson, text),
                Err(failure) => Reply::Msg(Msg::Edited(lesson, Err(failure))),
            }),
            Effect::Pull => {
                let stop = Arc::clone(&self.pull);
                stop.store(false, Ordering::SeqCst);
                self.read(move |lane| {
                    Reply::Msg(Msg::Pulled(world.pull(&lane.progress(Msg::Pulling), &stop)))
                });
            }
            Effect::Dream(agent) => {
                let stop = Arc::clone(&self.dream);
                stop.store(false, Ordering::SeqCst);
                self.read(move |lane| {
                    Reply::Msg(Msg::Dreamt(world.dream(&agent, &lane.progress(Msg::Dreaming), &stop)))
                });
            }
            Effect::CancelDream => self.dream.store(true, Ordering::SeqCst),
            Effect::Copy { .. } | Effect::Suspend | Effect::Redraw => return Some(effect),
        }
        None
    }

    /// Paints on a worker.
    pub fn paint(&self, job: PaintJob) {
        let (painter, theme) = (Arc::clone(&self.painter), Arc::clone(&self.theme));
        let work = move |_: &Lane| {
            let mut painter = painter.lock().unwrap_or_else(PoisonError::into_inner);
            Reply::Painted(Box::new(painter.paint(&job, &theme)))
        };
        self.paintings.submit(&self.lane, Box::new(work));
    }

    /// Looks whether anyone wrote to the cache.
    pub fn watch(&self) {
        let Some(watcher) = self.watcher.clone() else { return };
        let seen = Arc::clone(&self.seen);
        self.read(move |_| {
            let version = watcher.version();
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let before = std::mem::replace(&mut *seen, version);
            Reply::Watched(before.is_some() && version.is_some() && before != version)
        });
    }

    fn write(&self, work: impl FnOnce(&Lane) -> Msg + Send + 'static) {
        self.queue(Box::new(|lane| Reply::Msg(work(lane))));
    }

    fn write_quietly(&self, work: impl FnOnce() + Send + 'static) {
        self.queue(Box::new(|_| {
            work();
            Reply::Done
        }));
    }

    fn queue(&self, work: Work) {
        self.lane.start();
        let sent = self.writes.as_ref().is_some_and(|writes| writes.send(work).is_ok());
        if !sent {
            // The thread could not be started or died; nothing written is shown as saved then.
            self.lane.busy.fetch_sub(1, Ordering::SeqCst);
            let failure = Failure::plain(
                "The writing thread is gone; nothing more can be recorded. Leave and start again",
            );
            let _ = self.lane.replies.try_send(Reply::Msg(Msg::Notice(failure.to_string())));
        }
    }

    fn read(&self, work: impl FnOnce(&Lane) -> Reply + Send + 'static) {
        self.lane.start();
        let lane = self.lane.clone();
        tokio::task::spawn_blocking(move || lane.carry_out(work));
    }

    /// Stops what can be stopped, and waits for everything that writes to be on the disk. Answers
    /// are no longer taken: the caller drops their end first.
    pub fn finish(mut self) {
        self.pull.store(true, Ordering::SeqCst);
        self.dream.store(true, Ordering::SeqCst);
        drop(self.writes.take());
        if let Some(writer) = self.writer.take() {
            // A panic in it was reported by the hook.
            let _ = writer.join();
        }
    }
}
