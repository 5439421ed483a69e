//! Rules of campaigns, of who is asked in them, and of coaching sessions.

use assessment_engine::{
    AssessmentType, Assignment, AssignmentId, AssignmentState, Campaign, CampaignState, CampaignStatus,
    DeliverySettings,
    campaigns::campaign::Plan,
    unit::{ASSIGNED_ACCOUNT, ASSIGNED_EMAIL},
};
use assessment_format::session::{Event, Progress};
use kernel::{Lane, StoreError, Timestamp, invitation::Invitee};

use super::{
    assessment_fixture::{AssessmentFixture, chosen},
    commit,
    samples::{extra, progresses},
};
use crate::{
    StorageUnderTest,
    accounts::round_trip,
    aggregate::Aggregate as _,
    samples::{email, name},
    world::World,
};

/// A campaign reads back as it was saved, as everything about it changed, and with nothing in it that may be missing.
pub async fn campaign_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut assessment = world.keep(world.written(people.north, people.bob)).await;
    let other = world.publish(&mut assessment).await;
    let kinds = [AssessmentType::Industry4, AssessmentType::Archetype, AssessmentType::Education];
    for kind in kinds {
        round_trip(&world, world.campaign_sample(&fixture), |campaign| {
            let plan = Plan {
                name: name("Herbst"),
                message: String::new(),
                chosen: assessment_engine::AssessmentRef { kind, ..chosen(&other) },
                delivery: DeliverySettings::default(),
                opens_at: None,
                closes_at: None,
                remind_hours: None,
            };
            let state = CampaignState {
                plan,
                status: CampaignStatus::Draft,
                activated_at: None,
                closed_at: None,
                ..campaign.state().clone()
            };
            Campaign::restore(state, campaign.version()).mark(world.tick())
        })
        .await;
    }
    round_trip(&world, world.prepared(&other, people.bob), |campaign| {
        let mut active = campaign.clone();
        active.activate(world.tick());
        active
    })
    .await;
}

/// An assignment reads back as it was saved, as everything about it changed, and when nothing of the person is left.
pub async fn assignment_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let sample = world.keep(world.assignment_sample(&fixture, &people)).await;
    assert_eq!(world.again(&sample).await, sample, "what was saved is what is read");
    let session = world.begun_in(&fixture, &sample, Some(people.bob)).await;
    let now = world.tick();
    let state = AssignmentState {
        invitee: Invitee {
            account: None,
            email: Some(email("next@example.org")),
            name: None,
            invited_at: None,
            reminded_at: None,
        },
        extra: Some(extra(3)),
        session: Some(session.id),
        withdrawn_at: Some(now),
        ..sample.state().clone()
    };
    let changed = world.keep(Assignment::restore(state, sample.version()).mark(now)).await;
    let read = world.again(&changed).await;
    assert_eq!(read.shown(), changed.shown(), "what was changed is what is read");
    assert!(read == changed, "secrets too");
    let mut forgotten = read;
    forgotten.forget(world.tick());
    let forgotten = world.keep(forgotten).await;
    assert_eq!(world.again(&forgotten).await, forgotten, "nothing of the person is left");
    let now = world.tick();
    let member = Assignment::assign(
        world.id(),
        people.north,
        fixture.campaign.id,
        Invitee::member(people.ann),
        None,
        now,
    );
    round_trip(&world, member, |assignment| {
        let mut corrected = assignment.clone();
        corrected.correct(email("another@example.org"), Some(name("Anna")), world.tick());
        corrected
    })
    .await;
}

/// A coaching session reads back as it was saved, as everything about it changed, and with nothing in it that may be
/// missing.
pub async fn coaching_session_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let sample = world.keep(world.coaching_sample(&fixture, &people)).await;
    assert_eq!(world.again(&sample).await, sample, "what was saved is what is read");
    let session = world.begun(&fixture, Some(people.bob)).await;
    let changed = world.keep(world.changed_coaching(&sample, &session)).await;
    let read = world.again(&changed).await;
    assert_eq!(read.shown(), changed.shown(), "what was changed is what is read");
    let coached = world.coached(&fixture, Invitee::member(people.bob)).await;
    let second = world.coached(&fixture, Invitee::member(people.bob)).await;
    assert_eq!(world.again(&coached).await, coached, "a coachee may be asked twice");
    assert_eq!(world.again(&second).await, second, "a coachee may be asked twice");
}

