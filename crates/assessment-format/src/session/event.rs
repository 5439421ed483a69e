//! What can happen to a session.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::reply::Reply;
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

/// An event's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named as in `Event`, where each is explained")]
pub enum EventKind {
    Start,
    Answer,
    Turn,
    Pause,
    Resume,
    Submit,
    Score,
    Rate,
    Release,
    Extend,
    Reopen,
    Void,
}

impl Event {
    /// Its name.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Start => EventKind::Start,
            Self::Answer { .. } => EventKind::Answer,
            Self::Turn { .. } => EventKind::Turn,
            Self::Pause => EventKind::Pause,
            Self::Resume => EventKind::Resume,
            Self::Submit => EventKind::Submit,
            Self::Score { .. } => EventKind::Score,
            Self::Rate { .. } => EventKind::Rate,
            Self::Release => EventKind::Release,
            Self::Extend { .. } => EventKind::Extend,
            Self::Reopen { .. } => EventKind::Reopen,
            Self::Void { .. } => EventKind::Void,
        }
    }
}

impl EventKind {
    /// The name it is sent under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Answer => "answer",
            Self::Turn => "turn",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Submit => "submit",
            Self::Score => "score",
            Self::Rate => "rate",
            Self::Release => "release",
            Self::Extend => "extend",
            Self::Reopen => "reopen",
            Self::Void => "void",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Minutes that are granted: 1 to 10,080, a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Minutes(u16);

/// A number of minutes that cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("from 1 to 10080 minutes can be granted at a time")]
pub struct NoMinutes;

impl Minutes {
    /// Checks the range.
    pub const fn new(minutes: u16) -> Result<Self, NoMinutes> {
        if minutes >= 1 && minutes <= 7 * 24 * 60 { Ok(Self(minutes)) } else { Err(NoMinutes) }
    }

    /// From 1 to 10,080.
    pub const fn get(self) -> u16 {
        self.0
    }

    pub(super) fn duration(self) -> Duration {
        Duration::from_secs(60 * u64::from(self.0))
    }
}

impl From<Minutes> for u16 {
    fn from(minutes: Minutes) -> Self {
        minutes.0
    }
}

impl TryFrom<u16> for Minutes {
    type Error = NoMinutes;

    fn try_from(minutes: u16) -> Result<Self, NoMinutes> {
        Self::new(minutes)
    }
}

/// Why someone did it: 1 to 500 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

/// A text that is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a reason of 1 to 500 characters, without control characters")]
pub struct NoReason;

impl Reason {
    const MAX_LENGTH: usize = 500;

    /// Trims and checks the text.
    pub fn new(text: &str) -> Result<Self, NoReason> {
        let text = text.trim();
        let sound = (1..=Self::MAX_LENGTH).contains(&text.chars().count());
        if sound && !text.chars().any(|c| c.is_control() && c != '\n') {
            Ok(Self(text.into()))
        } else {
            Err(NoReason)
        }
    }

    /// Stands for a reason that is not kept any more.
    pub(crate) fn forgotten() -> Self {
        Self("erased".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

impl TryFrom<String> for Reason {
    type Error = NoReason;

    fn try_from(text: String) -> Result<Self, NoReason> {
        Self::new(&text)
    }
}
