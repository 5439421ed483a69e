//! Taking an assessment: opening, answering, speaking, submitting, and what nobody else may do.

use assessment_engine::{
    custom::{Invitee, Origin, Refused, Terms, campaigns::Choice, coaching_sessions::NewCoachingSession},
    interview::{Heard, Speaker},
    session::{EventKind, Lapse, NotAllowed, Pauses, Refused as Unfit, Saved, Stage},
};
use kernel::{Actor, Ctx, EmailAddress, Kind, Name, PageRequest, Refusal as _, Scope, Secret};
use serde_json::{Value, json};

use super::{
    sitting::{PLAIN, Paper, WHOLE, invitation, nobody, stage, token},
    world::World,
};

fn allowed(refused: &Refused) -> (Stage, EventKind, Vec<EventKind>) {
    match refused {
        Refused::Session(Unfit::NotAllowed(NotAllowed { stage, event, allowed })) => {
            (*stage, *event, allowed.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_member_takes_what_he_is_asked_and_sees_no_worth() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.recruiter, paper, Terms::default(), (None, None)).await;
    let taking = &world.assessing.taking;
    let ctx = &office.member.ctx;
    let id = world.ask(&office, &campaign, Invitee::member(office.member.account)).await;

    let asked = taking.mine(ctx, &PageRequest::default()).await.unwrap().items;
    assert_eq!(asked.len(), 1);
    let told = (&*asked[0].organization_name, &*asked[0].title, &*asked[0].assessment_name, asked[0].minutes);
    assert_eq!(told, ("North Wind", "Spring", "Readiness", Some(60)));
    assert_eq!((asked[0].id, asked[0].stage, asked[0].session), (id, Stage::NotStarted, None));

    let view = taking.start(ctx, id).await.unwrap();
    assert_eq!(view.session.progress.deadline, Some(world.now().plus(std::time::Duration::from_secs(3600))));
    assert_eq!(view.missing().iter().map(ToString::to_string).collect::<Vec<_>>(), ["i1", "i2"]);
    assert_eq!(view.allowed(), [EventKind::Answer, EventKind::Submit]);
    let shown = format!("{:?}", view.questionnaire().unwrap());
    assert!(shown.contains("I finish what I begin."));
    for hidden in ["focus", "reach", "Focus", "reversed", "worth", "measure"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    let again = taking.start(ctx, id).await.unwrap();
    assert_eq!(again.session, view.session, "starting again starts nothing");

    let session = view.session.id;
    assert_eq!(world.answer(ctx, session, "i1", 1, json!({ "step": 5 })).await.unwrap(), Saved::Stored);
    let refused = taking.submit(ctx, session).await.unwrap_err();
    assert!(
        matches!(&refused, Refused::Session(Unfit::Incomplete { missing }) if missing[0].as_str() == "i2")
    );
    assert_eq!(refused.errors()[0].0, "/answers/i2");
    let unfit = world.answer(ctx, session, "i2", 1, json!({ "option": 1 })).await.unwrap_err();
    assert_eq!((unfit.kind(), unfit.code()), (Kind::Invalid, "assessment.answer_invalid"));
    let unknown = world.answer(ctx, session, "i9", 1, json!({ "step": 1 })).await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::Missing);

    let done = world.fill(ctx, session, [5, 1]).await;
    assert_eq!(stage(&done), Stage::Released);
    let mine = taking.mine(ctx, &PageRequest::default()).await.unwrap().items;
    assert_eq!((mine[0].stage, mine[0].session), (Stage::Released, Some(session)));
    let late = world.answer(ctx, session, "i1", 9, json!({ "step": 1 })).await.unwrap_err();
    assert_eq!(allowed(&late), (Stage::Released, EventKind::Answer, vec![]));
    assert_eq!(taking.view(ctx, session).await.unwrap().answers, done.answers);
    let start = taking.start(ctx, id).await.unwrap_err();
    assert_eq!(allowed(&start).1, EventKind::Start);
}

#[tokio::test]
async fn two_tabs_and_answers_that_are_sent_again_leave_what_was_meant() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    let session = world.begun(&office, &campaign, &office.member).await;
    let ctx = &office.member.ctx;
    let (one, two, five) = (json!({ "step": 1 }), json!({ "step": 2 }), json!({ "step": 5 }));
    let answer = |sequence, reply: &Value| world.answer(ctx, session, "i1", sequence, reply.clone());
    assert_eq!(answer(1, &one).await.unwrap(), Saved::Stored);
    assert_eq!(answer(1, &one).await.unwrap(), Saved::Repeated, "nobody saw the first answer");
    assert_eq!(answer(5, &five).await.unwrap(), Saved::Stored);
    assert_eq!(answer(2, &two).await.unwrap(), Saved::Superseded { by: 5 }, "the other tab comes late");
    let reused = answer(5, &two).await.unwrap_err();
    assert_eq!(reused.code(), "assessment.sequence_reused");
    let too_large = answer(1 << 53, &two).await.unwrap_err();
    assert_eq!(too_large.errors()[0].0, "/sequence");
    let kept = world.assessing.taking.view(ctx, session).await.unwrap().answers;
    assert_eq!(serde_json::to_value(kept.reply(&super::sitting::slug("i1"))).unwrap(), five);
    assert_eq!(answer(6, &Value::Null).await.unwrap(), Saved::Stored);
    assert_eq!(answer(6, &Value::Null).await.unwrap(), Saved::Repeated);
    let kept = world.assessing.taking.view(ctx, session).await.unwrap().answers;
    assert_eq!(kept.kept(&super::sitting::slug("i1")).unwrap().sequence, 6);
    assert_eq!(kept.reply(&super::sitting::slug("i1")), None);
}

#[tokio::test]
async fn a_guest_opens_his_letter_and_reaches_nothing_else() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    let taking = &world.assessing.taking;
    let ann = world.invite(&office, &campaign, "ann@elsewhere.test").await;
    let ben = world.invite(&office, &campaign, "ben@elsewhere.test").await;

    let opened = taking.open(&nobody(), &ann).await.unwrap();
    assert_eq!((opened.asked.stage, opened.asked.session.is_some()), (Stage::NotStarted, true));
    let again = taking.open(&nobody(), &ann).await.unwrap();
    assert_eq!(again.asked.session, opened.asked.session, "the link works again and opens the same");
    let (ann, ben) = (world.admit(&ann).await, world.admit(&ben).await);
    let own = taking.mine(&ann, &PageRequest::default()).await.unwrap().items;
    assert_eq!(own.iter().map(|asked| asked.id).collect::<Vec<_>>(), [invitation(&ann)]);

    let session = opened.asked.session.unwrap();
    let early = world.answer(&ann, session, "i1", 1, json!({ "step": 1 })).await.unwrap_err();
    assert_eq!(
        allowed(&early),
        (Stage::NotStarted, EventKind::Answer, vec![EventKind::Start, EventKind::Void])
    );
    assert!(
        taking.view(&ann, session).await.unwrap().questionnaire().is_none(),
        "no question before the clock runs"
    );
    taking.start(&ann, invitation(&ann)).await.unwrap();
    for stranger in [&ben, &office.member.ctx, &office.owner.ctx] {
        assert_eq!(taking.view(stranger, session).await.unwrap_err().kind(), Kind::Missing);
        let refused = world.answer(stranger, session, "i1", 1, json!({ "step": 1 })).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Missing);
        assert_eq!(taking.submit(stranger, session).await.unwrap_err().kind(), Kind::Missing);
        assert_eq!(taking.speak(stranger, session, 1, "Hi").await.unwrap_err().kind(), Kind::Missing);
        assert_eq!(taking.start(stranger, invitation(&ann)).await.unwrap_err().kind(), Kind::Missing);
    }
    let done = world.fill(&ann, session, [4, 2]).await;
    assert_eq!((stage(&done), done.session.account), (Stage::Released, None));
    let program = Actor::Service { key: invitation(&ann), organization: office.id };
    let program = Ctx::new(program, Scope::Identity);
    let refused = taking.mine(&program, &PageRequest::default()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "assessment.person_needed"));
}

