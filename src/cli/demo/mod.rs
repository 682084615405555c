//! `wakeful demo`: the whole program on a sample agent, in a folder of its own.
//!
//! Owns: making that folder, working only in it, and removing it. Nothing of the user's is read or
//! written: not the configuration, not the cache, not their agents. Must not know: how the console
//! works.

pub mod faults;
mod folder;
pub mod script;
pub mod serve;
mod workspace;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use tempfile::TempDir;

use self::folder::Places;
use super::args::{Demo, Global};
use super::commands::apply::Desk;
use super::commands::{dream, lessons, sync};
use super::context::{Context, must_be_there};
use super::error::{CliError, Exit};
use super::json::{self, LessonRow, Names};
use super::output::{columns, count, line};
use crate::config::{Config, Loaded, Origin};
use crate::domain::clock::Clock;
use crate::domain::dream::Window;
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;
use crate::stand_in::{Running, StandIn};
use crate::store::LessonQuery;
use crate::sync::dream::Reading;

/// The folder of the demo: removed at the end unless it is to be kept.
pub struct Stage {
    places: Places,
    temporary: Option<TempDir>,
    server: Option<Running>,
}

impl Stage {
    /// Lays out the sample, its last session on the day before `now`.
    ///
    /// # Errors
    /// When the folder can't be made, or one to be kept is not empty.
    pub fn set(keep: Option<&Path>, now: Timestamp) -> Result<Self, CliError> {
        let fail = |error: std::io::Error| {
            CliError::new(
                Exit::NoAccess,
                format!("the sample could not be written: {error}. Nothing else was touched"),
            )
        };
        let (root, temporary) = root(keep)?;
        let places = folder::write(&root, now).map_err(fail)?;
        Ok(Self { places, temporary, server: None })
    }

    /// Stands in for the platform with the sample as a workspace, for as long as this lives.
    ///
    /// # Errors
    /// When the folder can't be made, one to be kept is not empty, or no port can be had.
    pub fn set_platform(
        keep: Option<&Path>,
        now: Timestamp,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CliError> {
        let fail = |error: std::io::Error| {
            CliError::new(
                Exit::NoAccess,
                format!("the platform could not be stood in for: {error}. Nothing else was touched"),
            )
        };
        let (root, temporary) = root(keep)?;
        let mut workspace = workspace::fill(now, clock).map_err(fail)?;
        workspace.keys = vec![folder::KEY.to_owned()];
        let server = StandIn::start(workspace).map_err(fail)?;
        let places = folder::write_platform(&root, server.url()).map_err(fail)?;
        Ok(Self { places, temporary, server: Some(server) })
    }

    /// Where the platform is stood in for.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.server.as_ref().map(Running::url)
    }

    /// The file with the key that opens it.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.places.key()
    }

    /// Lets something go wrong from here on.
    pub fn arrange(&self, fault: &faults::Arranged) {
        if let Some(server) = &self.server {
            fault.arrange(server);
        }
    }

    /// Lets somebody else's dream write into the memory of the sample itself.
    ///
    /// # Errors
    /// When the stand-in refuses it.
    pub fn dream_in_place(&self) -> Result<(), CliError> {
        let Some(server) = &self.server else { return Ok(()) };
        workspace::dream_in_place(&mut server.workspace())
            .map_err(|error| CliError::failed(format!("the dream could not be stood in for: {error}")))
    }

    /// Lets everything work again.
    pub fn clear_faults(&self) {
        if let Some(server) = &self.server {
            server.faults().clear();
        }
    }

    /// Options that lead every command to the sample, and how the console was asked to look.
    #[must_use]
    pub fn options(&self, asked: &Global) -> Global {
        Global {
            config: Some(self.places.config.clone()),
            data_dir: Some(self.places.data.clone()),
            source: Vec::new(),
            ..asked.clone()
        }
    }

    /// The folder that goes with this, where it is not to be kept.
    #[must_use]
    pub fn goes(&self) -> Option<&Path> {
        self.temporary.as_ref().map(TempDir::path)
    }

    /// The folder for what the viewer saves: pictures, and copies that no clipboard takes. They must not go with
    /// the sample, so it is the folder that the demo was started in unless the sample is kept.
    #[must_use]
    pub fn saved(&self, kept: &Path) -> PathBuf {
        match &self.temporary {
            Some(_) => std::env::current_dir().unwrap_or_else(|_| std::env::temp_dir()),
            None => kept.to_owned(),
        }
    }

    /// Where the sample agent lies.
    #[must_use]
    pub fn agent(&self) -> &Path {
        &self.places.agent
    }
}

