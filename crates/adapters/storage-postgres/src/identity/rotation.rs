//! Refresh-token rotation: one compare-and-swap.

use async_trait::async_trait;
use identity::{RefreshRotation, Rotation, Session, session::judge};
use kernel::{Scope, SessionId, StoreError, Timestamp};

use super::sessions::Model;
use crate::{PostgresStorage, driver::query, read::FromRow as _, tx::Tx};

const ROTATE: &str = "
UPDATE identity.sessions s
SET counter = s.counter + 1, rotated_at = $3, version = s.version + 1,
    idle_expires_at = least($3 + least(s.idle_seconds, 3153600000) * interval '1 second', s.expires_at)
FROM identity.accounts a
WHERE s.id = $1 AND s.counter = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND s.idle_expires_at > $3
  AND a.id = s.account_id AND a.status = 'active'
RETURNING s.*";

const LOOK: &str = "
SELECT s.*
FROM identity.sessions s JOIN identity.accounts a ON a.id = s.account_id
WHERE s.id = $1 AND a.status = 'active'";

#[async_trait]
impl RefreshRotation for PostgresStorage {
    async fn rotate(&self, session: SessionId, counter: i64, now: Timestamp) -> Result<Rotation, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let swap = query(ROTATE).bind(session.uuid()).bind(counter).bind(now.to_offset_date_time());
        let rotated: Vec<Model> = tx.find_rows(swap).await?;
        if let Some(row) = rotated.into_iter().next() {
            let session = Session::from_row(row)?;
            tx.commit().await?;
            return Ok(Rotation::Rotated(session));
        }
        match look(&tx, session).await? {
            Some(session) => match judge(session, counter, now) {
                // It was neither current nor is it old: its last change was undone in between.
                Rotation::Rotated(_) => Err(StoreError::Unavailable("the session was busy".to_owned())),
                verdict => Ok(verdict),
            },
            None => Ok(Rotation::Dead),
        }
    }
}

/// The session, if its account is active.
async fn look(tx: &Tx, session: SessionId) -> Result<Option<Session>, StoreError> {
    let found: Vec<Model> = tx.find_rows(query(LOOK).bind(session.uuid())).await?;
    found.into_iter().next().map(Session::from_row).transpose()
}