#[tokio::test]
async fn a_link_that_is_forged_outdated_or_taken_back_opens_nothing() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let end = world.now().plus(std::time::Duration::from_secs(10 * 24 * 3600));
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, Some(end))).await;
    let taking = &world.assessing.taking;
    let good = world.invite(&office, &campaign, "ann@elsewhere.test").await;
    let mut forged = good.expose().to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'Q' } else { 'A' });
    for bad in ["", "no link", &forged] {
        let refused = taking.open(&nobody(), &Secret::new(bad.to_owned())).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.code()),
            (Kind::Missing, "assessment.invalid_invitation"),
            "{bad}"
        );
    }
    world.pass(10 * 24 * 3600);
    let refused = taking.open(&nobody(), &good).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.invalid_invitation", "the link ends with the campaign");
}

#[tokio::test]
async fn nobody_begins_before_the_window_opens_or_after_it_ends() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let day = std::time::Duration::from_secs(24 * 3600);
    let (from, to) = (world.now().plus(day), world.now().plus(2 * day));
    let campaign =
        world.campaign(&office, &office.owner, paper, Terms::default(), (Some(from), Some(to))).await;
    let taking = &world.assessing.taking;
    let ctx = &office.member.ctx;
    let id = world.ask(&office, &campaign, Invitee::member(office.member.account)).await;
    let late = world.ask(&office, &campaign, Invitee::member(office.interviewer.account)).await;
    assert!(matches!(taking.start(ctx, id).await, Err(Refused::NotYet(at)) if at == from));
    world.pass(2 * 24 * 3600 - 600);
    let view = taking.start(ctx, id).await.unwrap();
    assert_eq!(view.session.progress.deadline, Some(to), "no limit reaches beyond the end");
    world.pass(600);
    assert!(matches!(taking.start(&office.interviewer.ctx, late).await, Err(Refused::Closed(_))));
    let other = taking.start(&office.candidate.ctx, id).await.unwrap_err();
    assert_eq!(other.kind(), Kind::Missing);
}

