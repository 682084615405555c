//! The real loop with a real cache and a real folder of sessions, without a terminal.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wakeful::app::Pane;
use wakeful::app::overlay::Overlay;
use wakeful::config::{Config, Setting};
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::evidence::{Basis, Evidence, Origin, Place, QuoteStatus, Stance, Support, Tier};
use wakeful::domain::ids::{AgentId, DreamId, SessionId};
use wakeful::domain::lesson::{Lesson, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::lesson::{cut, lesson_id};
use wakeful::run::headless::Headless;
use wakeful::run::{ConsoleOptions, Ended};
use wakeful::source::folder::Folder;
use wakeful::source::{Source, Sources};
use wakeful::store::{LessonQuery, Proposal, Store};
use wakeful::term::events::Input;
use wakeful::ui::theme::{Background, Depth, Name, Theme};

use crate::screens::text;

const BASE: &str = "# Orders\n\n- Ask for the order number.\n\n## Refunds\n\n- Refunds take 14 days.\n\n## Tone\n\n- Be brief.\n";
const PROPOSED: &str = "# Orders\n\n- Ask for the order number.\n- Call the orders tool with the region.\n\n## Refunds\n\n- Refunds take 30 days.\n\n## Tone\n\n- Be brief.\n- Answer in the language of the customer.\n";
const SESSION: &str = r#"{"type":"user","at":"2026-03-01T10:00:00Z","text":"where is my order?"}
{"type":"assistant","at":"2026-03-01T10:00:05Z","text":"Let me look. What is the region?"}
{"type":"user","at":"2026-03-01T10:01:00Z","text":"you always need the region, north"}
{"type":"assistant","at":"2026-03-01T10:01:05Z","text":"Found it."}
"#;

pub struct World {
    folder: tempfile::TempDir,
    pub clock: Arc<FixedClock>,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn theme() -> Theme {
    Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false)
}

impl World {
    /// An agent with a session, a memory, and a pass that proposes three lessons with 18, 12 and 4 examples.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("bot");
        fs::create_dir_all(root.join("sessions")).unwrap();
        fs::create_dir_all(root.join("memory")).unwrap();
        fs::write(root.join("sessions/s1.jsonl"), SESSION).unwrap();
        fs::write(root.join("memory/orders.md"), BASE).unwrap();
        let place = Self { folder, clock: Arc::new(FixedClock::new(at("2026-03-03T09:41:00Z"))) };
        place.propose();
        place
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("bot")
    }

    pub fn memory(&self) -> String {
        fs::read_to_string(self.root().join("memory/orders.md")).unwrap()
    }

    pub fn store(&self) -> Store {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        Store::open(&self.folder.path().join("cache/wakeful.db"), clock).unwrap()
    }

    fn sources(&self) -> Sources {
        Sources::new(vec![Arc::new(Folder::new(self.root())) as Arc<dyn Source>])
    }

    fn propose(&self) {
        self.propose_as("drm_1", PROPOSED);
    }

    fn propose_as(&self, id: &str, proposed: &str) {
        let store = self.store();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        let stop = std::sync::atomic::AtomicBool::new(false);
        wakeful::sync::pull::run(&self.sources(), &reader, &writer, &|_| {}, &|_| {}, &stop).unwrap();
        let agent = reader.agents().unwrap().remove(0);
        let session = reader.all_sessions(&agent.id).unwrap().remove(0);
        let snapshot = |text: &str| -> Snapshot {
            [(DocPath::new("/orders.md").unwrap(), Arc::from(text))].into_iter().collect()
        };
        let (base, proposed) = (snapshot(BASE), snapshot(proposed));
        let dream = Dream {
            id: DreamId::new(id),
            agent: agent.id.clone(),
            engine: Engine::Offline,
            status: DreamStatus::Completed,
            started: at("2026-03-03T03:00:00Z"),
            ended: Some(at("2026-03-03T03:01:00Z")),
            window: Window::default(),
            base: writer.put_snapshot(&base).unwrap(),
            proposed: Some(writer.put_snapshot(&proposed).unwrap()),
            manifest: None,
            error: None,
            model: None,
            instructions: None,
            remote: None,
            usage: None,
            estimate: None,
            cost: None,
        };
        let cutting = cut(&base, &proposed);
        assert_eq!(cutting.lessons.len(), 3);
        let mut proposals: Vec<Proposal> = cutting
            .lessons
            .iter()
            .enumerate()
            .map(|(position, cut)| Proposal {
                evidence: vec![quote(&agent.id, &session.id)],
                lesson: lesson(&agent.id, &dream.id, position, cut),
                key: cut.key.clone(),
            })
            .collect();
        wakeful::sync::returns::recognise(&reader, &wakeful::sync::Cuttings::new(), &cutting, &mut proposals)
            .unwrap();
        writer.finish_dream(&dream, proposals, "wakeful").unwrap();
    }

    pub fn open(&self, size: (u16, u16)) -> Headless {
        self.open_with(
            size,
            Config {
                reviewer: Setting { value: "owner".to_owned(), ..Setting::default() },
                ..Config::default()
            },
        )
    }

    pub fn open_with(&self, size: (u16, u16), config: Config) -> Headless {
        Headless::open(self.options(config), theme(), size).unwrap()
    }

    /// What a console here is opened with.
    pub fn options(&self, config: Config) -> ConsoleOptions {
        ConsoleOptions {
            store: self.store(),
            sources: self.sources(),
            config,
            prices: wakeful::sync::platform::prices::Prices::built_in(),
            clock: Arc::clone(&self.clock) as _,
            zone: TimeZone::UTC,
            state: self.folder.path().join("state"),
            notices: Vec::new(),
            sync_at_start: false,
            dream_at_start: None,
            requests: wakeful::observe::Requests::default(),
        }
    }

    pub fn states(&self) -> Vec<State> {
        let lessons = self.store().reader().unwrap().lessons(&LessonQuery::default()).unwrap();
        lessons.iter().map(|lesson| lesson.state).collect()
    }
}

