//! Lessons, one row per identity however often they are proposed.
//!
//! Owns: the `lessons` table and that states change only through the lifecycle. Must not know: how
//! lessons are cut or decided; their texts are not here.

use jiff::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::counted::{self, Counted};
use super::decisions::Remade;
use super::error::StoreError;
use super::same;
use super::values::{At, Hex, Json, Named};
use crate::domain::checks::Checks;
use crate::domain::dream::{Dream, Engine};
use crate::domain::evidence::Support;
use crate::domain::ids::{AgentId, ApplyId, DreamId, LessonId};
use crate::domain::lesson::{COLLISION, IN_FORCE, Kind, Lesson, Mark, Severity, TAKEN_OUT, Topic};
use crate::domain::lifecycle::{self, State, Step};

/// Which lessons to list. Empty fields don't restrict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LessonQuery {
    /// Only of this agent.
    pub agent: Option<AgentId>,
    /// Only those that this dream was the latest to propose.
    pub dream: Option<DreamId>,
    /// Only in one of these states; empty means any. A snooze that is over counts as pending.
    pub states: Vec<State>,
    /// Only this topic.
    pub topic: Option<Topic>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only with at least this many supporting sessions, or resting on the memory itself.
    pub min_support: Option<u32>,
    /// Only with this text in the statement, the reviewer's edit or a document path; ASCII letters match in either case.
    pub text: Option<String>,
    /// At most this many.
    pub limit: Option<u32>,
}

/// What finds a lesson again by cutting its dream's snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The lesson.
    pub lesson: LessonId,
    /// The dream that proposed it last.
    pub dream: DreamId,
    /// Its identity among the lessons cut from that pass.
    pub key: String,
    /// The reviewer's text, where there is one.
    pub edit: Option<String>,
    /// The apply that put it into the memory, while it is there; or that took it out, while it is not, where
    /// its dream had put it in.
    pub applied_by: Option<ApplyId>,
}

/// A lesson's state as stored, with the end of its snooze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub state: State,
    pub until: Option<Timestamp>,
}

pub(super) const COLUMNS: &str = "l.id, l.agent, l.dream, l.kind, l.topic, l.statement, l.state, l.snoozed_until, l.edited, \
     l.basis, l.support, l.exposed, l.contradict, l.mention, l.days, l.users, l.lower_bound, l.tier, l.marks, \
     l.documents, l.tokens, l.cosmetic, l.position, \
     CASE WHEN l.edited THEN (SELECT e.remade FROM decisions e WHERE e.lesson = l.id AND e.verdict = 'edit' \
         ORDER BY e.seq DESC LIMIT 1) END, \
     CASE WHEN l.kind = 'add' THEN (SELECT group_concat(a.name || ' (' || t.state \
             || CASE WHEN t.support IS NULL THEN '' ELSE ', ' || t.support || CASE t.support WHEN 1 THEN ' example' ELSE ' examples' END END || ')', ', ' ORDER BY a.name, t.id) \
         FROM lessons t JOIN agents a ON a.id = t.agent \
         WHERE t.statement = l.statement AND t.kind = 'add' AND t.agent <> l.agent AND t.agent <> 'shared:memory' AND t.state <> 'superseded') END, \
     l.applied_by, l.checks, (SELECT s.body FROM spot_checks s WHERE s.lesson = l.id)";

