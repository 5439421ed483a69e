//! Taking an assessment: opening, answering, speaking, submitting, and what nobody else may do.

use assessment_engine::{
    DeliverySettings, Origin, Refused,
    coaching::{NewCoachingSession, meeting::MeetingMinutes},
    invitations::AssessmentChoice,
};
use assessment_format::{
    interview::{Speaker, TurnOutcome},
    session::{EventKind, NotAllowed, OnDeadline, Pauses, Refused as SessionRefused, SaveOutcome, Stage},
};
use kernel::{
    Actor, Ctx, EmailAddress, Kind, Name, PageRequest, Refusal as _, Scope, Secret, invitation::Invitee,
};
use serde_json::{Value, json};

use super::{
    session_fixture::{PLAIN, SampleAssessment, WHOLE, invitation, nobody, stage, token},
    world::World,
};

fn allowed(refused: &Refused) -> (Stage, EventKind, Vec<EventKind>) {
    match refused {
        Refused::Session(SessionRefused::NotAllowed(NotAllowed { stage, event, allowed })) => {
            (*stage, *event, allowed.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_member_takes_what_he_is_asked_and_sees_no_worth() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.recruiter, assessment, DeliverySettings::default(), (None, None)).await;
    let service = &world.assessments.sessions;
    let ctx = &org.member.ctx;
    let id = world.ask(&org, &campaign, Invitee::member(org.member.account)).await;

    let asked = service.mine(ctx, &PageRequest::default()).await.unwrap().items;
    assert_eq!(asked.len(), 1);
    let told = (&*asked[0].organization_name, &*asked[0].title, &*asked[0].assessment_name, asked[0].minutes);
    assert_eq!(told, ("North Wind", "Spring", "Readiness", Some(60)));
    assert_eq!((asked[0].id, asked[0].stage, asked[0].session), (id, Stage::NotStarted, None));

    let view = service.start(ctx, id).await.unwrap();
    assert_eq!(view.session.progress.deadline, Some(world.now().plus(std::time::Duration::from_secs(3600))));
    assert_eq!(view.missing().iter().map(ToString::to_string).collect::<Vec<_>>(), ["i1", "i2"]);
    assert_eq!(view.allowed(), [EventKind::Answer, EventKind::Submit]);
    let shown = format!("{:?}", view.questionnaire().unwrap());
    assert!(shown.contains("I finish what I begin."));
    for hidden in ["focus", "reach", "Focus", "reversed", "worth", "measure"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    let again = service.start(ctx, id).await.unwrap();
    assert_eq!(again.session, view.session, "starting again starts nothing");

    let session = view.session.id;
    assert_eq!(world.answer(ctx, session, "i1", 1, json!({ "step": 5 })).await.unwrap(), SaveOutcome::Stored);
    let refused = service.submit(ctx, session).await.unwrap_err();
    assert!(
        matches!(&refused, Refused::Session(SessionRefused::Incomplete { missing }) if missing[0].as_str() == "i2")
    );
    assert_eq!(refused.errors()[0].0, "/answers/i2");
    let unfit = world.answer(ctx, session, "i2", 1, json!({ "option": 1 })).await.unwrap_err();
    assert_eq!((unfit.kind(), unfit.code()), (Kind::Invalid, "assessment.answer_invalid"));
    let unknown = world.answer(ctx, session, "i9", 1, json!({ "step": 1 })).await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::Missing);

    let done = world.fill(ctx, session, [5, 1]).await;
    assert_eq!(stage(&done), Stage::Released);
    let mine = service.mine(ctx, &PageRequest::default()).await.unwrap().items;
    assert_eq!((mine[0].stage, mine[0].session), (Stage::Released, Some(session)));
    let late = world.answer(ctx, session, "i1", 9, json!({ "step": 1 })).await.unwrap_err();
    assert_eq!(allowed(&late), (Stage::Released, EventKind::Answer, vec![]));
    assert_eq!(service.view(ctx, session).await.unwrap().answers, done.answers);
    let start = service.start(ctx, id).await.unwrap_err();
    assert_eq!(allowed(&start).1, EventKind::Start);
}

#[tokio::test]
async fn two_tabs_and_answers_that_are_sent_again_leave_what_was_meant() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    let session = world.begun(&org, &campaign, &org.member).await;
    let ctx = &org.member.ctx;
    let (one, two, five) = (json!({ "step": 1 }), json!({ "step": 2 }), json!({ "step": 5 }));
    let answer = |sequence, reply: &Value| world.answer(ctx, session, "i1", sequence, reply.clone());
    assert_eq!(answer(1, &one).await.unwrap(), SaveOutcome::Stored);
    assert_eq!(answer(1, &one).await.unwrap(), SaveOutcome::Repeated, "nobody saw the first answer");
    assert_eq!(answer(5, &five).await.unwrap(), SaveOutcome::Stored);
    assert_eq!(answer(2, &two).await.unwrap(), SaveOutcome::Superseded { by: 5 }, "the other tab comes late");
    let reused = answer(5, &two).await.unwrap_err();
    assert_eq!(reused.code(), "assessment.sequence_reused");
    let too_large = answer(1 << 53, &two).await.unwrap_err();
    assert_eq!(too_large.errors()[0].0, "/sequence");
    let kept = world.assessments.sessions.view(ctx, session).await.unwrap().answers;
    assert_eq!(serde_json::to_value(kept.reply(&super::session_fixture::slug("i1"))).unwrap(), five);
    assert_eq!(answer(6, &Value::Null).await.unwrap(), SaveOutcome::Stored);
    assert_eq!(answer(6, &Value::Null).await.unwrap(), SaveOutcome::Repeated);
    let kept = world.assessments.sessions.view(ctx, session).await.unwrap().answers;
    assert_eq!(kept.stored(&super::session_fixture::slug("i1")).unwrap().sequence, 6);
    assert_eq!(kept.reply(&super::session_fixture::slug("i1")), None);
}

#[tokio::test]
async fn a_guest_opens_his_letter_and_reaches_nothing_else() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    let service = &world.assessments.sessions;
    let ann = world.invite(&org, &campaign, "ann@elsewhere.test").await;
    let ben = world.invite(&org, &campaign, "ben@elsewhere.test").await;

    let opened = service.open(&nobody(), &ann).await.unwrap();
    assert_eq!((opened.assignment.stage, opened.assignment.session.is_some()), (Stage::NotStarted, true));
    let again = service.open(&nobody(), &ann).await.unwrap();
    assert_eq!(
        again.assignment.session, opened.assignment.session,
        "the link works again and opens the same"
    );
    let (ann, ben) = (world.admit(&ann).await, world.admit(&ben).await);
    let own = service.mine(&ann, &PageRequest::default()).await.unwrap().items;
    assert_eq!(own.iter().map(|asked| asked.id).collect::<Vec<_>>(), [invitation(&ann)]);

    let session = opened.assignment.session.unwrap();
    let early = world.answer(&ann, session, "i1", 1, json!({ "step": 1 })).await.unwrap_err();
    assert_eq!(
        allowed(&early),
        (Stage::NotStarted, EventKind::Answer, vec![EventKind::Start, EventKind::Void])
    );
    assert!(
        service.view(&ann, session).await.unwrap().questionnaire().is_none(),
        "no question before the clock runs"
    );
    service.start(&ann, invitation(&ann)).await.unwrap();
    for stranger in [&ben, &org.member.ctx, &org.owner.ctx] {
        assert_eq!(service.view(stranger, session).await.unwrap_err().kind(), Kind::Missing);
        let refused = world.answer(stranger, session, "i1", 1, json!({ "step": 1 })).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Missing);
        assert_eq!(service.submit(stranger, session).await.unwrap_err().kind(), Kind::Missing);
        assert_eq!(service.speak(stranger, session, 1, "Hi").await.unwrap_err().kind(), Kind::Missing);
        assert_eq!(service.start(stranger, invitation(&ann)).await.unwrap_err().kind(), Kind::Missing);
    }
    let done = world.fill(&ann, session, [4, 2]).await;
    assert_eq!((stage(&done), done.session.account), (Stage::Released, None));
    let program = Actor::Service { key: invitation(&ann), organization: org.id };
    let program = Ctx::new(program, Scope::Identity);
    let refused = service.mine(&program, &PageRequest::default()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "assessment.person_needed"));
}

