//! Rating what was said, and deciding about sessions.

use assessment_engine::{
    Rating, Score,
    custom::{InterviewSessionId, Refused, Release, Terms, results::OwnWhole},
    rating::{Quote, Source, Target},
    session::{Event, EventKind, Lapse, Minutes, NotAllowed, Reason, Refused as Unfit, Stage},
};
use kernel::{Ctx, Kind, PageRequest, Refusal as _};
use rust_decimal::Decimal;
use serde_json::json;

use super::{
    sitting::{PLAIN, WHOLE, invitation, slug, stage},
    world::{Office, World},
};

fn target(dimension: &str, item: Option<&str>) -> Target {
    Target { dimension: slug(dimension), item: item.map(slug) }
}

fn rating(score: i64, source: Source, text: &str) -> Rating {
    let quote = Quote { source, text: text.to_owned() };
    Rating { score: Some(Score::new(Decimal::from(score)).unwrap()), evidence: vec![quote] }
}

/// A guest who answered everything, and spoke.
async fn spoken(world: &World, office: &Office, terms: Terms) -> (Ctx, InterviewSessionId) {
    let paper = world.paper(office, WHOLE).await;
    let campaign = world.campaign(office, &office.recruiter, paper, terms, (None, None)).await;
    let token = world.invite(office, &campaign, "ann@elsewhere.test").await;
    let guest = world.admit(&token).await;
    let taking = &world.assessing.taking;
    let session = taking.start(&guest, invitation(&guest)).await.unwrap().session.id;
    taking.speak(&guest, session, 3, "I wrote the yearly report to its end.").await.unwrap();
    world.answer(&guest, session, "t1", 1, json!({ "text": "A house of cards." })).await.unwrap();
    let view = world.fill(&guest, session, [5, 1]).await;
    assert_eq!(stage(&view), Stage::NeedsRating);
    (guest, session)
}

#[tokio::test]
async fn the_last_rating_that_is_missing_makes_the_result() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let (guest, id) = spoken(&world, &office, Terms::default()).await;
    let (judging, rater) = (&world.assessing.judging, &office.interviewer.ctx);
    let judged = judging.session(rater, office.id, id).await.unwrap();
    let material = judged.material.unwrap();
    assert_eq!(material.transcript.turns()[2].text, "I wrote the yearly report to its end.");
    assert_eq!(material.texts.iter().map(|text| &*text.answer).collect::<Vec<_>>(), ["A house of cards."]);
    let needed = [target("focus", None), target("reach", Some("t1"))];
    assert_eq!(material.missing.iter().cloned().collect::<Vec<_>>(), needed);

    let said = rating(4, Source::Turn(3), "the yearly report");
    let half = judging.rate(rater, office.id, id, &needed[0], &said).await.unwrap();
    assert_eq!(half.session.progress.status.stage(), Stage::NeedsRating);
    assert_eq!(half.material.unwrap().missing.into_iter().collect::<Vec<_>>(), needed[1..]);
    let wrote = rating(2, Source::Item(slug("t1")), "house of cards");
    let whole = judging.rate(rater, office.id, id, &needed[1], &wrote).await.unwrap();
    assert_eq!(whole.session.progress.status.stage(), Stage::Released);
    let again = judging.rate(rater, office.id, id, &needed[1], &wrote).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (Kind::Conflict, "assessment.event_not_allowed"));

    let mine = world.assessing.results.mine(&guest, &PageRequest::default()).await.unwrap().items;
    let OwnWhole { disclosed, .. } = world.assessing.results.my_one(&guest, mine[0].id).await.unwrap();
    // focus: (5 + 4) / 2, reach: the reversed answer 5 and the rating 2.
    assert_eq!(disclosed["dimensions"][0]["score"], json!(4.5));
    assert_eq!(disclosed["dimensions"][1]["score"], json!(3.5));
    assert_eq!(disclosed["overallScore"], json!(4));
}

#[tokio::test]
async fn a_quote_that_was_not_said_is_refused_and_changes_nothing() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let (_, id) = spoken(&world, &office, Terms::default()).await;
    let (judging, rater) = (&world.assessing.judging, &office.admin.ctx);
    let focus = target("focus", None);
    for (source, text) in [
        (Source::Turn(3), "the Yearly report"),
        (Source::Turn(3), "the monthly report"),
        (Source::Turn(2), "Tell me about a thing you finished."),
        (Source::Turn(9), "the yearly report"),
        (Source::Item(slug("t1")), "A house of cards."),
    ] {
        let refused =
            judging.rate(rater, office.id, id, &focus, &rating(4, source.clone(), text)).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.code()),
            (Kind::Invalid, "assessment.rating_invalid"),
            "{source:?}"
        );
        assert_eq!(refused.errors()[0].0, "/evidence/0");
    }
    let off =
        judging.rate(rater, office.id, id, &focus, &rating(6, Source::Turn(3), "report")).await.unwrap_err();
    assert_eq!(off.errors()[0].0, "/score");
    let judged = judging.session(rater, office.id, id).await.unwrap();
    assert!(judged.material.unwrap().ratings.is_empty());
}

