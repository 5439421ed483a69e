//! A session follows its table, loses no answer and takes no time away.

use std::{sync::LazyLock, time::Duration};

use assessment_format::{
    Definition, Reply, Session,
    interview::{Purpose, QuestionId, Speaker, TurnOutcome},
    session::{
        Effect, Event, EventKind, Minutes, NotAllowed, OnDeadline, Pauses, Reason, Refused, Rules,
        SaveOutcome, Stage,
    },
};
use kernel::{Kind, Refusal as _, Timestamp};

use super::{definition, slug};

const QUESTIONNAIRE: &str = r#"---
schema: assessment/1
name: Two
version: "1.0"
type: single-outcome
scale: { min: 1, max: 5 }
---
# Two
Two items.

## Dimensions
### All
- weight: 100%

All.

## Result categories
### Any
- default: true

## Items
1. Must?
   - id: must
   - measures: all
   - answer: agree-5
2. May?
   - id: may
   - measures: all
   - answer: agree-5
   - required: false
"#;

const RULES: Rules = Rules {
    minutes: Some(60),
    closes_at: None,
    pauses: Some(Pauses { most: 2, minutes: 10 }),
    on_deadline: OnDeadline::Submit,
};

pub(crate) fn at(minutes: u64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_secs(60 * minutes))
}

pub(crate) fn answer(item: &str, sequence: u64, step: u8) -> Event {
    Event::Answer { item: slug(item), sequence, reply: Some(Reply::Step(step)) }
}

pub(crate) fn say(number: u32, by: Speaker, text: &str) -> Event {
    Event::Turn { number, by, text: text.into() }
}

pub(crate) fn extend(minutes: u16) -> Event {
    Event::Extend {
        minutes: Minutes::new(minutes).unwrap(),
        reason: Reason::new("The alarm went off.").unwrap(),
    }
}

pub(crate) fn reopen(minutes: u16) -> Event {
    Event::Reopen {
        minutes: Minutes::new(minutes).unwrap(),
        reason: Reason::new("The line was down.").unwrap(),
    }
}

pub(crate) fn void() -> Event {
    Event::Void { reason: Reason::new("Somebody else sat there.").unwrap() }
}

pub(crate) static ITEMS: LazyLock<Definition> = LazyLock::new(|| definition(QUESTIONNAIRE));

/// A session under the rules, with the minute each event happens at.
struct SessionUnderTest {
    rules: Rules,
    session: Session,
}

impl SessionUnderTest {
    fn new(rules: Rules) -> Self {
        Self { rules, session: Session::new(0) }
    }

    fn after(rules: Rules, events: impl IntoIterator<Item = (u64, Event)>) -> Self {
        let mut taking = Self::new(rules);
        for (minute, event) in events {
            taking.apply(minute, event).unwrap();
        }
        taking
    }

    fn apply(&mut self, minute: u64, event: Event) -> Result<Effect, Refused> {
        self.session.apply(event, &ITEMS, &self.rules, at(minute))
    }

    fn stage(&mut self, minute: u64) -> Stage {
        self.session.settle(&self.rules, at(minute));
        self.session.progress().status.stage()
    }

    fn reply(&self, item: &str) -> Option<&Reply> {
        self.session.answers().reply(&slug(item))
    }

    fn refused(&mut self, minute: u64, event: Event) -> String {
        self.apply(minute, event).unwrap_err().to_string()
    }
}

#[test]
fn a_session_goes_from_start_to_release() {
    let mut taking = SessionUnderTest::after(
        RULES,
        [
            (0, Event::Start),
            (1, answer("must", 1, 4)),
            (2, Event::Submit),
            (3, Event::Score { ratings_missing: 2 }),
            (4, Event::Rate { ratings_missing: 1 }),
        ],
    );
    assert_eq!(taking.stage(4), Stage::NeedsRating);
    taking.apply(5, Event::Rate { ratings_missing: 0 }).unwrap();
    assert_eq!(taking.stage(5), Stage::Scored);
    taking.apply(6, Event::Release).unwrap();
    assert_eq!(taking.stage(999), Stage::Released);
    assert_eq!(
        taking.refused(7, void()),
        "the session is released and does not take `void` now; it takes nothing any more"
    );
}

#[test]
fn a_refusal_names_what_is_allowed_instead() {
    let mut taking =
        SessionUnderTest::after(RULES, [(0, Event::Start), (1, answer("must", 1, 4)), (2, Event::Submit)]);
    let refused = taking.apply(3, answer("must", 2, 5)).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "assessment.event_not_allowed"));
    assert_eq!(
        refused,
        Refused::NotAllowed(NotAllowed {
            stage: Stage::Submitted,
            event: EventKind::Answer,
            allowed: vec![EventKind::Score, EventKind::Reopen, EventKind::Void],
        })
    );
    assert_eq!(
        refused.to_string(),
        "the session is submitted and does not take `answer` now; it takes `score`, `reopen`, `void`"
    );
    assert_eq!(taking.reply("must"), Some(&Reply::Step(4)));
}

