//! Rating what was said, and deciding about sessions.

use assessment_engine::{DeliverySettings, InterviewSessionId, Refused, Release, results::OwnResultDetails};
use assessment_format::{
    Rating, Score,
    rating::{Quote, Source, Target},
    session::{Event, EventKind, Minutes, NotAllowed, OnDeadline, Reason, Refused as SessionRefused, Stage},
};
use kernel::{Ctx, Kind, PageRequest, Refusal as _};
use rust_decimal::Decimal;
use serde_json::json;

use super::{
    session_fixture::{PLAIN, WHOLE, invitation, slug, stage},
    world::{TestOrganization, World},
};

fn target(dimension: &str, item: Option<&str>) -> Target {
    Target { dimension: slug(dimension), item: item.map(slug) }
}

fn rating(score: i64, source: Source, text: &str) -> Rating {
    let quote = Quote { source, text: text.to_owned() };
    Rating { score: Some(Score::new(Decimal::from(score)).unwrap()), evidence: vec![quote] }
}

/// A guest who answered everything, and spoke.
async fn spoken(
    world: &World,
    org: &TestOrganization,
    delivery: DeliverySettings,
) -> (Ctx, InterviewSessionId) {
    let assessment = world.published(org, WHOLE).await;
    let campaign = world.campaign(org, &org.recruiter, assessment, delivery, (None, None)).await;
    let token = world.invite(org, &campaign, "ann@elsewhere.test").await;
    let guest = world.admit(&token).await;
    let sessions = &world.assessments.sessions;
    let session = sessions.start(&guest, invitation(&guest)).await.unwrap().session.id;
    sessions.speak(&guest, session, 3, "I wrote the yearly report to its end.").await.unwrap();
    world.answer(&guest, session, "t1", 1, json!({ "text": "A house of cards." })).await.unwrap();
    let view = world.fill(&guest, session, [5, 1]).await;
    assert_eq!(stage(&view), Stage::NeedsRating);
    (guest, session)
}

#[tokio::test]
async fn the_last_rating_that_is_missing_makes_the_result() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let (guest, id) = spoken(&world, &org, DeliverySettings::default()).await;
    let (ratings, rater) = (&world.assessments.ratings, &org.interviewer.ctx);
    let judged = ratings.session(rater, org.id, id).await.unwrap();
    let material = judged.material.unwrap();
    assert_eq!(material.transcript.turns()[2].text, "I wrote the yearly report to its end.");
    assert_eq!(material.texts.iter().map(|text| &*text.answer).collect::<Vec<_>>(), ["A house of cards."]);
    let needed = [target("focus", None), target("reach", Some("t1"))];
    assert_eq!(material.missing.iter().cloned().collect::<Vec<_>>(), needed);

    let said = rating(4, Source::Turn(3), "the yearly report");
    let half = ratings.rate(rater, org.id, id, &needed[0], &said).await.unwrap();
    assert_eq!(half.session.progress.status.stage(), Stage::NeedsRating);
    assert_eq!(half.material.unwrap().missing.into_iter().collect::<Vec<_>>(), needed[1..]);
    let wrote = rating(2, Source::Item(slug("t1")), "house of cards");
    let whole = ratings.rate(rater, org.id, id, &needed[1], &wrote).await.unwrap();
    assert_eq!(whole.session.progress.status.stage(), Stage::Released);
    let again = ratings.rate(rater, org.id, id, &needed[1], &wrote).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (Kind::Conflict, "assessment.event_not_allowed"));

    let mine = world.assessments.results.mine(&guest, &PageRequest::default()).await.unwrap().items;
    let OwnResultDetails { disclosed, .. } =
        world.assessments.results.my_one(&guest, mine[0].id).await.unwrap();
    // focus: (5 + 4) / 2, reach: the reversed answer 5 and the rating 2.
    assert_eq!(disclosed["dimensions"][0]["score"], json!(4.5));
    assert_eq!(disclosed["dimensions"][1]["score"], json!(3.5));
    assert_eq!(disclosed["overallScore"], json!(4));
}

#[tokio::test]
async fn a_quote_that_was_not_said_is_refused_and_changes_nothing() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let (_, id) = spoken(&world, &org, DeliverySettings::default()).await;
    let (ratings, rater) = (&world.assessments.ratings, &org.admin.ctx);
    let focus = target("focus", None);
    for (source, text) in [
        (Source::Turn(3), "the Yearly report"),
        (Source::Turn(3), "the monthly report"),
        (Source::Turn(2), "Tell me about a thing you finished."),
        (Source::Turn(9), "the yearly report"),
        (Source::Item(slug("t1")), "A house of cards."),
    ] {
        let refused =
            ratings.rate(rater, org.id, id, &focus, &rating(4, source.clone(), text)).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.code()),
            (Kind::Invalid, "assessment.rating_invalid"),
            "{source:?}"
        );
        assert_eq!(refused.errors()[0].0, "/evidence/0");
    }
    let off =
        ratings.rate(rater, org.id, id, &focus, &rating(6, Source::Turn(3), "report")).await.unwrap_err();
    assert_eq!(off.errors()[0].0, "/score");
    let judged = ratings.session(rater, org.id, id).await.unwrap();
    assert!(judged.material.unwrap().ratings.is_empty());
}

