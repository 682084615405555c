//! Carries out effects beside the screen, and sends back what came of them.
//!
//! Owns: lanes. What writes goes one by one in the order it was asked, so that a decision and its
//! undo can't pass each other; of what only the newest counts for, the older ones are skipped; the
//! rest runs as it comes. Must not know: the model, keys, terminals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as queue;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::world::{Watcher, World};
use crate::app::data::Progress;
use crate::app::{Effect, Msg};
use crate::domain::ids::{AgentId, DreamId, LessonId};
use crate::ui::theme::Theme;
use crate::ui::{PaintJob, Painter, Painting};

/// What came of an effect.
#[derive(Debug)]
pub enum Reply {
    /// Something for the model.
    Msg(Msg),
    /// How far something is; its end comes by itself.
    Progress(Msg),
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

/// Carries out effects. Every piece of work sends exactly one answer besides progress, so what is
/// under way is what was started and not yet answered.
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
    /// The reviewer has left: whoever follows something elsewhere is to end.
    leaving: Arc<AtomicBool>,
    unanswered: usize,
    /// Of these, texts and lines for the screen.
    unshown: usize,
    watcher: Option<Watcher>,
    seen: Arc<Mutex<Option<i64>>>,
}

/// The way back.
#[derive(Clone)]
struct Lane {
    replies: mpsc::Sender<Reply>,
}

impl Lane {
    /// Runs work and sends its answer. A panic is caught here so that the loop can end in order; the
    /// panic hook has reported it by then.
    fn carry_out(&self, work: impl FnOnce(&Self) -> Reply) {
        let reply = catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or(Reply::Fault);
        // Nobody listens any more once the console is left; then the answer is not needed.
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
                let _ = lane.replies.try_send(Reply::Progress(message(progress)));
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
    /// Submits work; `false` if it took the place of other work, which will not be answered.
    fn submit(&self, lane: &Lane, work: Work) -> bool {
        let replaced = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).replace(work);
        if self.running.swap(true, Ordering::SeqCst) {
            return replaced.is_none();
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
        replaced.is_none()
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.leaving.store(true, Ordering::SeqCst);
    }
}

impl Executor {
    /// An executor, and where its answers come out.
    #[must_use]
    pub fn new(world: Arc<World>, theme: Arc<Theme>) -> (Self, mpsc::Receiver<Reply>) {
        let (replies, answers) = mpsc::channel(ANSWERS);
        let lane = Lane { replies };
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
            leaving: Arc::default(),
            unanswered: 0,
            unshown: 0,
            watcher: world.watcher().ok(),
            seen: Arc::default(),
            world,
        };
        (executor, answers)
    }