fn quote(_agent: &AgentId, session: &SessionId) -> Evidence {
    let line = SESSION.lines().nth(2).unwrap();
    let start = SESSION.find(line).unwrap() as u64;
    Evidence {
        place: Place {
            session: session.clone(),
            file: "s1.jsonl".to_owned(),
            record: String::new(),
            call: None,
            bytes: start..start + line.len() as u64,
            at: Some(at("2026-03-01T10:01:00Z")),
        },
        stance: Stance::Support,
        status: QuoteStatus::Verified,
        origin: Origin::Tool,
        quote: "you always need the region, north".to_owned(),
    }
}

fn lesson(agent: &AgentId, dream: &DreamId, position: usize, cut: &wakeful::lesson::CutLesson) -> Lesson {
    let sessions = [18, 12, 4][position];
    Lesson {
        id: lesson_id(agent, &cut.key),
        agent: agent.clone(),
        dream: dream.clone(),
        kind: cut.kind,
        topic: Topic::Workflow,
        statement: cut.statement.clone(),
        proposed: None,
        state: State::Pending,
        edited: false,
        support: Support {
            basis: Basis::Verified,
            sessions: Some(sessions),
            exposed: Some(20),
            contradict: 0,
            mention: 0,
            days: 5,
            users: 2,
            lower_bound: Some(0.5),
            checks: wakeful::domain::checks::Checks::default(),
        },
        tier: Tier::Established,
        marks: Vec::new(),
        documents: cut.documents.clone(),
        tokens: cut.tokens,
        cosmetic: cut.cosmetic,
        position: position as u32,
    }
}

pub fn screen(console: &Headless) -> String {
    text(console.frame())
}

#[track_caller]
pub fn shows(console: &Headless, what: &str) {
    assert!(screen(console).contains(what), "{what:?} is not on screen:\n{}", screen(console));
}

#[track_caller]
pub fn hides(console: &Headless, what: &str) {
    assert!(!screen(console).contains(what), "{what:?} is still on screen:\n{}", screen(console));
}

#[test]
fn opens_on_the_inbox_with_the_first_lesson_compared() {
    let place = World::new();
    let console = place.open((140, 40));
    shows(&console, "2 to review · 1 below 10 examples hidden");
    shows(&console, "Call the orders tool with the region.");
    shows(&console, "18/20");
    shows(&console, "/orders.md");
    assert_eq!(console.title(), "wakeful: 2 to review");
}

