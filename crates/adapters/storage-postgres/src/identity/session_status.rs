//! The check of every access token: one join by primary keys.

use identity::directory::SessionStatus;
use kernel::{AccountId, SessionId, StoreError, Timestamp};

use super::accounts::{account_status, role};
use crate::tx::Tx;

const SESSION_STATUS: &str = "
SELECT s.account_id, s.revoked_at IS NULL AND s.expires_at > $2 AND s.idle_expires_at > $2 AS live,
  a.epoch, a.status, a.platform_role
FROM identity.sessions s JOIN identity.accounts a ON a.id = s.account_id
WHERE s.id = $1";

pub(super) async fn read(
    tx: &Tx,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<SessionStatus>, StoreError> {
    if !tx.can_read("identity", "sessions") || !tx.can_read("identity", "accounts") {
        return Ok(None);
    }
    let query = sqlx::query(SESSION_STATUS).bind(session.uuid()).bind(now.to_offset_date_time());
    let Some(row) = tx.fetch_optional(query).await? else { return Ok(None) };
    Ok(Some(SessionStatus {
        account: AccountId::from_uuid(tx.get(&row, "account_id")?),
        live: tx.get(&row, "live")?,
        epoch: tx.get(&row, "epoch")?,
        account_status: account_status(tx.get(&row, "status")?)?,
        platform_role: role(tx.get(&row, "platform_role")?)?,
    }))
}