/// Keeps a proposed lesson: a new one waits, a known one keeps its state, edit and decisions, and its count if
/// an earlier pass saw more. Gives whether the evidence of this pass is what it now rests on.
pub(super) fn propose(
    connection: &Connection,
    dream: &Dream,
    lesson: &Lesson,
    key: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Counted { lesson, anew } = counted::counted(connection, dream, lesson)?;
    let known = standing(connection, &lesson.id)?;
    let state = match known {
        Some(known) if known.state == State::Applied && is_missed(connection, dream, &lesson.id)? => {
            set_applied_by(connection, &lesson.id, None)?;
            step(&lesson.id, known.state, Step::Missed)?
        }
        Some(known) => {
            // A later dream wrote into the memory itself what was taken out of it: it has to be taken out again.
            let wrote_again = lesson.is_in_force() && !is_of(connection, dream, &lesson.id)?;
            if wrote_again && is_taken_out(connection, &lesson.id)? {
                set_applied_by(connection, &lesson.id, None)?;
            }
            step(&lesson.id, known.state, Step::Proposed)?
        }
        None => State::Pending,
    };
    let support = &lesson.support;
    connection
        .prepare_cached(
            "INSERT INTO lessons (id, agent, dream, identity, kind, topic, statement, state, basis, support, \
                 exposed, contradict, mention, days, users, lower_bound, tier, marks, documents, tokens, \
                 cosmetic, position, first_seen, checks)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
                 ?20, ?21, ?22, ?23, ?24)
             ON CONFLICT (id) DO UPDATE SET dream = excluded.dream, identity = excluded.identity, \
                 kind = excluded.kind, topic = excluded.topic, statement = excluded.statement, \
                 state = excluded.state, basis = excluded.basis, support = excluded.support, \
                 exposed = excluded.exposed, contradict = excluded.contradict, mention = excluded.mention, \
                 days = excluded.days, users = excluded.users, lower_bound = excluded.lower_bound, \
                 tier = excluded.tier, marks = excluded.marks, documents = excluded.documents, \
                 tokens = excluded.tokens, cosmetic = excluded.cosmetic, position = excluded.position, \
                 checks = excluded.checks",
        )?
        .execute(params![
            lesson.id.as_str(),
            lesson.agent.as_str(),
            dream.id.as_str(),
            key,
            Named(lesson.kind),
            Named(lesson.topic),
            lesson.statement,
            Named(state),
            Named(support.basis),
            support.sessions,
            support.exposed,
            support.contradict,
            support.mention,
            support.days,
            support.users,
            support.lower_bound,
            Named(lesson.tier),
            Json(&lesson.marks),
            Json(&lesson.documents),
            lesson.tokens,
            lesson.cosmetic,
            lesson.position,
            At(now),
            Json(&support.checks),
        ])?;
    Ok(anew)
}

/// Whether it was this dream that proposed a lesson last.
fn is_of(connection: &Connection, dream: &Dream, lesson: &LessonId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM lessons WHERE id = ?1 AND dream = ?2")?
        .exists([lesson.as_str(), dream.id.as_str()])?)
}

/// Whether the memory that a dream read was seen after a lesson was written: then the lesson, proposed again, is
/// in it no more. One read before says nothing.
fn is_missed(connection: &Connection, dream: &Dream, lesson: &LessonId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM memory_versions seen
             JOIN lessons l ON l.id = ?1
             JOIN memory_versions written ON written.apply = l.applied_by
             WHERE seen.agent = ?2 AND seen.snapshot = ?3 AND seen.seq > written.seq",
        )?
        .exists(params![lesson.as_str(), dream.agent.as_str(), Hex(dream.base)])?)
}

/// Retires undecided lessons of the agent that were proposed before, but not by this dream.
///
/// Only the offline engine's: it finds the same again in the same sessions, so what it no longer finds no
/// longer holds, unless it read only a part of them. A model's silence says nothing. Accepted ones stay: a
/// person decided, and a later pass must not take that back unseen.
pub(super) fn retire_unproposed(connection: &Connection, dream: &Dream) -> Result<u64, StoreError> {
    if dream.engine != Engine::Offline {
        return Ok(0);
    }
    let mut statement = connection.prepare_cached(
        "SELECT l.id FROM lessons l JOIN dreams d ON d.id = l.dream
         WHERE l.agent = ?1 AND l.dream <> ?2 AND d.started <= ?3 AND l.state IN ('pending', 'snoozed', 'conflict')
               AND d.engine = ?4",
    )?;
    let row = params![dream.agent.as_str(), dream.id.as_str(), At(dream.started), Named(dream.engine)];
    let rows = statement.query_map(row, |row| Ok(LessonId::new(row.get::<_, String>(0)?)))?;
    let unproposed = rows.collect::<Result<Vec<_>, _>>()?;
    let mut retired = 0;
    for lesson in &unproposed {
        if !counted::saw_less(connection, dream, lesson)? {
            advance(connection, lesson, Step::Dropped, None)?;
            retired += 1;
        }
    }
    Ok(retired)
}