#[tokio::test]
async fn nobody_judges_himself_and_strangers_see_nothing() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let other = world.office("South Wind").await;
    let (guest, id) = spoken(&world, &office, Terms::default()).await;
    let judging = &world.assessing.judging;
    let said = rating(4, Source::Turn(3), "report");
    for (person, kind) in [
        (&office.manager, Kind::Missing),
        (&office.practitioner, Kind::Missing),
        (&office.member, Kind::Forbidden),
        (&office.candidate, Kind::Forbidden),
        (&other.owner, Kind::Missing),
    ] {
        let refused = judging.session(&person.ctx, office.id, id).await.unwrap_err();
        assert_eq!(refused.kind(), kind);
        let refused =
            judging.rate(&person.ctx, office.id, id, &target("focus", None), &said).await.unwrap_err();
        assert_eq!(refused.kind(), kind);
    }
    assert_eq!(judging.session(&other.owner.ctx, other.id, id).await.unwrap_err().kind(), Kind::Missing);
    assert_eq!(judging.session(&guest, office.id, id).await.unwrap_err().kind(), Kind::Missing);
    judging.rate(&office.recruiter.ctx, office.id, id, &target("focus", None), &said).await.unwrap();

    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    let own = world.begun(&office, &campaign, &office.interviewer).await;
    let refused = judging.session(&office.interviewer.ctx, office.id, own).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "assessment.own_session"));
    let early = judging.session(&office.admin.ctx, office.id, own).await.unwrap();
    assert!(early.material.is_none(), "nobody reads along");
}

#[tokio::test]
async fn a_result_is_released_at_once_at_its_time_or_by_hand() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let at = world.now().plus(std::time::Duration::from_secs(600));
    for (release, first) in [
        (Release::Scored, Stage::Released),
        (Release::At { at }, Stage::Scored),
        (Release::ByHand, Stage::Scored),
    ] {
        let terms = Terms { release, ..Terms::default() };
        let campaign = world.campaign(&office, &office.recruiter, paper, terms, (None, None)).await;
        let session = world.begun(&office, &campaign, &office.member).await;
        let view = world.fill(&office.member.ctx, session, [5, 1]).await;
        assert_eq!(stage(&view), first, "{release:?}");
        let (taking, judging, results) =
            (&world.assessing.taking, &world.assessing.judging, &world.assessing.results);
        let seen =
            async || results.mine(&office.member.ctx, &PageRequest::default()).await.unwrap().items.len();
        let before = seen().await;
        match release {
            Release::Scored => {
                let again = judging.release(&office.recruiter.ctx, office.id, session).await.unwrap_err();
                assert!(
                    matches!(again, Refused::Session(Unfit::NotAllowed(NotAllowed { allowed, .. })) if allowed.is_empty())
                );
                continue;
            }
            Release::At { .. } => {
                world.work_off_twice().await;
                assert_eq!(stage(&taking.view(&office.member.ctx, session).await.unwrap()), Stage::Scored);
                world.pass(600);
                world.work_off_twice().await;
            }
            Release::ByHand => {
                world.work_off_twice().await;
                let refused = judging.release(&office.manager.ctx, office.id, session).await.unwrap_err();
                assert_eq!(refused.kind(), Kind::Missing);
                let refused = judging.release(&office.interviewer.ctx, office.id, session).await.unwrap_err();
                assert_eq!(refused.kind(), Kind::Forbidden);
                judging.release(&office.recruiter.ctx, office.id, session).await.unwrap();
            }
        }
        assert_eq!(stage(&taking.view(&office.member.ctx, session).await.unwrap()), Stage::Released);
        assert_eq!(seen().await, before + 1);
    }
}

#[tokio::test]
async fn time_is_given_back_and_what_is_voided_does_not_count() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let terms = Terms { lapse: Lapse::Abandon, release: Release::ByHand, ..Terms::default() };
    let campaign = world.campaign(&office, &office.owner, paper, terms, (None, None)).await;
    let session = world.begun(&office, &campaign, &office.member).await;
    let (judging, ctx) = (&world.assessing.judging, &office.owner.ctx);
    let reason = || Reason::new("The power was out.").unwrap();
    let minutes = Minutes::new(30).unwrap();
    let early = judging.reopen(ctx, office.id, session, minutes, reason()).await.unwrap_err();
    let Refused::Session(Unfit::NotAllowed(refused)) = early else { panic!("{early:?}") };
    assert_eq!((refused.stage, refused.event), (Stage::InProgress, EventKind::Reopen));
    let before = judging.run_session(ctx, office.id, session).await.unwrap().progress.deadline.unwrap();
    let longer = judging.extend(ctx, office.id, session, minutes, reason()).await.unwrap();
    assert_eq!(longer.progress.deadline, Some(before.plus(std::time::Duration::from_secs(1800))));
    world.pass(7200);
    let open = judging.reopen(ctx, office.id, session, minutes, reason()).await.unwrap();
    assert_eq!(open.progress.deadline, Some(world.now().plus(std::time::Duration::from_secs(1800))));
    assert_eq!(open.progress.granted_minutes, 60);

    let scored = world.fill(&office.member.ctx, session, [5, 1]).await;
    assert_eq!(stage(&scored), Stage::Scored);
    let void = judging.void(ctx, office.id, session, reason()).await.unwrap();
    assert_eq!(void.progress.status.stage(), Stage::Voided);
    let results = &world.assessing.results;
    let list = results.list(ctx, office.id, paper, None, &PageRequest::default()).await.unwrap();
    assert!(list.items.is_empty(), "what was voided is no result");
    let refused = judging.release(ctx, office.id, session).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.event_not_allowed");
    assert!(void.admits(&Event::Start, world.now()).is_err());
}
