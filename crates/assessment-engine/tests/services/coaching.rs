//! Coaching: a coach and their coachee.

use assessment_engine::{
    CoachingSession, CoachingStatus, DeliverySettings, ExtraTime, Refused, TemplateName,
    coaching::NewCoachingSession, invitations::AssessmentChoice,
};
use assessment_format::session::{Minutes, Reason};
use kernel::{Kind, Refusal as _, invitation::Invitee};

use super::{
    campaign_fixture::{DAY, HOUR, all, email, guest, name, receivers, stranger, token_of},
    world::{Person, TestOrganization, World},
};

fn with(coachee: Invitee) -> NewCoachingSession {
    NewCoachingSession {
        coachee,
        title: name("Finding a role"),
        message: String::new(),
        choice: AssessmentChoice::BuiltIn(TemplateName::Archetype),
        delivery: DeliverySettings::default(),
        scheduled_at: None,
        closes_at: None,
        extra: None,
    }
}

pub(crate) fn by_address(address: &str) -> NewCoachingSession {
    with(Invitee::address(email(address), None))
}

async fn arranged(
    world: &World,
    org: &TestOrganization,
    coach: &Person,
    new: NewCoachingSession,
) -> CoachingSession {
    world.assessments.coaching.arrange(&coach.ctx, org.id, new).await.unwrap().of
}

#[tokio::test]
async fn a_coachee_is_written_to_at_once_and_takes_it() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let meet = world.in_seconds(7 * DAY);
    let new = NewCoachingSession { scheduled_at: Some(meet), ..by_address("cleo@example.net") };
    let session = arranged(&world, &org, &org.practitioner, new).await;
    assert_eq!((session.coach, session.status), (org.practitioner.account, CoachingStatus::Open));
    let letters = world.work_off_twice().await;
    assert_eq!(receivers(&letters, "assessment/coaching-invitation"), ["cleo@example.net"; 2], "told twice");
    let rendered = mail::render(&letters[1]).unwrap();
    for told in ["practitioner", "North Wind", "Finding a role", "You meet on"] {
        assert!(rendered.text.contains(told), "{told} in {}", rendered.text);
    }
    world.opens(&letters[0]).await;
    let cleo = world.opens(&letters[1]).await;
    assert!(world.assessments.sessions.start(&cleo, session.id.uuid()).await.is_ok());
}

#[tokio::test]
async fn nobody_coaches_himself() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let coach = &org.practitioner;
    let outsider = world.person("outsider@example.org").await;
    let service = &world.assessments.coaching;
    for (place, new) in [
        ("/coachee/account_id", with(Invitee::member(coach.account))),
        ("/coachee/email", by_address("Practitioner@North-Wind.test")),
        ("/coachee/account_id", with(Invitee::member(outsider.account))),
        (
            "/assessment_type",
            NewCoachingSession {
                choice: AssessmentChoice::BuiltIn(TemplateName::Industry4),
                ..by_address("cleo@example.net")
            },
        ),
        ("/closes_at", NewCoachingSession { closes_at: Some(world.now()), ..by_address("cleo@example.net") }),
    ] {
        let refused = service.arrange(&coach.ctx, org.id, new).await.unwrap_err();
        assert_eq!(refused.errors()[0].0, place, "{refused}");
    }
    for person in [&org.recruiter, &org.interviewer, &org.member, &org.candidate] {
        let refused = service.arrange(&person.ctx, org.id, by_address("cleo@example.net")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
}

#[tokio::test]
async fn practitioners_see_those_they_coach_alone() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let own = arranged(&world, &org, &org.practitioner, with(Invitee::member(org.member.account))).await;
    let other = arranged(&world, &org, &org.manager, by_address("cleo@example.net")).await;
    let service = &world.assessments.coaching;
    let listed = async |person: &Person| {
        let page = service.list(&person.ctx, org.id, &all()).await.unwrap();
        page.items.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&org.practitioner).await, [own.id]);
    assert_eq!(listed(&org.owner).await, [other.id, own.id]);
    let denials = world.denials().await;
    let ctx = &org.practitioner.ctx;
    for refused in [
        service.get(ctx, org.id, other.id).await,
        service.edit(ctx, org.id, (other.id, 1), None, None, |_| {}).await,
        service.remind(ctx, org.id, other.id).await,
        service.close(ctx, org.id, other.id).await,
    ] {
        assert_eq!(refused.unwrap_err().code(), "assessment.not_found");
    }
    assert_eq!(world.denials().await - denials, 4);
    let mine = world.assessments.sessions.mine(&org.member.ctx, &all()).await.unwrap().items;
    assert_eq!(mine.iter().map(|one| one.id).collect::<Vec<_>>(), [own.id.uuid()]);
}