#[test]
fn saving_again_changes_nothing_and_an_old_reply_never_replaces_a_newer() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start)]);
    assert_eq!(taking.apply(1, answer("must", 7, 4)), Ok(Effect::Saved(SaveOutcome::Stored)));
    assert_eq!(taking.apply(2, answer("must", 7, 4)), Ok(Effect::Saved(SaveOutcome::Repeated)));
    assert_eq!(taking.apply(3, answer("must", 6, 1)), Ok(Effect::Saved(SaveOutcome::Superseded { by: 7 })));
    assert_eq!(taking.reply("must"), Some(&Reply::Step(4)));
    assert_eq!(taking.session.answers().stored(&slug("must")).unwrap().at, at(1));
    // Two tabs with the same number: accepting the second without effect would lose it.
    let clash = taking.apply(4, answer("must", 7, 5)).unwrap_err();
    assert_eq!((clash.kind(), clash.code()), (Kind::Conflict, "assessment.sequence_reused"));
    assert_eq!(taking.apply(5, answer("must", 8, 5)), Ok(Effect::Saved(SaveOutcome::Stored)));
    assert_eq!(taking.reply("must"), Some(&Reply::Step(5)));
}

#[test]
fn an_answer_that_was_taken_back_stays_taken_back() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start), (1, answer("may", 3, 4))]);
    let back = Event::Answer { item: slug("may"), sequence: 4, reply: None };
    assert_eq!(taking.apply(2, back), Ok(Effect::Saved(SaveOutcome::Stored)));
    assert_eq!(taking.apply(3, answer("may", 2, 1)), Ok(Effect::Saved(SaveOutcome::Superseded { by: 4 })));
    assert_eq!(taking.reply("may"), None);
}

#[test]
fn no_option_takes_back_the_answer_to_an_optional_choice_and_leaves_a_needed_one_open() {
    let options = "   - answer: multiple-choice\n   - [ ] One\n   - [ ] None\n";
    let items = format!(
        "1. Which?\n   - id: may\n   - required: false\n{options}2. Which?\n   - id: must\n{options}"
    );
    let (head, _) = QUESTIONNAIRE.split_once("1. Must?").unwrap();
    let choices = definition(&format!("{head}{items}"));
    let mut session = Session::new(0);
    session.apply(Event::Start, &choices, &RULES, at(0)).unwrap();
    let mut choose = |item: &str, sequence, chosen: &[u8]| {
        let event = Event::Answer { item: slug(item), sequence, reply: Some(Reply::Options(chosen.into())) };
        let outcome = session.apply(event, &choices, &RULES, at(1)).map_err(|refused| refused.to_string());
        (outcome, session.answers().reply(&slug(item)).cloned())
    };
    let stored = Ok(Effect::Saved(SaveOutcome::Stored));
    assert_eq!(choose("may", 1, &[1]), (stored.clone(), Some(Reply::Options(vec![1]))));
    assert_eq!(choose("may", 2, &[]), (stored.clone(), None));
    assert_eq!(choose("may", 2, &[]), (Ok(Effect::Saved(SaveOutcome::Repeated)), None));
    assert_eq!(choose("must", 1, &[2]), (stored, Some(Reply::Options(vec![2]))));
    let refused = Err("item `must`: choose 1 to 2 options; 0 were chosen".to_owned());
    assert_eq!(choose("must", 2, &[]), (refused, Some(Reply::Options(vec![2]))));
}

#[test]
fn a_reply_that_is_no_answer_is_refused_and_pointed_at() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start)]);
    let refused = taking.apply(1, answer("must", 1, 6)).unwrap_err();
    assert_eq!(
        (refused.kind(), refused.to_string().as_str()),
        (Kind::Invalid, "item `must`: the steps are 1 to 5")
    );
    assert_eq!(refused.errors(), [("/reply".to_owned(), "the steps are 1 to 5".to_owned())]);
    assert_eq!(taking.refused(1, answer("mist", 1, 1)), "this assessment has no item `mist`");
    assert_eq!(
        taking.refused(1, answer("must", 1 << 53, 1)),
        "a sequence number is at most 9007199254740991"
    );
}