#[test]
fn accept_is_on_disk_and_the_cursor_goes_on_and_undo_survives_a_restart() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let first = console.model().inbox.current().unwrap().lesson.id.clone();
    console.press("a").unwrap();
    shows(&console, "Accepted: ");
    shows(&console, "1 to review");
    assert_ne!(console.model().inbox.current().unwrap().lesson.id, first);
    assert_eq!(place.states(), [State::Accepted, State::Pending, State::Pending]);
    console.press("x").unwrap();
    assert_eq!(place.states(), [State::Accepted, State::Rejected, State::Pending]);
    console.close();

    let mut console = place.open((80, 24));
    console.press("u").unwrap();
    shows(&console, "Undone: reject ");
    assert_eq!(place.states(), [State::Accepted, State::Pending, State::Pending]);
    console.press("u").unwrap();
    shows(&console, "Undone: accept ");
    assert_eq!(place.states(), [State::Pending; 3]);
    console.press("u").unwrap();
    shows(&console, "Undo: there is no decision to undo");
    console.press("U U").unwrap();
    assert_eq!(place.states(), [State::Accepted, State::Rejected, State::Pending]);
}

#[test]
fn reject_says_why_and_snooze_ends() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("X \"too\" space \"narrow\" enter s").unwrap();
    assert_eq!(place.states(), [State::Rejected, State::Snoozed, State::Pending]);
    let reader = place.store().reader().unwrap();
    let lessons = reader.lessons(&LessonQuery::default()).unwrap();
    let decision = reader.decisions(&lessons[0].id).unwrap().remove(0);
    assert_eq!((decision.verdict, decision.reason.as_deref()), (Verdict::Reject, Some("too narrow")));
    assert_eq!(decision.by, "owner");
}

#[test]
fn preview_then_another_key_writes_exactly_what_was_accepted() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a P").unwrap();
    shows(&console, "preview: nothing is written yet");
    shows(&console, "writes 1 lesson to 1 document");
    console.press("P").unwrap();
    assert_eq!(place.memory(), BASE);
    console.press("y").unwrap();
    shows(&console, "Written: 1 lesson in 1 document");
    assert!(place.memory().contains("region"));
    assert!(place.memory().contains("14 days"), "what was not accepted is not written");
    assert_eq!(place.states()[0], State::Applied);

    // The memory screen knows which lesson a line is from, and can take it back.
    console.press("4").unwrap();
    shows(&console, "1 of 12 lines came from lessons");
    console.press("shift-tab j T").unwrap();
    // What would go is shown first, and the key that shows it does not confirm it.
    shows(&console, "undoes: ");
    shows(&console, "y takes 1 lesson out of 1 document");
    console.press("T").unwrap();
    assert!(place.memory().contains("region"));
    console.press("y").unwrap();
    shows(&console, "Undone: 1 lesson");
    assert_eq!(place.memory(), BASE);
    console.press("6").unwrap();
    shows(&console, "unbroken");
    console.press("/ \"write\" enter").unwrap();
    shows(&console, "/orders.md");
}

#[test]
fn what_a_field_offers_is_replaced_and_the_only_completion_is_meant() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("= \"3\" enter").unwrap();
    assert_eq!(console.model().inbox.threshold(), 3);
    console.press(": \"mes\" enter").unwrap();
    assert!(matches!(console.model().overlay(), Some(Overlay::Messages { .. })));
    console.press("esc = backspace \"2\" enter D").unwrap();
    assert_eq!(console.model().inbox.threshold(), 2);
    shows(&console, "Compare: it was not edited, and no lesson like it was decided before");
}

#[test]
fn a_memory_that_changed_is_not_overwritten() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("a P").unwrap();
    let changed = BASE.replace("Ask for the order number", "Ask for number and region");
    fs::write(place.root().join("memory/orders.md"), &changed).unwrap();
    console.press("y").unwrap();
    assert_eq!(place.memory(), changed);
    shows(&console, "look at the preview again");
}