#[tokio::test]
async fn a_session_whose_deadline_passed_is_finished_by_whoever_looks_first() {
    for (lapse, ends) in [(Lapse::Submit, Stage::Released), (Lapse::Abandon, Stage::Abandoned)] {
        let world = World::new();
        let office = world.office("North Wind").await;
        let paper = world.paper(&office, PLAIN).await;
        let terms = Terms { lapse, ..Terms::default() };
        let campaign = world.campaign(&office, &office.owner, paper, terms, (None, None)).await;
        let (ann, ben, eve) = (&office.member, &office.interviewer, &office.candidate);
        let sessions = [
            world.begun(&office, &campaign, ann).await,
            world.begun(&office, &campaign, ben).await,
            world.begun(&office, &campaign, eve).await,
        ];
        for (person, session) in [ann, ben, eve].into_iter().zip(sessions) {
            world.answer(&person.ctx, session, "i1", 1, json!({ "step": 4 })).await.unwrap();
        }
        world.pass(3600);
        let taking = &world.assessing.taking;
        let refused = world.answer(&ann.ctx, sessions[0], "i1", 2, json!({ "step": 1 })).await.unwrap_err();
        let (stage_then, event, _) = allowed(&refused);
        assert_eq!(event, EventKind::Answer);
        assert_ne!(stage_then, Stage::InProgress);
        assert_eq!(stage(&taking.view(&ben.ctx, sessions[1]).await.unwrap()), ends);
        world.work_off_twice().await;
        for (person, session) in [ann, ben, eve].into_iter().zip(sessions) {
            let view = taking.view(&person.ctx, session).await.unwrap();
            assert_eq!(stage(&view), ends);
            let kept = serde_json::to_value(view.answers.reply(&super::sitting::slug("i1"))).unwrap();
            assert_eq!(kept, json!({ "step": 4 }));
        }
    }
}

#[tokio::test]
async fn the_clock_stands_still_in_a_pause_that_is_allowed() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let terms = Terms { pauses: Some(Pauses { most: 1, minutes: 10 }), ..Terms::default() };
    let campaign = world.campaign(&office, &office.owner, paper, terms, (None, None)).await;
    let taking = &world.assessing.taking;
    let (ctx, session) = (&office.member.ctx, world.begun(&office, &campaign, &office.member).await);
    let before = taking.view(ctx, session).await.unwrap().session.progress.deadline.unwrap();
    let paused = taking.pause(ctx, session).await.unwrap();
    assert_eq!(paused.allowed(), [EventKind::Resume]);
    assert!(paused.questionnaire().is_none());
    world.pass(300);
    let resumed = taking.resume(ctx, session).await.unwrap();
    assert_eq!(resumed.session.progress.deadline, Some(before.plus(std::time::Duration::from_secs(300))));
    let again = taking.pause(ctx, session).await.unwrap_err();
    assert_eq!(allowed(&again), (Stage::InProgress, EventKind::Pause, again_allowed()));
}

fn again_allowed() -> Vec<EventKind> {
    vec![EventKind::Answer, EventKind::Turn, EventKind::Extend, EventKind::Submit, EventKind::Void]
}

