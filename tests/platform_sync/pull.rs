//! Syncing a workspace: what is read, how often is asked, and what a kill or a fault leaves.

use std::sync::atomic::AtomicBool;

use jiff::SignedDuration;
use wakeful::domain::memory::DocPath;
use wakeful::domain::remote::Author;
use wakeful::stand_in::{Actor, Fault, Rule};

use super::support::{World, session};

#[test]
fn a_workspace_is_read_into_the_cache() {
    let world = World::new(3);
    let report = world.sync();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!((report.agents, report.sessions, report.read), (1, 3, 3));
    let agent = world.agent();
    assert_eq!(agent.name, "support-bot");
    let memory = world.reader.memory(&agent.id).unwrap().unwrap();
    assert_eq!(memory.len(), 2);
    assert_eq!(&**memory.get(&DocPath::new("git.md").unwrap()).unwrap(), "# Git\n\n- Commit often.\n");
    let sessions = world.reader.all_sessions(&agent.id).unwrap();
    assert_eq!(sessions[0].title, "Session 2");
    let remote = sessions[0].remote.as_ref().unwrap();
    assert_eq!((remote.status.as_str(), remote.usage.unwrap().output), ("idle", 3200));
    let records = world.reader.memory_records(&world.notes, Some("/git.md")).unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].author, Some(Author::User { id: "user_01".to_owned() }));
    assert_eq!(records[0].operation, "created");
}

#[test]
fn an_unchanged_workspace_costs_one_request_a_list() {
    let world = World::new(250);
    world.sync();
    world.server.forget_requests();
    let report = world.sync();
    assert_eq!((report.read, report.memory_changed.len(), report.dreams), (0, 0, 0));
    let asked: Vec<String> = world.server.requests().0.iter().map(|request| request.path.clone()).collect();
    // Agents, stores, dreams, sessions, and the history of the one store.
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert_eq!(report.requests, 5);
}

#[test]
fn what_is_new_is_read_without_the_rest() {
    let world = World::new(250);
    world.sync();
    {
        let mut workspace = world.server.workspace();
        workspace.add_session(session(&world.bot, &world.notes, 251));
        let someone = Actor::Session("sesn_other".to_owned());
        workspace.put_memory(&world.notes, "/git.md", "# Git\n\n- Commit seldom.\n", someone).unwrap();
    }
    world.server.forget_requests();
    let report = world.sync();
    assert_eq!((report.read, report.sessions, report.memory_changed.len()), (1, 251, 1));
    let requests = world.server.requests();
    assert_eq!(requests.count("GET", "/v1/sessions"), 2, "one page, and what is left of the hundred");
    let memories = format!("/v1/memory_stores/{}/memories", world.notes);
    assert_eq!(requests.count("GET", &memories), 1);
    assert!(requests.count("GET", &format!("{memories}/*")) <= 1, "content only where it changed");
    let newest = world.reader.newest_record(&world.notes).unwrap().unwrap();
    assert_eq!(newest.author, Some(Author::Session { id: "sesn_other".to_owned() }));
}

#[test]
fn running_sessions_are_asked_for_again_until_they_rest() {
    let world = World::new(150);
    let oldest = world.server.workspace().sessions()[0].clone();
    world.server.workspace().set_status(&oldest, "running");
    world.sync();
    assert_eq!(world.reader.live_sessions(&world.agent_id()).unwrap().len(), 1);
    world.server.workspace().set_status(&oldest, "idle");
    world.server.forget_requests();
    world.sync();
    assert!(world.reader.live_sessions(&world.agent_id()).unwrap().is_empty());
    world.server.forget_requests();
    world.sync();
    assert_eq!(world.server.requests().len(), 5);
}

#[test]
fn a_whole_reading_a_day_later_finds_what_went_and_what_changed_far_down() {
    let world = World::new(150);
    world.sync();
    let ids = world.server.workspace().sessions();
    world.server.workspace().delete_session(&ids[0]);
    world.server.workspace().set_status(&ids[1], "terminated");
    assert_eq!(world.sync().gone, 0);
    world.clock.advance(SignedDuration::from_hours(25));
    let report = world.sync();
    assert_eq!((report.gone, report.read, report.sessions), (1, 1, 149));
}

