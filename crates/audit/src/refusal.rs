//! Why this domain says no.

use kernel::{AccessDenied, CodeNote, Kind, PageRefusal, Refusal, StoreError};

use crate::proof::ProveError;

/// A refused call on the trail.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The gate stayed shut.
    #[error(transparent)]
    AccessDenied(#[from] AccessDenied),
    /// No event has this id.
    #[error("no event of this id is in the log; a new one is in it within a second")]
    UnknownEvent,
    /// The event is newer than the newest checkpoint.
    #[error("the event is not covered by a checkpoint yet; one is signed within {EVERY} seconds")]
    NotCovered,
    /// There is no checkpoint yet.
    #[error("no checkpoint was signed yet; the first is signed within {EVERY} seconds of the first event")]
    NoCheckpoint,
    /// A proof was asked for between sizes it cannot be given for.
    #[error("{0}")]
    SizeOutOfRange(String),
    /// A page that cannot be given.
    #[error(transparent)]
    Page(#[from] PageRefusal),
    /// Storage did not do it.
    #[error(transparent)]
    Store(StoreError),
}

/// How often checkpoints are signed while the log grows, in seconds.
pub(crate) const EVERY: u64 = 10;

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Page(refusal) => Self::Page(refusal),
            error => Self::Store(error),
        }
    }
}

impl From<ProveError> for Refused {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Store(error) => error.into(),
            ProveError::Refused(error) => Self::SizeOutOfRange(error.to_string()),
        }
    }
}

impl Refusal for Refused {
    fn kind(&self) -> Kind {
        match self {
            Self::AccessDenied(denied) => denied.kind(),
            Self::UnknownEvent => Kind::Missing,
            Self::NotCovered | Self::NoCheckpoint => Kind::Unavailable,
            Self::SizeOutOfRange(_) => Kind::Invalid,
            Self::Page(refusal) => refusal.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied(denied) => denied.code(),
            Self::UnknownEvent => "audit.unknown_event",
            Self::NotCovered => "audit.not_covered",
            Self::NoCheckpoint => "audit.no_checkpoint",
            Self::SizeOutOfRange(_) => "audit.size_out_of_range",
            Self::Page(refusal) => refusal.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn errors(&self) -> Vec<(String, String)> {
        match self {
            Self::AccessDenied(denied) => denied.errors(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::AccessDenied(denied) => denied.retry_after(),
            Self::NotCovered | Self::NoCheckpoint => Some(EVERY),
            Self::Store(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// Every code of this domain's own, for the page that explains them.
pub const CODES: [CodeNote; 4] = [
    CodeNote {
        code: "audit.unknown_event",
        kind: Kind::Missing,
        note: "No event of the trail has this id. Check the id; events are never removed.",
    },
    CodeNote {
        code: "audit.not_covered",
        kind: Kind::Unavailable,
        note: "The event is newer than the newest signed checkpoint. Ask again after `Retry-After`.",
    },
    CodeNote {
        code: "audit.no_checkpoint",
        kind: Kind::Unavailable,
        note: "The log has no signed checkpoint yet. Ask again after `Retry-After`.",
    },
    CodeNote {
        code: "audit.size_out_of_range",
        kind: Kind::Invalid,
        note: "A consistency proof leads from a size of at least 1 to one that is not smaller and not beyond the log.",
    },
];