#[tokio::test]
async fn a_link_that_is_forged_outdated_or_taken_back_opens_nothing() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let end = world.now().plus(std::time::Duration::from_secs(10 * 24 * 3600));
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, Some(end))).await;
    let service = &world.assessments.sessions;
    let good = world.invite(&org, &campaign, "ann@elsewhere.test").await;
    let mut forged = good.expose().to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'Q' } else { 'A' });
    for bad in ["", "no link", &forged] {
        let refused = service.open(&nobody(), &Secret::new(bad.to_owned())).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.code()),
            (Kind::Missing, "assessment.invalid_invitation"),
            "{bad}"
        );
    }
    world.pass(10 * 24 * 3600);
    let refused = service.open(&nobody(), &good).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed", "whoever holds a good link is told");
}

#[tokio::test]
async fn nobody_begins_before_the_window_opens_or_after_it_ends() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let day = std::time::Duration::from_secs(24 * 3600);
    let (from, to) = (world.now().plus(day), world.now().plus(2 * day));
    let campaign = world
        .campaign(&org, &org.owner, assessment, DeliverySettings::default(), (Some(from), Some(to)))
        .await;
    let service = &world.assessments.sessions;
    let ctx = &org.member.ctx;
    let id = world.ask(&org, &campaign, Invitee::member(org.member.account)).await;
    let late = world.ask(&org, &campaign, Invitee::member(org.interviewer.account)).await;
    assert!(matches!(service.start(ctx, id).await, Err(Refused::NotYet(at)) if at == from));
    world.pass(2 * 24 * 3600 - 600);
    let view = service.start(ctx, id).await.unwrap();
    assert_eq!(view.session.progress.deadline, Some(to), "no limit reaches beyond the end");
    world.pass(600);
    assert!(matches!(service.start(&org.interviewer.ctx, late).await, Err(Refused::Closed(_))));
    let other = service.start(&org.candidate.ctx, id).await.unwrap_err();
    assert_eq!(other.kind(), Kind::Missing);
}

