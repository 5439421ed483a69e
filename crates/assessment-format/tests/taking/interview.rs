//! An interview follows its plan, whoever words the questions.

use std::{
    pin::pin,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use assessment_format::{
    Definition, Interviewer, Plan, Transcript,
    definition::Style,
    interview::{
        Brief, Extent, FallbackReason, Next, NoOverride, NoWording, Prompt, Purpose, QuestionId,
        ScriptedInterviewer, Speaker, Step, StyleRules, Turn, Utterance, WordingRefused, lead,
    },
};
use async_trait::async_trait;
use kernel::Timestamp;
use proptest::prelude::*;

use super::{definition, slug};

const GUIDED: &str = r#"---
schema: assessment/1
name: Guided
version: "1.0"
type: multi-dimensional
scale: { min: 1, max: 5 }
interview: { style: STYLE, allow_override: OVERRIDE }
---
# Guided
An interview.

## Dimensions
### Strategic Thinking
- id: strategic
- weight: 50%

Sees beyond the quarter.

### Emotional Intelligence
- id: eq
- weight: 50%

Reads people.

## Result categories
### Any
- default: true

## Interview guidelines
### Opening
Thank you for coming.

### Ask about Strategic Thinking
Look for horizons.

- Tell me about a decision with a three-year horizon.
  - What did you give up for it?
- Where did a plan of yours fail?

### Ask about Emotional Intelligence
- When did you last misread someone?

### Follow-ups
- Can you give an example?

### Never ask
- Age, family, health.

### Closing
That was all. Thank you.
"#;

fn guided(style: u8, allow_override: bool) -> Definition {
    definition(&GUIDED.replace("STYLE", &style.to_string()).replace("OVERRIDE", &allow_override.to_string()))
}

fn style(style: u8) -> Style {
    Style::new(style).unwrap()
}

/// Nothing here waits: a future is ready when it is first asked.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing waits"),
    }
}

fn add(turns: &mut Vec<Turn>, by: Speaker, text: &str) {
    let number = u32::try_from(turns.len()).unwrap() + 1;
    turns.push(Turn { number, by, text: text.into(), at: Timestamp::EPOCH });
}

/// Leads an interview to its end; whenever the person is to answer, they say the next of `replies`, the last
/// over and over.
fn talk(
    definition: &Definition,
    interviewer: &dyn Interviewer,
    replies: &[&str],
) -> (Transcript, Vec<Utterance>) {
    let plan = Plan::new(definition, None).unwrap();
    let (mut turns, mut said, mut replies) = (Vec::new(), Vec::new(), replies.iter().peekable());
    for _ in 0..100 {
        match now(lead(&plan, &Transcript::restore(turns.clone()), interviewer)) {
            Next::Say(utterance) => {
                add(&mut turns, Speaker::Interviewer(utterance.purpose.clone()), &utterance.text);
                said.push(utterance);
            }
            Next::Listen => {
                let reply = if replies.len() > 1 { replies.next() } else { replies.peek().copied() };
                add(&mut turns, Speaker::Person, reply.unwrap());
            }
            Next::Over => return (Transcript::restore(turns), said),
        }
    }
    panic!("an interview without an end");
}

fn texts(said: &[Utterance]) -> Vec<&str> {
    said.iter().map(|utterance| utterance.text.as_str()).collect()
}

const LONG: &str = "We moved the whole platform to a new site because the old one would not have carried us for three \
                    more years, and it held.";

#[test]
fn style_one_asks_every_question_verbatim_and_nothing_else() {
    let (_, said) = talk(&guided(1, true), &ScriptedInterviewer, &["No."]);
    assert_eq!(
        texts(&said),
        [
            "Thank you for coming.",
            "Tell me about a decision with a three-year horizon.",
            "Where did a plan of yours fail?",
            "When did you last misread someone?",
            "That was all. Thank you.",
        ]
    );
}

#[test]
fn a_short_answer_is_followed_up_as_far_as_the_style_allows() {
    let (_, said) = talk(&guided(3, true), &ScriptedInterviewer, &["No."]);
    assert_eq!(
        texts(&said),
        [
            "Thank you for coming.",
            "Tell me about a decision with a three-year horizon.",
            "What did you give up for it?",
            "Can you give an example?",
            "Where did a plan of yours fail?",
            "Can you give an example?",
            "When did you last misread someone?",
            "Can you give an example?",
            "That was all. Thank you.",
        ]
    );
    let (_, said) = talk(&guided(2, true), &ScriptedInterviewer, &["No."]);
    assert_eq!(said.iter().filter(|utterance| matches!(utterance.purpose, Purpose::FollowUp(_))).count(), 3);
    let (_, said) = talk(&guided(5, true), &ScriptedInterviewer, &[LONG]);
    assert_eq!(said.len(), 5, "a full answer needs none");
}