#[test]
fn a_preview_that_can_write_nothing_says_why_and_sends_its_lessons_back() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("j a P").unwrap();
    shows(&console, "writes 1 lesson to 1 document");
    let changed = BASE.replace("14 days", "20 days for vouchers");
    fs::write(place.root().join("memory/orders.md"), &changed).unwrap();
    console.press("n P").unwrap();
    for text in [
        "nothing to write · y sends it back to review · n changes nothing",
        "y send back to review   n change nothing",
        "On such a lesson m makes it fit part by part, e edits all sides, x turns it down",
    ] {
        shows(&console, text);
    }
    // What says that it changes nothing changes nothing.
    console.press("n").unwrap();
    assert!(place.states().contains(&State::Accepted));
    console.press("P esc").unwrap();
    assert!(place.states().contains(&State::Accepted));
    console.resize(80, 24).unwrap();
    console.press("P").unwrap();
    shows(&console, "nothing to write · y sends it back to review · n changes nothing");
    console.resize(100, 30).unwrap();
    console.press("y").unwrap();
    shows(&console, "1 lesson is back in review, where the memory changed");
    // The cursor is where the work is, the reason is said once, and the keys that mend it are there.
    let current = console.model().inbox.current().unwrap();
    assert_eq!((current.state(), &*current.lesson.statement), (State::Conflict, "Refunds take 30 days."));
    console.resize(140, 40).unwrap();
    shows(&console, "m makes it fit part by part, e edits all sides");
    shows(&console, "the lesson and the memory now are compared below");
    hides(&console, "edit it to make it fit");
    assert!(place.states().contains(&State::Conflict));
    assert_eq!(place.memory(), changed);
    assert_eq!(place.store().reader().unwrap().applies(None).unwrap(), []);
    console.press("P").unwrap();
    shows(&console, "nothing is accepted yet");
    // Accepting what does not fit is refused, and the cursor stays where it is needed.
    console.press("g j").unwrap();
    let collided = console.model().inbox.current().unwrap().lesson.id.clone();
    assert_eq!(console.model().inbox.current().unwrap().lesson.state, State::Conflict);
    console.press("a").unwrap();
    shows(&console, "does not fit the memory");
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, collided);
    assert!(place.states().contains(&State::Conflict));
}

#[test]
fn a_collision_is_settled_side_by_side_and_what_was_chosen_is_written() {
    let place = World::new();
    let changed = BASE.replace("14 days", "20 days for vouchers");
    fs::write(place.root().join("memory/orders.md"), &changed).unwrap();
    let mut console = place.open((80, 24));
    console.press("m").unwrap();
    shows(&console, "Fit to the memory: it fits the memory as it is");
    console.press("j r").unwrap();
    let statement = console.model().inbox.current().unwrap().lesson.statement.clone();
    assert!(statement.contains("30 days"), "{statement}");
    shows(&console, "m fit");
    console.press("m").unwrap();
    for text in
        ["1 the memory now", "- Refunds take 20 days for vouchers.", "- Refunds take 14 days.", "part 1 of 1"]
    {
        shows(&console, text);
    }
    // Nothing is taken before a side is chosen.
    console.press("enter").unwrap();
    shows(&console, "1 of its parts wait for a choice");
    console.press("3").unwrap();
    shows(&console, "takes this text and accepts it");
    console.press("2 1 3 enter").unwrap();
    shows(&console, "Fitted to the memory and accepted");
    console.press("P").unwrap();
    console.press("y").unwrap();
    let both = "- Refunds take 20 days for vouchers.\n- Refunds take 30 days.\n";
    assert_eq!(place.memory(), changed.replace("- Refunds take 20 days for vouchers.\n", both));
    console.close();
}

#[test]
fn a_collision_can_also_be_finished_in_the_editor() {
    let place = World::new();
    let changed = BASE.replace("14 days", "20 days");
    fs::write(place.root().join("memory/orders.md"), &changed).unwrap();
    let mut console = place.open((140, 40));
    console.press("r j").unwrap();
    console.press("m 2").unwrap();
    console.set_editor(Box::new(|text| {
        assert!(!text.contains("<<<<<<<"), "{text}");
        Some(text.replace("30 days", "30 days, vouchers 20"))
    }));
    console.press("e").unwrap();
    console.press("P").unwrap();
    console.press("y").unwrap();
    assert_eq!(place.memory(), changed.replace("20 days", "30 days, vouchers 20"));
    console.close();
}

#[test]
fn a_lesson_that_comes_back_changed_says_so_and_shows_what_changed() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("X \"say\" space \"when\" enter").unwrap();
    console.close();
    place.propose_as("drm_2", &PROPOSED.replace("with the region.", "with the region, before the year."));
    let mut console = place.open((140, 40));
    shows(&console, "↺");
    console.press("g").unwrap();
    shows(&console, "returned: changed since it was rejected by owner on 2026-03-03: “say when”");
    shows(&console, "D compare");
    console.press("D").unwrap();
    shows(&console, "1 ~ - Call the orders tool with the");
    shows(&console, "region, before the year.");
    hides(&console, "Ask for the order number");
    console.press("D").unwrap();
    shows(&console, "Ask for the order number");
    // What was never decided did not come back.
    console.press("j").unwrap();
    hides(&console, "returned:");
    console.close();
}

