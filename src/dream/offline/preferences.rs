//! Preferences: what people asked for again and again.
//!
//! Owns: when two wishes ask for the same, which groups of them are lessons, and their noise check.
//! Must not know: how wishes are read from turns, who else takes a side, wording, documents.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::at_hand;
use super::pool::Pool;
use super::sides::{Cluster, Leaners, Sides};
use super::spread::Spread;
use super::wishes::Wish;
use super::words;
use crate::dream::Parameters;
use crate::evidence::noise;
use crate::evidence::stats;

/// A wish somewhere in the pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<'a> {
    /// Position of its session.
    pub member: u32,
    /// Position of its turn in the session.
    pub turn: u32,
    /// Position among the wishes of its turn.
    pub nth: u32,
    /// The unit.
    pub unit: u32,
    /// The wish.
    pub wish: &'a Wish,
    pub(super) key: Key,
}

/// What is asked for, apart from how it is put.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) wanted: bool,
    pub(super) this: Vec<String>,
    pub(super) that: Vec<String>,
}

/// Finds the preferences of a pool, of at least so many sessions.
#[must_use]
pub fn find<'a>(
    pool: &'a Pool<'_>,
    spread: &Spread,
    parameters: &Parameters,
    least: u32,
) -> Vec<Cluster<'a>> {
    let said = collect(pool, parameters);
    let mut clusters = gate(&said, &Leaners::of(pool), spread, parameters);
    clusters.retain(|cluster| cluster.units.len() >= least as usize);
    clusters
}

/// How many sessions a preference needs here, and the mean number of them that luck gives from there on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// So many sessions at least.
    pub least: u32,
    /// Mean clusters of so many sessions in shuffled copies.
    pub lessons: f64,
}

/// Share of the limit that preferences may use up where they need more sessions than usual.
const SHARE_OF_LIMIT: f64 = 0.2;

/// Clusters found when the words of all wishes are dealt out anew from everything people said. Of many wishes some
/// meet by luck: the more there are, the more sessions must ask for the same.
#[must_use]
pub fn noise(pool: &Pool<'_>, spread: &Spread, parameters: &Parameters, corpus: &str) -> Noise {
    let usual = parameters.least_sessions;
    let said = collect(pool, parameters);
    let vocabulary: Vec<&String> =
        pool.members.iter().flat_map(|m| m.facts.turns.iter().flat_map(|turn| &turn.words)).collect();
    if said.len() < usual as usize || vocabulary.is_empty() {
        return Noise { least: usual, lessons: 0.0 };
    }
    let leaners = Leaners::of(pool);
    let found = noise::over_copies(parameters.noise_copies, corpus, "preferences", |dice| {
        let mut copy = said.clone();
        for wish in &mut copy {
            for word in wish.key.this.iter_mut().chain(&mut wish.key.that) {
                if let Some(other) = vocabulary.get(dice.below(vocabulary.len())) {
                    word.clone_from(other);
                }
            }
        }
        let clusters = gate(&copy, &leaners, spread, parameters);
        clusters.iter().map(|cluster| cluster.units.len() as u32).collect::<Vec<u32>>()
    });
    let mean = |least: u32| {
        let lessons = found.iter().flatten().filter(|units| **units >= least).count();
        lessons as f64 / found.len().max(1) as f64
    };
    let most = found.iter().flatten().copied().max().unwrap_or(0);
    let least = if mean(usual) <= parameters.noise_limit {
        usual
    } else {
        let few = |least: &u32| mean(*least) <= parameters.noise_limit * SHARE_OF_LIMIT;
        (usual + 1..=most).find(few).unwrap_or(most + 1)
    };
    Noise { least, lessons: mean(least) }
}

/// The group of wishes that holds most of some places in sessions, whether it is a lesson or not.
#[must_use]
pub fn around<'a>(
    pool: &'a Pool<'_>,
    parameters: &Parameters,
    holds: impl Fn(u32, u32) -> bool,
) -> Option<Cluster<'a>> {
    let said = collect(pool, parameters);
    let strong = (parameters.correction_strong * 10.0) as i32;
    let shared = |group: &[Said<'_>]| group.iter().filter(|said| holds(said.member, said.turn)).count();
    let group = groups(&said, strong, parameters).into_iter().max_by_key(|group| shared(group))?;
    (shared(&group) > 0).then(|| Sides::of(&said, &Leaners::of(pool)).cluster(group))
}