/// Ends snoozes whose time has come; gives how many.
pub(super) fn wake(connection: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM lessons WHERE state = 'snoozed' AND snoozed_until <= ?1")?;
    let rows = statement.query_map([At(now)], |row| Ok(LessonId::new(row.get::<_, String>(0)?)))?;
    let over = rows.collect::<Result<Vec<_>, _>>()?;
    for lesson in &over {
        advance(connection, lesson, Step::Reopen, None)?;
    }
    Ok(over.len() as u64)
}

/// When the first of the snoozed lessons comes back.
pub(super) fn first_back(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let first = connection
        .prepare_cached("SELECT min(snoozed_until) FROM lessons WHERE state = 'snoozed'")?
        .query_row([], |row| row.get::<_, Option<At>>(0))?;
    Ok(first.map(|At(at)| at))
}

/// Moves a lesson one step; gives its state before and after. `until` is the end of a snooze.
pub(super) fn advance(
    connection: &Connection,
    lesson: &LessonId,
    taken: Step,
    until: Option<Timestamp>,
) -> Result<(State, State), StoreError> {
    let before = require(connection, lesson)?;
    let after = step(lesson, before.state, taken)?;
    set(connection, lesson, Standing { state: after, until: until.filter(|_| after == State::Snoozed) })?;
    Ok((before.state, after))
}

/// The lifecycle's answer, with the lesson named when it refuses.
pub(super) fn step(lesson: &LessonId, state: State, taken: Step) -> Result<State, StoreError> {
    lifecycle::next(state, taken)
        .map_err(|refused| StoreError::Refused { lesson: lesson.clone(), reason: refused.to_string() })
}

/// Writes a state that the lifecycle allowed.
pub(super) fn set(connection: &Connection, lesson: &LessonId, to: Standing) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE lessons SET state = ?2, snoozed_until = ?3 WHERE id = ?1")?
        .execute(params![lesson.as_str(), Named(to.state), At::some(to.until)])?;
    Ok(())
}

/// Notes whether the reviewer's text replaces the proposal.
pub(super) fn set_edited(connection: &Connection, lesson: &LessonId, edited: bool) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE lessons SET edited = ?2 WHERE id = ?1")?
        .execute(params![lesson.as_str(), edited])?;
    Ok(())
}

/// Notes which apply holds a lesson in the memory, or out of it where its dream had put it in.
pub(super) fn set_applied_by(
    connection: &Connection,
    lesson: &LessonId,
    apply: Option<&ApplyId>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE lessons SET applied_by = ?2 WHERE id = ?1")?
        .execute(params![lesson.as_str(), apply.map(ApplyId::as_str)])?;
    Ok(())
}

/// Whether an apply took a lesson out of the memory, where its dream itself had put it.
pub(super) fn is_taken_out(connection: &Connection, lesson: &LessonId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM lessons WHERE id = ?1 AND state = 'rejected' AND applied_by IS NOT NULL",
        )?
        .exists([lesson.as_str()])?)
}

/// Puts the reason of a collision among the marks of a lesson, or takes it away.
pub(super) fn set_collision(
    connection: &Connection,
    lesson: &LessonId,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let collision = reason.map(|reason| Mark {
        guard: COLLISION.to_owned(),
        severity: Severity::Warn,
        text: reason.to_owned(),
    });
    set_marks(connection, lesson, COLLISION, collision.as_slice())
}

/// Notes whether a lesson fits the memory. What an apply had found in collision waits again once it does.
pub(super) fn collide(
    connection: &Connection,
    lesson: &LessonId,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    if reason.is_none() && require(connection, lesson)?.state == State::Conflict {
        advance(connection, lesson, Step::Reopen, None)?;
    }
    set_collision(connection, lesson, reason)
}