#[test]
fn an_edit_is_what_gets_written() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.set_editor(Box::new(|text| Some(text.replace("with the region", "with region and year"))));
    console.press("e").unwrap();
    shows(&console, "and year.");
    shows(&console, "edited");
    console.press("a P").unwrap();
    console.press("y").unwrap();
    assert!(place.memory().contains("region and year"));
}

#[test]
fn filter_threshold_and_place_are_remembered() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("= ctrl-u \"3\" enter / \"support:<15\" enter j").unwrap();
    shows(&console, "filter support:<15 · 2 shown, 1 filtered out");
    let current = console.model().inbox.current().unwrap().lesson.id.clone();
    assert_eq!(console.press("q").unwrap(), Some(Ended::Left));
    console.close();
    // What counts lessons for a person counts by it, until the configuration says something else.
    let reader = place.store().reader().unwrap();
    assert_eq!(wakeful::run::world::threshold(&reader, 10).unwrap(), 3);
    assert_eq!(wakeful::run::world::threshold(&reader, 12).unwrap(), 12);
    let console = place.open((80, 24));
    shows(&console, "filter support:<15");
    assert_eq!(console.model().inbox.threshold(), 3);
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, current);
}

#[test]
fn a_threshold_configured_since_is_heard() {
    let configured = |threshold: u32| {
        let threshold = Setting { value: threshold, ..Setting::default() };
        Config { threshold, ..Config::default() }
    };
    let place = World::new();
    let mut console = place.open_with((80, 24), configured(10));
    console.press("< <").unwrap();
    console.close();
    assert_eq!(place.open_with((80, 24), configured(10)).model().inbox.threshold(), 8);
    assert_eq!(place.open_with((80, 24), configured(13)).model().inbox.threshold(), 13);
}

#[test]
fn evidence_opens_the_session_at_the_quote() {
    let place = World::new();
    let mut console = place.open((60, 20));
    console.press("i").unwrap();
    assert_eq!(console.model().pane, Pane::Evidence);
    console.press("t").unwrap();
    shows(&console, "person · Sun 10:01 · quoted");
    shows(&console, "you always need the region, north");
    console.press("y").unwrap();
    assert_eq!(console.copied(), ["you always need the region, north"]);
    console.press("q q q").unwrap();
    assert_eq!(console.model().pane, Pane::List);
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let frames = console.frames();
    for _ in 0..20 {
        console.until_idle().unwrap();
    }
    assert_eq!(console.frames(), frames);
    // A burst of keys is one frame, plus one for the text of the lesson it ends on.
    console.press("j k j k j k j").unwrap();
    assert!(console.frames() <= frames + 3, "{} frames", console.frames() - frames);
}

#[test]
fn another_process_deciding_shows_after_a_refresh_and_a_hangup_keeps_the_place() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("j").unwrap();
    let current = console.model().inbox.current().unwrap().lesson.id.clone();
    let writer = place.store().writer();
    let other = console.model().inbox.visible()[0].clone();
    writer
        .decide(&[wakeful::store::Ask { lesson: other, verdict: Verdict::Accept, reason: None }], "someone")
        .unwrap();
    console.press("r").unwrap();
    shows(&console, "1 to review");
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, current);
    assert_eq!(console.input(Input::Ended(1)).unwrap(), Some(Ended::Signal(1)));
    console.close();
    assert_eq!(place.open((80, 24)).model().inbox.current().unwrap().lesson.id, current);
}

#[test]
fn a_pass_runs_beside_the_screen() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("d R").unwrap();
    // One session proposes nothing; what matters is that it ran and said so.
    shows(&console, "The dream for bot proposes");
    shows(&console, "offline");
    assert!(console.model().dreams.running.is_none());
}

#[test]
fn a_paste_is_never_read_as_keys() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.input(Input::Paste("aaaxxxPy".to_owned())).unwrap();
    shows(&console, "Pasted text was ignored");
    assert_eq!(place.states(), [State::Pending; 3]);
    console.press("/").unwrap();
    console.input(Input::Paste("kind:add\nx".to_owned())).unwrap();
    shows(&console, "kind:add x");
}