/// How many units said each thing that anybody asked for, whether it is a lesson or not.
#[must_use]
pub fn asked(pool: &Pool<'_>, parameters: &Parameters) -> Vec<usize> {
    let said = collect(pool, parameters);
    let strong = (parameters.correction_strong * 10.0) as i32;
    let units = |group: Vec<Said<'_>>| group.iter().map(|said| said.unit).collect::<BTreeSet<_>>().len();
    groups(&said, strong, parameters).into_iter().map(units).collect()
}

fn collect<'a>(pool: &'a Pool<'_>, parameters: &Parameters) -> Vec<Said<'a>> {
    let weak = (parameters.correction_weak * 10.0) as i32;
    let mut said = Vec::new();
    for (member, session) in pool.members.iter().enumerate() {
        for (turn, fact) in session.facts.turns.iter().enumerate() {
            for (nth, wish) in fact.wishes.iter().enumerate().filter(|(_, wish)| wish.score >= weak) {
                let key = key(wish);
                if !key.this.is_empty() {
                    said.push(Said {
                        member: member as u32,
                        turn: turn as u32,
                        nth: nth as u32,
                        unit: session.unit,
                        wish,
                        key,
                    });
                }
            }
        }
    }
    said
}

fn key(wish: &Wish) -> Key {
    Key {
        wanted: wish.wanted,
        this: words::thing(&wish.this),
        that: wish.that.as_deref().map(words::thing).unwrap_or_default(),
    }
}

fn gate<'a>(
    said: &[Said<'a>],
    leaners: &Leaners<'a>,
    spread: &Spread,
    parameters: &Parameters,
) -> Vec<Cluster<'a>> {
    let strong = (parameters.correction_strong * 10.0) as i32;
    let sides = Sides::of(said, leaners);
    let mut clusters = Vec::new();
    for group in groups(said, strong, parameters) {
        let plain: BTreeSet<u32> = group.iter().map(|said| said.unit).collect();
        if plain.len() < PLAIN {
            continue;
        }
        let cluster = sides.cluster(group);
        let Cluster { said: group, units, against, .. } = &cluster;
        if plain.intersection(units).count() < PLAIN
            || (units.len() as u32) < parameters.least_sessions
            || !spread.suffices(units, parameters)
            || is_boilerplate(group, units.len())
            || at_hand::differs(group.iter().map(|said| (said.unit, said.wish.scope.as_deref())))
        {
            continue;
        }
        let both = units.union(against).count() as u32;
        // Contested wishes are not preferences: more than half of those who spoke must surely agree, unless it is a
        // change of mind, which is told with what was said before.
        let agree = stats::lower_bound(units.len() as u32, both.max(units.len() as u32)) > 0.5;
        if !(agree || cluster.changed_minds()) {
            continue;
        }
        clusters.push(cluster);
    }
    clusters
}

/// Units that must put a choice plainly before what others say counts for it.
const PLAIN: usize = 2;

