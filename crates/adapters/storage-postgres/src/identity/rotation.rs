//! Refresh-token rotation: one compare-and-swap.

use async_trait::async_trait;
use identity::{AccountStatus, RefreshRotation, Rotation, Session, session::judge};
use kernel::{Scope, SessionId, StoreError, Timestamp};
use sea_orm::{DbBackend, EntityTrait as _, FromQueryResult as _, Statement};

use super::sessions::{Entity, Model};
use crate::{PostgresStorage, col::Word, read::FromRow as _, tx::Tx};

const ROTATE: &str = "
UPDATE identity.sessions s
SET counter = s.counter + 1, rotated_at = $3, version = s.version + 1,
    idle_expires_at = least($3 + least(s.idle_seconds, 3153600000) * interval '1 second', s.expires_at)
FROM identity.accounts a
WHERE s.id = $1 AND s.counter = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND s.idle_expires_at > $3
  AND a.id = s.account_id AND a.status = 'active'
RETURNING s.*";

const LOOK: &str = "
SELECT s.*, a.status AS account_status
FROM identity.sessions s JOIN identity.accounts a ON a.id = s.account_id
WHERE s.id = $1";

#[async_trait]
impl RefreshRotation for PostgresStorage {
    async fn rotate(&self, session: SessionId, counter: i64, now: Timestamp) -> Result<Rotation, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let at = now.to_offset_date_time();
        let swap = Statement::from_sql_and_values(
            DbBackend::Postgres,
            ROTATE,
            [session.uuid().into(), counter.into(), at.into()],
        );
        let rotated = Entity::find().from_raw_sql(swap).one(&tx).await;
        if let Some(row) = tx.checked(rotated)? {
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
    use sea_orm::ConnectionTrait as _;

    let look = Statement::from_sql_and_values(DbBackend::Postgres, LOOK, [session.uuid().into()]);
    let Some(row) = tx.checked(tx.query_one_raw(look).await)? else { return Ok(None) };
    let status: Word<AccountStatus> = tx.checked(row.try_get("", "account_status"))?;
    if status.0 != AccountStatus::Active {
        return Ok(None);
    }
    let model = tx.checked(Model::from_query_result(&row, ""))?;
    Session::from_row(model).map(Some)
}
