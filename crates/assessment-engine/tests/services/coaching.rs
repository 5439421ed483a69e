//! Coaching: a coach and their coachee.

use std::time::Duration;

use assessment_engine::{
    CoachingSession, CoachingStatus, DeliverySettings, ExtraTime, Refused, TemplateName,
    coaching::{NewCoachingSession, coaching_session::Arrangement, meeting::MeetingMinutes},
    invitations::AssessmentChoice,
};
use assessment_format::session::{Minutes, Reason};
use kernel::{
    Actor, Ctx, Kind, Refusal as _, Scope, Target,
    claims::{Claim, Resource},
    invitation::Invitee,
};
use uuid::Uuid;

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
        duration: MeetingMinutes::default(),
        time_zone: None,
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

/// The time of a coach is one over all their organisations; that of a coachee is never told.
#[tokio::test]
async fn a_coach_meets_one_coachee_at_a_time() {
    let world = World::new();
    let (north, south) = (world.org("North Wind").await, world.org("South Wind").await);
    let (service, coach) = (&world.assessments.coaching, &north.practitioner);
    let meet = world.in_seconds(7 * DAY);
    let at = |meets, address: &str| NewCoachingSession { scheduled_at: Some(meets), ..by_address(address) };
    let half_past = meet.plus(Duration::from_secs(HOUR / 2));
    let first = arranged(&world, &north, coach, at(meet, "cleo@example.net")).await;
    let refused = service.arrange(&coach.ctx, north.id, at(half_past, "dora@example.net")).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("assessment.time_taken", Kind::Conflict));
    arranged(&world, &south, &south.practitioner, at(meet, "dora@example.net")).await;
    let short = NewCoachingSession {
        duration: MeetingMinutes::new(30).unwrap(),
        ..at(half_past, "dora@example.net")
    };
    let later = meet.plus(Duration::from_secs(HOUR));
    let second =
        arranged(&world, &north, coach, NewCoachingSession { scheduled_at: Some(later), ..short }).await;
    let move_to = async |of: &CoachingSession, meets| {
        let version = (of.id, of.version());
        service.edit(&coach.ctx, north.id, version, None, None, |of| of.scheduled_at = meets).await
    };
    assert_eq!(move_to(&second, Some(half_past)).await.unwrap_err().code(), "assessment.time_taken");
    let first = move_to(&first, Some(meet.minus(Duration::from_secs(HOUR / 2)))).await.unwrap().of;
    let second = move_to(&second, Some(half_past)).await.unwrap().of;
    service.close(&coach.ctx, north.id, second.id).await.unwrap();
    let first = move_to(&first, Some(half_past)).await.unwrap().of;
    move_to(&first, None).await.unwrap();
    arranged(&world, &north, coach, at(half_past, "erin@example.net")).await;
}

/// A time that has passed is taken from nobody, and a meeting that has begun keeps its own while its words change.
#[tokio::test]
async fn a_meeting_that_has_begun_keeps_its_time() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let (service, coach) = (&world.assessments.coaching, &org.practitioner);
    let meet = world.in_seconds(HOUR);
    let at = |address: &str| NewCoachingSession { scheduled_at: Some(meet), ..by_address(address) };
    let first = arranged(&world, &org, coach, at("cleo@example.net")).await;
    world.pass(HOUR - 60);
    let soon =
        NewCoachingSession { scheduled_at: Some(world.in_seconds(120)), ..by_address("dora@example.net") };
    world.pass(61);
    let version = (first.id, first.version());
    let longer = |of: &mut Arrangement| {
        of.title = name("Another");
        of.duration = MeetingMinutes::new(90).unwrap();
    };
    service.edit(&coach.ctx, org.id, version, None, None, longer).await.unwrap();
    let refused = service.arrange(&coach.ctx, org.id, soon).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.time_taken");
    arranged(&world, &org, coach, at("erin@example.net")).await;
}

/// The coachee is taken as a client where their account is known, in whichever organisation that is, and nobody who
/// meets them learns of another meeting.
#[tokio::test]
async fn a_coachee_whose_time_is_taken_is_asked_all_the_same() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let meet = world.in_seconds(7 * DAY);
    let member =
        || NewCoachingSession { scheduled_at: Some(meet), ..with(Invitee::member(org.member.account)) };
    let first = arranged(&world, &org, &org.practitioner, member()).await;
    arranged(&world, &org, &org.owner, member()).await;
    let taken = async |resource| {
        let tenant = Ctx::new(Actor::System, Scope::Tenant(org.id));
        let mut unit = world.ports.store.begin(&tenant).await.unwrap();
        let claim = Claim::new(resource, meet, 60);
        !unit.claim(&Target { kind: "test", id: Uuid::nil() }, &[claim]).await.unwrap().is_empty()
    };
    assert!(taken(Resource::Guest(org.member.account)).await);
    assert!(!taken(Resource::Host(org.member.account)).await, "they may work meanwhile");
    world.assessments.coaching.close(&org.practitioner.ctx, org.id, first.id).await.unwrap();
    assert!(!taken(Resource::Guest(org.member.account)).await, "the second left it out");
    assert!(!taken(Resource::Host(org.practitioner.account)).await);
    assert!(taken(Resource::Host(org.owner.account)).await);
}

#[tokio::test]
async fn zones_are_those_of_the_iana_database() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let coach = &org.practitioner;
    let zoned = |zone: &str| NewCoachingSession {
        time_zone: Some(zone.to_owned()),
        ..by_address("cleo@example.net")
    };
    let service = &world.assessments.coaching;
    let refused = service.arrange(&coach.ctx, org.id, zoned("Mars/Olympus")).await.unwrap_err();
    assert_eq!((refused.kind(), &*refused.errors()[0].0), (Kind::Invalid, "/time_zone"));
    let session = arranged(&world, &org, coach, zoned("Asia/Kolkata")).await;
    let version = (session.id, session.version());
    let edit = async |zone: &str| {
        let zone = zone.to_owned();
        service.edit(&coach.ctx, org.id, version, None, None, |of| of.time_zone = Some(zone)).await
    };
    assert_eq!(edit("berlin").await.unwrap_err().errors()[0].0, "/time_zone");
    assert_eq!(
        edit("Europe/Berlin").await.unwrap().of.arrangement.time_zone.as_deref(),
        Some("Europe/Berlin")
    );
}