/// In most sessions it stands under several messages, as signatures do: nobody asks for it.
fn is_boilerplate(group: &[Said<'_>], units: usize) -> bool {
    let mut turns: BTreeMap<u32, BTreeSet<(u32, u32)>> = BTreeMap::new();
    for said in group {
        turns.entry(said.unit).or_default().insert((said.member, said.turn));
    }
    turns.values().filter(|turns| turns.len() > 1).count() * 2 > units
}

/// Groups wishes: equal keys first, then groups with a strong member that resemble each other through
/// and through (complete link, so that no chain of likenesses drags different wishes together).
///
/// What is alike has a word of what is wanted in common, so only groups that begin with such a word are compared:
/// the cost grows with the wishes and not with their square, also where all of them differ.
fn groups<'a>(said: &[Said<'a>], strong: i32, parameters: &Parameters) -> Vec<Vec<Said<'a>>> {
    let mut equal: BTreeMap<&Key, Vec<Said<'a>>> = BTreeMap::new();
    for wish in said {
        equal.entry(&wish.key).or_default().push(wish.clone());
    }
    let mut seeds: Vec<(&Key, Vec<Said<'a>>)> = equal.into_iter().collect();
    let units = |group: &[Said<'_>]| group.iter().map(|s| s.unit).collect::<BTreeSet<_>>().len();
    seeds.sort_by(|(key_a, a), (key_b, b)| (units(b), key_a).cmp(&(units(a), key_b)));
    let weights = weights(said);
    let mut groups: Vec<(Vec<&Key>, Vec<Said<'a>>)> = Vec::new();
    let mut beginning: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (key, wishes) in seeds {
        let is_strong = wishes.iter().any(|said| said.wish.score >= strong);
        // In their order, because the first that fits takes it.
        let near: BTreeSet<usize> =
            key.this.iter().filter_map(|word| beginning.get(word.as_str())).flatten().copied().collect();
        let fit = near.into_iter().find(|at| {
            groups.get(*at).is_some_and(|(keys, members)| {
                (is_strong || members.iter().any(|said| said.wish.score >= strong))
                    && keys.iter().all(|other| alike(key, other, &weights, parameters))
            })
        });
        if let Some((keys, members)) = fit.and_then(|at| groups.get_mut(at)) {
            keys.push(key);
            members.extend(wishes);
        } else {
            for word in &key.this {
                beginning.entry(word).or_default().push(groups.len());
            }
            groups.push((vec![key], wishes));
        }
    }
    let mut groups: Vec<Vec<Said<'a>>> = groups.into_iter().map(|(_, members)| members).collect();
    for members in &mut groups {
        members.sort_by_key(|said| (said.member, said.turn));
    }
    groups.sort_by_key(|members| members.first().map(|said| (said.member, said.turn)));
    groups
}

/// Rare words weigh more.
fn weights(said: &[Said<'_>]) -> BTreeMap<String, f64> {
    let mut units: BTreeMap<&String, BTreeSet<u32>> = BTreeMap::new();
    for wish in said {
        wish.key.this.iter().chain(&wish.key.that).for_each(|word| {
            units.entry(word).or_default().insert(wish.unit);
        });
    }
    let all = said.iter().map(|s| s.unit).collect::<BTreeSet<_>>().len() as f64;
    units.into_iter().map(|(word, units)| (word.clone(), (1.0 + all / units.len() as f64).ln())).collect()
}

fn alike(a: &Key, b: &Key, weights: &BTreeMap<String, f64>, parameters: &Parameters) -> bool {
    // A choice between two named things is the same only if both things are.
    if a.wanted != b.wanted || a.that.is_empty() != b.that.is_empty() {
        return false;
    }
    let sides_meet =
        |x: &[String], y: &[String]| x.is_empty() && y.is_empty() || x.iter().any(|word| y.contains(word));
    // "Squash merges instead of rebase merges" and the reverse have all words in common.
    let telling = |one: &[String], other: &[String]| -> Vec<String> {
        let own: Vec<String> = one.iter().filter(|word| !other.contains(word)).cloned().collect();
        if own.is_empty() { one.to_vec() } else { own }
    };
    let (this_a, that_a) = (telling(&a.this, &a.that), telling(&a.that, &a.this));
    let (this_b, that_b) = (telling(&b.this, &b.that), telling(&b.that, &b.this));
    if !(sides_meet(&this_a, &this_b) && sides_meet(&that_a, &that_b)) {
        return false;
    }
    let (one, other) = (words_of(a), words_of(b));
    let weight = |word: &str| weights.get(word).copied().unwrap_or(1.0);
    let shared: Vec<&str> = one.intersection(&other).copied().collect();
    let common: f64 = shared.iter().map(|word| weight(word)).sum();
    let all: f64 = one.union(&other).map(|word| weight(word)).sum();
    shared.len() >= parameters.correction_words && common >= parameters.correction_likeness * all
}

fn words_of(key: &Key) -> BTreeSet<&str> {
    key.this.iter().chain(&key.that).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::Stance;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    /// Sessions in which a person says these sentences, one session each, on successive days.
    fn sessions(turns: &[&str]) -> Scripts {
        let mut scripts = Scripts::default();
        for (day, turn) in turns.iter().enumerate() {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day as u32);
            script.user("please update the login page of the shop and tell me what changed in the database");
            script.assistant("done");
            script.user(turn);
            scripts.add(meta(&name, day as u32), script);
        }
        scripts
    }

    fn found(turns: &[&str]) -> Vec<(usize, usize, String)> {
        let scripts = sessions(turns);
        let read: Vec<_> = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let parameters = Parameters::default();
        let clusters = find(&pool, &Spread::of(&pool), &parameters, parameters.least_sessions);
        clusters.iter().map(|c| (c.units.len(), c.opposed.len(), c.said[0].wish.this.clone())).collect()
    }

    #[test]
    fn the_same_wish_in_three_sessions_is_a_preference() {
        let turns =
            ["No, use pnpm instead of npm.", "use `pnpm` instead of `npm` please", "don't use npm, use pnpm"];
        assert_eq!(found(&turns), [(3, 0, "pnpm".to_owned())]);
        assert_eq!(found(&turns[..2]), []);
    }

    #[test]
    fn how_answers_are_put_is_a_preference_and_one_language_stands_against_another() {
        let german = ["Please answer in German.", "Can you reply in german?", "no, respond in German!"];
        assert_eq!(found(&german), [(3, 0, "answer in German".to_owned())]);
        let mut some = [german, german].concat();
        some.push("please answer in English");
        assert_eq!(found(&some), [(6, 1, "answer in German".to_owned())]);
        let both = [german, ["please answer in English"; 3]].concat();
        assert_eq!(found(&both), []);
    }

    #[test]
    fn taking_a_side_counts_where_others_put_the_choice_plainly() {
        let plain = "No, use pnpm instead of npm.";
        let side = "npm again? We agreed on pnpm a while ago.";
        assert_eq!(found(&[plain, plain, side, side]), [(4, 0, "pnpm".to_owned())]);
        assert_eq!(found(&[plain, side, side, side]), [], "once is no choice of several people");
        assert_eq!(found(&[side, side, side, side]), []);
        let neither = "npm and pnpm both have a lock file";
        assert_eq!(found(&[plain, plain, neither, neither]), []);
        let other = "pnpm again? We agreed on npm a while ago.";
        assert_eq!(found(&[plain, plain, plain, other, other, other]), [], "contested");
    }

    /// Sessions in which a person says one thing and later another: how many are for the choice, against it.
    fn in_the_end(later: &[&str]) -> (usize, usize) {
        let mut scripts = Scripts::default();
        for (day, later) in later.iter().enumerate() {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day as u32);
            script.user("please update the login page of the shop");
            script.assistant("done");
            script.user("Please use pnpm, not npm.");
            script.assistant("ok");
            script.user(later);
            scripts.add(meta(&name, day as u32), script);
        }
        let read: Vec<_> = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let clusters = find(&pool, &Spread::of(&pool), &Parameters::default(), 0);
        let [cluster] = &clusters[..] else { panic!("{clusters:?}") };
        assert!(cluster.units.is_disjoint(&cluster.against));
        let draft = crate::dream::offline::drafts::preference(cluster, &pool).unwrap();
        let units = |stance| draft.units(stance);
        assert_eq!(units(Stance::Support), cluster.units, "the places say the same");
        assert_eq!(units(Stance::Contradict), cluster.against);
        (cluster.units.len(), cluster.against.len())
    }

    #[test]
    fn the_last_word_of_a_session_counts() {
        let thanks = "Thanks.";
        let with = |later: &'static str| in_the_end(&[thanks, thanks, thanks, thanks, thanks, later]);
        assert_eq!(with(thanks), (6, 0));
        assert_eq!(with("No, use npm instead of pnpm."), (5, 1));
        assert_eq!(with("No wait, npm, not pnpm."), (5, 1));
        assert_eq!(with("pnpm is wrong here, we agreed on npm."), (5, 1));
        assert_eq!(with("Actually, go back to npm."), (5, 0));
        assert_eq!(with("Sorry, I was wrong: npm was right after all."), (5, 0));
        assert_eq!(with("Scrap that. Ignore my pnpm remark."), (5, 0));
        assert_eq!(with("npm again? I said pnpm."), (6, 0));
    }

    #[test]
    fn choices_of_another_place_each_are_parts_of_tasks() {
        let places = ["for the cart", "for orders", "on the map", "in mails"];
        let turns: Vec<String> =
            places.iter().map(|place| format!("No, use icons instead of labels {place}.")).collect();
        let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
        assert_eq!(found(&turns), []);
        assert_eq!(
            found(&["No, use icons instead of labels for the cart."; 4]),
            [(4, 0, "icons".to_owned())]
        );
    }

    #[test]
    fn different_choices_do_not_mix() {
        let turns = [
            "No, use pnpm instead of npm.",
            "No, use yarn instead of npm.",
            "No, use vitest instead of jest.",
        ];
        assert_eq!(found(&turns), []);
    }

    #[test]
    fn questions_and_pasted_logs_do_not_count() {
        let log = "look:\n```\nuse pnpm instead of npm\nnever use npm\n```\nwhat is that?";
        assert_eq!(found(&[log, log, log, log]), []);
        let question = "should we use pnpm instead of npm?";
        assert_eq!(found(&[question, question, question]), []);
    }

    #[test]
    fn a_contested_wish_is_no_preference() {
        let turns = [
            "No, use pnpm instead of npm.",
            "No, use pnpm instead of npm.",
            "No, use pnpm instead of npm.",
            "No, use npm instead of pnpm.",
            "No, use npm instead of pnpm.",
            "No, use npm instead of pnpm.",
        ];
        assert_eq!(found(&turns), []);
        let mut agreed = vec!["No, use pnpm instead of npm."; 6];
        agreed.push("No, use npm instead of pnpm.");
        assert_eq!(found(&agreed), [(6, 1, "pnpm".to_owned())]);
    }

    #[test]
    fn what_all_ask_for_since_some_day_is_told_although_all_asked_for_the_opposite_before() {
        let before = ["Use squash merges instead of rebase merges."; 8];
        let since = ["Use rebase merges instead of squash merges."; 9];
        let changed: Vec<&str> = before.into_iter().chain(since).collect();
        assert_eq!(found(&changed), [(9, 8, "rebase merges".to_owned())]);
        // With a no in front they are strong enough to meet in one group, if they were alike.
        let strong: Vec<String> = changed.iter().map(|turn| format!("No. {turn}")).collect();
        let strong: Vec<&str> = strong.iter().map(String::as_str).collect();
        assert_eq!(found(&strong), [(9, 8, "rebase merges".to_owned())]);
        let mut mixed = changed.clone();
        mixed.push(before[0]);
        assert_eq!(found(&mixed), [], "somebody still asks for it");
        assert_eq!(found(&changed[..11]), [(8, 3, "squash merges".to_owned())], "three are no change");
    }

    #[test]
    fn a_denied_choice_counts_for_the_reverse() {
        let wanted = "No, use tabs instead of spaces.";
        let denied = "Don't use tabs instead of spaces.";
        let turns: Vec<&str> = [wanted, denied].into_iter().cycle().take(13).collect();
        let scripts = sessions(&turns);
        let read: Vec<_> = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let cluster = around(&pool, &Parameters::default(), |member, _| member == 0).unwrap();
        assert_eq!((cluster.units.len(), cluster.opposed.len()), (7, 6));
        assert!(cluster.leaning.is_empty() || cluster.leaning.iter().all(|turn| !turn.for_it));
        assert_eq!(found(&turns), [], "contested");
        assert_eq!(found(&[denied; 5]), [(5, 0, "spaces".to_owned())]);
    }

    #[test]
    fn questions_reports_and_exceptions_do_not_add_to_a_preference() {
        let plain = "No, use tabs instead of spaces in this repo.";
        for other in [
            "Should we always use tabs instead of spaces in this repo?",
            "Bob said: use tabs instead of spaces in this repo. I disagree, leave it.",
            "If you use tabs instead of spaces in this repo, the build fails.",
            "The notes say: \"- Use tabs instead of spaces.\"  Please continue with the task.",
            "Last year we used to use tabs instead of spaces in this project.",
            "No, use tabs instead of spaces in this repo. Wait, forget that, I was wrong.",
            "For this one file only, use tabs instead of spaces.",
            "I did not ask you to use tabs instead of spaces.",
            "You used tabs instead of spaces, why?",
        ] {
            let turns: Vec<&str> = [plain; 3].into_iter().chain([other; 5]).collect();
            assert_eq!(found(&turns), [(3, 0, "tabs".to_owned())], "{other}");
        }
    }

    #[test]
    fn one_day_is_not_enough_for_one_person() {
        let scripts = sessions(&["No, use pnpm instead of npm."; 4]);
        let metas: Vec<_> = scripts
            .metas
            .iter()
            .map(|m| crate::domain::session::SessionMeta { started: scripts.metas[0].started, ..m.clone() })
            .collect();
        let read: Vec<_> = metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        assert_eq!(find(&pool, &Spread::of(&pool), &Parameters::default(), 0), []);
    }

    #[test]
    fn shuffled_words_give_no_preferences() {
        let scripts = sessions(&["No, use pnpm instead of npm."; 8]);
        let read: Vec<_> = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let noise = noise(&pool, &Spread::of(&pool), &Parameters::default(), "x");
        assert!(noise.lessons <= 0.1 && noise.least == 3, "{noise:?}");
    }

    #[test]
    fn where_shuffled_words_meet_often_a_preference_needs_more_sessions() {
        // Few words and many wishes: by luck three ask for the same.
        let words = ["red", "blue", "green", "teal"];
        let turns: Vec<String> = (0..60)
            .map(|at| format!("No, use {} instead of {}.", words[at % 4], words[(at / 4 + at + 1) % 4]))
            .collect();
        let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
        let scripts = sessions(&turns);
        let read: Vec<_> = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let parameters = Parameters::default();
        let noise = noise(&pool, &Spread::of(&pool), &parameters, "x");
        assert!(noise.least > parameters.least_sessions, "{noise:?}");
        assert!(noise.lessons <= parameters.noise_limit * SHARE_OF_LIMIT, "{noise:?}");
    }
}
