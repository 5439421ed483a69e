//! Whatever happens to a session, in whatever order: no answer is lost, none changes after submission, no
//! deadline moves earlier, and a refusal names exactly what is allowed.

use std::collections::BTreeMap;

use assessment_format::{
    Reply, Session, Slug,
    interview::Speaker,
    session::{Effect, Event, EventKind, NotAllowed, OnDeadline, Pauses, Refused, Rules, SaveOutcome, Stage},
};
use proptest::prelude::*;

use super::{
    session::{ITEMS, answer, at, extend, reopen, say, void},
    slug,
};

/// An event of each kind that nothing but the stage can refuse.
fn sound(kind: EventKind, session: &Session) -> Event {
    match kind {
        EventKind::Start => Event::Start,
        EventKind::Answer => answer("may", (1 << 53) - 1, 1),
        EventKind::Turn => say(session.transcript().next_number(), Speaker::Person, "So."),
        EventKind::Pause => Event::Pause,
        EventKind::Resume => Event::Resume,
        EventKind::Submit => Event::Submit,
        EventKind::Score => Event::Score { ratings_missing: 0 },
        EventKind::Rate => Event::Rate { ratings_missing: 0 },
        EventKind::Release => Event::Release,
        EventKind::Extend => extend(1),
        EventKind::Reopen => reopen(1),
        EventKind::Void => void(),
    }
}

const KINDS: [EventKind; 12] = [
    EventKind::Start,
    EventKind::Answer,
    EventKind::Turn,
    EventKind::Pause,
    EventKind::Resume,
    EventKind::Submit,
    EventKind::Score,
    EventKind::Rate,
    EventKind::Release,
    EventKind::Extend,
    EventKind::Reopen,
    EventKind::Void,
];

fn any_event() -> impl Strategy<Value = Event> {
    let item = prop_oneof![Just("must"), Just("may")];
    let reply = proptest::option::weighted(0.9, (1..=6_u8).prop_map(Reply::Step));
    let answered = (item, 0..12_u64, reply).prop_map(|(item, sequence, reply)| Event::Answer {
        item: slug(item),
        sequence,
        reply,
    });
    let turn = (1..5_u32, prop_oneof![Just("Yes."), Just("No.")])
        .prop_map(|(n, text)| say(n, Speaker::Person, text));
    prop_oneof![
        2 => Just(Event::Start),
        12 => answered,
        3 => turn,
        2 => Just(Event::Pause),
        3 => Just(Event::Resume),
        3 => Just(Event::Submit),
        2 => (0..3_usize).prop_map(|ratings_missing| Event::Score { ratings_missing }),
        2 => (0..3_usize).prop_map(|ratings_missing| Event::Rate { ratings_missing }),
        1 => Just(Event::Release),
        2 => (1..90_u16).prop_map(extend),
        3 => (1..90_u16).prop_map(reopen),
        1 => Just(void()),
    ]
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let pauses = (0..3_u8, 0..20_u16).prop_map(|(most, minutes)| Pauses { most, minutes });
    (
        proptest::option::weighted(0.8, 1..90_u16),
        proptest::option::weighted(0.3, 0..200_u64),
        proptest::option::of(pauses),
        prop_oneof![Just(OnDeadline::Submit), Just(OnDeadline::Abandon)],
    )
        .prop_map(|(minutes, closes, pauses, on_deadline)| Rules {
            minutes,
            closes_at: closes.map(at),
            pauses,
            on_deadline,
        })
}

/// Which stages hold final answers.
fn is_final(stage: Stage) -> bool {
    !matches!(
        stage,
        Stage::NotStarted
            | Stage::InProgress
            | Stage::Paused
            | Stage::Submitted
            | Stage::NeedsRating
            | Stage::Abandoned
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_in_whatever_order_the_promises_hold(
        rules in any_rules(),
        granted in 0..30_u32,
        events in proptest::collection::vec((any_event(), 0..25_u64), 1..60),
    ) {
        let mut session = Session::new(granted);
        let mut now = 0;
        // The newest reply to each item that was accepted, by what the client was told.
        let mut accepted: BTreeMap<Slug, (u64, Option<Reply>)> = BTreeMap::new();
        for (event, later) in events {
            now += later;
            let before = session.clone();
            session.settle(&rules, at(now));
            prop_assert_eq!(before.answers(), session.answers(), "time changes no answer");
            let settled = session.clone();
            let outcome = session.apply(event.clone(), &ITEMS, &rules, at(now));

            if let (Event::Answer { item, sequence, reply }, Ok(Effect::Saved(saved))) = (&event, &outcome) {
                let newest = accepted.entry(item.clone()).or_insert((*sequence, reply.clone()));
                match saved {
                    SaveOutcome::Stored => *newest = (*sequence, reply.clone()),
                    SaveOutcome::Repeated => prop_assert_eq!(&*newest, &(*sequence, reply.clone())),
                    SaveOutcome::Superseded { by } => prop_assert!(*by > *sequence && newest.0 == *by),
                }
            }
            for (item, (sequence, reply)) in &accepted {
                let kept = session.answers().stored(item).expect("an accepted answer is there");
                prop_assert_eq!((kept.sequence, &kept.reply), (*sequence, reply), "no accepted answer is lost");
            }
            let stage = settled.progress().status.stage();
            if stage != Stage::InProgress {
                prop_assert_eq!(settled.answers(), session.answers(), "answers change in progress alone");
                prop_assert_eq!(settled.transcript(), session.transcript());
            }
            if is_final(stage) {
                prop_assert!(!matches!(session.progress().status.stage(), Stage::InProgress | Stage::Paused));
            }
            if let Some(deadline) = before.progress().deadline {
                let later = session.progress().deadline.is_some_and(|now| now >= deadline);
                prop_assert!(later, "no deadline moves earlier");
            }
            let started = before.progress().started_at.is_some();
            prop_assert!(!started || before.progress().deadline.is_some() || session.progress().deadline.is_none());
            if let Err(refused) = &outcome {
                prop_assert_eq!(&settled, &session, "refused, nothing changes");
                if let Refused::NotAllowed(NotAllowed { stage: at_stage, event: kind, allowed }) = refused {
                    prop_assert_eq!((*at_stage, *kind), (stage, event.kind()));
                    for kind in KINDS {
                        let tried = settled.clone().apply(sound(kind, &settled), &ITEMS, &rules, at(now));
                        let refused = matches!(tried, Err(Refused::NotAllowed(_)));
                        prop_assert_eq!(allowed.contains(&kind), !refused, "{:?}", kind);
                    }
                }
            }
        }
    }
}