#[tokio::test]
async fn a_session_whose_deadline_passed_is_finished_by_whoever_looks_first() {
    for (on_deadline, ends) in
        [(OnDeadline::Submit, Stage::Released), (OnDeadline::Abandon, Stage::Abandoned)]
    {
        let world = World::new();
        let org = world.org("North Wind").await;
        let assessment = world.published(&org, PLAIN).await;
        let delivery = DeliverySettings { on_deadline, ..DeliverySettings::default() };
        let campaign = world.campaign(&org, &org.owner, assessment, delivery, (None, None)).await;
        let (ann, ben, eve) = (&org.member, &org.interviewer, &org.candidate);
        let sessions = [
            world.begun(&org, &campaign, ann).await,
            world.begun(&org, &campaign, ben).await,
            world.begun(&org, &campaign, eve).await,
        ];
        for (person, session) in [ann, ben, eve].into_iter().zip(sessions) {
            world.answer(&person.ctx, session, "i1", 1, json!({ "step": 4 })).await.unwrap();
        }
        world.pass(3600);
        let service = &world.assessments.sessions;
        let refused = world.answer(&ann.ctx, sessions[0], "i1", 2, json!({ "step": 1 })).await.unwrap_err();
        let (stage_then, event, _) = allowed(&refused);
        assert_eq!(event, EventKind::Answer);
        assert_ne!(stage_then, Stage::InProgress);
        assert_eq!(stage(&service.view(&ben.ctx, sessions[1]).await.unwrap()), ends);
        world.work_off_twice().await;
        for (person, session) in [ann, ben, eve].into_iter().zip(sessions) {
            let view = service.view(&person.ctx, session).await.unwrap();
            assert_eq!(stage(&view), ends);
            let kept = serde_json::to_value(view.answers.reply(&super::session_fixture::slug("i1"))).unwrap();
            assert_eq!(kept, json!({ "step": 4 }));
        }
    }
}

#[tokio::test]
async fn the_clock_stands_still_in_a_pause_that_is_allowed() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let delivery =
        DeliverySettings { pauses: Some(Pauses { most: 1, minutes: 10 }), ..DeliverySettings::default() };
    let campaign = world.campaign(&org, &org.owner, assessment, delivery, (None, None)).await;
    let service = &world.assessments.sessions;
    let (ctx, session) = (&org.member.ctx, world.begun(&org, &campaign, &org.member).await);
    let before = service.view(ctx, session).await.unwrap().session.progress.deadline.unwrap();
    let paused = service.pause(ctx, session).await.unwrap();
    assert_eq!(paused.allowed(), [EventKind::Resume]);
    assert!(paused.questionnaire().is_none());
    world.pass(300);
    let resumed = service.resume(ctx, session).await.unwrap();
    assert_eq!(resumed.session.progress.deadline, Some(before.plus(std::time::Duration::from_secs(300))));
    let again = service.pause(ctx, session).await.unwrap_err();
    assert_eq!(allowed(&again), (Stage::InProgress, EventKind::Pause, again_allowed()));
}

fn again_allowed() -> Vec<EventKind> {
    vec![EventKind::Answer, EventKind::Turn, EventKind::Extend, EventKind::Submit, EventKind::Void]
}