    /// Whether anything is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.unanswered > 0
    }

    /// Whether texts or lines for the screen are about to come.
    #[must_use]
    pub fn is_showing(&self) -> bool {
        self.unshown > 0
    }

    /// Notes that an answer was taken in.
    pub fn answered(&mut self, reply: &Reply) {
        match reply {
            Reply::Progress(_) => return,
            Reply::Painted(_) | Reply::Msg(Msg::Detail(..)) => self.unshown = self.unshown.saturating_sub(1),
            Reply::Msg(_) | Reply::Edit(..) | Reply::Watched(_) | Reply::Done | Reply::Fault => {}
        }
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Starts an effect. Those that need the terminal are not for here and come back.
    pub fn start(&mut self, effect: Effect) -> Option<Effect> {
        let world = Arc::clone(&self.world);
        match effect {
            Effect::Decide(token, asks) => {
                self.write(move |_| Msg::Decided(token, world.decide(&asks)));
            }
            Effect::SpotCheck(lesson, said) => {
                self.write(move |_| Msg::SpotChecked(world.spot_check(&lesson, said)));
            }
            Effect::Undo => self.write(move |_| Msg::Undone(world.turn_back(false))),
            Effect::Redo => self.write(move |_| Msg::Redone(world.turn_back(true))),
            // Reads what was accepted, so it has to see every decision asked before it.
            Effect::PlanApply(token) => {
                self.write(move |_| Msg::Planned(token, world.plan(token).map(Box::new)));
            }
            Effect::PlanPutBack(token, agent, path, version) => self.write(move |_| {
                Msg::Planned(token, world.plan_put_back(token, &agent, &path, &version).map(Box::new))
            }),
            Effect::PlanTakeBack(token, what) => {
                self.write(move |_| Msg::Planned(token, world.plan_take_back(token, &what).map(Box::new)));
            }
            Effect::ExportAudit { words, file } => {
                self.read(move |_| Reply::Msg(Msg::Exported(world.export_audit(&words, file.as_deref()))));
            }
            Effect::Apply(token) => self.write(move |_| Msg::Applied(world.apply(token))),
            Effect::Resume => self.write(move |_| Msg::Resumed(world.resume())),
            Effect::LookQuarantine(agent, session) => {
                self.read(move |_| Reply::Msg(Msg::FromSession(world.came_from(&agent, &session))));
            }
            Effect::Quarantine(agent, session) => {
                self.write(move |_| Msg::TakenBack(world.quarantine(&agent, &session)));
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
            Effect::LoadVersion(number, agent, id) => {
                self.read(move |_| {
                    Reply::Msg(Msg::Version(number, world.version(&agent, &id).map(Box::new)))
                });
            }
            Effect::LoadAudit(number, words) => {
                self.read(move |_| Reply::Msg(Msg::Audit(number, world.audit(&words).map(Box::new))));
            }
            Effect::LoadActivity(agent) => self.read(move |_| {
                let activity = world.activity(&agent);
                Reply::Msg(Msg::Activity(agent, activity))
            }),
            Effect::LoadRequests => self.read(move |_| Reply::Msg(Msg::Requests(world.requests()))),
            Effect::LoadTranscript(number, agent, evidence, around) => self.read(move |_| {
                let transcript = world.transcript(&agent, &evidence, around);
                Reply::Msg(Msg::Transcript(number, transcript.map(Box::new)))
            }),
            Effect::LoadDetail(number, lesson) => {
                let work =
                    move |_: &Lane| Reply::Msg(Msg::Detail(number, world.detail(&lesson).map(Box::new)));
                let more = usize::from(self.details.submit(&self.lane, Box::new(work)));
                self.unanswered += more;
                self.unshown += more;
            }
            Effect::EditText(lesson) => self.read(move |_| match world.editable(&lesson) {
                Ok(text) => Reply::Edit(lesson, text),
                Err(failure) => Reply::Msg(Msg::Edited(lesson, Err(failure))),
            }),
            Effect::EditGiven(lesson, text) => self.read(move |_| Reply::Edit(lesson, text)),
            Effect::Pull => {
                let stop = Arc::clone(&self.pull);
                stop.store(false, Ordering::SeqCst);
                self.read(move |lane| {
                    Reply::Msg(Msg::Pulled(world.pull(&lane.progress(Msg::Pulling), &stop)))
                });
            }
            Effect::Dream(agent, window) => {
                let stop = Arc::clone(&self.dream);
                stop.store(false, Ordering::SeqCst);
                self.read(move |lane| {
                    let ended = world.dream(
                        &agent,
                        window.map(|window| *window),
                        &lane.progress(Msg::Dreaming),
                        &stop,
                    );
                    Reply::Msg(Msg::Dreamt(ended))
                });
            }
            Effect::PlanDream(number, agent, asked) => self.read(move |_| {
                Reply::Msg(Msg::DreamPlanned(number, world.plan_dream(number, &agent, *asked)))
            }),
            // Reads what was decided, as the plan of an apply does.
            Effect::PlanAdopt(number, agent, dream) => self.write(move |_| {
                Msg::AdoptPlanned(number, world.plan_adopt(number, &agent, &dream).map(Box::new))
            }),
            Effect::LookLeftover(number, agent, dream) => {
                self.read(move |_| Reply::Msg(Msg::Leftover(number, world.look_leftover(&agent, &dream))));
            }
            Effect::PutAway(agent, dream, delete) => self.read(move |_| {
                let done = world.put_away(&agent, &dream, delete);
                Reply::Msg(Msg::PutAway(dream, done))
            }),
            Effect::StartDream(number, over) => {
                self.write(move |_| Msg::DreamStarted(world.start_dream(number, over)));
            }
            Effect::WatchDream(agent, dream) => self.follow(world, agent, dream),
            Effect::FetchDream(agent, dream) => {
                let leaving = Arc::clone(&self.leaving);
                self.read(move |_| {
                    Reply::Msg(Msg::DreamFetched(world.fetch_dream(&agent, &dream, &leaving)))
                });
            }
            Effect::CancelFarDream(agent, dream) => {
                self.read(move |_| Reply::Msg(Msg::DreamCanceled(world.cancel_dream(&agent, &dream))));
            }
            Effect::CancelDream => self.dream.store(true, Ordering::SeqCst),
            Effect::Copy { .. }
            | Effect::Mouse(_)
            | Effect::Notify(_)
            | Effect::Picture
            | Effect::Suspend
            | Effect::Redraw => {
                return Some(effect);
            }
        }
        None
    }

    /// Paints with another theme from now on.
    pub fn use_theme(&mut self, theme: Arc<Theme>) {
        self.theme = theme;
    }

    /// Paints on a worker.
    pub fn paint(&mut self, job: PaintJob) {
        let (painter, theme) = (Arc::clone(&self.painter), Arc::clone(&self.theme));
        let work = move |_: &Lane| {
            let mut painter = painter.lock().unwrap_or_else(PoisonError::into_inner);
            Reply::Painted(Box::new(painter.paint(&job, &theme)))
        };
        let more = usize::from(self.paintings.submit(&self.lane, Box::new(work)));
        self.unanswered += more;
        self.unshown += more;
    }

    /// Follows a dream beside everything else. It takes as long as the dream does, so it does not
    /// count as work under way; leaving ends it.
    fn follow(&mut self, world: Arc<World>, agent: AgentId, dream: DreamId) {
        let (lane, stop) = (self.lane.clone(), Arc::clone(&self.leaving));
        tokio::task::spawn_blocking(move || {
            let steps = |watched| {
                // What does not fit is not worth waiting for: the cache has what matters.
                let _ = lane.replies.try_send(Reply::Progress(Msg::DreamSeen(watched)));
            };
            let ended = world.watch_dream(&agent, &dream, &steps, &|_| {}, &stop);
            if !stop.load(Ordering::SeqCst) {
                let _ = lane.replies.blocking_send(Reply::Progress(Msg::DreamLeft(dream, ended)));
            }
        });
    }

    /// Looks whether anyone wrote to the cache.
    pub fn watch(&mut self) {
        let Some(watcher) = self.watcher.clone() else { return };
        let seen = Arc::clone(&self.seen);
        self.read(move |_| {
            let version = watcher.version();
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let before = std::mem::replace(&mut *seen, version);
            Reply::Watched(before.is_some() && version.is_some() && before != version)
        });
    }

    fn write(&mut self, work: impl FnOnce(&Lane) -> Msg + Send + 'static) {
        self.queue(Box::new(|lane| Reply::Msg(work(lane))));
    }

    fn write_quietly(&mut self, work: impl FnOnce() + Send + 'static) {
        self.queue(Box::new(|_| {
            work();
            Reply::Done
        }));
    }

    fn queue(&mut self, work: Work) {
        let sent = self.writes.as_ref().is_some_and(|writes| writes.send(work).is_ok());
        self.unanswered += usize::from(sent);
        if !sent {
            // The thread could not be started, or died; what was asked stays unsaved, and is shown so.
            let text = "The writing thread is gone; nothing more can be recorded. Leave and start again";
            let _ = self.lane.replies.try_send(Reply::Progress(Msg::Notice(text.to_owned())));
        }
    }

    fn read(&mut self, work: impl FnOnce(&Lane) -> Reply + Send + 'static) {
        self.unanswered += 1;
        let lane = self.lane.clone();
        tokio::task::spawn_blocking(move || lane.carry_out(work));
    }

    /// Stops what can be stopped, and waits for everything that writes to be on the disk. Answers
    /// are no longer taken: the caller drops their end first.
    pub fn finish(mut self) {
        self.pull.store(true, Ordering::SeqCst);
        self.dream.store(true, Ordering::SeqCst);
        self.leaving.store(true, Ordering::SeqCst);
        drop(self.writes.take());
        if let Some(writer) = self.writer.take() {
            // A panic in it was reported by the hook.
            let _ = writer.join();
        }
    }
}
