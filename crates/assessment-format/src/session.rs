//! A session: one person takes one assessment.
//!
//! [`next`] is the transition table below, pure: how far the session has come, what happens, the campaign's
//! rules and the time go in; how far it is then comes out, or what may happen instead. [`Session`] adds what
//! is collected on the way, under three promises that property tests hold it to: an accepted answer is in the
//! final set, nothing changes an answer after submission, and a deadline never moves earlier.
//!
//! | stage | event | next |
//! |---|---|---|
//! | `not_started` | start, before the campaign closes | `in_progress`; the deadline is computed here |
//! | `in_progress` | answer, turn | `in_progress` |
//! | `in_progress` | pause, where and as often as allowed | `paused` |
//! | `paused` | resume | `in_progress`; the deadline is later by the pause |
//! | `in_progress`, `paused` | extend, with a reason | the same; the deadline is later by the minutes granted |
//! | `in_progress` | submit | `submitted` |
//! | `in_progress`, `paused` | the deadline passes | `submitted` or `abandoned`, as the campaign says |
//! | `submitted` | score | `scored`, or `needs_rating` while a rating is missing |
//! | `needs_rating` | rate | `scored` with the last rating |
//! | `scored` | release | `released` |
//! | `submitted`, `needs_rating`, `abandoned` | reopen, with a reason | `in_progress`, with the minutes granted |
//! | any before `released` but `voided` | void, with a reason | `voided` |

mod event;
mod refusal;
mod reply;
mod sitting;

use kernel::Timestamp;

pub(crate) use self::reply::check_text;
pub use self::{
    event::Event,
    refusal::Refused,
    reply::{Answers, AnswersRefused, NoAnswer, Reply, SaveOutcome, StoredAnswer},
    sitting::{
        EventKind, Grant, Minutes, NoMinutes, NoReason, NotAllowed, OnDeadline, Pauses, Progress, Reason,
        Rules, Stage, Status,
    },
};
use crate::{
    definition::Definition,
    interview::{Transcript, TurnOutcome},
    slug::Slug,
};

/// One person takes one assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    progress: Progress,
    answers: Answers,
    transcript: Transcript,
}

/// How far the session is after the event, or what may happen instead. An event after the deadline meets the expired
/// session.
pub fn next(before: &Progress, event: &Event, rules: &Rules, now: Timestamp) -> Result<Progress, NotAllowed> {
    sitting::next(before, &event.transition(), rules, now)
}

/// What an event did beyond moving the session on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Moved,
    /// A reply was taken.
    Saved(SaveOutcome),
    /// A turn was taken.
    Appended(TurnOutcome),
}

impl Session {
    /// A session nobody opened. `granted_minutes` is what this person has beyond the campaign's limit.
    pub fn new(granted_minutes: u32) -> Self {
        Self::restore(Progress::new(granted_minutes), Answers::default(), Transcript::default())
    }

    /// Puts together what storage kept.
    pub const fn restore(progress: Progress, answers: Answers, transcript: Transcript) -> Self {
        Self { progress, answers, transcript }
    }

    /// How far it has come.
    pub const fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What was answered.
    pub const fn answers(&self) -> &Answers {
        &self.answers
    }

    /// What was said.
    pub const fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Lets a passed deadline take effect; says whether it did. For whoever reads the session, and for the
    /// sweeper.
    pub fn settle(&mut self, rules: &Rules, now: Timestamp) -> bool {
        let settled = self.progress.settled(rules, now);
        let expired = settled != self.progress;
        self.progress = settled;
        expired
    }

    /// Applies an event; refused, it changes nothing.
    pub fn apply(
        &mut self,
        event: Event,
        definition: &Definition,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Effect, Refused> {
        let progress = next(&self.progress, &event, rules, now)?;
        let effect = match event {
            Event::Answer { item, sequence, reply } => {
                Effect::Saved(self.answer(&item, StoredAnswer { sequence, reply, at: now }, definition)?)
            }
            Event::Turn { number, by, text } => {
                Effect::Appended(self.transcript.append(number, by, text, now)?)
            }
            Event::Submit => {
                let missing = self.missing(definition);
                if !missing.is_empty() {
                    return Err(Refused::Incomplete { missing });
                }
                Effect::Moved
            }
            _ => Effect::Moved,
        };
        self.progress = progress;
        Ok(effect)
    }

    /// The items that must be answered and are not, in the order of the questionnaire.
    pub fn missing(&self, definition: &Definition) -> Vec<Slug> {
        let items = definition.items.iter().filter(|item| item.required);
        items.filter(|item| self.answers.reply(&item.id).is_none()).map(|item| item.id.clone()).collect()
    }

    fn answer(
        &mut self,
        id: &Slug,
        mut new: StoredAnswer,
        definition: &Definition,
    ) -> Result<SaveOutcome, Refused> {
        let item = definition.items.iter().find(|item| item.id == *id);
        let item = item.ok_or_else(|| Refused::UnknownItem { item: id.clone() })?;
        if new.sequence > Answers::MAX_SEQUENCE {
            return Err(Refused::Sequence);
        }
        let taken = new.reply.map(|reply| reply.taken(item)).transpose();
        new.reply = taken.map_err(|why| Refused::NoAnswer { item: id.clone(), why })?.flatten();
        let sequence = new.sequence;
        self.answers.save(id, new).map_err(|_| Refused::SequenceReused { item: id.clone(), sequence })
    }
}