/// Puts other marks of one guard in the place of those that a lesson has; the weightiest stay first.
pub(super) fn set_marks(
    connection: &Connection,
    lesson: &LessonId,
    guard: &str,
    new: &[Mark],
) -> Result<(), StoreError> {
    let Json(mut marks): Json<Vec<Mark>> = connection
        .prepare_cached("SELECT marks FROM lessons WHERE id = ?1")?
        .query_row([lesson.as_str()], |row| row.get(0))?;
    marks.retain(|mark| mark.guard != guard);
    marks.extend(new.iter().cloned());
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.severity));
    connection
        .prepare_cached("UPDATE lessons SET marks = ?2 WHERE id = ?1")?
        .execute(params![lesson.as_str(), Json(&marks)])?;
    Ok(())
}

/// A lesson's state as stored.
pub(super) fn standing(connection: &Connection, lesson: &LessonId) -> Result<Option<Standing>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT state, snoozed_until FROM lessons WHERE id = ?1")?
        .query_row([lesson.as_str()], |row| {
            let until = row.get::<_, Option<At>>(1)?.map(|At(at)| at);
            Ok(Standing { state: row.get::<_, Named<_>>(0)?.0, until })
        })
        .optional()?)
}

/// A lesson's state; an error if there is no such lesson.
pub(super) fn require(connection: &Connection, lesson: &LessonId) -> Result<Standing, StoreError> {
    standing(connection, lesson)?
        .ok_or_else(|| StoreError::Unknown { what: "lesson", id: lesson.to_string() })
}

/// Lessons that match, grouped by agent and dream (the newest first), in the order of the dream.
pub(super) fn find(
    connection: &Connection,
    query: &LessonQuery,
    now: Timestamp,
) -> Result<Vec<Lesson>, StoreError> {
    let (sql, values) = select(query, now);
    let mut statement = connection.prepare_cached(&sql)?;
    let lessons = statement.query_map(params_from_iter(values), |row| {
        Ok((row.get::<_, At>("dream_started")?.0, from_row(row, now)?))
    })?;
    let mut lessons = lessons.collect::<Result<Vec<_>, _>>()?;
    if query.limit.is_none() {
        // SQLite would copy every column of every row once more to sort them.
        lessons.sort_by(|(started_a, a), (started_b, b)| {
            let group = a.agent.cmp(&b.agent).then_with(|| started_b.cmp(started_a));
            let dream = group.then_with(|| a.dream.cmp(&b.dream));
            dream.then_with(|| (a.position, &a.id).cmp(&(b.position, &b.id)))
        });
    }
    Ok(lessons.into_iter().map(|(_, lesson)| lesson).collect())
}

/// The statement for a query, and the values for its placeholders.
fn select(query: &LessonQuery, now: Timestamp) -> (String, Vec<Box<dyn ToSql>>) {
    let mut conditions = Vec::new();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut restrict = |condition: &str, value: Box<dyn ToSql>| {
        if condition.contains('?') {
            values.push(value);
        }
        conditions.push(condition.replace('?', &format!("?{}", values.len())));
    };
    if let Some(agent) = &query.agent {
        restrict("l.agent = ?", Box::new(agent.as_str().to_owned()));
    }
    if let Some(dream) = &query.dream {
        restrict("l.dream = ?", Box::new(dream.as_str().to_owned()));
    }
    if let Some(topic) = query.topic {
        restrict("l.topic = ?", Box::new(topic.as_str()));
    }
    if let Some(kind) = query.kind {
        restrict("l.kind = ?", Box::new(kind.as_str()));
    }
    if let Some(least) = query.min_support {
        restrict("(l.support IS NULL OR l.support >= ?)", Box::new(least));
    }
    if let Some(text) = &query.text {
        let escaped = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        let pattern = format!("%{escaped}%");
        let edit = "CASE WHEN l.edited THEN (SELECT e.edit FROM decisions e WHERE e.lesson = l.id \
             AND e.verdict = 'edit' ORDER BY e.seq DESC LIMIT 1) ELSE '' END";
        restrict(
            &format!(r"(l.statement || ' ' || l.documents || ' ' || {edit}) LIKE ? ESCAPE '\'"),
            Box::new(pattern),
        );
    }
    if !query.states.is_empty() {
        restrict(&state_condition(&query.states), Box::new(At(now)));
    }
    let filter =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let first = query.limit.map_or(String::new(), |limit| {
        format!("ORDER BY l.agent, d.started DESC, l.dream, l.position, l.id LIMIT {limit}")
    });
    let sql = format!(
        "SELECT {COLUMNS}, d.started AS dream_started FROM lessons l JOIN dreams d ON d.id = l.dream {filter} {first}"
    );
    (sql, values)
}