/// The folder to work in: one to be kept, or one that goes with the value beside it.
fn root(keep: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), CliError> {
    if let Some(folder) = keep {
        return Ok((empty(folder)?, None));
    }
    let folder = tempfile::Builder::new().prefix("wakeful-demo-").tempdir().map_err(|error| {
        CliError::new(
            Exit::NoAccess,
            format!("no folder could be made for the sample: {error}. Nothing was touched"),
        )
    })?;
    Ok((folder.path().to_owned(), Some(folder)))
}

/// A folder to be kept must not hold anything that is not ours.
fn empty(folder: &Path) -> Result<PathBuf, CliError> {
    let fail = |error: std::io::Error| {
        CliError::new(
            Exit::NoAccess,
            format!("{} can't be used: {error}. Nothing was written", folder.display()),
        )
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    if std::fs::read_dir(folder).map_err(fail)?.next().is_some() {
        return Err(CliError::usage(format!(
            "{} is not empty; --keep wants a new folder. Nothing was written",
            folder.display()
        )));
    }
    std::fs::canonicalize(folder).map_err(fail)
}

/// Lets a configuration that was named set how the sample looks and which keys do what. Nothing else of it is used:
/// the sample has agents, a memory and a reviewer of its own.
///
/// # Errors
/// When there is no such file.
pub fn look_as(context: &mut Context<'_>, named: Option<&Path>) -> Result<(), CliError> {
    let Some(named) = named else { return Ok(()) };
    must_be_there(named)?;
    let Loaded { config, warnings, .. } = Config::load(named, &environment);
    for warning in warnings {
        writeln!(context.err, "wakeful: {}: {warning}", named.display())?;
    }
    let no_color = matches!(context.config.theme.origin, Origin::Flag(_) | Origin::Environment(_));
    let own = context.config.theme.clone();
    context.config.use_looks_of(config);
    if no_color {
        context.config.theme = own;
    }
    Ok(())
}

/// Variables of the user's environment that the demo minds: how they see and type, not what they have.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    let kept = ["NO_COLOR", "EDITOR", "VISUAL", "USER", "LOGNAME", "USERNAME"];
    kept.contains(&name).then(|| std::env::var(name).ok()).flatten()
}

/// Runs the pass on the sample and prints what it proposes.
///
/// # Errors
/// When something can't be written, or the pass fails.
pub fn summarise(context: &mut Context<'_>, args: &Demo) -> Result<Exit, CliError> {
    let store = context.store()?;
    let report = sync::pull(context, &store, &AtomicBool::new(false))?;
    for problem in &report.problems {
        writeln!(context.err, "wakeful: {}", line(problem))?;
    }
    if report.is_failure() {
        return Ok(Exit::NoAccess);
    }
    let desk = Desk::open(context)?;
    let stop = super::interrupt::on_ctrl_c();
    let window = Window { last: *context.config.lookback, ..Window::default() };
    let mut ids = Vec::new();
    // The platform's sample comes with a dream that is done.
    let agents = if args.platform { Vec::new() } else { desk.reader.agents()? };
    for agent in agents {
        ids.push(dream::pass(context, &desk, &agent, &window, Reading::Asking, None, &stop)?);
    }
    let threshold = *context.config.threshold;
    let found: Vec<Lesson> = desk.reader.lessons(&LessonQuery::default())?;
    let hidden = found.iter().filter(|lesson| !lesson.meets(threshold)).count() as u64;
    if args.output.json {
        let names = Names::new(desk.reader.agents()?, &desk.reader.dreams(None)?);
        let mut rows = Vec::new();
        for lesson in &found {
            rows.push(LessonRow::new(lesson, &names, Some(&desk.reader.evidence(&lesson.id)?)));
        }
        json::print(context.out, &json::Lessons::new(threshold, hidden, rows))?;
        return Ok(Exit::Done);
    }
    for id in &ids {
        dream::summary(context, &desk.reader, id)?;
    }
    columns(context.out, 2, &found.iter().map(lessons::row).collect::<Vec<_>>())?;
    if hidden > 0 {
        writeln!(
            context.out,
            "{} below {threshold} examples, which the inbox hides until asked.",
            count(hidden, "lesson")
        )?;
    }
    say_kept(context, args)?;
    Ok(Exit::Done)
}

