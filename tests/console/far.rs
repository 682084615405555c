//! Dreams on the platform, from the console's side: the estimate first, another key to start, a way
//! to stop. The platform is a server of this program's own on the loopback.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use wakeful::config::Config;
use wakeful::domain::clock::FixedClock;
use wakeful::domain::cost::Money;
use wakeful::run::ConsoleOptions;
use wakeful::run::headless::Headless;
use wakeful::source::platform::{KeySource, Platform, Settings};
use wakeful::source::{Source, Sources};
use wakeful::stand_in::{Actor, Events, NewSession, Running, StandIn, Workspace};
use wakeful::store::Store;
use wakeful::ui::theme::{Background, Depth, Name, Theme};

use crate::screens::text;

struct Far {
    folder: tempfile::TempDir,
    server: Running,
    clock: Arc<FixedClock>,
}

impl Far {
    fn new() -> Self {
        let clock = Arc::new(FixedClock::new("2026-11-20T08:00:00Z".parse().unwrap()));
        let mut workspace = Workspace::new(clock.clone());
        let bot = workspace.add_agent("support-bot", "claude-opus-5");
        let notes = workspace.add_store("Notes", "what the bot knows");
        let person = Actor::User("user_01".to_owned());
        workspace.put_memory(&notes, "/notes.md", "# Notes\n\n- Be kind.\n", person).unwrap();
        for day in 1..4 {
            let created: Timestamp = format!("2026-11-1{day}T10:00:00Z").parse().unwrap();
            let said = json!({ "type": "user.message", "content": [{ "type": "text", "text": "Hello." }] });
            workspace.add_session(NewSession {
                stores: vec![(notes.clone(), true)],
                events: Events::Given(vec![said]),
                title: Some(format!("Session {day}")),
                ..NewSession::of(&bot, created)
            });
        }
        let server = StandIn::start(workspace).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), server, clock }
    }

    fn open(&self, config: Config) -> Headless {
        let settings = Settings::new("default", KeySource::given("k")).at(self.server.url());
        let transcripts = self.folder.path().join("transcripts");
        let platform = Arc::new(Platform::new(settings, transcripts, self.clock.clone()).unwrap());
        let options = ConsoleOptions {
            store: Store::open(&self.folder.path().join("wakeful.db"), self.clock.clone()).unwrap(),
            sources: Sources::new(vec![platform as Arc<dyn Source>]),
            config,
            clock: self.clock.clone(),
            zone: TimeZone::UTC,
            state: self.folder.path().join("state"),
            notices: Vec::new(),
            sync_at_start: true,
            dream_at_start: None,
        };
        let theme = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
        Headless::open(options, theme, (120, 40)).unwrap()
    }
}

#[track_caller]
fn shows(console: &Headless, what: &str) {
    let screen = text(console.frame());
    assert!(screen.contains(what), "{what:?} is not on screen:\n{screen}");
}

#[test]
fn a_dream_is_estimated_asked_for_started_and_stopped() {
    let far = Far::new();
    let mut console = far.open(Config::default());
    console.press("3").unwrap();
    shows(&console, "support-bot");
    console.press("R").unwrap();
    shows(&console, "Start a dream over 3 sessions?");
    shows(&console, "Allowed: no cap per pass, no cap per month.");
    // The key that asked does not answer.
    console.press("R").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
    console.press("n").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
    console.press("R").unwrap();
    console.press("y").unwrap();
    shows(&console, "1 dream started; leaving wakeful does not stop it");
    let dreams = far.server.workspace().dreams();
    assert_eq!(dreams.len(), 1);

    console.press("2").unwrap();
    shows(&console, "platform");
    console.press("c").unwrap();
    shows(&console, "Stop this dream?");
    console.press("y").unwrap();
    assert_eq!(far.server.workspace().dream_status(&dreams[0]), Some("canceled"));
    console.close();
}

#[test]
fn a_cap_that_would_not_be_kept_is_the_question() {
    let far = Far::new();
    let mut config = Config::default();
    config.max_cost.value = Some(Money::micros(1));
    let mut console = far.open(config);
    console.press("3 R").unwrap();
    shows(&console, "It could cost up to");
    console.press("n").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
}
