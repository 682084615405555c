//! A platform on the loopback for consoles: the program's own stand-in.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use wakeful::config::Config;
use wakeful::domain::clock::FixedClock;
use wakeful::run::ConsoleOptions;
use wakeful::run::headless::Headless;
use wakeful::source::platform::{KeySource, Platform, Settings};
use wakeful::source::{Source, Sources};
use wakeful::stand_in::{Actor, Events, NewSession, Running, StandIn, Workspace};
use wakeful::store::Store;
use wakeful::sync::platform::prices::Prices;
use wakeful::ui::theme::{Background, Depth, Name, Theme};

/// An agent on the platform with three sessions and a note, and a place for the program's own files.
pub struct Far {
    folder: tempfile::TempDir,
    /// The platform.
    pub server: Running,
    /// What the platform and the console go by.
    pub clock: Arc<FixedClock>,
}

impl Far {
    pub fn new() -> Self {
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

    /// Opens the console.
    pub fn open(&self, config: Config) -> Headless {
        self.open_at(config, Prices::built_in())
    }

    /// With a price table of the user's own.
    pub fn open_at(&self, config: Config, prices: Prices) -> Headless {
        let theme = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
        self.open_as(config, prices, theme, (120, 40))
    }

    /// Looking different.
    pub fn open_as(&self, config: Config, prices: Prices, theme: Theme, size: (u16, u16)) -> Headless {
        let settings = Settings::new("default", KeySource::given("k")).at(self.server.url());
        let transcripts = self.folder.path().join("transcripts");
        let platform = Arc::new(Platform::new(settings, transcripts, self.clock.clone()).unwrap());
        let options = ConsoleOptions {
            store: Store::open(&self.folder.path().join("wakeful.db"), self.clock.clone()).unwrap(),
            sources: Sources::new(vec![platform as Arc<dyn Source>]),
            config,
            prices,
            clock: self.clock.clone(),
            zone: TimeZone::UTC,
            state: self.folder.path().join("state"),
            notices: Vec::new(),
            sync_at_start: true,
            dream_at_start: None,
            requests: wakeful::observe::Requests::default(),
        };
        Headless::open(options, theme, size).unwrap()
    }
}