/// Says what was decided, and what becomes of the folder: nobody should leave wondering whether
/// anything was lost.
///
/// # Errors
/// When the cache can't be read, or the output is closed.
pub fn farewell(context: &mut Context<'_>, args: &Demo, goes: Option<&Path>) -> Result<(), CliError> {
    let lessons = context.store()?.reader()?.lessons(&LessonQuery::default())?;
    let mut text = decided(&lessons);
    if let Some(folder) = goes {
        text.push_str(&format!(" Its folder {} is gone; --keep FOLDER keeps one.", folder.display()));
    }
    writeln!(context.out, "{text}")?;
    say_kept(context, args)
}

/// `You decided 4 lessons of the sample: 3 accepted (2 of them written), 1 rejected.`
fn decided(lessons: &[Lesson]) -> String {
    let in_state = |states: &[State]| lessons.iter().filter(|lesson| states.contains(&lesson.state)).count();
    let written = in_state(&[State::Applied]);
    let accepted = written + in_state(&[State::Accepted, State::Conflict]);
    let mut parts = Vec::new();
    if accepted > 0 {
        let of_them = if written > 0 { format!(" ({written} of them written)") } else { String::new() };
        parts.push(format!("{accepted} accepted{of_them}"));
    }
    let (rejected, later) = (in_state(&[State::Rejected]), in_state(&[State::Snoozed]));
    parts.extend((rejected > 0).then(|| format!("{rejected} rejected")));
    parts.extend((later > 0).then(|| format!("{later} snoozed")));
    if parts.is_empty() {
        return "You decided nothing in the sample.".to_owned();
    }
    let all = count((accepted + rejected + later) as u64, "lesson");
    format!("You decided {all} of the sample: {}.", parts.join(", "))
}

/// Says how to go on with a sample that was kept.
///
/// # Errors
/// When the output is closed.
pub fn say_kept(context: &mut Context<'_>, args: &Demo) -> Result<(), CliError> {
    if args.keep.is_some() {
        let (config, data) = (context.paths.config.display(), context.paths.data.display());
        writeln!(context.out, "The sample is kept. Go on with: wakeful --config {config} --data-dir {data}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ThemeChoice;

    #[test]
    fn a_configuration_that_is_named_sets_looks_and_keys_and_nothing_else() {
        let stage = Stage::set(None, "2026-03-02T03:00:00Z".parse().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own.toml");
        std::fs::write(
            &own,
            "[screen]\ntheme = \"light\"\nascii = true\n[keys]\naccept = [\"ctrl-y\"]\n\
             [review]\nthreshold = 3\n[sources]\nfolders = [\"/nowhere\"]\n",
        )
        .unwrap();
        let looks = |named: Option<&Path>, asked: &Global| {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut context = Context::load(&stage.options(asked), &|_| None, &mut out, &mut err).unwrap();
            look_as(&mut context, named).map(|()| context.config.clone())
        };
        let plain = looks(None, &Global::default()).unwrap();
        let config = looks(Some(&own), &Global::default()).unwrap();
        assert_eq!(config.theme.value, ThemeChoice::Light);
        assert!(*config.ascii);
        assert_eq!(config.bindings["accept"].value, ["ctrl-y"]);
        assert_eq!((&config.threshold, &config.folders), (&plain.threshold, &plain.folders));
        // What this call says of colours holds all the same.
        let mono = looks(Some(&own), &Global { no_color: true, ..Global::default() }).unwrap();
        assert_eq!(mono.theme.value, ThemeChoice::Mono);
        let missing = looks(Some(&folder.path().join("none.toml")), &Global::default()).unwrap_err();
        assert!(missing.message.contains("there is no configuration file"), "{}", missing.message);
    }

    #[test]
    fn what_is_saved_does_not_go_with_the_sample() {
        let now = "2026-03-02T03:00:00Z".parse().unwrap();
        let stage = Stage::set(None, now).unwrap();
        let saved = stage.saved(stage.agent());
        assert_eq!(saved, std::env::current_dir().unwrap());
        assert!(!saved.starts_with(stage.goes().unwrap()));
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::set(Some(&folder.path().join("kept")), now).unwrap();
        assert_eq!(stage.saved(stage.agent()), stage.agent());
    }
}
