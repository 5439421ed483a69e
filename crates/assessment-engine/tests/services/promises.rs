//! Whatever is called in whatever order: no path loses an accepted answer, none changes one after submission, no
//! deadline moves earlier, and what is not allowed says so and what is.

use std::collections::BTreeMap;

use assessment_engine::{DeliverySettings, InterviewSession, InterviewSessionId, Refused, Release};
use assessment_format::{
    Rating, Score,
    rating::{Quote, Source, Target},
    session::{
        Minutes, NotAllowed, OnDeadline, Pauses, Reason, Refused as SessionRefused, SaveOutcome, Stage,
    },
};
use kernel::{Kind, Refusal as _};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    session_fixture::{WHOLE, slug},
    world::{TestOrganization, World},
};

/// What somebody does.
#[derive(Debug, Clone)]
enum Step {
    Answer { item: &'static str, sequence: u64, step: Option<u8> },
    Write { sequence: u64 },
    Speak { number: u32 },
    Pause,
    Resume,
    Submit,
    Rate { text: bool },
    Reopen { minutes: u16 },
    Void,
    Release,
    Look,
    WorkOff,
    Wait { seconds: u64 },
}

fn steps() -> impl Strategy<Value = Step> {
    let item = prop_oneof![Just("i1"), Just("i2"), Just("i3")];
    let answer = (item, 0..8_u64, proptest::option::weighted(0.9, 1..=5_u8));
    prop_oneof![
        8 => answer.prop_map(|(item, sequence, step)| Step::Answer { item, sequence, step }),
        2 => (0..4_u64).prop_map(|sequence| Step::Write { sequence }),
        3 => (1..6_u32).prop_map(|number| Step::Speak { number }),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
        3 => Just(Step::Submit),
        3 => any::<bool>().prop_map(|text| Step::Rate { text }),
        1 => (1..90_u16).prop_map(|minutes| Step::Reopen { minutes }),
        1 => Just(Step::Release),
        1 => Just(Step::Look),
        1 => Just(Step::WorkOff),
        2 => (1..1_500_u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => prop_oneof![9 => Just(Step::Look), 1 => Just(Step::Void)],
    ]
}

fn delivery() -> impl Strategy<Value = DeliverySettings> {
    let pauses =
        proptest::option::of((1..3_u8, 1..20_u16).prop_map(|(most, minutes)| Pauses { most, minutes }));
    let on_deadline = prop_oneof![Just(OnDeadline::Submit), Just(OnDeadline::Abandon)];
    let release = prop_oneof![Just(Release::Scored), Just(Release::ByHand)];
    let minutes = proptest::option::weighted(0.8, 10..60_u16);
    (minutes, pauses, on_deadline, release).prop_map(|(minutes, pauses, on_deadline, release)| {
        DeliverySettings { minutes, pauses, on_deadline, release, ..DeliverySettings::default() }
    })
}

struct SessionUnderTest<'w> {
    world: &'w World,
    org: &'w TestOrganization,
    session: InterviewSessionId,
    /// The newest answer to each item that was accepted.
    accepted: BTreeMap<&'static str, (u64, Value)>,
}

impl SessionUnderTest<'_> {
    async fn does(&mut self, step: &Step) -> Result<(), Refused> {
        let (world, id) = (self.world, self.session);
        let (own, owner) = (&self.org.member.ctx, &self.org.owner.ctx);
        let (sessions, ratings, org) = (&world.assessments.sessions, &world.assessments.ratings, self.org.id);
        let reason = || Reason::new("So it was.").unwrap();
        match step {
            Step::Answer { item, sequence, step } => {
                let reply = step.map_or(Value::Null, |step| json!({ "step": step }));
                let saved = world.answer(own, id, item, *sequence, reply.clone()).await?;
                self.was(item, *sequence, reply, saved);
            }
            Step::Write { sequence } => {
                let reply = json!({ "text": "A house of cards." });
                let saved = world.answer(own, id, "t1", *sequence, reply.clone()).await?;
                self.was("t1", *sequence, reply, saved);
            }
            Step::Speak { number } => drop(sessions.speak(own, id, *number, "The report.").await?),
            Step::Pause => drop(sessions.pause(own, id).await?),
            Step::Resume => drop(sessions.resume(own, id).await?),
            Step::Submit => drop(sessions.submit(own, id).await?),
            Step::Rate { text } => {
                let (item, source) = if *text {
                    (Some(slug("t1")), Source::Item(slug("t1")))
                } else {
                    (None, Source::Turn(3))
                };
                let words = if *text { "house" } else { "report" };
                let dimension = slug(if *text { "reach" } else { "focus" });
                let score = Some(Score::new(Decimal::from(4)).unwrap());
                let rating = Rating { score, evidence: vec![Quote { source, text: words.to_owned() }] };
                let target = Target { dimension, item };
                drop(ratings.rate(owner, org, id, &target, &rating).await?);
            }
            Step::Reopen { minutes } => {
                drop(ratings.reopen(owner, org, id, Minutes::new(*minutes).unwrap(), reason()).await?);
            }
            Step::Void => drop(ratings.void(owner, org, id, reason()).await?),
            Step::Release => drop(ratings.release(owner, org, id).await?),
            Step::Look => drop(sessions.view(own, id).await?),
            Step::WorkOff => drop(world.work_off_twice().await),
            Step::Wait { seconds } => drop(world.pass(*seconds)),
        }
        Ok(())
    }

