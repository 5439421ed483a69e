//! Why this domain says no, and by which code.

use kernel::{AccessDenied, PageRefusal, StoreError};

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

kernel::refusals! {
    Refused {
        own {
            Self::UnknownEvent => Missing, "audit.unknown_event",
                "No event of the trail has this id. Check the id; events are never removed.";
            Self::NotCovered => Unavailable, "audit.not_covered",
                "The event is newer than the newest signed checkpoint. Ask again after `Retry-After`.";
            Self::NoCheckpoint => Unavailable, "audit.no_checkpoint",
                "The log has no signed checkpoint yet. Ask again after `Retry-After`.";
            Self::SizeOutOfRange(_) => Invalid, "audit.size_out_of_range",
                "A consistency proof leads from a size of at least 1 to one that is not smaller and not beyond the log.";
        }
        nested { AccessDenied, Page, Store }
        retry_after { Self::NotCovered | Self::NoCheckpoint => EVERY; }
    }
}