#[test]
fn what_must_be_answered_is_missing_until_it_is() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start), (1, answer("may", 1, 3))]);
    let refused = taking.apply(2, Event::Submit).unwrap_err();
    assert_eq!(refused.errors(), [("/answers/must".to_owned(), "this must be answered".to_owned())]);
    assert_eq!(taking.stage(2), Stage::InProgress);
    taking.apply(3, answer("must", 1, 3)).unwrap();
    taking.apply(4, Event::Submit).unwrap();
}

#[test]
fn a_passed_deadline_submits_what_is_there_or_abandons_it() {
    let mut submitted = SessionUnderTest::after(RULES, [(0, Event::Start), (1, answer("may", 1, 3))]);
    assert_eq!(submitted.stage(59), Stage::InProgress);
    assert_eq!(submitted.stage(60), Stage::Submitted);
    let mut abandoned =
        SessionUnderTest::after(Rules { on_deadline: OnDeadline::Abandon, ..RULES }, [(0, Event::Start)]);
    // Nobody looked until an answer came: it meets the abandoned session.
    assert_eq!(
        abandoned.refused(61, answer("may", 1, 3)),
        "the session is abandoned and does not take `answer` now; it takes `reopen`, `void`"
    );
    abandoned.apply(90, reopen(15)).unwrap();
    assert_eq!(abandoned.session.progress().deadline, Some(at(105)));
    assert_eq!(abandoned.session.progress().granted_minutes, 15);
    abandoned.apply(104, answer("may", 1, 3)).unwrap();
    assert_eq!(abandoned.stage(105), Stage::Abandoned);
}

#[test]
fn a_deadline_takes_effect_when_it_passed_not_when_somebody_looks() {
    let look = |minute| {
        let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start)]);
        assert!(taking.session.settle(&taking.rules, at(minute)));
        assert!(!taking.session.settle(&taking.rules, at(minute + 1)), "once is enough");
        taking.session
    };
    assert_eq!(look(60), look(100_000));
}

#[test]
fn a_pause_stops_the_clock_until_its_minutes_are_spent() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start), (10, Event::Pause)]);
    assert!(taking.refused(11, answer("must", 1, 1)).ends_with("it takes `resume`, `extend`, `void`"));
    taking.apply(14, Event::Resume).unwrap();
    assert_eq!(taking.session.progress().deadline, Some(at(64)));
    // Six minutes are left of ten; the person stays away for thirty.
    taking.apply(20, Event::Pause).unwrap();
    assert_eq!(taking.session.progress().expires_at(&RULES), Some(at(70)));
    taking.apply(50, Event::Resume).unwrap();
    assert_eq!(taking.session.progress().deadline, Some(at(70)));
    assert!(
        taking.refused(51, Event::Pause).ends_with("it takes `answer`, `turn`, `extend`, `submit`, `void`")
    );
}

#[test]
fn a_session_lapses_in_its_pause() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start), (50, Event::Pause)]);
    assert_eq!(taking.stage(69), Stage::Paused);
    assert_eq!(taking.stage(70), Stage::Submitted);
    assert_eq!(taking.session.progress().deadline, Some(at(70)));
}

#[test]
fn a_campaign_that_closes_cuts_the_time_but_not_what_was_granted_by_hand() {
    let rules = Rules { closes_at: Some(at(30)), ..RULES };
    let mut taking =
        SessionUnderTest::after(rules, [(0, Event::Start), (10, Event::Pause), (15, Event::Resume)]);
    assert_eq!(taking.session.progress().deadline, Some(at(30)));
    assert_eq!(taking.stage(30), Stage::Submitted);
    taking.apply(40, reopen(20)).unwrap();
    assert_eq!(taking.session.progress().deadline, Some(at(60)));
    let mut late = SessionUnderTest::new(rules);
    assert!(late.refused(30, Event::Start).ends_with("it takes `void`"));
}

#[test]
fn minutes_granted_beforehand_count_from_the_start() {
    let mut taking = SessionUnderTest::new(RULES);
    taking.session = Session::new(15);
    taking.apply(5, Event::Start).unwrap();
    assert_eq!(taking.session.progress().deadline, Some(at(80)));
}

#[test]
fn a_session_without_a_limit_gets_none_by_being_reopened() {
    let rules = Rules { minutes: None, pauses: None, ..RULES };
    let events = [(0, Event::Start), (1, answer("must", 1, 1)), (2, Event::Submit), (3, reopen(5))];
    let mut taking = SessionUnderTest::after(rules, events);
    assert_eq!(taking.session.progress().deadline, None);
    assert_eq!(taking.stage(1_000_000), Stage::InProgress);
}

