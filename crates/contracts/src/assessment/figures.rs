//! Rules of what is counted: how far a campaign has come, and what its results are.

use assessment_engine::{
    AssessmentResult, InterviewSession, InterviewSessionId,
    reading::{Figures, Responses, ResultFilter, ScoringInput, TallyFilter},
};
use assessment_format::{
    session::{Stage, StoredAnswer},
    summary::{FEWEST, Tally},
};
use kernel::{Lane, Scope, invitation::Invitee};

use super::{
    answers::{kept, rating, turn},
    assessment_fixture::{AssessmentFixture, item, outcome, run},
    commit,
    samples::progresses,
};
use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    world::{World, ctx, whole},
};

/// A campaign's figures count who is asked, who was sent a letter, and how many sessions stand at each stage. Those who
/// were withdrawn count for nothing.
pub async fn figures_count_who_is_asked(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let other = world.other_campaign(&fixture).await;
    let tenant = ctx(Scope::Tenant(people.north));
    let figures = async || {
        let mut figures =
            storage.assessments.figures(&tenant, fixture.campaign.id).await.expect("they can be read");
        figures.stages.sort();
        figures
    };
    assert_eq!(figures().await, Figures::default(), "nobody is asked");
    world.begun(&other, None).await;
    world.assigned(&fixture, Invitee::member(people.bob)).await;
    let mut stages = std::collections::BTreeMap::<Stage, u64>::new();
    for progress in progresses(world.now()) {
        let mut assignment = world.assigned(&fixture, world.somebody()).await;
        assignment.invite(Lane::Bulk, None, world.tick());
        let assignment = world.keep(assignment).await;
        let session = world.begun_in(&fixture, &assignment, None).await;
        let mut state = session.state().clone();
        *stages.entry(progress.status.stage()).or_default() += 1;
        state.progress = progress;
        let session = InterviewSession::restore(state, session.version());
        world.keep(session.mark(world.tick())).await;
    }
    let mut withdrawn = world.assigned(&fixture, world.somebody()).await;
    world.begun_in(&fixture, &withdrawn, None).await;
    withdrawn.invite(Lane::Bulk, None, world.tick());
    withdrawn.withdraw(world.tick());
    world.keep(withdrawn).await;
    let expected =
        Figures { assigned: 11, invited: 10, undelivered: 0, stages: stages.into_iter().collect() };
    assert_eq!(figures().await, expected);
    let strangers = storage.assessments.figures(&ctx(Scope::Tenant(people.south)), fixture.campaign.id).await;
    assert_eq!(
        strangers.expect("they can be asked for"),
        Figures::default(),
        "another organisation sees nothing"
    );
}

/// A list of those who are asked tells how far each has come.
pub async fn assignments_are_listed_with_their_progress(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let waiting = world.assigned(&fixture, world.somebody()).await;
    let begun = world.assigned(&fixture, Invitee::member(people.bob)).await;
    let session = world.begun_in(&fixture, &begun, Some(people.bob)).await;
    let mut withdrawn = world.assigned(&fixture, world.somebody()).await;
    withdrawn.withdraw(world.tick());
    let withdrawn = world.keep(withdrawn).await;
    let tenant = ctx(Scope::Tenant(people.north));
    let page = storage.assessments.assignments(&tenant, fixture.campaign.id, &whole()).await.expect("a list");
    let listed: Vec<_> = page.items.into_iter().map(|view| (view.assignment, view.progress)).collect();
    let expected = [(waiting, None), (begun, Some(session.progress.clone())), (withdrawn, None)];
    assert_eq!(listed, expected);
}

/// Results in two campaigns and a coaching session, some run by another; and one of another assessment.
async fn mixture(
    world: &World,
    fixture: &AssessmentFixture,
    other: &AssessmentFixture,
) -> Vec<AssessmentResult> {
    let mut results = Vec::new();
    for (place, of) in [fixture, other, fixture, other, fixture].into_iter().enumerate() {
        let session = world.begun(of, None).await;
        let overall = 100 + 50 * i32::try_from(place).expect("a small number");
        let category = (place > 0).then_some(place % 3);
        let scores = outcome([Some(overall), (place != 2).then_some(300)], Some(overall), category);
        results.push(world.keep(world.scored(of, &session, scores)).await);
    }
    results
}