#[test]
fn what_is_covered_is_counted() {
    let definition = guided(3, true);
    let plan = Plan::new(&definition, None).unwrap();
    let extents = |transcript: &Transcript| -> Vec<_> {
        plan.coverage(transcript).into_iter().map(|of| (of.extent, of.asked, of.answered)).collect()
    };
    assert_eq!(extents(&Transcript::default()), [(Extent::NotAsked, 0, 0), (Extent::NotAsked, 0, 0)]);
    let (transcript, _) = talk(&definition, &ScriptedInterviewer, &[LONG, "No.", "No.", LONG]);
    assert_eq!(extents(&transcript), [(Extent::Thin, 2, 1), (Extent::Covered, 1, 1)]);
    let turns = transcript.turns()[..2].to_vec();
    assert_eq!(extents(&Transcript::restore(turns))[0], (Extent::Unanswered, 1, 0));
}

#[test]
fn a_campaign_changes_the_style_only_where_the_author_lets_it() {
    let (free, fixed) = (guided(2, true), guided(2, false));
    assert_eq!(Plan::new(&free, Some(style(5))).unwrap().style(), style(5));
    assert_eq!(Plan::new(&fixed, Some(style(2))).unwrap().style(), style(2));
    let refused = Plan::new(&fixed, Some(style(5))).unwrap_err();
    assert_eq!(refused, NoOverride { own: style(2) });
    assert_eq!(refused.to_string(), "this assessment is led in style 2; its author does not allow another");
}

#[test]
fn without_questions_there_is_no_interview() {
    let text = GUIDED.replace("STYLE", "3").replace("OVERRIDE", "true");
    let text = text.split("## Interview guidelines").next().unwrap();
    let definition =
        definition(&format!("{text}## Items\n1. What happened?\n   - id: a\n   - answer: text\n"));
    let plan = Plan::new(&definition, None).unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.next(&Transcript::default(), true), Step::Over);
}