fn ids(assignments: &[Assignment]) -> Vec<AssignmentId> {
    assignments.iter().map(|assignment| assignment.id).collect()
}

/// A campaign asks nobody twice, neither by account nor by address, however that is written; one who was withdrawn can
/// be asked again.
pub async fn a_campaign_asks_a_person_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let ask = async |fixture: &AssessmentFixture, invitee: Invitee| {
        let (id, campaign, now) = (world.id(), fixture.campaign.id, world.tick());
        let mut assignment = Assignment::assign(id, fixture.organization, campaign, invitee, None, now);
        world.try_keep(assignment.scope(), &mut assignment).await.map(|()| assignment)
    };
    let carl = |text: &str| Invitee::address(email(text), None);
    let by_account = ask(&fixture, Invitee::member(people.bob)).await.expect("they can be asked");
    let by_address = ask(&fixture, carl("Carl@example.org")).await.expect("they can be asked");
    let again = ask(&fixture, Invitee::member(people.bob)).await;
    assert!(matches!(again, Err(StoreError::Duplicate(ASSIGNED_ACCOUNT))), "a second account gets {again:?}");
    let again = ask(&fixture, carl("carl@EXAMPLE.org")).await;
    assert!(matches!(again, Err(StoreError::Duplicate(ASSIGNED_EMAIL))), "a second address gets {again:?}");
    let mut linked = by_address.clone();
    linked.link(people.bob, None, world.tick());
    let found = world.try_keep(linked.scope(), &mut linked).await;
    assert!(
        matches!(found, Err(StoreError::Duplicate(ASSIGNED_ACCOUNT))),
        "who has the address gets {found:?}"
    );

    let elsewhere = world.other_campaign(&fixture).await;
    ask(&elsewhere, Invitee::member(people.bob)).await.expect("another campaign asks them too");
    ask(&elsewhere, carl("carl@example.org")).await.expect("another campaign asks them too");
    for mut assignment in [by_account, by_address] {
        assignment.withdraw(world.tick());
        world.keep(assignment).await;
    }
    ask(&fixture, Invitee::member(people.bob)).await.expect("they can be asked again");
    let mut back = ask(&fixture, carl("carl@example.org")).await.expect("they can be asked again");
    back.link(people.ann, None, world.tick());
    world.keep(back).await;
}

/// Those are to be invited whom nobody sent a letter, and who were not withdrawn, oldest first.
pub async fn those_without_a_letter_are_to_be_invited(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let other = world.other_campaign(&fixture).await;
    world.assigned(&other, world.somebody()).await;
    let mut asked = Vec::new();
    for invitee in
        [Invitee::member(people.bob), world.somebody(), world.somebody(), world.somebody(), world.somebody()]
    {
        asked.push(world.assigned(&fixture, invitee).await);
    }
    asked[1].invite(Lane::Bulk, None, world.tick());
    asked[2].withdraw(world.tick());
    for place in [1, 2] {
        world.keep(asked[place].clone()).await;
    }
    let mut unit = world.within(people.north).await;
    let mut waiting = async |most| {
        let found = unit.assignments_to_invite(fixture.campaign.id, most).await.expect("they can be read");
        ids(&found)
    };
    assert_eq!(waiting(100).await, [asked[0].id, asked[3].id, asked[4].id]);
    assert_eq!(waiting(2).await, [asked[0].id, asked[3].id], "as many as were asked for");
    assert!(waiting(0).await.is_empty());
    let mut invited = asked.swap_remove(0);
    invited.invite(Lane::Bulk, None, world.tick());
    unit.save_assignment(&mut invited).await.expect("it can be saved");
    let left = unit.assignments_to_invite(fixture.campaign.id, 1).await.expect("they can be read");
    assert_eq!(ids(&left), [asked[3].id], "the unit sees what it saved");
    let first = left.into_iter().next().expect("there is one");
    assert_eq!(first, world.again(&asked[3]).await, "they come whole");
}