/// States are our own words, so they may stand in the SQL itself; `?` is the present moment.
///
/// The list comes first because an index answers it; the moment matters only among the snoozed.
fn state_condition(states: &[State]) -> String {
    let (pending, snoozed) = (states.contains(&State::Pending), states.contains(&State::Snoozed));
    let mut stored: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    if pending && !snoozed {
        stored.push(State::Snoozed.as_str());
    }
    let listed = format!("l.state IN ('{}')", stored.join("', '"));
    match (pending, snoozed) {
        (true, false) => format!("{listed} AND (l.state <> 'snoozed' OR l.snoozed_until <= ?)"),
        (false, true) => format!("{listed} AND (l.state <> 'snoozed' OR l.snoozed_until > ?)"),
        _ => listed,
    }
}

/// One lesson.
pub(super) fn one(
    connection: &Connection,
    lesson: &LessonId,
    now: Timestamp,
) -> Result<Option<Lesson>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM lessons l WHERE l.id = ?1"))?
        .query_row([lesson.as_str()], |row| from_row(row, now))
        .optional()?)
}

/// What finds a lesson again in its dream.
pub(super) fn locate(connection: &Connection, lesson: &LessonId) -> Result<Option<Located>, StoreError> {
    let row: Option<(String, String, Option<String>)> = connection
        .prepare_cached("SELECT dream, identity, applied_by FROM lessons WHERE id = ?1")?
        .query_row([lesson.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((dream, key, applied_by)) = row else { return Ok(None) };
    Ok(Some(Located {
        lesson: lesson.clone(),
        dream: DreamId::new(dream),
        key,
        edit: super::decisions::edit_of(connection, lesson)?,
        applied_by: applied_by.map(ApplyId::new),
    }))
}

/// What a lesson said when it was proposed, whatever a reviewer made of it since.
pub(super) fn proposed_statement(
    connection: &Connection,
    lesson: &LessonId,
) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT statement FROM lessons WHERE id = ?1")?;
    Ok(statement.query_row([lesson.as_str()], |row| row.get(0)).optional()?)
}

/// Lessons that an apply put into the memory (or took out of it) and that are still there (or not).
pub(super) fn held_by(connection: &Connection, apply: &ApplyId) -> Result<Vec<LessonId>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM lessons WHERE applied_by = ?1 ORDER BY id")?;
    let rows = statement.query_map([apply.as_str()], |row| Ok(LessonId::new(row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn from_row(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Lesson> {
    let stored: State = row.get::<_, Named<_>>(6)?.0;
    let until = row.get::<_, Option<At>>(7)?.map(|At(at)| at);
    let over = stored == State::Snoozed && until.is_some_and(|until| until <= now);
    let Json(proposed): Json<Vec<Mark>> = row.get(18)?;
    let (marks, tokens, statement) = match row.get::<_, Option<Json<Remade>>>(23)? {
        Some(Json(remade)) => (on_edited(remade.marks, proposed), remade.tokens, remade.statement),
        None => (proposed, row.get(20)?, None),
    };
    let out = stored == State::Rejected && row.get_ref(25)? != rusqlite::types::ValueRef::Null;
    let mut marks: Vec<Mark> = if out { marks.into_iter().map(once_in_force).collect() } else { marks };
    let of: String = row.get(1)?;
    marks.extend(row.get::<_, Option<String>>(24)?.map(|others| same::mark(&of, &others)));
    let mut support = support(row, 9, 26)?;
    support.checks.spot = row.get::<_, Option<Json<_>>>(27)?.map(|Json(spot)| spot);
    Ok(Lesson {
        id: LessonId::new(row.get::<_, String>(0)?),
        agent: AgentId::new(of),
        dream: DreamId::new(row.get::<_, String>(2)?),
        kind: row.get::<_, Named<_>>(3)?.0,
        topic: row.get::<_, Named<_>>(4)?.0,
        proposed: if statement.is_some() { Some(row.get(5)?) } else { None },
        statement: statement.map_or_else(|| row.get(5), Ok)?,
        state: if over { State::Pending } else { stored },
        edited: row.get(8)?,
        support,
        tier: row.get::<_, Named<_>>(17)?.0,
        marks,
        documents: row.get::<_, Json<_>>(19)?.0,
        tokens,
        cosmetic: row.get(21)?,
        position: row.get(22)?,
    })
}

/// The count of a lesson: eight columns from `first` on, in the order of the table, and that of the checks.
pub(super) fn support(row: &Row<'_>, first: usize, checks: usize) -> rusqlite::Result<Support> {
    Ok(Support {
        basis: row.get::<_, Named<_>>(first)?.0,
        sessions: row.get(first + 1)?,
        exposed: row.get(first + 2)?,
        contradict: row.get(first + 3)?,
        mention: row.get(first + 4)?,
        days: row.get(first + 5)?,
        users: row.get(first + 6)?,
        lower_bound: row.get(first + 7)?,
        checks: row.get::<_, Option<Json<Checks>>>(checks)?.map(|Json(checks)| checks).unwrap_or_default(),
    })
}

/// The mark of a lesson in force, once an apply took it out.
fn once_in_force(mark: Mark) -> Mark {
    if mark.guard != IN_FORCE {
        return mark;
    }
    let text = "the dream wrote it into the memory itself; it was rejected and taken out";
    Mark { guard: TAKEN_OUT.to_owned(), severity: Severity::Info, text: text.to_owned() }
}

/// The marks of an edited lesson: those on the reviewer's text. That the memory changed under it
/// holds whatever the text says.
fn on_edited(mut marks: Vec<Mark>, proposed: Vec<Mark>) -> Vec<Mark> {
    marks.extend(proposed.into_iter().filter(|mark| mark.guard == COLLISION));
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    /// Fifty thousand lessons, nearly all decided: listing what waits may not read them all. Counted
    /// in SQLite's own steps, which do not depend on the machine.
    #[test]
    fn listing_what_waits_does_not_read_everything() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrations().to_latest(&mut connection).unwrap();
        connection
            .execute_batch(
                "INSERT INTO agents (id, name, body) VALUES ('a', 'a', '{}');
                 INSERT INTO snapshots VALUES ('s', 0, 0, 0);
                 INSERT INTO dreams (id, agent, engine, status, started, reads, base)
                     VALUES ('d', 'a', 'offline', 'completed', 0, '{}', 's');
                 INSERT INTO lessons (id, agent, dream, identity, kind, topic, statement, state, basis, support,
                     contradict, mention, days, users, tier, marks, documents, tokens, cosmetic, position, first_seen)
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                 SELECT 'les_' || i, 'a', 'd', 'k', 'add', 'mistake', 'Learn ' || i,
                     CASE WHEN i % 5000 = 0 THEN 'pending' ELSE 'rejected' END, 'verified', 10, 0, 0, 1, 1,
                     'lead', '[]', '[]', 1, 0, i, 0 FROM n;",
            )
            .unwrap();
        let agent = Some(AgentId::new("a"));
        for query in [
            LessonQuery { states: vec![State::Pending], ..LessonQuery::default() },
            LessonQuery { states: vec![State::Pending, State::Conflict], agent, ..LessonQuery::default() },
        ] {
            let (sql, values) = select(&query, Timestamp::UNIX_EPOCH);
            let mut statement = connection.prepare(&sql).unwrap();
            let found = statement.query_map(params_from_iter(values), |_| Ok(())).unwrap().count();
            assert_eq!(found, 10);
            let steps = statement.get_status(rusqlite::StatementStatus::VmStep);
            assert!(steps < 2_000, "{steps} steps for {found} rows: {sql}");
        }
    }
}