#[tokio::test]
async fn what_is_taken_is_fixed_once_it_was_opened() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let coach = &org.practitioner;
    let session = arranged(&world, &org, coach, by_address("cleo@example.net")).await;
    let service = &world.assessments.coaching;
    let edit =
        async |choice: Option<AssessmentChoice>,
               set: fn(&mut assessment_engine::coaching::coaching_session::Arrangement)| {
            let version = service.get(&coach.ctx, org.id, session.id).await?.version();
            service.edit(&coach.ctx, org.id, (session.id, version), choice, None, set).await
        };
    let own = AssessmentChoice::Own { assessment, version: None };
    let edited = edit(Some(own), |of| of.delivery.minutes = Some(20)).await.unwrap();
    assert_eq!(edited.arrangement.chosen.assessment, assessment);
    let stale =
        service.edit(&coach.ctx, org.id, (session.id, 1), None, None, |of| of.delivery.minutes = None).await;
    assert!(matches!(stale.unwrap_err(), Refused::Stale));

    let letters = world.work_off().await;
    let cleo = world.opens(&letters[0]).await;
    assert_eq!(edit(Some(own), |_| {}).await.unwrap_err().code(), "assessment.closed");
    assert_eq!(
        edit(None, |of| of.delivery.minutes = Some(90)).await.unwrap_err().code(),
        "assessment.closed"
    );
    edit(None, |of| of.message = "See you soon.".to_owned()).await.unwrap();
    let extra = |of: &mut assessment_engine::coaching::coaching_session::Arrangement| {
        let reason = Reason::new("a slow line").unwrap();
        of.extra = Some(ExtraTime { minutes: Minutes::new(10).unwrap(), reason });
    };
    edit(None, extra).await.unwrap();
    let begun = world.assessments.sessions.start(&cleo, session.id.uuid()).await.unwrap().session;
    assert_eq!(begun.progress.deadline, Some(world.in_seconds(30 * 60)), "20 minutes and 10 of their own");
    let refused = edit(None, |of| of.extra = None).await.unwrap_err();
    assert!(refused.to_string().contains("reopen"), "{refused}");
}

#[tokio::test]
async fn a_coachee_is_reminded_once_a_day_until_he_is_done() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let coach = &org.practitioner;
    let new = NewCoachingSession {
        choice: AssessmentChoice::Own { assessment, version: None },
        ..by_address("cleo@example.net")
    };
    let session = arranged(&world, &org, coach, new).await;
    let service = &world.assessments.coaching;
    world.work_off().await;
    service.remind(&coach.ctx, org.id, session.id).await.unwrap();
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, "assessment/coaching-reminder"), ["cleo@example.net"]);
    let refused = service.remind(&coach.ctx, org.id, session.id).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed");
    world.pass(DAY + 1);
    let cleo = world.opens(&letters[0]).await;
    world.takes(&cleo, session.id.uuid(), "words").await;
    let refused = service.remind(&coach.ctx, org.id, session.id).await.unwrap_err();
    assert!(refused.to_string().contains("done"), "{refused}");
}

#[tokio::test]
async fn what_is_over_begins_no_more() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let coach = &org.practitioner;
    let service = &world.assessments.coaching;
    let new =
        NewCoachingSession { closes_at: Some(world.in_seconds(HOUR)), ..by_address("cleo@example.net") };
    let ended = arranged(&world, &org, coach, new).await;
    let closed = arranged(&world, &org, coach, by_address("dora@example.net")).await;
    let letters = world.work_off().await;
    assert_eq!(letters.len(), 2);
    let closed = service.close(&coach.ctx, org.id, closed.id).await.unwrap();
    assert_eq!(closed.status, CoachingStatus::Closed);
    assert_eq!(service.close(&coach.ctx, org.id, closed.id).await.unwrap_err().code(), "assessment.closed");
    assert_eq!(service.remind(&coach.ctx, org.id, closed.id).await.unwrap_err().code(), "assessment.closed");
    let edit = service
        .edit(&coach.ctx, org.id, (closed.id, closed.version()), None, None, |of| of.scheduled_at = None);
    assert_eq!(edit.await.unwrap_err().code(), "assessment.closed");
    world.pass(HOUR);
    for letter in &letters {
        let refused = world.assessments.sessions.open(&stranger(), &token_of(letter)).await.unwrap_err();
        assert_eq!(refused.code(), "assessment.closed");
    }
    for id in [ended.id, closed.id] {
        let refused =
            world.assessments.sessions.start(&guest(id.uuid(), org.id), id.uuid()).await.unwrap_err();
        assert_eq!(refused.code(), "assessment.closed");
    }
}
