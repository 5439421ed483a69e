//! The plan of an interview, compiled from the guidelines, and what comes next in it.

use serde::Serialize;

use super::{
    coverage::{Answered, DimensionCoverage},
    transcript::{Purpose, QuestionId, Speaker, Transcript},
};
use crate::definition::{Definition, Question, Style, Topic};

/// What a style allows.
///
/// | style | questions | follow-ups a question |
/// |---|---|---|
/// | 1 highly structured | verbatim, all, in order | none |
/// | 2 structured | verbatim, all, in order | 1, as written |
/// | 3 semi-structured | verbatim, all, in order | 2, as written |
/// | 4 conversational | all, in order, in the interviewer's words | 3, their own where none is written |
/// | 5 fully conversational | all, in order, in the interviewer's words | 5, their own where none is written |
///
/// A follow-up is asked only where the answer has too few words. Whatever the style, what is asked next is
/// decided by the plan: a style frees the words, not the coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StyleRules {
    /// Whether the planned words are asked as they stand.
    pub verbatim: bool,
    /// How many follow-ups a question may have.
    pub follow_ups: usize,
}

impl StyleRules {
    /// What the style allows.
    pub const fn of(style: Style) -> Self {
        match style.get() {
            1 => Self { verbatim: true, follow_ups: 0 },
            2 => Self { verbatim: true, follow_ups: 1 },
            3 => Self { verbatim: true, follow_ups: 2 },
            4 => Self { verbatim: false, follow_ups: 3 },
            _ => Self { verbatim: false, follow_ups: 5 },
        }
    }
}

/// An interview style that the assessment does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this assessment is led in style {}; its author does not allow another", .own.get())]
pub struct NoOverride {
    /// The style of the assessment.
    pub own: Style,
}

/// How an interview goes, as far as can be said before it.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'d> {
    definition: &'d Definition,
    style: Style,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'d> {
    /// The interviewer speaks.
    Speak(Prompt<'d>),
    /// The person is to answer.
    Listen,
    /// The interview is over.
    Over,
}

/// What the interviewer is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt<'d> {
    /// To what purpose.
    pub purpose: Purpose,
    /// The planned words; `None` for a follow-up of the interviewer's own.
    pub words: Option<&'d str>,
    /// What the guidelines say an interviewer should know of the dimension: markdown, perhaps empty.
    pub guidance: &'d str,
}

impl<'d> Plan<'d> {
    /// Compiles the plan, in the assessment's style or that of the organisation's campaign, where the
    /// assessment allows another than its own.
    pub fn new(definition: &'d Definition, campaign: Option<Style>) -> Result<Self, NoOverride> {
        let interview = definition.settings.interview;
        let own = interview.style;
        match campaign {
            Some(style) if style != own && !interview.allow_override => Err(NoOverride { own }),
            style => Ok(Self { definition, style: style.unwrap_or(own) }),
        }
    }

    /// The style in which it is led.
    pub const fn style(&self) -> Style {
        self.style
    }

    /// What the style allows.
    pub const fn style_rules(&self) -> StyleRules {
        StyleRules::of(self.style)
    }

    /// The assessment.
    pub const fn definition(&self) -> &'d Definition {
        self.definition
    }

    /// What must not be asked.
    pub fn never_ask(&self) -> &'d [String] {
        &self.definition.guidelines.never_ask
    }

    /// The questions in the order in which they are asked.
    pub fn questions(&self) -> impl Iterator<Item = (QuestionId, &'d Question, &'d Topic)> {
        self.definition.guidelines.topics.iter().flat_map(|topic| {
            (1..).zip(&topic.questions).map(move |(number, question)| {
                (QuestionId { dimension: topic.dimension.clone(), number }, question, topic)
            })
        })
    }

    /// Whether there is anything to ask.
    pub fn is_empty(&self) -> bool {
        self.questions().next().is_none()
    }

    /// How far each dimension with questions was covered, in the order in which they are asked.
    pub fn coverage(&self, transcript: &Transcript) -> Vec<DimensionCoverage> {
        let answered = Answered::each(transcript);
        let topics = self.definition.guidelines.topics.iter().filter(|topic| !topic.questions.is_empty());
        topics
            .map(|topic| DimensionCoverage::of(&topic.dimension, topic.questions.len(), &answered))
            .collect()
    }

    /// What comes next. `improvises` says whether the interviewer can word a follow-up of their own.
    pub fn next(&self, transcript: &Transcript, improvises: bool) -> Step<'d> {
        let guidelines = &self.definition.guidelines;
        let speak = |purpose, words, guidance| Step::Speak(Prompt { purpose, words, guidance });
        let led = transcript.turns().iter().rev().find_map(|turn| match &turn.by {
            Speaker::Interviewer(purpose) => Some(purpose),
            Speaker::Person => None,
        });
        let waits = transcript.turns().last().is_some_and(|turn| turn.by != Speaker::Person);
        match led {
            _ if self.is_empty() => return Step::Over,
            Some(Purpose::Closing) => return Step::Over,
            Some(Purpose::Question(_) | Purpose::FollowUp(_)) if waits => return Step::Listen,
            None if !guidelines.opening.is_empty() => {
                return speak(Purpose::Opening, Some(&guidelines.opening), "");
            }
            _ => (),
        }
        let answered = Answered::each(transcript);
        let open = led.and_then(Purpose::question);
        for (id, question, topic) in self.questions() {
            let Some(answered) = answered.get(&id).filter(|answered| answered.asked) else {
                return speak(Purpose::Question(id), Some(&question.text), &topic.guidance);
            };
            // Nobody comes back to a question after the next was asked.
            let follow_up =
                if open == Some(&id) { self.follow_up(question, answered, improvises) } else { None };
            match follow_up {
                Some(FollowUp::Written(words)) => {
                    return speak(Purpose::FollowUp(id), Some(words), &topic.guidance);
                }
                Some(FollowUp::Own) => return speak(Purpose::FollowUp(id), None, &topic.guidance),
                None => (),
            }
        }
        if guidelines.closing.is_empty() {
            return Step::Over;
        }
        speak(Purpose::Closing, Some(&guidelines.closing), "")
    }

    /// The next follow-up to a question, where the answer needs one and the style has one left: the written
    /// ones in order, its own before those that suit any question; then the interviewer's own.
    fn follow_up(
        &self,
        question: &'d Question,
        answered: &Answered,
        improvises: bool,
    ) -> Option<FollowUp<'d>> {
        let style_rules = self.style_rules();
        if answered.is_enough() || answered.follow_ups >= style_rules.follow_ups {
            return None;
        }
        let mut written = question.follow_ups.iter().chain(&self.definition.guidelines.follow_ups);
        match written.nth(answered.follow_ups) {
            Some(words) => Some(FollowUp::Written(words)),
            None => (improvises && !style_rules.verbatim).then_some(FollowUp::Own),
        }
    }
}

/// A follow-up to a question.
enum FollowUp<'d> {
    /// One of the guidelines.
    Written(&'d str),
    /// One the interviewer words.
    Own,
}