#[test]
fn sizes_change_at_any_time() {
    let place = World::new();
    let mut console = place.open((140, 40));
    for (width, height) in [(60, 20), (1, 1), (200, 60), (3, 50), (80, 24), (111, 10), (140, 40)] {
        for keys in ["enter", "i", "t", "q", "q", "?", "esc", "P", "esc", "2", "3", "4", "6", "1"] {
            console.press(keys).unwrap();
        }
        console.resize(width, height).unwrap();
        assert_eq!((console.frame().area.width, console.frame().area.height), (width, height));
    }
}

#[test]
fn own_keys_are_used_and_shown() {
    let place = World::new();
    let mut config = Config::default();
    let keys = Setting { value: vec!["ctrl-y".to_owned()], ..Setting::default() };
    config.bindings.insert("accept".to_owned(), keys);
    let mut console = place.open_with((140, 40), config);
    shows(&console, "^y accept");
    console.press("a").unwrap();
    assert_eq!(place.states(), [State::Pending; 3]);
    console.press("ctrl-y").unwrap();
    assert_eq!(place.states()[0], State::Accepted);
}

#[test]
fn the_marks_of_an_edited_text_decide_whether_it_can_be_accepted() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let edit = |console: &mut Headless, text: &'static str| {
        console.set_editor(Box::new(move |_| Some(text.to_owned())));
        console.press("e").unwrap();
    };
    edit(&mut console, "- The staging password: Zx81kk20qqLm\n");
    shows(&console, "secret");
    console.press("a").unwrap();
    shows(&console, "secret must be edited out first");
    assert_eq!(place.states(), [State::Pending; 3]);
    edit(&mut console, "- The staging password is in the vault.\n");
    console.press("a").unwrap();
    assert_eq!(place.states()[0], State::Accepted);
    // Back to the text with the secret, which blocks again.
    console.press("u u g g a").unwrap();
    assert_eq!(place.states(), [State::Pending; 3]);
}

#[test]
fn a_key_that_is_no_filter_is_said_with_the_nearest_one() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("/ \"agnet:bot\"").unwrap();
    shows(&console, "there is no “agnet:”; did you mean agent:?");
    // Enter does not put up with it either, and nothing was hidden by a guess.
    console.press("enter").unwrap();
    shows(&console, "did you mean agent:?");
    shows(&console, "2 to review");
    assert_eq!(console.model().inbox.visible().len(), 2);
    console.press("ctrl-u \"\\\"agnet:bot\\\"\" enter").unwrap();
    shows(&console, "Nothing matches the filter; it hides 2 lessons.");
    console.press("esc").unwrap();
    hides(&console, "Nothing matches");
    console.press(": \"fliter\" space \"x\" enter").unwrap();
    shows(&console, "did you mean filter?");
}

#[test]
fn what_was_said_goes_with_the_next_action() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a").unwrap();
    shows(&console, "Accepted: ");
    console.press("2").unwrap();
    hides(&console, "Accepted: ");
    console.press("1 x").unwrap();
    shows(&console, "Rejected: ");
    console.press("k").unwrap();
    hides(&console, "Rejected: ");
}

#[test]
fn counts_agree_on_every_screen() {
    let place = World::new();
    let mut console = place.open((140, 40));
    shows(&console, "1 Inbox 2");
    shows(&console, "2 to review · 1 below 10 examples hidden");
    console.press("2").unwrap();
    shows(&console, "3 lessons, 2 to review");
    console.press("3").unwrap();
    shows(&console, "2 +1");
    console.press("1 a 2").unwrap();
    shows(&console, "1 Inbox 1");
    shows(&console, "3 lessons, 1 to review");
    console.press("1").unwrap();
    shows(&console, "1 to review · 1 below 10 examples hidden · 1 decided");
    // A lower threshold moves all of them at once.
    console.press("= ctrl-u \"3\" enter").unwrap();
    shows(&console, "1 Inbox 2");
    console.press("2").unwrap();
    shows(&console, "3 lessons, 2 to review");
}

#[test]
fn a_lesson_taken_back_is_not_called_accepted() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a P").unwrap();
    console.press("y").unwrap();
    console.press("4").unwrap();
    console.press("shift-tab j T").unwrap();
    console.press("y").unwrap();
    console.press("1 g").unwrap();
    shows(&console, "taken out of the memory by owner");
    hides(&console, "accepted by");
}

