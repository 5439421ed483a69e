//! The check of every access token: one join by primary keys, in SQL because it is built once and sent most.

use identity::{AccountStatus, directory::SessionStatus};
use kernel::{AccountId, PlatformRole, SessionId, StoreError, Timestamp};
use sea_orm::FromQueryResult;

use super::{accounts, sessions};
use crate::{
    col::{Col, Word},
    driver::query,
    tx::Tx,
};

const SESSION_STATUS: &str = "
SELECT s.account_id, s.revoked_at IS NULL AND s.expires_at > $2 AND s.idle_expires_at > $2 AS live,
  s.authenticated_at, a.epoch, a.status, a.platform_role, a.password_expires_at IS NOT NULL AS temporary_password
FROM identity.sessions s JOIN identity.accounts a ON a.id = s.account_id
WHERE s.id = $1";

#[derive(FromQueryResult)]
struct Row {
    account_id: Col<AccountId>,
    live: bool,
    authenticated_at: Col<Timestamp>,
    epoch: i64,
    status: Word<AccountStatus>,
    platform_role: Word<PlatformRole>,
    temporary_password: bool,
}

pub(super) async fn read(
    tx: &Tx,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<SessionStatus>, StoreError> {
    if !tx.can_read_entity::<sessions::Entity>() || !tx.can_read_entity::<accounts::Entity>() {
        return Ok(None);
    }
    let check = query(SESSION_STATUS).bind(session.uuid()).bind(now.to_offset_date_time());
    let found: Vec<Row> = tx.find_rows(check).await?;
    Ok(found.into_iter().next().map(|row| SessionStatus {
        account: row.account_id.0,
        live: row.live,
        authenticated_at: row.authenticated_at.0,
        epoch: row.epoch,
        account_status: row.status.0,
        platform_role: row.platform_role.0,
        temporary_password: row.temporary_password,
    }))
}
