//! Rules of results, their runs, and the summaries that were shown of them.

use assessment_engine::{
    AssessmentResult, AssessmentResultId, AssessmentResultState, Run,
    reading::{ResultFilter, TallyFilter},
    unit::RESULT,
};
use kernel::{Change, Scope, StoreError, Target};
use serde_json::json;

use super::{
    assessment_fixture::{AssessmentFixture, outcome, run},
    commit,
};
use crate::{
    StorageUnderTest, accounts::round_trip, aggregate::Aggregate as _, samples::PROSE, world::World,
};

/// A result reads back as it was saved, as everything about it changed, and with nothing in it that may be missing.
pub async fn result_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    round_trip(&world, world.result_sample(&fixture, &people).await, |result| {
        let mut state = result.state().clone();
        (state.account, state.ai_insights, state.released_at) = (None, None, None);
        AssessmentResult::restore(state, result.version()).mark(world.tick())
    })
    .await;
    let coached = world.coached(&fixture, world.somebody()).await;
    let origin = assessment_engine::Origin::Coaching(coached.id);
    let opened = world.session_state(&fixture, origin, None);
    let opened = assessment_engine::InterviewSession::open(opened, world.now());
    let session = world.keep(opened).await;
    let nothing = outcome([None, None], None, None);
    round_trip(&world, world.scored(&fixture, &session, nothing), |result| {
        let mut released = result.clone();
        released.link(people.bob, world.tick());
        released.release(world.tick());
        released
    })
    .await;
}

/// A session has one result, which is found by it.
pub async fn one_result_a_session(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (session, other) = (world.begun(&fixture, None).await, world.begun(&fixture, None).await);
    let scored = || world.scored(&fixture, &session, outcome([Some(100), None], Some(100), Some(0)));
    let first = world.keep(scored()).await;
    let mut second = scored();
    let duplicate = world.try_keep(second.scope(), &mut second).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(RESULT))), "a second gets {duplicate:?}");
    let mut unit = world.within(people.north).await;
    assert_eq!(unit.result_of(session.id).await.expect("it can be read"), Some(first));
    assert_eq!(unit.result_of(other.id).await.expect("it can be read"), None);
}

/// Puts runs in place in a unit of its own, with one record for all.
async fn rescore(
    world: &World,
    fixture: &AssessmentFixture,
    runs: &[(AssessmentResultId, Run)],
) -> Result<u64, StoreError> {
    let mut unit = world.within(fixture.organization).await;
    let replaced = unit.replace_runs(runs).await?;
    let target = Target::new("custom_assessment", fixture.assessment.id);
    let change = Change::new("assessment_result.rescore", target, world.now());
    unit.record(change.of(fixture.organization).with(json!(replaced)));
    unit.commit().await?;
    Ok(replaced)
}

/// A new run takes the place of the one it is numbered after, which stays among the older ones. Results that moved on
/// meanwhile are left out, and only those that were replaced are counted; one record stands for all of them.
pub async fn a_new_run_keeps_the_one_before(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut results = Vec::new();
    for overall in [100, 200, 300] {
        results.push(world.result(&fixture, overall).await);
    }
    let newer = super::assessment_fixture::draft("Leadership", "1.1");
    fixture.assessment.edit(newer, fixture.assessment.slug.clone(), world.tick());
    let mut assessment = world.keep(fixture.assessment.clone()).await;
    let published = world.publish(&mut assessment).await;
    let next = |number, overall: i32| {
        let outcome = outcome([Some(overall), Some(-1)], Some(overall), Some(2));
        run(number, &published, outcome, world.tick())
    };
    let [first, second, third] = &results[..] else { panic!("three results") };
    let ids = [first.id, second.id, third.id];
    let (of_first, of_second) = (next(2, 110), next(2, 210));
    let empty = Run {
        dimension_scores: json!({}),
        matched_category: None,
        matched_category_data: None,
        outcome: outcome([None, None], None, None),
        scorer_version: 2,
        ..next(2, 310)
    };
    let before = world.events().await.len();
    let runs = [(ids[0], of_first.clone()), (world.id(), next(2, 1)), (ids[2], empty.clone())];
    assert_eq!(rescore(&world, &fixture, &runs).await.expect("it can be scored"), 2, "one is unknown");
    let runs =
        [(ids[0], next(2, 999)), (ids[1], of_second.clone()), (ids[2], next(4, 999)), (ids[0], next(1, 9))];
    assert_eq!(rescore(&world, &fixture, &runs).await.expect("it can be scored"), 1, "the others moved on");
    let third_of_first = next(3, 120);
    let runs = [(ids[0], third_of_first.clone())];
    assert_eq!(rescore(&world, &fixture, &runs).await.expect("it can be scored"), 1);
    assert_eq!(rescore(&world, &fixture, &[]).await.expect("it can be scored"), 0);
    let left = world.events().await.split_off(before);
    assert_eq!(left.len(), 4, "one record a unit: {left:?}");

    let expected = [
        (first, vec![first.run.clone(), of_first], third_of_first),
        (second, vec![second.run.clone()], of_second),
        (third, vec![third.run.clone()], empty),
    ];
    let mut unit = world.within(people.north).await;
    for (result, older, current) in expected {
        let read = unit.result(result.id).await.expect("it can be read").expect("it is there");
        let state = AssessmentResultState { run: current, ..result.state().clone() };
        assert_eq!(*read.state(), state, "nothing but the run is another");
        assert_eq!(
            unit.older_runs(result.id).await.expect("they can be read"),
            older,
            "older runs stay, in order"
        );
    }
    drop(unit);
    let mut late = first.clone();
    late.release(world.tick());
    let stale = world.try_keep(late.scope(), &mut late).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "who read the result before gets {stale:?}");
    let mut read = world.again(first).await;
    read.release(world.tick());
    world.keep(read).await;
}

