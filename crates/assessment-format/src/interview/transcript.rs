//! What was said, turn by turn.

use std::collections::BTreeSet;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    session::{NoAnswer, check_text},
    slug::Slug,
};

/// A question of the guidelines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QuestionId {
    /// The dimension it is about.
    pub dimension: Slug,
    /// Its place under the dimension, from 1.
    pub number: u16,
}

/// What the interviewer is about when they speak.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They open the interview.
    Opening,
    /// They ask a question of the guidelines.
    Question(QuestionId),
    /// They ask for more about the answer to one.
    FollowUp(QuestionId),
    /// They close the interview.
    Closing,
}

impl Purpose {
    /// The question it is about.
    pub const fn question(&self) -> Option<&QuestionId> {
        match self {
            Self::Question(question) | Self::FollowUp(question) => Some(question),
            Self::Opening | Self::Closing => None,
        }
    }
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// Whoever leads the interview, and to what purpose.
    Interviewer(Purpose),
    /// The person who is assessed.
    Person,
}

/// What someone said at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// From 1, without gaps.
    pub number: u32,
    /// Who said it.
    pub by: Speaker,
    /// What, byte for byte: 1 to 10,000 characters.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// What became of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TurnOutcome {
    /// It was added.
    Stored,
    /// It was there already: the same speaker, text and number.
    Repeated,
}

/// Why a turn was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnRefused {
    /// Its number is not the next.
    #[error("the next turn has number {expected}")]
    OutOfOrder {
        /// Which is.
        expected: u32,
    },
    /// Its number belongs to another turn, which stays.
    #[error(
        "turn {number} was said already, and otherwise; read the transcript and go on after its last turn"
    )]
    Taken {
        /// The number.
        number: u32,
    },
    /// There are too many.
    #[error("an interview has at most {} turns", Transcript::MAX_TURNS)]
    TooMany,
    /// The text cannot be kept.
    #[error(transparent)]
    Text(NoAnswer),
}

/// What was said, in order. Nothing said is ever changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Transcript {
    turns: Vec<Turn>,
}

impl Transcript {
    /// The most turns.
    pub const MAX_TURNS: u32 = 1_000;
    /// The most characters of a turn.
    pub const MAX_TURN_LENGTH: u16 = 10_000;

    /// Puts together what storage kept, in order.
    pub const fn restore(turns: Vec<Turn>) -> Self {
        Self { turns }
    }

    /// The turns, in order.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// The turn with this number.
    pub fn turn(&self, number: u32) -> Option<&Turn> {
        self.turns.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// The number the next turn will have.
    pub fn next_number(&self) -> u32 {
        u32::try_from(self.turns.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Adds a turn; sent again, it is there once.
    pub fn append(
        &mut self,
        number: u32,
        by: Speaker,
        text: String,
        at: Timestamp,
    ) -> Result<TurnOutcome, TurnRefused> {
        if let Some(said) = self.turn(number) {
            let same = said.by == by && said.text == text;
            return if same { Ok(TurnOutcome::Repeated) } else { Err(TurnRefused::Taken { number }) };
        }
        let expected = self.next_number();
        if number != expected {
            return Err(TurnRefused::OutOfOrder { expected });
        }
        if number > Self::MAX_TURNS {
            return Err(TurnRefused::TooMany);
        }
        check_text(&text, Self::MAX_TURN_LENGTH).map_err(TurnRefused::Text)?;
        self.turns.push(Turn { number, by, text, at });
        Ok(TurnOutcome::Stored)
    }

    /// The dimensions the person said something about: in answer to a question, not beside one.
    pub(crate) fn dimensions(&self) -> BTreeSet<&Slug> {
        let mut asked = None;
        let mut spoken_of = BTreeSet::new();
        for turn in &self.turns {
            match &turn.by {
                Speaker::Interviewer(purpose) => asked = purpose.question(),
                Speaker::Person => spoken_of.extend(asked.map(|question| &question.dimension)),
            }
        }
        spoken_of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(transcript: &mut Transcript, number: u32, text: &str) -> Result<TurnOutcome, String> {
        let outcome = transcript.append(number, Speaker::Person, text.into(), Timestamp::EPOCH);
        outcome.map_err(|refused| refused.to_string())
    }

    #[test]
    fn turns_are_numbered_without_gaps_and_stay_as_they_were_said() {
        let mut transcript = Transcript::default();
        assert_eq!(append(&mut transcript, 1, "Yes."), Ok(TurnOutcome::Stored));
        assert_eq!(append(&mut transcript, 1, "Yes."), Ok(TurnOutcome::Repeated));
        assert!(append(&mut transcript, 1, "No.").unwrap_err().starts_with("turn 1 was said already"));
        let other =
            transcript.append(1, Speaker::Interviewer(Purpose::Opening), "Yes.".into(), Timestamp::EPOCH);
        assert_eq!(other, Err(TurnRefused::Taken { number: 1 }));
        assert_eq!(append(&mut transcript, 3, "So."), Err("the next turn has number 2".into()));
        assert_eq!(append(&mut transcript, 0, "So."), Err("the next turn has number 2".into()));
        assert!(append(&mut transcript, 2, " ").unwrap_err().starts_with("the text is blank"));
        assert_eq!(transcript.turns().len(), 1);
    }

    #[test]
    fn an_interview_ends_somewhere() {
        let mut transcript = Transcript::default();
        for number in 1..=Transcript::MAX_TURNS {
            assert_eq!(append(&mut transcript, number, "so"), Ok(TurnOutcome::Stored));
        }
        assert_eq!(append(&mut transcript, 1_001, "so"), Err("an interview has at most 1000 turns".into()));
    }
}
