//! The status of a session.

use std::fmt;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::grant::Reason;

/// How far a session has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Nobody opened it.
    NotStarted,
    /// The person answers.
    InProgress,
    /// The clock stands still.
    Paused {
        /// Since when.
        since: Timestamp,
    },
    /// The answers are final.
    Submitted {
        /// Since when.
        at: Timestamp,
        /// Whether the deadline did it and not the person.
        #[serde(rename = "lapsed")]
        expired: bool,
    },
    /// The deadline passed, and what was answered does not count.
    Abandoned {
        /// Since when.
        at: Timestamp,
    },
    /// A person's rating is missing.
    NeedsRating,
    /// There is a result.
    Scored,
    /// The person may see the result.
    Released {
        /// Since when.
        at: Timestamp,
    },
    /// It does not count.
    Voided {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: Reason,
    },
}

kernel::named! {
    /// A session's status without what belongs to it.
    #[expect(missing_docs, reason = "named as in `Status`, where each is explained")]
    pub enum Stage {
        NotStarted = "not_started",
        InProgress = "in_progress",
        Paused = "paused",
        Submitted = "submitted",
        Abandoned = "abandoned",
        NeedsRating = "needs_rating",
        Scored = "scored",
        Released = "released",
        Voided = "voided",
    }
}

impl Status {
    /// Its name alone.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::NotStarted => Stage::NotStarted,
            Self::InProgress => Stage::InProgress,
            Self::Paused { .. } => Stage::Paused,
            Self::Submitted { .. } => Stage::Submitted,
            Self::Abandoned { .. } => Stage::Abandoned,
            Self::NeedsRating => Stage::NeedsRating,
            Self::Scored => Stage::Scored,
            Self::Released { .. } => Stage::Released,
            Self::Voided { .. } => Stage::Voided,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