#[test]
fn a_pass_says_what_it_read_and_what_came_of_it() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("2").unwrap();
    shows(&console, "asked for the last 50 sessions");
    shows(&console, "3 lessons: 3 established");
    shows(&console, "2 to review · 1 below 10 examples");
    console.press("ctrl-r").unwrap();
    shows(&console, "The dream for bot proposes");
    assert_eq!(console.model().dreams.list.len(), 2);
}

/// Column and row of a text on screen.
#[track_caller]
pub fn place_of(console: &Headless, what: &str) -> (u16, u16) {
    let screen = screen(console);
    let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(what)).unwrap();
    let before = &line[..line.find(what).unwrap()];
    (wakeful::ui::wrap::width(before) as u16, row as u16)
}

#[test]
fn a_click_selects_and_the_border_can_be_dragged() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let second = console.model().inbox.visible()[1].clone();
    let statement = console.model().inbox.entry(&second).unwrap().lesson.statement.clone();
    let start: String = statement.chars().take(12).collect();
    let at = place_of(&console, &start);
    console.input(Input::Press(at)).unwrap();
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, second);
    let at = place_of(&console, "3 Agents");
    console.input(Input::Press(at)).unwrap();
    shows(&console, "1 agent");
    console.press("1").unwrap();

    // The wheel scrolls what is under the pointer and leaves the keyboard where it is.
    let text = place_of(&console, "## Refunds");
    console.press("z").unwrap();
    console.input(Input::Wheel(3, text)).unwrap();
    assert_eq!(console.model().pane, Pane::List);

    let border = console.model().viewport.left;
    console.input(Input::Press((border, 10))).unwrap();
    console.input(Input::Drag((border + 9, 10))).unwrap();
    assert_eq!(console.model().viewport.left, border + 10);
    console.press("(").unwrap();
    assert_eq!(console.model().viewport.left, border + 6);
    console.press("q").unwrap();
    console.close();
    let console = place.open((140, 40));
    assert_eq!(console.model().viewport.left, border + 6);
}

#[test]
fn a_click_never_reaches_what_lies_below_a_question() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let second = console.model().inbox.visible()[1].clone();
    let statement = console.model().inbox.entry(&second).unwrap().lesson.statement.clone();
    let second = place_of(&console, &statement.chars().take(12).collect::<String>());
    let before = console.model().inbox.current().unwrap().lesson.id.clone();
    console.press("* a").unwrap();
    console.input(Input::Press(second)).unwrap();
    console.input(Input::Press(place_of(&console, "2 Dreams"))).unwrap();
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, before);
    assert_eq!(console.model().screen, wakeful::app::Screen::Inbox);
}

#[test]
fn a_theme_is_shown_while_it_is_picked_and_kept_once_it_is() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let colours = |console: &Headless| -> Vec<_> {
        console.frame().content().iter().map(|cell| (cell.fg, cell.bg)).collect()
    };
    let dark = colours(&console);
    console.press("ctrl-t").unwrap();
    shows(&console, "high-contrast");
    console.press("down").unwrap();
    assert_ne!(colours(&console), dark);
    console.press("esc").unwrap();
    assert_eq!(colours(&console), dark);
    console.press("ctrl-t down enter").unwrap();
    shows(&console, "Theme light");
    console.press("q").unwrap();
    console.close();
    assert_eq!(place.open((140, 40)).model().theme.as_deref(), Some("light"));
}

#[test]
fn a_console_to_look_only_decides_and_writes_nothing() {
    let place = World::new();
    let mut config = Config::default();
    config.use_read_only();
    let mut console = place.open_with((140, 40), config);
    shows(&console, "read-only");
    for keys in ["a", "x", "s", "e", "u", "R", "X"] {
        console.press(keys).unwrap();
        shows(&console, "opened to look only");
    }
    console.press(": \"reject\" space \"bad\" enter").unwrap();
    console.press("esc esc P y").unwrap();
    assert_eq!(place.states(), [State::Pending; 3]);
    assert_eq!(place.memory(), BASE);
}

#[test]
fn a_document_is_put_back_to_an_earlier_version_and_that_is_taken_back() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a P").unwrap();
    console.press("y").unwrap();
    let written = place.memory();
    assert_ne!(written, BASE);
    console.press("4").unwrap();
    console.press("shift-tab G").unwrap();
    console.press("B").unwrap();
    shows(&console, "preview: nothing is written yet");
    shows(&console, "puts /orders.md back to how it was");
    // The key that shows it does not confirm it.
    console.press("B").unwrap();
    assert_eq!(place.memory(), written);
    console.press("y").unwrap();
    shows(&console, "Written: 1 document");
    assert_eq!(place.memory(), BASE);
    console.press("g").unwrap();
    shows(&console, "put back to an earlier version");
    console.press("T").unwrap();
    shows(&console, "y writes 1 document");
    console.press("y").unwrap();
    shows(&console, "Undone: 1 document");
    assert_eq!(place.memory(), written);
    console.close();
}