/// Counts, tallies, and what is scored anew are of exactly those results that were asked for.
pub async fn results_are_counted_as_asked(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let campaign = world.keep(world.prepared(&fixture.published, people.bob)).await;
    let other = AssessmentFixture { campaign, by: people.bob, ..fixture.clone() };
    let mut results = mixture(&world, &fixture, &other).await;
    let elsewhere = world.assessment_fixture(people.north, people.ann).await;
    world.result(&elsewhere, 400).await;

    // One result is of the next major version by now.
    let mut assessment = fixture.assessment.clone();
    let next = super::assessment_fixture::draft("Leadership", "2.0");
    assessment.edit(next, assessment.slug.clone(), world.tick());
    let mut assessment = world.keep(assessment).await;
    let published = world.publish(&mut assessment).await;
    let anew = run(2, &published, outcome([Some(111), Some(222)], Some(333), Some(2)), world.tick());
    let mut unit = world.within(people.north).await;
    assert_eq!(unit.replace_runs(&[(results[4].id, anew)]).await.expect("it can be scored"), 1);
    commit(unit).await;
    results[4] = world.again(&results[4]).await;

    let tenant = ctx(Scope::Tenant(people.north));
    let choices = [None, Some(fixture.campaign.id), Some(other.campaign.id), Some(world.id())];
    for campaign in choices {
        for run_by in [None, Some(people.ann), Some(people.bob)] {
            let filter = ResultFilter { assessment: fixture.assessment.id, campaign, run_by };
            let asked = |result: &&AssessmentResult| {
                campaign.is_none_or(|of| result.origin.campaign() == Some(of))
                    && run_by.is_none_or(|by| result.run_by == by)
            };
            let expected: Vec<&AssessmentResult> = results.iter().filter(asked).collect();
            let count =
                storage.assessments.count_results(&tenant, &filter).await.expect("they can be counted");
            assert_eq!(count, expected.len() as u64, "{filter:?}");
            let mut ids: Vec<_> = expected.iter().map(|result| result.id).collect();
            let page = storage.assessments.results(&tenant, &filter, &whole()).await.expect("a list");
            let listed: Vec<_> = page.items.iter().rev().map(|result| result.id).collect();
            assert_eq!(listed, ids, "{filter:?}");
            ids.sort();
            let stored = storage
                .assessments
                .scoring_inputs(&tenant, &filter, None, 100)
                .await
                .expect("they can be read");
            assert_eq!(stored.iter().map(|of| of.id).collect::<Vec<_>>(), ids, "{filter:?}");
            for major in [1, 2, 3] {
                let mut expected_tally = Tally::new(&fixture.published.definition);
                let of_major = |result: &&&AssessmentResult| result.run.version.major() == major;
                let same: Vec<_> = expected.iter().filter(of_major).collect();
                for result in &same {
                    let group = same.iter().filter(|one| one.origin.campaign() == result.origin.campaign());
                    if campaign.is_some() || group.count() as u64 >= FEWEST {
                        expected_tally.add(&result.run.outcome);
                    }
                }
                let mut tally = Tally::new(&fixture.published.definition);
                let of = TallyFilter { results: filter, major };
                storage.assessments.tally(&tenant, &of, &mut tally).await.expect("they can be counted");
                assert_eq!(tally, expected_tally, "{of:?}");
            }
        }
    }
}

/// A tally adds to what was counted before.
pub async fn a_tally_goes_on(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let result = world.result(&fixture, 250).await;
    let campaign = Some(fixture.campaign.id);
    let results = ResultFilter { assessment: fixture.assessment.id, campaign, run_by: None };
    let (of, tenant) = (TallyFilter { results, major: 1 }, ctx(Scope::Tenant(people.north)));
    let mut tally = Tally::new(&fixture.published.definition);
    let mut expected = tally.clone();
    for _ in 0..3 {
        storage.assessments.tally(&tenant, &of, &mut tally).await.expect("they can be counted");
        expected.add(&result.run.outcome);
    }
    assert_eq!(tally, expected);
}

/// Campaigns with few results do not count in the whole, so that nobody subtracts one from the other.
pub async fn few_results_do_not_count_in_the_whole(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let campaign = world.keep(world.prepared(&fixture.published, people.bob)).await;
    let other = AssessmentFixture { campaign, by: people.bob, ..fixture.clone() };
    let tenant = ctx(Scope::Tenant(people.north));
    let counted = async |campaign| {
        let results = ResultFilter { assessment: fixture.assessment.id, campaign, run_by: None };
        let mut tally = Tally::new(&fixture.published.definition);
        let of = TallyFilter { results, major: 1 };
        storage.assessments.tally(&tenant, &of, &mut tally).await.expect("they can be counted");
        tally.results()
    };
    for n in 1..=FEWEST {
        world.result(&fixture, 250).await;
        if n < FEWEST {
            world.result(&other, 450).await;
        }
    }
    assert_eq!(counted(None).await, FEWEST);
    assert_eq!(counted(Some(other.campaign.id)).await, FEWEST - 1);
    world.result(&other, 450).await;
    assert_eq!(counted(None).await, 2 * FEWEST);
}

