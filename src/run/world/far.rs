//! Dreams on the platform: what one would read and cost, starting it, following it, stopping it.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::{Tell, World, failure, in_words};
use crate::app::data::Failure;
use crate::app::far::{Asked, DreamPlan, DreamWish, Watched};
use crate::domain::agent::Agent;
use crate::domain::cost::Estimate;
use crate::domain::dream::{self, Window};
use crate::domain::ids::{AgentId, DreamId};
use crate::sync::SyncError;
use crate::sync::platform::estimate::Caps;
use crate::sync::platform::{self, Far, Labels, Options, Told, Wish};

/// How often a dream is looked at; what it does in between is told by its stream.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(4);
/// How soon a watcher notices that it is to end.
const NOTICE: Duration = Duration::from_millis(100);

impl World {
    /// What a dream of an agent on the platform would read and cost; kept under a number. Sends nothing.
    ///
    /// # Errors
    /// When there is nothing to read, or what it may cost can't be read.
    pub fn plan_dream(&self, number: u64, agent: &AgentId, asked: Asked) -> Result<DreamPlan, Failure> {
        if let Some(problem) = &self.config.unread_cap {
            return Err(Failure::new(
                format!("No dream that costs money is started: {problem}"),
                "Mend it, `wakeful doctor` shows how, and open the console anew",
            ));
        }
        let caps = Caps { pass: *self.config.max_cost, month: *self.config.max_cost_month };
        let planned = self.with_far(agent, |far, agent| {
            let wish = self.wish(agent, asked);
            let asked = Wish {
                window: wish.window.clone(),
                model: wish.model.clone(),
                instructions: Some(wish.instructions.clone()).filter(|text| !text.is_empty()),
                share: wish.share,
                tell_rejections: true,
            };
            let plan = platform::plan(far, agent, &asked, caps)?;
            let sessions = far.reader.all_sessions(&agent.id)?;
            let segments: BTreeSet<String> =
                sessions.into_iter().filter_map(|session| session.segment).collect();
            let shown = DreamPlan {
                agent: agent.id.clone(),
                sessions: plan.parts.iter().map(|part| part.sessions.len() as u64).sum(),
                details: details(&plan, &wish, caps),
                over: plan.over.as_ref().map(ToString::to_string),
                wish,
                segments: segments.into_iter().collect(),
            };
            Ok((agent.clone(), plan, shown))
        });
        let (agent, plan, shown) = planned.map_err(failure)?;
        let mut kept = self.dreams.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((number, agent, plan));
        Ok(shown)
    }

    /// What is asked for, with what is configured where nothing was said.
    fn wish(&self, agent: &Agent, asked: Asked) -> DreamWish {
        let last = self.config.lookback_of(agent);
        let window = match asked {
            Asked::So(wish) => return wish,
            Asked::Over(window) => window,
            Asked::Usual => Window { last, ..Window::default() },
        };
        DreamWish {
            window,
            share: *self.config.max_share,
            model: self.config.model.value.clone(),
            instructions: String::new(),
        }
    }

    /// Starts what was planned under a number.
    ///
    /// # Errors
    /// When the platform refuses, or the plan is no longer the newest.
    pub fn start_dream(&self, number: u64, over_cap: bool) -> Result<Vec<DreamId>, Failure> {
        let kept = self.dreams.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((_, agent, plan)) = kept.filter(|(of, ..)| *of == number) else {
            return Err(Failure::new("The estimate is out of date", "Ask for it again; nothing was started"));
        };
        self.with_far(&agent.id, |far, agent| platform::start(far, agent, &plan, over_cap)).map_err(failure)
    }

