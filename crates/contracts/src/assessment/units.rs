//! Rules of the unit of assessments as a whole.

use assessment_engine::{
    Assignment, InterviewSession, MarketplaceStatus, Origin, Participation, Unit,
    reading::{ResultFilter, TallyFilter},
};
use assessment_format::{Rater, rating::Target, session::Event};
use kernel::{Scope, StoreError};
use serde_json::json;

use super::{
    answers::{kept, rating, turn},
    assessment_fixture::{AssessmentFixture, item, outcome, run},
    commit,
};
use crate::{StorageUnderTest, aggregate::Aggregate as _, samples::email, world::World};

/// An assignment and the session it leads to are saved in one unit, whichever comes first, with all that belongs to
/// them.
pub async fn what_belongs_together_is_saved_together(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    for session_first in [true, false] {
        let mut assignment = world.assigned(&fixture, world.somebody()).await;
        let origin = Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id };
        let mut session =
            InterviewSession::open(world.session_state(&fixture, origin, Some(people.bob)), world.tick());
        session.happen(&Event::Start, Vec::new(), world.now()).expect("it can be begun");
        assignment.open(session.id, world.tick());
        let mut unit = world.within(people.north).await;
        if session_first {
            unit.save_interview_session(&mut session).await.expect("it can be saved");
        }
        unit.save_assignment(&mut assignment).await.expect("it can be saved");
        if !session_first {
            unit.save_interview_session(&mut session).await.expect("it can be saved");
        }
        unit.save_answer(&session, &item("d1"), &kept(1, 1, world.now()))
            .await
            .expect("an answer can be kept");
        let participation = Participation::of(people.bob, people.north, origin, world.now());
        unit.put_participations(&[participation]).await.expect("it can be told");
        commit(unit).await;
        assert_eq!(world.again(&assignment).await, assignment);
        assert_eq!(world.again(&session).await, session);
    }
}

/// What each port answers when the unit failed before.
async fn answers_of(
    world: &World,
    fixture: &AssessmentFixture,
    unit: &mut Unit,
) -> Vec<Result<(), StoreError>> {
    let (now, organization) = (world.now(), fixture.organization);
    let assessment = fixture.assessment.id;
    let session =
        InterviewSession::open(world.session_state(fixture, Origin::Coaching(world.id()), None), now);
    let mut result = world.scored(fixture, &session, outcome([None, None], None, None));
    let target = Target { dimension: item("direction"), item: None };
    let results = ResultFilter { assessment, campaign: None, run_by: None };
    let of = TallyFilter { results, major: 1 };
    let anew = run(2, &fixture.published, outcome([None, None], None, None), now);
    let participation = world.partaking(fixture.by, organization);
    let carl = email("carl@example.org");
    let task = world.bare_task(organization);
    let mut deleted = fixture.assessment.clone().mark(now);
    let rater = Rater::Person(fixture.by);
    let invitee = world.somebody();
    let mut assigned =
        [Assignment::assign(world.id(), organization, fixture.campaign.id, invitee, None, now)];
    vec![
        unit.custom_assessment(assessment).await.map(drop),
        unit.slugs_like(organization, &item("a")).await.map(drop),
        unit.save_custom_assessment(&mut world.written(organization, fixture.by)).await,
        unit.delete_custom_assessment(&mut deleted).await,
        unit.published_version(fixture.published.id).await.map(drop),
        unit.put_published_version(&world.version_sample(&fixture.assessment, "1.1")).await,
        unit.campaign(fixture.campaign.id).await.map(drop),
        unit.campaign_for_share(fixture.campaign.id).await.map(drop),
        unit.assignments_among(fixture.campaign.id, &[]).await.map(drop),
        unit.save_assignments(&mut assigned).await,
        unit.assignments_to_invite(fixture.campaign.id, 1).await.map(drop),
        unit.assignments_to_remind(fixture.campaign.id, now, 1).await.map(drop),
        unit.put_participations(&[participation]).await,
        unit.put_pending_email_invitations(&[(carl.clone(), session.origin.invited(organization))], now)
            .await,
        unit.session_of(session.origin).await.map(drop),
        unit.interview_session_for_update(session.id).await.map(drop),
        unit.interview_session_for_answer(session.id).await.map(drop),
        unit.answers(session.id).await.map(drop),
        unit.save_answer(&session, &item("d1"), &kept(1, 1, now)).await.map(drop),
        unit.transcript(session.id).await.map(drop),
        unit.put_turn(&session, &turn(1, "Hello", now)).await,
        unit.ratings(session.id).await.map(drop),
        unit.save_rating(&session, &target, &rater, &rating(1), now).await,
        unit.erase_responses(session.id).await,
        unit.save_result(&mut result).await,
        unit.result_of(session.id).await.map(drop),
        unit.replace_runs(&[(result.id, anew)]).await.map(drop),
        unit.older_runs(result.id).await.map(drop),
        unit.disclosed_summary(&of).await.map(drop),
        unit.save_disclosed_summary(&of, 1, &json!({})).await,
        unit.delete_disclosed_summaries(assessment).await,
        unit.put_listing(&world.listing_sample(fixture, MarketplaceStatus::Published)).await,
        unit.remove_listing(assessment).await,
        unit.pending_email_invitations(&carl, &Origin::KINDS).await.map(drop),
        unit.delete_pending_email_invitations(&carl, &Origin::KINDS).await,
        unit.participations(fixture.by).await.map(drop),
        unit.delete_participation(fixture.by, participation.origin).await,
        unit.task(task.id).await.map(drop),
        unit.save_task(&mut task.clone()).await,
        unit.put_output(&task, 1, b"bytes").await,
        unit.save_campaign(&mut fixture.campaign.clone().mark(now)).await,
    ]
}

/// A unit that failed takes no more work through any port, in whichever scope it is.
pub async fn a_failed_unit_of_assessments_takes_no_more_work(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    for scope in [Scope::Tenant(people.north), Scope::Account(people.ann), Scope::Worker] {
        let mut unit = world.assess(scope).await;
        let silent = unit.save_campaign(&mut fixture.campaign.clone()).await;
        assert!(matches!(silent, Err(StoreError::Unrecorded(_))), "it gets {silent:?}");
        let answers = answers_of(&world, &fixture, &mut *unit).await;
        for (port, answer) in answers.iter().enumerate() {
            assert!(matches!(answer, Err(StoreError::Failed)), "port {port} in {scope:?} gets {answer:?}");
        }
        let commit = unit.commit().await;
        assert!(matches!(commit, Err(StoreError::Failed)), "the commit gets {commit:?}");
    }
    assert_eq!(world.again(&fixture.campaign).await, fixture.campaign, "nothing of it is left");
}
