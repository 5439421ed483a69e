//! Rules of what happens to one session at once: nothing that was accepted is lost, and nothing is accepted too late.

use std::{collections::BTreeSet, time::Duration};

use assessment_engine::{InterviewSession, InterviewSessionId, Unit};
use assessment_format::{
    Slug,
    interview::Speaker,
    session::{Event, StoredAnswer},
};
use kernel::{Scope, StoreError};

use super::{
    answers::{kept, turn},
    assessment_fixture::{item, tenant},
    commit,
};
use crate::{
    StorageUnderTest,
    world::{World, ctx},
};

/// How long an adapter may let somebody wait for somebody else before a rule goes on.
const A_MOMENT: Duration = Duration::from_millis(200);

/// Tries again when the unit comes too late.
async fn insist<T, F: Future<Output = Result<T, StoreError>>>(attempt: impl Fn() -> F) -> T {
    for _ in 0..200 {
        match attempt().await {
            Err(StoreError::Stale | StoreError::Unavailable(_)) => tokio::task::yield_now().await,
            done => return done.expect("it works, or comes too late"),
        }
    }
    panic!("two hundred times too late");
}

async fn begin(storage: &StorageUnderTest, scope: Scope) -> Result<Box<Unit>, StoreError> {
    storage.assessment_store.begin(&ctx(scope)).await
}

/// Answers one item as the service does; tells whether it was accepted.
async fn answer(
    storage: &StorageUnderTest,
    scope: Scope,
    id: InterviewSessionId,
    to: &Slug,
    answer: &StoredAnswer,
) -> Result<bool, StoreError> {
    let mut unit = begin(storage, scope).await?;
    let session = unit.interview_session_for_answer(id).await?.expect("the session is there");
    let event = Event::Answer { item: to.clone(), sequence: answer.sequence, reply: answer.reply.clone() };
    if session.admits(&event, answer.at).is_err() {
        return Ok(false);
    }
    tokio::task::yield_now().await;
    let newer = unit.save_answer(&session, to, answer).await?;
    unit.commit().await?;
    Ok(newer.is_none())
}

/// Says something as the service does; tells whether it was accepted.
async fn say(
    storage: &StorageUnderTest,
    scope: Scope,
    id: InterviewSessionId,
    text: &str,
) -> Result<bool, StoreError> {
    let now = World::of(storage).now();
    let mut unit = begin(storage, scope).await?;
    let session = unit.interview_session_for_update(id).await?.expect("the session is there");
    let number = unit.transcript(id).await?.next_number();
    let event = Event::Turn { number, by: Speaker::Person, text: text.to_owned() };
    if session.admits(&event, now).is_err() {
        return Ok(false);
    }
    tokio::task::yield_now().await;
    unit.put_turn(&session, &turn(number, text, now)).await?;
    unit.commit().await?;
    Ok(true)
}

/// What was said: items with the numbers of their answers, and turns.
type Said = (BTreeSet<(Slug, u64)>, Vec<String>);

async fn said(unit: &mut Unit, id: InterviewSessionId) -> Result<Said, StoreError> {
    let answers = unit.answers(id).await?;
    let answers = answers.iter().map(|(item, kept)| (item.clone(), kept.sequence)).collect();
    let turns = unit.transcript(id).await?.turns().iter().map(|turn| turn.text.clone()).collect();
    Ok((answers, turns))
}

/// Submits as the service does; tells what was submitted.
async fn submit(
    storage: &StorageUnderTest,
    scope: Scope,
    id: InterviewSessionId,
) -> Result<Said, StoreError> {
    let now = World::of(storage).now();
    let mut unit = begin(storage, scope).await?;
    let mut session = unit.interview_session_for_update(id).await?.expect("the session is there");
    let said = said(&mut *unit, id).await?;
    tokio::task::yield_now().await;
    session.happen(&Event::Submit, Vec::new(), now).expect("nobody else submits");
    unit.save_interview_session(&mut session).await?;
    unit.commit().await?;
    Ok(said)
}