    /// Follows a dream until it ends or nobody wants to know any more. Its use, cost and end are in
    /// the cache as soon as they are known; its steps are told.
    ///
    /// # Errors
    /// When it can't be followed.
    pub fn watch_dream(
        &self,
        agent: &AgentId,
        dream: &DreamId,
        steps: &dyn Fn(Watched),
        tell: Tell<'_>,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let heard = |progress: dream::Progress| tell(in_words(progress));
        let mut wait = |pass: &mut dyn FnMut(Duration)| {
            let until = Instant::now() + self.look_every;
            while Instant::now() < until {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    return false;
                }
                pass(NOTICE.min(self.look_every));
            }
            true
        };
        let mut told = |told: &Told<'_>| {
            let (now, lines) = match told {
                Told::Seen { dream, steps } => {
                    let lines = steps.iter().map(|step| (step.at, step.text.clone())).collect();
                    (Some(Box::new((*dream).clone())), lines)
                }
                Told::Trouble(error) => {
                    (None, vec![(None, format!("could not be looked at just now: {error}"))])
                }
            };
            steps(Watched { dream: dream.clone(), now, steps: lines });
        };
        self.with_far(agent, |far, _| platform::watch(far, dream, &mut wait, &mut told, &heard, stop))
            .map(|_| ())
            .map_err(failure)
    }

    /// Makes lessons of a dream on the platform that is over; gives how many it has.
    ///
    /// # Errors
    /// When it is still at work, wrote nothing, or can't be read.
    pub fn fetch_dream(&self, agent: &AgentId, dream: &DreamId, stop: &AtomicBool) -> Result<u32, Failure> {
        self.with_far(agent, |far, _| {
            let done = platform::fetch(far, dream, &|_| {}, stop)?;
            let query = crate::store::LessonQuery { dream: Some(done.id), ..Default::default() };
            Ok(far.reader.lessons(&query)?.len() as u32)
        })
        .map_err(failure)
    }

    /// Stops a dream on the platform.
    ///
    /// # Errors
    /// When it is over already, or the platform can't be reached.
    pub fn cancel_dream(&self, agent: &AgentId, dream: &DreamId) -> Result<(), Failure> {
        self.with_far(agent, |far, _| platform::cancel(far, dream)).map(|_| ()).map_err(failure)
    }

    /// Prices and labels, as configured.
    pub(super) fn options(&self) -> Options {
        let labels = self.config.platforms.iter().map(|(profile, setting)| {
            let labels = Labels {
                user: setting.value.user_label.clone(),
                segment: setting.value.segment_label.clone(),
            };
            (profile.clone(), labels)
        });
        Options { labels: labels.collect(), prices: self.prices.clone() }
    }

    pub(super) fn with_far<T>(
        &self,
        agent: &AgentId,
        work: impl FnOnce(&Far<'_>, &Agent) -> Result<T, SyncError>,
    ) -> Result<T, SyncError> {
        self.with_agent(agent, |context| {
            let unknown = || SyncError::NoSource { agent: context.agent.name.clone() };
            let platform = context.source.platform().ok_or_else(unknown)?;
            let options = self.options();
            let far = Far {
                platform,
                reader: context.reader,
                writer: context.writer,
                options: &options,
                by: context.by,
            };
            work(&far, context.agent)
        })
    }
}

fn details(plan: &platform::Plan, wish: &DreamWish, caps: Caps) -> Vec<String> {
    let mut details = vec![format!("{} with {}", in_estimate(&plan.total), plan.model)];
    if let Some(date) = &plan.total.prices {
        details.push(format!(
            "At list prices of {date}. This month's dreams of all agents cost {} so far.",
            plan.spent
        ));
    }
    if !plan.spent_by_others.is_nothing() {
        details.push(format!("Those that others started cost {}; no cap counts them.", plan.spent_by_others));
    }
    let cap = |name: &str, cap: Option<crate::domain::cost::Money>| {
        cap.map_or_else(|| format!("no cap {name}"), |cap| format!("at most {cap} {name}"))
    };
    details.push(format!("Allowed: {}, {}.", cap("per dream", caps.pass), cap("per month", caps.month)));
    if plan.parts.len() > 1 {
        details.push(format!(
            "One dream reads 100 sessions at most, so this starts {} dreams.",
            plan.parts.len()
        ));
    }
    if !plan.excluded.is_empty() {
        details
            .push(format!("{} left out.", crate::app::words::counted(plan.excluded.len() as u64, "session")));
    }
    details.extend(plan.remarks.iter().cloned());
    if let Some(asked) = asked_for(wish) {
        details.push(asked);
    }
    details.push("It writes a store of its own; the agent's memory stays as it is.".to_owned());
    details
}

/// What was asked for beyond the last sessions.
fn asked_for(wish: &DreamWish) -> Option<String> {
    let segment = wish.window.segment.as_ref().map(|segment| format!("only the segment {segment}"));
    let share = wish.share.map(|share| format!("at most {share} % of one person"));
    let own = (!wish.instructions.is_empty()).then(|| "with your instructions".to_owned());
    let parts: Vec<String> = [segment, share, own].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{}.", crate::app::words::capitalised(&parts.join(", "))))
}

fn in_estimate(estimate: &Estimate) -> String {
    let tokens = &estimate.tokens;
    let thousands = |tokens: u64| format!("{}k", tokens.div_ceil(1_000));
    let tokens = if tokens.is_exact() {
        thousands(tokens.low)
    } else {
        format!("{} to {}", thousands(tokens.low), thousands(tokens.high))
    };
    match estimate.money {
        Some(money) => format!("About {tokens} tokens, {money}"),
        None => format!("About {tokens} tokens; the price is not known"),
    }
}