#[tokio::test]
async fn an_interview_goes_on_turn_by_turn_and_a_lost_answer_is_no_second_turn() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, WHOLE).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    let taking = &world.assessing.taking;
    let (ctx, session) = (&office.member.ctx, world.begun(&office, &campaign, &office.member).await);
    let view = taking.view(ctx, session).await.unwrap();
    let texts: Vec<&str> = view.transcript.turns().iter().map(|turn| turn.text.as_str()).collect();
    assert_eq!(texts, ["Good to have you.", "Tell me about a thing you finished."]);
    assert!(view.goes_on && view.allowed().contains(&EventKind::Turn));

    let refused = taking.speak(ctx, session, 2, "The report.").await.unwrap_err();
    assert_eq!(refused.code(), "assessment.turn_out_of_order");
    let spoken = taking.speak(ctx, session, 3, "The report.").await.unwrap();
    assert_eq!((spoken.heard, spoken.goes_on), (Heard::Stored, true));
    assert_eq!(spoken.after.iter().map(|turn| &*turn.text).collect::<Vec<_>>(), ["What was hardest?"]);
    let again = taking.speak(ctx, session, 3, "The report.").await.unwrap();
    assert_eq!((again.heard, &again.after), (Heard::Repeated, &spoken.after));
    let other = taking.speak(ctx, session, 3, "Something else.").await.unwrap_err();
    assert_eq!(other.code(), "assessment.turn_out_of_order");
    let blank = taking.speak(ctx, session, 5, "  ").await.unwrap_err();
    assert_eq!((blank.kind(), blank.code()), (Kind::Invalid, "assessment.turn_invalid"));

    let long =
        "It took a long time because nobody had written down what the numbers of the year before stood for.";
    let last = taking.speak(ctx, session, 5, &format!("{long} {long}")).await.unwrap();
    assert_eq!(last.after.iter().map(|turn| &*turn.text).collect::<Vec<_>>(), ["Thank you."]);
    assert!(!last.goes_on);
    assert!(matches!(taking.speak(ctx, session, 7, "And more.").await, Err(Refused::NoInterview)));
    let numbers: Vec<u32> =
        taking.view(ctx, session).await.unwrap().transcript.turns().iter().map(|t| t.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    assert!(matches!(last.after[0].by, Speaker::Interviewer(_)));
}

#[tokio::test]
async fn where_there_is_no_interview_nobody_speaks() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    let (ctx, session) = (&office.member.ctx, world.begun(&office, &campaign, &office.member).await);
    assert!(matches!(
        world.assessing.taking.speak(ctx, session, 1, "Hello").await,
        Err(Refused::NoInterview)
    ));
}

#[tokio::test]
async fn a_coachee_takes_what_his_coach_asks() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let assessment = world.paper(&office, Paper { disclosure: "teaser", ..PLAIN }).await;
    let new = NewCoachingSession {
        coachee: Invitee::address(EmailAddress::new("ann@elsewhere.test").unwrap(), None),
        title: Name::new("First meeting").unwrap(),
        message: String::new(),
        choice: Choice::Own { assessment, version: None },
        terms: Terms::default(),
        scheduled_at: None,
        closes_at: None,
        extra: None,
    };
    let coach = &office.practitioner.ctx;
    let arranged = world.assessing.coaching_sessions.arrange(coach, office.id, new).await.unwrap();
    let letters = world.work_off().await;
    let guest = world.admit(&token(letters.last().unwrap())).await;
    let view = world.assessing.taking.start(&guest, arranged.id.uuid()).await.unwrap();
    assert_eq!(
        (view.session.origin, view.session.run_by),
        (Origin::Coaching(arranged.id), office.practitioner.account)
    );
    let done = world.fill(&guest, view.session.id, [5, 1]).await;
    assert_eq!(stage(&done), Stage::Released);
}

#[tokio::test]
async fn an_answer_that_races_with_a_submission_is_in_it_or_refused() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    let (ctx, session) = (&office.member.ctx, world.begun(&office, &campaign, &office.member).await);
    for item in ["i1", "i2"] {
        world.answer(ctx, session, item, 1, json!({ "step": 3 })).await.unwrap();
    }
    let (submitted, saved) = tokio::join!(
        world.assessing.taking.submit(ctx, session),
        world.answer(ctx, session, "i1", 2, json!({ "step": 5 })),
    );
    submitted.unwrap();
    let kept = world.assessing.taking.view(ctx, session).await.unwrap().answers;
    let reply = serde_json::to_value(kept.reply(&super::sitting::slug("i1"))).unwrap();
    match saved {
        Ok(_) => assert_eq!(reply, json!({ "step": 5 })),
        Err(refused) => {
            assert!(matches!(refused, Refused::Session(_) | Refused::Stale), "{refused:?}");
            assert_eq!(reply, json!({ "step": 3 }));
        }
    }
}
