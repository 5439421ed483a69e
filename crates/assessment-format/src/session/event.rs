//! What can happen to a session of an assessment.

use super::{
    reply::Reply,
    sitting::{EventKind, Minutes, Reason, Transition},
};
use crate::{interview::Speaker, slug::Slug};

/// What happens to a session. Who may do it is for the service; that the deadline passes is no event but the
/// time: [`Session::settle`](super::Session::settle).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The person opens it: the clock runs.
    Start,
    /// The person answers an item.
    Answer {
        /// Which item.
        item: Slug,
        /// The client's number: larger than that of every reply it sent to this item before.
        sequence: u64,
        /// The reply; `None` takes the answer back.
        reply: Option<Reply>,
    },
    /// Someone speaks in the interview.
    Turn {
        /// The turn's number, from 1: one more than that of the last.
        number: u32,
        /// Who speaks.
        by: Speaker,
        /// What is said, kept byte for byte.
        text: String,
    },
    /// The person pauses the clock.
    Pause,
    /// The person goes on.
    Resume,
    /// The person is done.
    Submit,
    /// What code can score was scored.
    Score {
        /// How many ratings of people are missing.
        ratings_missing: usize,
    },
    /// A person rated.
    Rate {
        /// How many ratings are still missing.
        ratings_missing: usize,
    },
    /// The result may be seen.
    Release,
    /// The person gets more time while it runs.
    Extend {
        /// How much beyond the deadline. A session without a deadline stays without.
        minutes: Minutes,
        /// Why.
        reason: Reason,
    },
    /// The person gets more time after it was over.
    Reopen {
        /// How much, from now. A session without a deadline stays without.
        minutes: Minutes,
        /// Why.
        reason: Reason,
    },
    /// It does not count.
    Void {
        /// Why.
        reason: Reason,
    },
}

impl Event {
    /// Its name.
    pub const fn kind(&self) -> EventKind {
        self.transition().kind()
    }

    /// What it is for the transition table.
    pub(super) const fn transition(&self) -> Transition<'_> {
        match self {
            Self::Start => Transition::Start,
            Self::Answer { .. } => Transition::Answer,
            Self::Turn { .. } => Transition::Turn,
            Self::Pause => Transition::Pause,
            Self::Resume => Transition::Resume,
            Self::Submit => Transition::Submit,
            Self::Score { ratings_missing } => Transition::Score { ratings_missing: *ratings_missing },
            Self::Rate { ratings_missing } => Transition::Rate { ratings_missing: *ratings_missing },
            Self::Release => Transition::Release,
            Self::Extend { minutes, reason } => Transition::Extend { minutes: *minutes, reason },
            Self::Reopen { minutes, reason } => Transition::Reopen { minutes: *minutes, reason },
            Self::Void { reason } => Transition::Void { reason },
        }
    }
}