/// Of a submission and answers and turns that come at once, whatever was accepted is in what was submitted, and
/// what was submitted is what is there.
pub async fn nothing_is_accepted_that_is_not_submitted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (own, tenant, now) = (Scope::Account(people.bob), tenant(&fixture), world.now());
    for round in 0..25_u64 {
        let id = world.begun(&fixture, Some(people.bob)).await.id;
        let mut answering = tokio::task::JoinSet::new();
        for number in 0..4_u64 {
            let (storage, to) = (storage.clone(), item(&format!("item-{}", number % 3)));
            let (scope, sequence) = (if number % 2 == 0 { own } else { tenant }, 1 + number);
            answering.spawn(async move {
                pause(round * number % 5).await;
                let given = kept(sequence, 1, now);
                let accepted = insist(|| answer(&storage, scope, id, &to, &given)).await;
                accepted.then_some((to, sequence))
            });
        }
        let mut speaking = tokio::task::JoinSet::new();
        for number in 0..2_u64 {
            let storage = storage.clone();
            speaking.spawn(async move {
                pause((round + number) % 4).await;
                let text = format!("turn of {number}");
                insist(|| say(&storage, tenant, id, &text)).await.then_some(text)
            });
        }
        pause(round % 7).await;
        let (answers, turns) = insist(|| submit(storage, tenant, id)).await;
        for (to, sequence) in answering.join_all().await.into_iter().flatten() {
            let kept = answers.iter().find(|(item, _)| *item == to).map(|(_, sequence)| *sequence);
            assert!(kept >= Some(sequence), "round {round}: answer {sequence} to {to} is lost: {answers:?}");
        }
        for text in speaking.join_all().await.into_iter().flatten() {
            assert!(turns.contains(&text), "round {round}: {text} is lost: {turns:?}");
        }
        let mut unit = world.within(people.north).await;
        let left = said(&mut *unit, id).await.expect("it can be read");
        assert_eq!(left, (answers, turns), "round {round}: what was submitted is what is there");
    }
}

async fn pause(steps: u64) {
    tokio::time::sleep(Duration::from_micros(300 * steps)).await;
}

/// Whoever locks a session has it alone: an answer that comes while they are about to submit waits for them,
/// or comes too late, or they do.
pub async fn a_session_for_update_is_nobody_elses(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (scope, now) = (tenant(&fixture), world.now());
    let session = world.begun(&fixture, None).await;
    let mut first = world.within(people.north).await;
    let mut own =
        first.interview_session_for_update(session.id).await.expect("it can be read").expect("it is there");
    let before = said(&mut *first, session.id).await.expect("it can be read");
    let (other, id) = (storage.clone(), session.id);
    let mut answering = tokio::spawn(async move {
        let mut unit = begin(&other, scope).await?;
        let session = unit.interview_session_for_answer(id).await?.expect("it is there");
        let event = Event::Answer { item: item("d1"), sequence: 1, reply: None };
        if session.admits(&event, now).is_err() {
            return Ok(false);
        }
        unit.save_answer(&session, &item("d1"), &kept(1, 1, now)).await?;
        unit.commit().await.map(|()| true)
    });
    let waited = tokio::time::timeout(A_MOMENT, &mut answering).await;
    own.happen(&Event::Submit, Vec::new(), now).expect("it can be submitted");
    let submitted = async {
        first.save_interview_session(&mut own).await?;
        first.commit().await
    }
    .await;
    let answered = match waited {
        Ok(answered) => answered,
        Err(_) => answering.await,
    };
    let answered: Result<bool, StoreError> = answered.expect("answering does not panic");
    let left = said(&mut *world.within(people.north).await, id).await.expect("it can be read");
    match (&submitted, &answered) {
        (Ok(()), Ok(false) | Err(StoreError::Stale)) => {
            assert_eq!(left, before, "submitted without the answer");
        }
        (Err(StoreError::Stale), Ok(true)) => assert_eq!(left.0.len(), 1, "answered, and not submitted"),
        both => panic!("one of them comes first, and the other notices: {both:?}"),
    }
}

/// A session that somebody changed meanwhile takes no answer of who read it before.
pub async fn an_answer_meets_the_session_as_it_was_read(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (scope, now) = (tenant(&fixture), world.now());
    let id = world.begun(&fixture, None).await.id;
    let mut unit = world.within(people.north).await;
    let session = unit.interview_session_for_answer(id).await.expect("it can be read").expect("it is there");
    unit.save_answer(&session, &item("d1"), &kept(1, 1, now)).await.expect("an answer can be kept");
    let other = storage.clone();
    let mut submitting = tokio::spawn(async move { insist(|| submit(&other, scope, id)).await });
    let waited = tokio::time::timeout(A_MOMENT, &mut submitting).await;
    let answered = unit.commit().await;
    let submitted = match waited {
        Ok(submitted) => submitted,
        Err(_) => submitting.await,
    };
    let submitted = submitted.expect("submitting does not panic");
    let expected = match answered {
        Ok(()) => 1,
        Err(StoreError::Stale) => 0,
        Err(other) => panic!("it is accepted or comes too late: {other:?}"),
    };
    assert_eq!(submitted.0.len(), expected, "an accepted answer is submitted: {submitted:?}");
    assert_eq!(said(&mut *world.within(people.north).await, id).await.expect("it can be read"), submitted);
}

