//! Refresh-token rotation: one compare-and-swap on the session's counter.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{SessionId, StoreError, Timestamp};

use crate::session::Session;

/// How long the token before the current one still fetches the current one: a client may have lost the answer.
pub const GRACE: Duration = Duration::from_secs(10);

/// What became of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was current: the session has moved on to the counter it now carries.
    Rotated(Session),
    /// It was the one before, within [`GRACE`]: the session as it is; its current token is issued again.
    Reissued(Session),
    /// It was used before: the session must end.
    Reused(Session),
    /// The session is unknown, has ended, or its account is not active.
    Dead,
}

/// The rotation port.
#[async_trait]
pub trait RefreshRotation: Send + Sync {
    /// Moves the session on if `counter` is current and the session is live and its account active.
    /// MUST be one atomic step: of 50 parallel calls with one counter exactly one gets `Rotated`
    /// (`rotation::parallel_refreshes_leave_one_lineage`).
    async fn rotate(&self, session: SessionId, counter: i64, now: Timestamp) -> Result<Rotation, StoreError>;
}

/// What a counter that is not current means, for adapters to share.
pub fn judge(session: Session, counter: i64, now: Timestamp) -> Rotation {
    if !session.is_live(now) || counter > session.counter {
        Rotation::Dead
    } else if counter == session.counter {
        Rotation::Rotated(session)
    } else if counter + 1 == session.counter && now.since(session.rotated_at) <= GRACE {
        Rotation::Reissued(session)
    } else {
        Rotation::Reused(session)
    }
}