#[test]
fn what_is_said_is_kept_in_order() {
    let mut taking = SessionUnderTest::after(RULES, [(0, Event::Start)]);
    let question = QuestionId { dimension: slug("all"), number: 1 };
    let asks = Speaker::Interviewer(Purpose::Question(question));
    assert_eq!(taking.apply(1, say(1, asks.clone(), "How?")), Ok(Effect::Appended(TurnOutcome::Stored)));
    assert_eq!(taking.apply(2, say(2, Speaker::Person, "So.")), Ok(Effect::Appended(TurnOutcome::Stored)));
    assert_eq!(taking.apply(3, say(2, Speaker::Person, "So.")), Ok(Effect::Appended(TurnOutcome::Repeated)));
    let refused = taking.apply(4, say(2, asks, "And?")).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "assessment.turn_out_of_order"));
    let blank = taking.apply(5, say(3, Speaker::Person, " ")).unwrap_err();
    assert_eq!((blank.kind(), blank.code()), (Kind::Invalid, "assessment.turn_invalid"));
}

#[test]
fn a_session_reads_back_from_storage_as_it_was() {
    let taking = SessionUnderTest::after(
        RULES,
        [
            (0, Event::Start),
            (1, answer("must", 1, 4)),
            (2, say(1, Speaker::Person, "Hm.")),
            (3, Event::Submit),
            (4, reopen(5)),
            (5, void()),
        ],
    );
    let session = &taking.session;
    let json = |of: &dyn Fn() -> serde_json::Value| of();
    let progress = json(&|| serde_json::to_value(session.progress()).unwrap());
    assert_eq!(progress["status"], "voided");
    let again = Session::restore(
        serde_json::from_value(progress).unwrap(),
        serde_json::from_value(serde_json::to_value(session.answers()).unwrap()).unwrap(),
        serde_json::from_value(serde_json::to_value(session.transcript()).unwrap()).unwrap(),
    );
    assert_eq!(again, *session);
}

#[test]
fn time_is_given_while_it_runs_and_may_reach_beyond_the_end_of_the_campaign() {
    let rules = Rules { minutes: Some(30), closes_at: Some(at(40)), ..RULES };
    let mut taking = SessionUnderTest::after(rules, [(20, Event::Start)]);
    assert_eq!(
        taking.session.progress().deadline,
        Some(at(40)),
        "the campaign ends before the half hour does"
    );
    taking.apply(25, extend(15)).unwrap();
    assert_eq!(taking.session.progress().deadline, Some(at(55)));
    assert_eq!(taking.stage(54), Stage::InProgress);
    assert_eq!(taking.stage(55), Stage::Submitted);
}

#[test]
fn the_table_is_the_one_of_the_design_and_extending() {
    use EventKind as E;
    use Stage as S;
    let paths: [(Stage, Vec<Event>, &[EventKind]); 9] = [
        (S::NotStarted, vec![], &[E::Start, E::Void]),
        (S::InProgress, vec![Event::Start], &[E::Answer, E::Turn, E::Pause, E::Extend, E::Submit, E::Void]),
        (S::Paused, vec![Event::Start, Event::Pause], &[E::Resume, E::Extend, E::Void]),
        (
            S::Submitted,
            vec![Event::Start, answer("must", 1, 1), Event::Submit],
            &[E::Score, E::Reopen, E::Void],
        ),
        (S::Abandoned, vec![Event::Start], &[E::Reopen, E::Void]),
        (
            S::NeedsRating,
            vec![Event::Start, answer("must", 1, 1), Event::Submit, Event::Score { ratings_missing: 1 }],
            &[E::Rate, E::Reopen, E::Void],
        ),
        (
            S::Scored,
            vec![Event::Start, answer("must", 1, 1), Event::Submit, Event::Score { ratings_missing: 0 }],
            &[E::Release, E::Void],
        ),
        (
            S::Released,
            vec![
                Event::Start,
                answer("must", 1, 1),
                Event::Submit,
                Event::Score { ratings_missing: 0 },
                Event::Release,
            ],
            &[],
        ),
        (S::Voided, vec![void()], &[]),
    ];
    for (stage, events, allowed) in paths {
        let rules = Rules {
            on_deadline: if stage == S::Abandoned { OnDeadline::Abandon } else { OnDeadline::Submit },
            ..RULES
        };
        let mut taking = SessionUnderTest::after(rules, events.into_iter().map(|event| (1, event)));
        let minute = if stage == S::Abandoned { 61 } else { 1 };
        assert_eq!(taking.stage(minute), stage);
        assert_eq!(taking.session.progress().allowed(&rules, at(minute)), allowed, "{stage}");
    }
    assert_eq!(Stage::ALL.map(Stage::name)[3], "submitted");
}