/// Answers to several items of one session come at once, and neither waits for the other.
pub async fn answers_do_not_wait_for_one_another(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (id, now) = (world.begun(&fixture, Some(people.bob)).await.id, world.now());
    let mut first = world.assess(Scope::Account(people.bob)).await;
    let session = first.interview_session_for_answer(id).await.expect("it can be read").expect("it is there");
    first.save_answer(&session, &item("d1"), &kept(1, 1, now)).await.expect("an answer can be kept");
    let (to, other) = (item("d2"), kept(1, 2, now));
    let second = answer(storage, Scope::Account(people.bob), id, &to, &other);
    let second = tokio::time::timeout(Duration::from_secs(1), second).await;
    assert!(matches!(second, Ok(Ok(true))), "it does not wait: {second:?}");
    commit(first).await;
    let left = said(&mut *world.within(people.north).await, id).await.expect("it can be read");
    assert_eq!(left.0, BTreeSet::from([(item("d1"), 1), (item("d2"), 1)]));
}

/// Keeps an answer without asking for the session first, as often as it takes.
async fn keep(
    storage: &StorageUnderTest,
    session: &InterviewSession,
    to: &Slug,
    answer: &StoredAnswer,
) -> Option<StoredAnswer> {
    let attempt = || async {
        let mut unit = begin(storage, Scope::Tenant(session.organization)).await?;
        let newer = unit.save_answer(session, to, answer).await?;
        tokio::task::yield_now().await;
        unit.commit().await?;
        Ok(newer)
    };
    insist(attempt).await
}

/// Of answers to one item that come at once under several numbers, the highest stays, whoever commits last.
pub async fn of_parallel_answers_the_newest_stays(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let session = world.begun(&fixture, None).await;
    let now = world.now();
    for round in 0..10 {
        let to = item(&format!("item-{round}"));
        let mut tasks = tokio::task::JoinSet::new();
        for sequence in [3, 1, 4, 2, 6, 5] {
            let (storage, session, to) = (storage.clone(), session.clone(), to.clone());
            let answer = kept(sequence, u8::try_from(sequence).expect("a small number"), now);
            tasks.spawn(async move { keep(&storage, &session, &to, &answer).await });
        }
        tasks.join_all().await;
        assert_eq!(world.answers(&session).await.stored(&to), Some(&kept(6, 6, now)), "round {round}");
    }
    // The higher one is committed while the lower one is open. An adapter may let the one wait for the other.
    let to = item("last");
    let mut lower = world.within(people.north).await;
    let stored = lower.save_answer(&session, &to, &kept(1, 1, now)).await.expect("it can be kept");
    assert_eq!(stored, None);
    let (other, of, on) = (storage.clone(), session.clone(), to.clone());
    let higher = tokio::spawn(async move { keep(&other, &of, &on, &kept(2, 2, now)).await });
    tokio::time::sleep(A_MOMENT).await;
    commit(lower).await;
    assert_eq!(higher.await.expect("it does not panic"), None, "it is stored");
    assert_eq!(
        world.answers(&session).await.stored(&to),
        Some(&kept(2, 2, now)),
        "the lower one does not come back"
    );
}

/// Of two replies that come at once under one number, one is kept, and the other's sender is told of it.
pub async fn of_parallel_replies_under_one_number_one_is_told(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let session = world.begun(&fixture, None).await;
    let now = world.now();
    for round in 0..10 {
        let to = item(&format!("item-{round}"));
        let mut tasks = tokio::task::JoinSet::new();
        for option in 1..=4 {
            let (storage, session, to) = (storage.clone(), session.clone(), to.clone());
            tasks.spawn(async move { (option, keep(&storage, &session, &to, &kept(1, option, now)).await) });
        }
        let told = tasks.join_all().await;
        let stored: Vec<u8> =
            told.iter().filter(|(_, found)| found.is_none()).map(|(option, _)| *option).collect();
        let [winner] = stored[..] else { panic!("round {round}: one is stored: {told:?}") };
        let winner = kept(1, winner, now);
        let others = told.iter().filter_map(|(_, found)| found.as_ref());
        assert!(others.clone().all(|found| *found == winner), "round {round}: the others are told: {told:?}");
        assert_eq!(world.answers(&session).await.stored(&to), Some(&winner), "round {round}");
    }
}