/// Words everything its own way.
struct Free(fn(&Prompt<'_>) -> Result<String, NoWording>);

#[async_trait]
impl Interviewer for Free {
    fn improvises(&self) -> bool {
        true
    }

    async fn word(&self, brief: Brief<'_>) -> Result<String, NoWording> {
        assert_eq!(brief.plan.never_ask(), ["Age, family, health."], "it is told what it must not ask");
        (self.0)(brief.prompt)
    }
}

#[test]
fn whoever_words_the_questions_says_the_planned_words_where_the_style_is_verbatim() {
    let chatty = Free(|_| Ok("Lovely weather! So, tell me everything.".into()));
    let (_, said) = talk(&guided(3, true), &chatty, &["No."]);
    assert_eq!(said[1].text, "Tell me about a decision with a three-year horizon.");
    assert_eq!(said[1].fallback, Some(FallbackReason::Wording(WordingRefused::NotVerbatim)));
    let (_, said) = talk(&guided(4, true), &chatty, &[LONG]);
    assert_eq!(
        (said[1].text.as_str(), &said[1].fallback),
        ("Lovely weather! So, tell me everything.", &None)
    );
}

#[test]
fn whoever_words_the_questions_asks_nothing_forbidden() {
    let nosy = Free(|prompt| match prompt.words {
        Some(words) => Ok(format!("{words} And how is your family?")),
        None => Ok("How is your health?".into()),
    });
    let (_, said) = talk(&guided(5, true), &nosy, &["No."]);
    assert!(
        said.iter().all(|utterance| !utterance.text.contains("family") && !utterance.text.contains("health"))
    );
    assert_eq!(said[1].fallback, Some(FallbackReason::Wording(WordingRefused::Forbidden("family".into()))));
    // A follow-up of their own that will not do is left out, and the next question says why.
    let next = said.iter().find(|utterance| utterance.text == "Where did a plan of yours fail?").unwrap();
    assert_eq!(next.fallback, Some(FallbackReason::Wording(WordingRefused::Forbidden("health".into()))));
}

#[test]
fn nobody_comes_back_to_a_question_after_the_next_was_asked() {
    // The first follow-up of their own fails, so that the first question has some left when the second is asked.
    static FAILED: AtomicBool = AtomicBool::new(false);
    let moody = Free(|prompt| match prompt.words {
        Some(words) => Ok(words.into()),
        None if FAILED.swap(true, Ordering::Relaxed) => Ok("And then?".into()),
        None => Err(NoWording("the model did not answer".into())),
    });
    let definition = guided(4, true);
    let (_, said) = talk(&definition, &moody, &["No."]);
    let order: Vec<_> = Plan::new(&definition, None).unwrap().questions().map(|(id, ..)| id).collect();
    let place = |utterance: &Utterance| order.iter().position(|id| utterance.purpose.question() == Some(id));
    let places: Vec<_> = said.iter().filter_map(place).collect();
    assert_eq!(places, [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
}

#[test]
fn whoever_words_the_questions_may_fail_and_the_interview_goes_on() {
    let broken = Free(|_| Err(NoWording("the model did not answer".into())));
    let (_, said) = talk(&guided(5, true), &broken, &["No."]);
    assert_eq!(said.first().unwrap().text, "Thank you for coming.");
    assert_eq!(said.last().unwrap().text, "That was all. Thank you.");
    assert!(said.iter().all(|utterance| utterance.fallback.is_some()));
}

#[test]
fn an_interviewer_who_can_asks_on_in_his_own_words() {
    let curious = Free(|prompt| Ok(prompt.words.map_or_else(|| "Say more?".to_owned(), str::to_owned)));
    let (_, said) = talk(&guided(4, true), &curious, &["No."]);
    let own = said.iter().filter(|utterance| utterance.text == "Say more?").count();
    // Three follow-ups a question: written are two of the first, one of the second and of the third.
    assert_eq!(own, 1 + 2 + 2);
    let (_, said) = talk(&guided(3, true), &curious, &["No."]);
    assert!(said.iter().all(|utterance| utterance.text != "Say more?"), "style 3 asks as written");
}

proptest! {
    #[test]
    fn every_interview_asks_every_question_once_in_order_and_ends(
        style in 1..=5_u8,
        replies in proptest::collection::vec(prop_oneof![Just("No."), Just(LONG), Just("At work, twice.")], 1..12),
    ) {
        static STYLES: LazyLock<[Definition; 5]> = LazyLock::new(|| [1, 2, 3, 4, 5].map(|style| guided(style, true)));
        let definition = &STYLES[usize::from(style) - 1];
        let (transcript, said) = talk(definition, &ScriptedInterviewer, &replies);
        let plan = Plan::new(definition, None).unwrap();
        let asked: Vec<_> = said.iter().filter_map(|utterance| match &utterance.purpose {
            Purpose::Question(id) => Some(id.clone()),
            _ => None,
        }).collect();
        let planned: Vec<_> = plan.questions().map(|(id, ..)| id).collect();
        prop_assert_eq!(&asked, &planned);
        let most = StyleRules::of(Style::new(style).unwrap()).follow_ups;
        for id in planned {
            let follow_ups = said.iter().filter(|utterance| utterance.purpose == Purpose::FollowUp(id.clone())).count();
            prop_assert!(follow_ups <= most);
        }
        prop_assert_eq!(plan.next(&transcript, true), Step::Over);
    }
}

#[test]
fn a_person_may_say_more_at_any_time() {
    let definition = guided(1, true);
    let plan = Plan::new(&definition, None).unwrap();
    let mut turns = Vec::new();
    add(&mut turns, Speaker::Person, "Hello?");
    let opening = |turns: &[Turn]| plan.next(&Transcript::restore(turns.to_vec()), false);
    assert!(matches!(opening(&turns), Step::Speak(Prompt { purpose: Purpose::Opening, .. })));
    add(&mut turns, Speaker::Interviewer(Purpose::Opening), "Thank you for coming.");
    add(&mut turns, Speaker::Person, "My pleasure.");
    let first = QuestionId { dimension: slug("strategic"), number: 1 };
    let next = plan.next(&Transcript::restore(turns.clone()), false);
    let Step::Speak(prompt) = next else { panic!("{next:?}") };
    assert_eq!((prompt.purpose, prompt.guidance), (Purpose::Question(first), "Look for horizons."));
}