#[test]
fn putting_back_never_writes_over_what_nobody_saw() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a P").unwrap();
    console.press("y").unwrap();
    console.press("4").unwrap();
    console.press("shift-tab G").unwrap();
    console.press("B").unwrap();
    let theirs = format!("{}- Added meanwhile.\n", place.memory());
    fs::write(place.root().join("memory/orders.md"), &theirs).unwrap();
    console.press("y").unwrap();
    shows(&console, "changed since the preview");
    assert_eq!(place.memory(), theirs);
    console.close();
}

#[test]
fn a_document_that_is_gone_comes_back_by_its_name() {
    let place = World::new();
    let mut console = place.open((140, 40));
    fs::remove_file(place.root().join("memory/orders.md")).unwrap();
    console.press("r").unwrap();
    console.press("4").unwrap();
    console.press("shift-tab G").unwrap();
    console.press(": \"put-back\" space \"/orders.md\" enter").unwrap();
    shows(&console, "puts /orders.md back to how it was");
    console.press("y").unwrap();
    assert_eq!(place.memory(), BASE);
    console.close();
}

#[test]
fn the_audit_trail_is_written_to_a_new_file_or_copied() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a x 6").unwrap();
    let file = place.root().join("trail.jsonl");
    let named = format!("E \"{}\" enter", file.display());
    console.press(&named).unwrap();
    shows(
        &console,
        &format!("written to {}", file.display().to_string().chars().take(24).collect::<String>()),
    );
    let written = fs::read_to_string(&file).unwrap();
    let actions: Vec<String> = written
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["action"].to_string())
        .collect();
    assert!(actions.ends_with(&["\"accept\"".to_owned(), "\"reject\"".to_owned()]), "{actions:?}");
    // What is there stays.
    console.press(&named).unwrap();
    shows(&console, "The audit trail was not written");
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    console.press("/ \"reject\" enter E enter").unwrap();
    let copied = console.copied().last().unwrap();
    assert_eq!(copied.lines().count(), 1);
    assert!(copied.contains("\"action\":\"reject\""));
    console.close();
}

#[test]
fn a_memory_in_view_is_the_memory_as_it_was_just_written() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("4").unwrap();
    shows(&console, "/orders.md");
    console.press("1 a P").unwrap();
    // The old texts are still in view while the new ones are read.
    console.press("y 4").unwrap();
    assert!(place.memory().contains("Call the orders tool with the region."));
    shows(&console, "Call the orders tool with the region.");
    shows(&console, "owner");
}

#[test]
fn what_was_fitted_stays_in_the_list_once_it_is_written() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("a").unwrap();
    console.close();
    // Accepted before the start, and fitted since: neither was decided on under the name it is written with.
    let changed = BASE.replace("14 days", "20 days for vouchers");
    fs::write(place.root().join("memory/orders.md"), &changed).unwrap();
    let mut console = place.open((100, 30));
    console.press("r").unwrap();
    console.press("m 2 enter").unwrap();
    shows(&console, "Fitted to the memory and accepted");
    console.press("P").unwrap();
    console.press("y").unwrap();
    shows(&console, "Written: 2 lessons");
    let applied = |console: &Headless| {
        let visible = console.model().inbox.visible().to_vec();
        let state = |id| console.model().inbox.entry(id).map(|entry| entry.lesson.state);
        visible.iter().filter(|id| state(id) == Some(State::Applied)).count()
    };
    assert_eq!(applied(&console), 2);
    shows(&console, "2 decided");
    // What `u` names is what `T` takes out: the cursor goes there.
    for from in ["g", "G"] {
        console.press(from).unwrap();
        console.press("u").unwrap();
        let current = console.model().inbox.current().unwrap();
        let start: String = current.lesson.statement.chars().take(20).collect();
        let said = &console.model().toasts.current().unwrap().text;
        assert!(said.contains(&start), "{said}");
        assert_eq!(current.state(), State::Applied);
    }
    console.close();
}
