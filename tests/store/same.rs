//! The same lesson of several agents counts once in all, and for each of its agents.

use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::Dream;
use wakeful::domain::ids::{AgentId, DreamId, LessonId};
use wakeful::store::{Ask, Proposal};

use super::support::{Cache, agent, proposal};

/// A cache where `bot` and `lead` have the same lesson, `lead` with fewer examples, and `bot` another.
fn two_agents() -> Cache {
    let cache = Cache::new();
    cache.writer.put_agents(&[agent("bot"), agent("lead")]).unwrap();
    let dream = cache.dream("drm_bot", &["les_same", "les_other"]);
    let of_lead = Dream { id: DreamId::new("drm_lead"), agent: AgentId::new("lead"), ..dream };
    let mut there = proposal("drm_lead", "les_there", 0);
    there.lesson.agent = AgentId::new("lead");
    "Learn les_same".clone_into(&mut there.lesson.statement);
    there.lesson.support.sessions = Some(4);
    cache.writer.finish_dream(&of_lead, vec![Proposal { ..there }], "wakeful").unwrap();
    cache
}

fn counts(cache: &Cache, threshold: u32) -> (u64, u64, u64, Vec<u64>) {
    let status = cache.reader.status(threshold).unwrap();
    let each = status.agents.iter().map(|agent| agent.pending + agent.accepted).collect();
    (status.pending, status.hidden, status.accepted, each)
}

#[test]
fn it_counts_once_in_all_and_for_each_of_its_agents() {
    let cache = two_agents();
    assert_eq!(counts(&cache, 0), (2, 0, 0, vec![2, 1]));
    assert_eq!(counts(&cache, 5), (2, 0, 0, vec![2, 0]), "it is hidden only if no agent has enough");
    assert_eq!(counts(&cache, 99), (0, 2, 0, vec![0, 0]));
    let accept = |name: &str| Ask { lesson: LessonId::new(name), verdict: Verdict::Accept, reason: None };
    cache.writer.decide(&[accept("les_same")], "me").unwrap();
    assert_eq!(counts(&cache, 0), (2, 0, 1, vec![2, 1]), "decided for one, it waits for the other");
    cache.writer.decide(&[accept("les_there")], "me").unwrap();
    assert_eq!(counts(&cache, 0), (1, 0, 1, vec![2, 1]));
}

#[test]
fn the_mark_says_how_many_examples_each_of_the_others_has() {
    let cache = two_agents();
    let lesson = cache.reader.lesson(&LessonId::new("les_same")).unwrap().unwrap();
    assert!(lesson.is_shared());
    assert!(lesson.marks[0].text.contains("lead (pending, 4 examples)"), "{:?}", lesson.marks);
    let other = cache.reader.lesson(&LessonId::new("les_other")).unwrap().unwrap();
    assert!(!other.is_shared());
}