/// A unit sees the runs it put, and one that is dropped puts none.
pub async fn runs_are_replaced_with_the_commit(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let result = world.result(&fixture, 100).await;
    let next = |number| run(number, &fixture.published, outcome([Some(7), None], Some(7), None), world.now());
    let mut unit = world.within(people.north).await;
    assert_eq!(unit.replace_runs(&[(result.id, next(2))]).await.expect("it can be scored"), 1);
    let read = unit.result(result.id).await.expect("it can be read").expect("it is there");
    assert_eq!(read.run, next(2));
    assert_eq!(
        unit.older_runs(result.id).await.expect("they can be read"),
        std::slice::from_ref(&result.run)
    );
    assert_eq!(unit.replace_runs(&[(result.id, next(3))]).await.expect("it can be scored"), 1);
    assert_eq!(unit.older_runs(result.id).await.expect("they can be read"), [result.run.clone(), next(2)]);
    drop(unit);
    assert_eq!(world.again(&result).await, result, "it is as it was");
    let mut unit = world.within(people.north).await;
    assert!(unit.older_runs(result.id).await.expect("they can be read").is_empty());
}

/// Of several that score the same results anew at once, each result is replaced by one of them.
pub async fn parallel_runs_replace_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut ids = Vec::new();
    for overall in 0..5 {
        ids.push(world.result(&fixture, overall).await.id);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..4_i32 {
        let (storage, fixture) = (storage.clone(), fixture.clone());
        let scores = outcome([Some(number), None], Some(number), None);
        let runs: Vec<_> =
            ids.iter().map(|id| (*id, run(2, &fixture.published, scores.clone(), world.now()))).collect();
        tasks.spawn(async move {
            let world = World::of(&storage);
            for _ in 0..50 {
                match rescore(&world, &fixture, &runs).await {
                    Err(StoreError::Stale | StoreError::Unavailable(_)) => {}
                    done => return done.expect("it is scored, or comes too late"),
                }
            }
            panic!("fifty times too late");
        });
    }
    let replaced: u64 = tasks.join_all().await.into_iter().sum();
    assert_eq!(replaced, 5, "each once");
    let mut unit = world.within(people.north).await;
    for id in ids {
        let read = unit.result(id).await.expect("it can be read").expect("it is there");
        let older = unit.older_runs(id).await.expect("they can be read");
        assert_eq!((read.run.number, older.len()), (2, 1));
    }
}

/// The summary that was shown last is kept for each of what summaries are of, until it is another or forgotten with
/// those of its assessment.
pub async fn shown_summaries_are_kept_until_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let other = world.assessment_fixture(people.north, people.ann).await;
    let of = |fixture: &AssessmentFixture, campaign: bool, run_by: bool, major| TallyFilter {
        results: ResultFilter {
            assessment: fixture.assessment.id,
            campaign: campaign.then_some(fixture.campaign.id),
            run_by: run_by.then_some(people.ann),
        },
        major,
    };
    let mut filters = vec![of(&other, false, false, 1)];
    for (campaign, run_by) in [(false, false), (true, false), (false, true), (true, true)] {
        filters.extend([of(&fixture, campaign, run_by, 1), of(&fixture, campaign, run_by, 2)]);
    }
    let shown = async |of: &TallyFilter| {
        let mut unit = world.within(people.north).await;
        unit.disclosed_summary(of).await.expect("it can be read")
    };
    for round in 0..2_u64 {
        for (place, of) in filters.iter().enumerate() {
            let (results, summary) =
                (10 * round + place as u64, json!({ "round": round, "of": place, "said": PROSE }));
            let before = shown(of).await;
            assert_eq!(before.is_some(), round == 1, "each has its own");
            let mut unit = world.within(people.north).await;
            unit.save_disclosed_summary(of, results, &summary).await.expect("it can be kept");
            assert_eq!(
                unit.disclosed_summary(of).await.expect("it can be read"),
                Some((results, summary.clone()))
            );
            commit(unit).await;
            assert_eq!(shown(of).await, Some((results, summary)));
        }
    }
    let mut unit = world.within(people.north).await;
    unit.delete_disclosed_summaries(fixture.assessment.id).await.expect("they can be forgotten");
    drop(unit);
    assert!(shown(&filters[1]).await.is_some(), "a dropped unit forgets nothing");
    let mut unit = world.within(people.north).await;
    unit.delete_disclosed_summaries(fixture.assessment.id).await.expect("they can be forgotten");
    commit(unit).await;
    for of in &filters[1..] {
        assert_eq!(shown(of).await, None);
    }
    assert!(shown(&filters[0]).await.is_some(), "another assessment keeps its own");
    let mut person = world.assess(Scope::Account(people.ann)).await;
    assert_eq!(person.disclosed_summary(&filters[0]).await.expect("it can be asked"), None);
}