/// Those are to be reminded who were invited, not withdrawn, not reminded since, and can still submit; oldest first.
pub async fn those_who_are_not_done_are_to_be_reminded(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let since = world.tick();
    let moment = std::time::Duration::from_micros(1);
    let asked = async |change: &dyn Fn(&mut Assignment, Timestamp)| {
        let mut assignment = world.assigned(&fixture, world.somebody()).await;
        change(&mut assignment, world.tick());
        if assignment.has_changed() { world.keep(assignment).await } else { assignment }
    };
    let invited = |assignment: &mut Assignment, now| assignment.invite(Lane::Bulk, None, now);
    let fresh = asked(&invited).await;
    asked(&|_, _| ()).await;
    asked(&|assignment, now| {
        assignment.invite(Lane::Bulk, None, now);
        assignment.withdraw(now);
    })
    .await;
    let long_ago = asked(&|assignment, now| {
        assignment.invite(Lane::Bulk, None, now);
        assignment.remind(Lane::Bulk, None, since.minus(moment));
    })
    .await;
    for at in [since, since.plus(moment)] {
        asked(&move |assignment, now| {
            assignment.invite(Lane::Bulk, None, now);
            assignment.remind(Lane::Bulk, None, at);
        })
        .await;
    }
    let mut expected = vec![fresh.id, long_ago.id];
    let can_submit = |progress: &Progress| {
        use assessment_format::session::Stage::{InProgress, NotStarted, Paused};
        matches!(progress.status.stage(), NotStarted | InProgress | Paused)
    };
    let mut begun = None;
    for progress in progresses(world.now()) {
        let assignment = asked(&invited).await;
        let session = world.begun_in(&fixture, &assignment, None).await;
        let mut state = session.state().clone();
        state.progress = progress.clone();
        let session = assessment_engine::InterviewSession::restore(state, session.version());
        let session = world.keep(session.mark(world.tick())).await;
        let mut opened = world.again(&assignment).await;
        opened.open(session.id, world.tick());
        world.keep(opened).await;
        if can_submit(&progress) {
            expected.push(assignment.id);
            begun = Some(session);
        }
    }
    let mut unit = world.within(people.north).await;
    let mut waiting = async |most| {
        let found =
            unit.assignments_to_remind(fixture.campaign.id, since, most).await.expect("they can be read");
        ids(&found)
    };
    assert_eq!(waiting(100).await, expected);
    assert_eq!(waiting(2).await, expected[..2], "as many as were asked for");
    let mut paused = begun.expect("some can submit");
    let reason = super::samples::reason("a mistake");
    paused.happen(&Event::Void { reason }, Vec::new(), world.tick()).expect("it can be voided");
    unit.save_interview_session(&mut paused).await.expect("it can be saved");
    let left = unit.assignments_to_remind(fixture.campaign.id, since, 100).await.expect("they can be read");
    assert_eq!(ids(&left), expected[..expected.len() - 1], "the unit sees what it saved");
    commit(unit).await;
}

/// What an organisation has of what is bounded is counted: assessments that are not archived, campaigns that are not
/// closed, and people asked since some time, in campaigns and as coachees.
pub async fn what_is_bounded_is_counted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let count = async |organization, since| {
        let mut unit = world.within(organization).await;
        let assessments = unit.unarchived_assessments(organization).await.expect("they can be counted");
        let campaigns = unit.unclosed_campaigns(organization).await.expect("they can be counted");
        (assessments, campaigns, unit.asked_since(organization, since).await.expect("they can be counted"))
    };
    let begun = world.now();
    assert_eq!(count(people.north, begun).await, (0, 0, 0));
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let (assessments, campaigns, asked) = count(people.north, begun).await;
    let mut archived = world.keep(world.written(people.north, people.ann)).await;
    let mut closed = world.keep(world.prepared(&fixture.published, people.ann)).await;
    world.tick();
    world.assigned(&fixture, world.somebody()).await;
    assert_eq!(count(people.north, begun).await, (assessments + 1, campaigns + 1, asked + 1));
    archived.archive(world.tick());
    world.keep(archived).await;
    closed.close(world.tick());
    world.keep(closed).await;
    let since = world.now();
    world.tick();
    world.coached(&fixture, world.somebody()).await;
    assert_eq!(count(people.north, begun).await, (assessments, campaigns, asked + 2));
    assert_eq!(count(people.north, since).await.2, 1, "only who was asked since");
    assert_eq!(count(people.south, begun).await, (0, 0, 0));
}