#[test]
fn a_sync_that_is_cut_off_goes_on_where_it_was() {
    let mut world = World::new(450);
    // The third page never comes: the connection breaks each time it is asked for.
    world.server.faults().add(Rule::on("/v1/sessions", Fault::Status(401, None)).after(2));
    let report = world.sync();
    assert_eq!(report.platforms_failed, 1);
    assert!(report.problems[0].contains("401"), "{:?}", report.problems);
    let kept = world.reader.all_sessions(&world.agent_id()).unwrap().len();
    assert_eq!(kept, 200, "two pages are kept");
    let trouble = world.reader.trouble(&world.agent_id()).unwrap();
    assert!(trouble.is_some_and(|trouble| trouble.text.contains("401")), "though it was not known before");
    world.restart();
    world.server.forget_requests();
    let report = world.sync();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!((report.sessions, report.gone), (450, 0));
    let pages = world.server.requests().count("GET", "/v1/sessions");
    assert!(pages <= 5, "{pages} pages for what was left, and one from the top");
}

#[test]
fn a_lost_place_in_the_list_and_a_page_that_comes_twice_cost_nothing() {
    let world = World::new(350);
    world.server.faults().add(Rule::on("/v1/sessions", Fault::ExpireCursors).after(2));
    let report = world.sync();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.sessions, 350);
    let world = World::new(350);
    world.server.faults().add(Rule::on("/v1/sessions", Fault::DuplicatePage).after(1));
    assert_eq!(world.sync().sessions, 350);
}

#[test]
fn a_refused_key_in_the_middle_leaves_what_was_there_and_says_so() {
    let world = World::new(3);
    world.sync();
    let synced = world.reader.status(0).unwrap().agents[0].last_sync;
    world.clock.advance(SignedDuration::from_mins(5));
    let versions = format!("/v1/memory_stores/{}/memory_versions", world.notes);
    world.server.faults().add(Rule::on(&versions, Fault::Status(401, None)));
    let report = world.sync();
    assert_eq!(report.platforms_failed, 1);
    let status = world.reader.status(0).unwrap().agents.remove(0);
    assert!(status.trouble.unwrap().text.contains("401"));
    assert_eq!((status.last_sync, status.sessions, status.documents), (synced, 3, Some(2)));
    world.sync();
    let status = world.reader.status(0).unwrap().agents.remove(0);
    assert_eq!((status.trouble, status.last_sync), (None, Some(world.now())));
}

#[test]
fn trouble_with_one_store_is_not_the_others() {
    let world = World::new(3);
    let other = {
        let mut workspace = world.server.workspace();
        let other = workspace.add_store("Other", "");
        let mut mounted = session(&world.bot, &other, 9);
        mounted.stores = vec![(other.clone(), true)];
        workspace.add_session(mounted);
        workspace.put_memory(&other, "/x.md", "x\n", Actor::Unknown).unwrap();
        other
    };
    let broken = format!("/v1/memory_stores/{}/**", world.notes);
    world.server.faults().add(Rule::on(&broken, Fault::Status(403, None)).always());
    let report = world.sync();
    assert_eq!((report.agents, report.platforms_failed), (2, 0));
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    let status = world.reader.status(0).unwrap();
    let of = |store: &str| status.agents.iter().find(|agent| agent.agent.memory_at == store).unwrap();
    assert!(of(&world.notes).trouble.is_some() && of(&world.notes).documents.is_none());
    assert!(of(&other).trouble.is_none() && of(&other).documents == Some(1));
}

#[test]
fn a_stop_keeps_what_came() {
    let world = World::new(3);
    assert!(world.try_sync(&AtomicBool::new(true)).is_err());
    assert_eq!(world.sync().sessions, 3);
}

#[test]
fn ten_thousand_sessions_come_page_by_page_and_then_cost_nothing() {
    let world = World::new(10_000);
    let report = world.sync();
    assert_eq!((report.sessions, report.read), (10_000, 10_000));
    assert_eq!(world.server.requests().count("GET", "/v1/sessions"), 100);
    world.server.forget_requests();
    assert_eq!(world.sync().read, 0);
    assert_eq!(world.server.requests().len(), 5);
}