/// What was answered and said is read at once for many sessions, each with the version it was asked by; also what was
/// taken back.
pub async fn responses_are_read_at_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut expected: Vec<Responses> = Vec::new();
    for count in 0..4_u8 {
        let session = world.begun(&fixture, None).await;
        let mut unit = world.within(people.north).await;
        for place in 0..count {
            let answer = kept(u64::from(place), count, world.now());
            let answer = StoredAnswer { reply: answer.reply.filter(|_| place != 1), ..answer };
            unit.save_answer(&session, &item(&format!("item-{place}")), &answer).await.expect("kept");
            let said = turn(u32::from(place) + 1, &format!("turn {place}"), world.now());
            unit.put_turn(&session, &said).await.expect("a turn can be kept");
        }
        let (answers, transcript) = (unit.answers(session.id).await, unit.transcript(session.id).await);
        commit(unit).await;
        expected.push(Responses {
            session: session.id,
            published: fixture.published.id,
            answers: answers.expect("they can be read"),
            transcript: transcript.expect("it can be read"),
        });
    }
    assert_eq!(expected[3].transcript.turns().len(), 3);
    let tenant = ctx(Scope::Tenant(people.north));
    let read = async |ids: &[InterviewSessionId]| {
        let mut found = storage.assessments.responses(&tenant, ids).await.expect("they can be read");
        found.sort_by_key(|of| of.session);
        found
    };
    expected.sort_by_key(|of| of.session);
    let ids: Vec<InterviewSessionId> = expected.iter().map(|of| of.session).collect();
    assert_eq!(read(&ids).await, expected);
    assert_eq!(read(&ids[1..2]).await, expected[1..2]);
    assert_eq!(read(&[world.id(), ids[2]]).await, expected[2..3], "one that is not there is left out");
    assert_eq!(read(&[]).await, []);
}

/// What is scored anew comes with all it was computed from, in the order of ids, page by page.
pub async fn stored_results_come_with_what_was_said(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut expected: Vec<ScoringInput> = Vec::new();
    for overall in 0..7_u8 {
        let session = world.begun(&fixture, None).await;
        let mut unit = world.within(people.north).await;
        // The first was scored with nothing said.
        for place in 0..overall {
            let (to, answer) = (item(&format!("item-{place}")), kept(u64::from(place), overall, world.now()));
            unit.save_answer(&session, &to, &answer).await.expect("an answer can be kept");
            let target = assessment_format::rating::Target { dimension: to, item: None };
            let rater = assessment_format::Rater::Person(people.ann);
            let given = rating(100 + i32::from(overall));
            unit.save_rating(&session, &target, &rater, &given, world.now())
                .await
                .expect("a rating can be kept");
        }
        let (answers, ratings) = (unit.answers(session.id).await, unit.ratings(session.id).await);
        commit(unit).await;
        let scores = outcome([Some(i32::from(overall)), None], None, (overall % 2 == 0).then_some(1));
        let result = world.keep(world.scored(&fixture, &session, scores.clone())).await;
        expected.push(ScoringInput {
            id: result.id,
            session: session.id,
            published: fixture.published.id,
            run: 1,
            scorer_version: result.run.scorer_version,
            outcome: scores,
            answers: answers.expect("they can be read"),
            ratings: ratings.expect("they can be read"),
        });
    }
    expected.sort_by_key(|stored| stored.id);
    let filter = ResultFilter { assessment: fixture.assessment.id, campaign: None, run_by: None };
    let tenant = ctx(Scope::Tenant(people.north));
    for most in [1, 3, 7, 100] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let some = storage
                .assessments
                .scoring_inputs(&tenant, &filter, after, most)
                .await
                .expect("they can be read");
            assert!(some.len() <= usize::try_from(most).expect("a small number"), "{most} at most");
            let Some(last) = some.last() else { break };
            after = Some(last.id);
            all.extend(some);
        }
        assert_eq!(all, expected, "{most} at a time");
    }
}
