//! Whatever is called in whatever order: no path loses an accepted answer, none changes one after submission, no
//! deadline moves earlier, and what is not allowed says so and what is.

use std::collections::BTreeMap;

use assessment_engine::{
    Rating, Score,
    custom::{InterviewSession, InterviewSessionId, Refused, Release, Terms},
    rating::{Quote, Source, Target},
    session::{Lapse, Minutes, NotAllowed, Pauses, Reason, Refused as Unfit, Saved, Stage},
};
use kernel::{Kind, Refusal as _};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    sitting::{WHOLE, slug},
    world::{Office, World},
};

/// What somebody does.
#[derive(Debug, Clone)]
enum Deed {
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

fn deeds() -> impl Strategy<Value = Deed> {
    let item = prop_oneof![Just("i1"), Just("i2"), Just("i3")];
    let answer = (item, 0..8_u64, proptest::option::weighted(0.9, 1..=5_u8));
    prop_oneof![
        8 => answer.prop_map(|(item, sequence, step)| Deed::Answer { item, sequence, step }),
        2 => (0..4_u64).prop_map(|sequence| Deed::Write { sequence }),
        3 => (1..6_u32).prop_map(|number| Deed::Speak { number }),
        1 => Just(Deed::Pause),
        1 => Just(Deed::Resume),
        3 => Just(Deed::Submit),
        3 => any::<bool>().prop_map(|text| Deed::Rate { text }),
        1 => (1..90_u16).prop_map(|minutes| Deed::Reopen { minutes }),
        1 => Just(Deed::Release),
        1 => Just(Deed::Look),
        1 => Just(Deed::WorkOff),
        2 => (1..1_500_u64).prop_map(|seconds| Deed::Wait { seconds }),
        1 => prop_oneof![9 => Just(Deed::Look), 1 => Just(Deed::Void)],
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let pauses =
        proptest::option::of((1..3_u8, 1..20_u16).prop_map(|(most, minutes)| Pauses { most, minutes }));
    let lapse = prop_oneof![Just(Lapse::Submit), Just(Lapse::Abandon)];
    let release = prop_oneof![Just(Release::Scored), Just(Release::ByHand)];
    let minutes = proptest::option::weighted(0.8, 10..60_u16);
    (minutes, pauses, lapse, release).prop_map(|(minutes, pauses, lapse, release)| Terms {
        minutes,
        pauses,
        lapse,
        release,
        ..Terms::default()
    })
}

struct Sitting<'w> {
    world: &'w World,
    office: &'w Office,
    session: InterviewSessionId,
    /// The newest answer to each item that was accepted.
    accepted: BTreeMap<&'static str, (u64, Value)>,
}

impl Sitting<'_> {
    async fn does(&mut self, deed: &Deed) -> Result<(), Refused> {
        let (world, id) = (self.world, self.session);
        let (own, owner) = (&self.office.member.ctx, &self.office.owner.ctx);
        let (taking, judging, office) = (&world.assessing.taking, &world.assessing.judging, self.office.id);
        let reason = || Reason::new("So it was.").unwrap();
        match deed {
            Deed::Answer { item, sequence, step } => {
                let reply = step.map_or(Value::Null, |step| json!({ "step": step }));
                let saved = world.answer(own, id, item, *sequence, reply.clone()).await?;
                self.was(item, *sequence, reply, saved);
            }
            Deed::Write { sequence } => {
                let reply = json!({ "text": "A house of cards." });
                let saved = world.answer(own, id, "t1", *sequence, reply.clone()).await?;
                self.was("t1", *sequence, reply, saved);
            }
            Deed::Speak { number } => drop(taking.speak(own, id, *number, "The report.").await?),
            Deed::Pause => drop(taking.pause(own, id).await?),
            Deed::Resume => drop(taking.resume(own, id).await?),
            Deed::Submit => drop(taking.submit(own, id).await?),
            Deed::Rate { text } => {
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
                drop(judging.rate(owner, office, id, &target, &rating).await?);
            }
            Deed::Reopen { minutes } => {
                drop(judging.reopen(owner, office, id, Minutes::new(*minutes).unwrap(), reason()).await?);
            }
            Deed::Void => drop(judging.void(owner, office, id, reason()).await?),
            Deed::Release => drop(judging.release(owner, office, id).await?),
            Deed::Look => drop(taking.view(own, id).await?),
            Deed::WorkOff => drop(world.work_off_twice().await),
            Deed::Wait { seconds } => drop(world.pass(*seconds)),
        }
        Ok(())
    }