    fn was(&mut self, item: &'static str, sequence: u64, reply: Value, saved: SaveOutcome) {
        match saved {
            SaveOutcome::Stored => {
                let before = self.accepted.insert(item, (sequence, reply));
                assert!(before.is_none_or(|(number, _)| number < sequence));
            }
            SaveOutcome::Repeated => assert_eq!(self.accepted[item], (sequence, reply)),
            SaveOutcome::Superseded { by } => assert!(by > sequence && self.accepted[item].0 == by),
        }
    }

    /// What the person sees, without the clock.
    async fn seen(&self) -> (InterviewSession, BTreeMap<String, (u64, Value)>, usize) {
        let view = self.world.assessments.sessions.view(&self.org.member.ctx, self.session).await.unwrap();
        let reply = |reply| serde_json::to_value(reply).unwrap();
        let answers = view.answers.iter();
        let answers = answers.map(|(item, kept)| (item.to_string(), (kept.sequence, reply(&kept.reply))));
        (view.session.clone(), answers.collect(), view.transcript.turns().len())
    }
}

/// Whether answers may still change.
const fn is_open(stage: Stage) -> bool {
    matches!(stage, Stage::InProgress)
}

async fn keeps_its_promises(delivery: DeliverySettings, steps: &[Step]) {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, WHOLE).await;
    let campaign = world.campaign(&org, &org.owner, assessment, delivery, (None, None)).await;
    let session = world.begun(&org, &campaign, &org.member).await;
    let mut session = SessionUnderTest { world: &world, org: &org, session, accepted: BTreeMap::new() };
    for step in steps {
        let (before, answers, turns) = session.seen().await;
        let done = session.does(step).await;
        let (after, now_answers, now_turns) = session.seen().await;

        let accepted: BTreeMap<String, (u64, Value)> =
            session.accepted.iter().map(|(item, kept)| ((*item).to_owned(), kept.clone())).collect();
        assert_eq!(now_answers, accepted, "{step:?} lost an answer");
        let stage = before.progress.status.stage();
        if !is_open(stage) {
            assert_eq!((&now_answers, now_turns), (&answers, turns), "{step:?} changed what was final");
        }
        if let Some(deadline) = before.progress.deadline {
            assert!(after.progress.deadline.is_some_and(|now| now >= deadline), "{step:?} took time away");
        }
        let Err(refused) = done else { continue };
        assert!(matches!(refused.kind(), Kind::Conflict | Kind::Invalid), "{step:?}: {refused:?}");
        assert_eq!(now_answers, answers, "{step:?} was refused and changed something");
        if let Refused::Session(SessionRefused::NotAllowed(NotAllowed { stage, event, allowed })) = &refused {
            assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "assessment.event_not_allowed"));
            assert_eq!(*stage, after.progress.status.stage());
            assert_eq!(*allowed, after.progress.allowed(&after.rules, world.now()), "{step:?}");
            assert!(!allowed.contains(event));
            let told = refused.to_string();
            assert!(allowed.iter().all(|event| told.contains(&format!("`{event}`"))), "{told}");
        }
    }
    let tenant = org.owner.ctx.within(kernel::Scope::Tenant(org.id));
    let (last, ..) = session.seen().await;
    let page = kernel::PageRequest::default();
    let results =
        world.assessments.results.list(&tenant, org.id, assessment, None, &page).await.unwrap().items;
    let counts = matches!(last.progress.status.stage(), Stage::Scored | Stage::Released);
    assert_eq!(results.len(), usize::from(counts), "a result for each scored session, and for no other");
    if counts {
        let stage = last.progress.status.stage();
        assert_eq!(results[0].result.released_at.is_some(), stage == Stage::Released);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_path_breaks_a_promise(delivery in delivery(), steps in proptest::collection::vec(steps(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(keeps_its_promises(delivery, &steps));
    }

    /// The same with all that must be answered answered first, so that most paths come to the end.
    #[test]
    fn nor_does_one_to_the_end(delivery in delivery(), steps in proptest::collection::vec(steps(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = |item| Step::Answer { item, sequence: 1, step: Some(3) };
        let first = [answer("i1"), answer("i2"), Step::Write { sequence: 1 }, Step::Speak { number: 3 }];
        let submitted = [Step::Submit, Step::Rate { text: false }, Step::Rate { text: true }];
        let (early, late) = steps.split_at(steps.len() / 3);
        let path: Vec<Step> = first.into_iter().chain(early.iter().cloned()).chain(submitted).chain(late.iter().cloned()).collect();
        runtime.block_on(keeps_its_promises(delivery, &path));
    }
}