#[tokio::test]
async fn an_interview_goes_on_turn_by_turn_and_a_lost_answer_is_no_second_turn() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, WHOLE).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    let service = &world.assessments.sessions;
    let (ctx, session) = (&org.member.ctx, world.begun(&org, &campaign, &org.member).await);
    let view = service.view(ctx, session).await.unwrap();
    let texts: Vec<&str> = view.transcript.turns().iter().map(|turn| turn.text.as_str()).collect();
    assert_eq!(texts, ["Good to have you.", "Tell me about a thing you finished."]);
    assert!(view.goes_on && view.allowed().contains(&EventKind::Turn));

    let refused = service.speak(ctx, session, 2, "The report.").await.unwrap_err();
    assert_eq!(refused.code(), "assessment.turn_out_of_order");
    let spoken = service.speak(ctx, session, 3, "The report.").await.unwrap();
    assert_eq!((spoken.outcome, spoken.goes_on), (TurnOutcome::Stored, true));
    assert_eq!(spoken.after.iter().map(|turn| &*turn.text).collect::<Vec<_>>(), ["What was hardest?"]);
    let again = service.speak(ctx, session, 3, "The report.").await.unwrap();
    assert_eq!((again.outcome, &again.after), (TurnOutcome::Repeated, &spoken.after));
    let other = service.speak(ctx, session, 3, "Something else.").await.unwrap_err();
    assert_eq!(other.code(), "assessment.turn_out_of_order");
    let blank = service.speak(ctx, session, 5, "  ").await.unwrap_err();
    assert_eq!((blank.kind(), blank.code()), (Kind::Invalid, "assessment.turn_invalid"));

    let long =
        "It took a long time because nobody had written down what the numbers of the year before stood for.";
    let last = service.speak(ctx, session, 5, &format!("{long} {long}")).await.unwrap();
    assert_eq!(last.after.iter().map(|turn| &*turn.text).collect::<Vec<_>>(), ["Thank you."]);
    assert!(!last.goes_on);
    assert!(matches!(service.speak(ctx, session, 7, "And more.").await, Err(Refused::NoInterview)));
    let numbers: Vec<u32> =
        service.view(ctx, session).await.unwrap().transcript.turns().iter().map(|t| t.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    assert!(matches!(last.after[0].by, Speaker::Interviewer(_)));
}

#[tokio::test]
async fn where_there_is_no_interview_nobody_speaks() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    let (ctx, session) = (&org.member.ctx, world.begun(&org, &campaign, &org.member).await);
    assert!(matches!(
        world.assessments.sessions.speak(ctx, session, 1, "Hello").await,
        Err(Refused::NoInterview)
    ));
}

#[tokio::test]
async fn a_coachee_takes_what_his_coach_asks() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, SampleAssessment { disclosure: "teaser", ..PLAIN }).await;
    let new = NewCoachingSession {
        coachee: Invitee::address(EmailAddress::new("ann@elsewhere.test").unwrap(), None),
        title: Name::new("First meeting").unwrap(),
        message: String::new(),
        choice: AssessmentChoice::Own { assessment, version: None },
        delivery: DeliverySettings::default(),
        scheduled_at: None,
        duration: MeetingMinutes::default(),
        time_zone: None,
        closes_at: None,
        extra: None,
    };
    let coach = &org.practitioner.ctx;
    let arranged = world.assessments.coaching.arrange(coach, org.id, new).await.unwrap();
    let letters = world.work_off().await;
    let guest = world.admit(&token(letters.last().unwrap())).await;
    let view = world.assessments.sessions.start(&guest, arranged.id.uuid()).await.unwrap();
    assert_eq!(
        (view.session.origin, view.session.run_by),
        (Origin::Coaching(arranged.id), org.practitioner.account)
    );
    let done = world.fill(&guest, view.session.id, [5, 1]).await;
    assert_eq!(stage(&done), Stage::Released);
}

#[tokio::test]
async fn an_answer_that_races_with_a_submission_is_in_it_or_refused() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    let (ctx, session) = (&org.member.ctx, world.begun(&org, &campaign, &org.member).await);
    for item in ["i1", "i2"] {
        world.answer(ctx, session, item, 1, json!({ "step": 3 })).await.unwrap();
    }
    let (submitted, saved) = tokio::join!(
        world.assessments.sessions.submit(ctx, session),
        world.answer(ctx, session, "i1", 2, json!({ "step": 5 })),
    );
    submitted.unwrap();
    let kept = world.assessments.sessions.view(ctx, session).await.unwrap().answers;
    let reply = serde_json::to_value(kept.reply(&super::session_fixture::slug("i1"))).unwrap();
    match saved {
        Ok(_) => assert_eq!(reply, json!({ "step": 5 })),
        Err(refused) => {
            assert!(matches!(refused, Refused::Session(_) | Refused::Stale), "{refused:?}");
            assert_eq!(reply, json!({ "step": 3 }));
        }
    }
}