    fn was(&mut self, item: &'static str, sequence: u64, reply: Value, saved: Saved) {
        match saved {
            Saved::Stored => {
                let before = self.accepted.insert(item, (sequence, reply));
                assert!(before.is_none_or(|(number, _)| number < sequence));
            }
            Saved::Repeated => assert_eq!(self.accepted[item], (sequence, reply)),
            Saved::Superseded { by } => assert!(by > sequence && self.accepted[item].0 == by),
        }
    }

    /// What the person sees, without the clock.
    async fn seen(&self) -> (InterviewSession, BTreeMap<String, (u64, Value)>, usize) {
        let view = self.world.assessing.taking.view(&self.office.member.ctx, self.session).await.unwrap();
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

async fn keeps_its_promises(terms: Terms, deeds: &[Deed]) {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, WHOLE).await;
    let campaign = world.campaign(&office, &office.owner, paper, terms, (None, None)).await;
    let session = world.begun(&office, &campaign, &office.member).await;
    let mut sitting = Sitting { world: &world, office: &office, session, accepted: BTreeMap::new() };
    for deed in deeds {
        let (before, answers, turns) = sitting.seen().await;
        let done = sitting.does(deed).await;
        let (after, now_answers, now_turns) = sitting.seen().await;

        let accepted: BTreeMap<String, (u64, Value)> =
            sitting.accepted.iter().map(|(item, kept)| ((*item).to_owned(), kept.clone())).collect();
        assert_eq!(now_answers, accepted, "{deed:?} lost an answer");
        let stage = before.progress.status.stage();
        if !is_open(stage) {
            assert_eq!((&now_answers, now_turns), (&answers, turns), "{deed:?} changed what was final");
        }
        if let Some(deadline) = before.progress.deadline {
            assert!(after.progress.deadline.is_some_and(|now| now >= deadline), "{deed:?} took time away");
        }
        let Err(refused) = done else { continue };
        assert!(matches!(refused.kind(), Kind::Conflict | Kind::Invalid), "{deed:?}: {refused:?}");
        assert_eq!(now_answers, answers, "{deed:?} was refused and changed something");
        if let Refused::Session(Unfit::NotAllowed(NotAllowed { stage, event, allowed })) = &refused {
            assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "assessment.event_not_allowed"));
            assert_eq!(*stage, after.progress.status.stage());
            assert_eq!(*allowed, after.progress.allowed(&after.rules, world.now()), "{deed:?}");
            assert!(!allowed.contains(event));
            let told = refused.to_string();
            assert!(allowed.iter().all(|event| told.contains(&format!("`{event}`"))), "{told}");
        }
    }
    let tenant = office.owner.ctx.within(kernel::Scope::Tenant(office.id));
    let (last, ..) = sitting.seen().await;
    let page = kernel::PageRequest::default();
    let results = world.assessing.results.list(&tenant, office.id, paper, None, &page).await.unwrap().items;
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
    fn no_path_breaks_a_promise(terms in terms(), deeds in proptest::collection::vec(deeds(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(keeps_its_promises(terms, &deeds));
    }

    /// The same with all that must be answered answered first, so that most paths come to the end.
    #[test]
    fn nor_does_one_to_the_end(terms in terms(), deeds in proptest::collection::vec(deeds(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = |item| Deed::Answer { item, sequence: 1, step: Some(3) };
        let first = [answer("i1"), answer("i2"), Deed::Write { sequence: 1 }, Deed::Speak { number: 3 }];
        let submitted = [Deed::Submit, Deed::Rate { text: false }, Deed::Rate { text: true }];
        let (early, late) = deeds.split_at(deeds.len() / 3);
        let path: Vec<Deed> = first.into_iter().chain(early.iter().cloned()).chain(submitted).chain(late.iter().cloned()).collect();
        runtime.block_on(keeps_its_promises(terms, &path));
    }
}
