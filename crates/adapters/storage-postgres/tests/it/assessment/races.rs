//! Several at once.

use std::{sync::Arc, time::Duration};

use assessment_engine::InterviewSessionId;
use assessment_format::{Reply, Slug, session::Event};
use kernel::{Scope, StoreError};
use tokio::{task::JoinSet, time::timeout};

use super::{World, kept, run};
use crate::support::{id, noon};

/// Submits, as the service does: the session for update, all answers read, the session saved.
async fn submit(world: &World, session: InterviewSessionId) -> Result<usize, StoreError> {
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    let mut session = unit.interview_session_for_update(session).await?.expect("it is there");
    let answers = unit.answers(session.id).await?.iter().count();
    session.happen(&Event::Submit, Vec::new(), noon()).expect("it may be submitted");
    unit.save_interview_session(&mut session).await?;
    unit.commit().await?;
    Ok(answers)
}

/// Answers, as the service does; tells whether the session took it.
async fn answer(world: &World, session: InterviewSessionId, item: &Slug) -> Result<bool, StoreError> {
    let mut unit = world.begin(Scope::Account(id(2))).await;
    let session = unit.interview_session_for_answer(session).await?.expect("it is there");
    let event = Event::Answer { item: item.clone(), sequence: 1, reply: Some(Reply::Step(3)) };
    if session.admits(&event, noon()).is_err() {
        return Ok(false);
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(unit.save_answer(&session, item, &kept(1, 3)).await?, None);
    unit.commit().await?;
    Ok(true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_accepted_is_in_what_was_submitted_and_nothing_comes_after() {
    let world = Arc::new(World::new().await);
    let fixture = world.ask(world.north, 1, 100).await;
    let session = world.take(&fixture, 2, 200).await.id;
    let mut tasks = JoinSet::new();
    for number in 0..60_u64 {
        let world = world.clone();
        let item = Slug::new(format!("item-{number}")).expect("an item");
        tasks.spawn(async move {
            tokio::time::sleep(Duration::from_millis(10 * number)).await;
            answer(&world, session, &item).await
        });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let submitted = submit(&world, session).await.expect("submitted");
    let accepted = tasks.join_all().await;
    let accepted = accepted.into_iter().filter(|taken| *taken.as_ref().expect("no error")).count();
    assert!(accepted > 0, "some came before");
    assert_eq!(submitted, accepted);
    let late = answer(&world, session, &Slug::new("late").expect("an item")).await.expect("no error");
    assert!(!late, "nothing comes after");
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    assert_eq!(unit.answers(session).await.expect("read").iter().count(), accepted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_do_not_wait_for_each_other_but_keep_a_submission_waiting() {
    let world = Arc::new(World::new().await);
    let fixture = world.ask(world.north, 1, 100).await;
    let session = world.take(&fixture, 2, 200).await;
    let item = |text: &str| Slug::new(text).expect("an item");
    let mut first = world.begin(Scope::Account(id(2))).await;
    let mut second = world.begin(Scope::Account(id(2))).await;
    for (unit, of) in [(&mut first, "s1"), (&mut second, "e1")] {
        let shared = timeout(Duration::from_secs(1), unit.interview_session_for_answer(session.id)).await;
        assert!(shared.expect("nobody waits").expect("read").is_some());
        assert_eq!(unit.save_answer(&session, &item(of), &kept(1, 2)).await.expect("kept"), None);
    }
    let submission = tokio::spawn({
        let (world, session) = (world.clone(), session.id);
        async move { submit(&world, session).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!submission.is_finished(), "it waits for both");
    first.commit().await.expect("committed");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!submission.is_finished(), "it waits for the other");
    second.commit().await.expect("committed");
    assert_eq!(submission.await.expect("it ran").expect("submitted"), 2);
}

/// A save that did not ask for the lock waits all the same: FOR KEY SHARE would let it through.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_keeps_any_save_of_its_session_waiting() {
    let world = Arc::new(World::new().await);
    let fixture = world.ask(world.north, 1, 100).await;
    let mut session = world.take(&fixture, 2, 200).await;
    let mut answering = world.begin(Scope::Account(id(2))).await;
    assert!(answering.interview_session_for_answer(session.id).await.expect("read").is_some());
    session.happen(&Event::Submit, Vec::new(), noon()).expect("it may be submitted");
    let saving = tokio::spawn({
        let world = world.clone();
        async move {
            let mut unit = world.begin(Scope::Tenant(world.north)).await;
            unit.save_interview_session(&mut session).await?;
            unit.commit().await
        }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!saving.is_finished());
    drop(answering);
    saving.await.expect("it ran").expect("saved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_answers_that_come_at_once_the_newest_stays() {
    let world = Arc::new(World::new().await);
    let fixture = world.ask(world.north, 1, 100).await;
    let session = world.take(&fixture, 2, 200).await;
    let item = Slug::new("s1").expect("an item");
    let mut tasks = JoinSet::new();
    for sequence in 0..40_u64 {
        let (world, session, item) = (world.clone(), session.clone(), item.clone());
        tasks.spawn(async move {
            // Not in their order.
            let sequence = sequence * 17 % 40;
            let mut unit = world.begin(Scope::Account(id(2))).await;
            let stays = unit.save_answer(&session, &item, &kept(sequence, 3)).await.expect("kept");
            unit.commit().await.expect("committed");
            (sequence, stays.map(|stays| stays.sequence))
        });
    }
    for (sequence, stays) in tasks.join_all().await {
        assert!(stays.is_none_or(|stays| stays > sequence), "{sequence} gives way to {stays:?}");
    }
    let mut unit = world.begin(Scope::Account(id(2))).await;
    let answers = unit.answers(session.id).await.expect("read");
    assert_eq!(answers.stored(&item).map(|kept| kept.sequence), Some(39));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_re_scorings_at_once_each_run_takes_its_place_once() {
    let world = Arc::new(World::new().await);
    let fixture = world.ask(world.north, 1, 100).await;
    let mut results = Vec::new();
    for (who, number) in [(1, 1000), (2, 2000)] {
        let session = world.take(&fixture, who, number).await;
        results.push((world.score(&session, number + 5, [300, 320]).await.id, session));
    }
    let mut tasks = JoinSet::new();
    for turn in 0..10 {
        let (world, mut results) = (world.clone(), results.clone());
        tasks.spawn(async move {
            if turn % 2 == 0 {
                results.reverse();
            }
            let runs: Vec<_> =
                results.iter().map(|(id, session)| (*id, run(session, 2, [turn, 330]))).collect();
            let mut unit = world.begin(Scope::Tenant(world.north)).await;
            let replaced = unit.replace_runs(&runs).await.expect("replaced");
            unit.commit().await.expect("committed");
            replaced
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<u64>(), 2);
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    for (result, session) in results {
        assert_eq!(unit.older_runs(result).await.expect("read"), [run(&session, 1, [300, 320])]);
        let found = unit.result(result).await.expect("read").expect("it is there");
        assert_eq!((found.run.number, found.version()), (2, 2));
    }
}