#[tokio::test]
async fn nobody_judges_himself_and_strangers_see_nothing() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let other = world.org("South Wind").await;
    let (guest, id) = spoken(&world, &org, DeliverySettings::default()).await;
    let ratings = &world.assessments.ratings;
    let said = rating(4, Source::Turn(3), "report");
    for (person, kind) in [
        (&org.manager, Kind::Missing),
        (&org.practitioner, Kind::Missing),
        (&org.member, Kind::Forbidden),
        (&org.candidate, Kind::Forbidden),
        (&other.owner, Kind::Missing),
    ] {
        let refused = ratings.session(&person.ctx, org.id, id).await.unwrap_err();
        assert_eq!(refused.kind(), kind);
        let refused = ratings.rate(&person.ctx, org.id, id, &target("focus", None), &said).await.unwrap_err();
        assert_eq!(refused.kind(), kind);
    }
    assert_eq!(ratings.session(&other.owner.ctx, other.id, id).await.unwrap_err().kind(), Kind::Missing);
    assert_eq!(ratings.session(&guest, org.id, id).await.unwrap_err().kind(), Kind::Missing);
    ratings.rate(&org.recruiter.ctx, org.id, id, &target("focus", None), &said).await.unwrap();

    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    let own = world.begun(&org, &campaign, &org.interviewer).await;
    let refused = ratings.session(&org.interviewer.ctx, org.id, own).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "assessment.own_session"));
    let early = ratings.session(&org.admin.ctx, org.id, own).await.unwrap();
    assert!(early.material.is_none(), "nobody reads along");
}

#[tokio::test]
async fn a_result_is_released_at_once_at_its_time_or_by_hand() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let at = world.now().plus(std::time::Duration::from_secs(600));
    for (release, first) in [
        (Release::Scored, Stage::Released),
        (Release::At { at }, Stage::Scored),
        (Release::ByHand, Stage::Scored),
    ] {
        let delivery = DeliverySettings { release, ..DeliverySettings::default() };
        let campaign = world.campaign(&org, &org.recruiter, assessment, delivery, (None, None)).await;
        let session = world.begun(&org, &campaign, &org.member).await;
        let view = world.fill(&org.member.ctx, session, [5, 1]).await;
        assert_eq!(stage(&view), first, "{release:?}");
        let (sessions, ratings, results) =
            (&world.assessments.sessions, &world.assessments.ratings, &world.assessments.results);
        let seen = async || results.mine(&org.member.ctx, &PageRequest::default()).await.unwrap().items.len();
        let before = seen().await;
        match release {
            Release::Scored => {
                let again = ratings.release(&org.recruiter.ctx, org.id, session).await.unwrap_err();
                assert!(
                    matches!(again, Refused::Session(SessionRefused::NotAllowed(NotAllowed { allowed, .. })) if allowed.is_empty())
                );
                continue;
            }
            Release::At { .. } => {
                world.work_off_twice().await;
                assert_eq!(stage(&sessions.view(&org.member.ctx, session).await.unwrap()), Stage::Scored);
                world.pass(600);
                world.work_off_twice().await;
            }
            Release::ByHand => {
                world.work_off_twice().await;
                let refused = ratings.release(&org.manager.ctx, org.id, session).await.unwrap_err();
                assert_eq!(refused.kind(), Kind::Missing);
                let refused = ratings.release(&org.interviewer.ctx, org.id, session).await.unwrap_err();
                assert_eq!(refused.kind(), Kind::Forbidden);
                ratings.release(&org.recruiter.ctx, org.id, session).await.unwrap();
            }
        }
        assert_eq!(stage(&sessions.view(&org.member.ctx, session).await.unwrap()), Stage::Released);
        assert_eq!(seen().await, before + 1);
    }
}

#[tokio::test]
async fn time_is_given_back_and_what_is_voided_does_not_count() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let delivery = DeliverySettings {
        on_deadline: OnDeadline::Abandon,
        release: Release::ByHand,
        ..DeliverySettings::default()
    };
    let campaign = world.campaign(&org, &org.owner, assessment, delivery, (None, None)).await;
    let session = world.begun(&org, &campaign, &org.member).await;
    let (ratings, ctx) = (&world.assessments.ratings, &org.owner.ctx);
    let reason = || Reason::new("The power was out.").unwrap();
    let minutes = Minutes::new(30).unwrap();
    let early = ratings.reopen(ctx, org.id, session, minutes, reason()).await.unwrap_err();
    let Refused::Session(SessionRefused::NotAllowed(refused)) = early else { panic!("{early:?}") };
    assert_eq!((refused.stage, refused.event), (Stage::InProgress, EventKind::Reopen));
    let before = ratings.run_session(ctx, org.id, session).await.unwrap().progress.deadline.unwrap();
    let longer = ratings.extend(ctx, org.id, session, minutes, reason()).await.unwrap();
    assert_eq!(longer.progress.deadline, Some(before.plus(std::time::Duration::from_secs(1800))));
    world.pass(7200);
    let open = ratings.reopen(ctx, org.id, session, minutes, reason()).await.unwrap();
    assert_eq!(open.progress.deadline, Some(world.now().plus(std::time::Duration::from_secs(1800))));
    assert_eq!(open.progress.granted_minutes, 60);

    let scored = world.fill(&org.member.ctx, session, [5, 1]).await;
    assert_eq!(stage(&scored), Stage::Scored);
    let void = ratings.void(ctx, org.id, session, reason()).await.unwrap();
    assert_eq!(void.progress.status.stage(), Stage::Voided);
    let results = &world.assessments.results;
    let list = results.list(ctx, org.id, assessment, None, &PageRequest::default()).await.unwrap();
    assert!(list.items.is_empty(), "what was voided is no result");
    let refused = ratings.release(ctx, org.id, session).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.event_not_allowed");
    assert!(void.admits(&Event::Start, world.now()).is_err());
}
