//! Streams that show notifications as they come, and the tickets that open them where no header can be sent.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{AccountId, Ctx, Scope, Secret, Timestamp, encoding};
use uuid::Uuid;

use crate::{Ports, Refused};

/// What a stream is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The inbox changed.
    Changed,
    /// The person opened more streams than they may have, and this is the oldest.
    Replaced,
    /// The process stops.
    Stopping,
}

/// An open stream's place among those of the process. Dropping it gives the place back.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for the next signal. Signals that come before it is asked again are told as one.
    async fn next(&mut self) -> Signal;
}

/// The streams of this process.
pub trait Streams: Send + Sync {
    /// A place for another stream of this person, if there is one.
    fn open(&self, account: AccountId) -> Option<Box<dyn Subscription>>;
}

/// For so long a ticket opens a stream.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(60);

const PURPOSE: &str = "notification-stream-ticket";
const HEADER: usize = 16 + 16 + 8;

/// A ticket is the caller's own token, sealed, good for a minute and one use: a stream lives no longer than that token.
pub(crate) fn issue(ports: &Ports, account: AccountId, token: &Secret) -> (Secret, Timestamp) {
    let expires_at = ports.clock.now().plus(TICKET_LIFE);
    let mut plain = account.uuid().as_bytes().to_vec();
    plain.extend(ports.ids.opaque().as_bytes());
    plain.extend(expires_at.unix_seconds().to_be_bytes());
    plain.extend(token.expose().as_bytes());
    (Secret::new(encoding::base64url(&ports.sealing.seal(PURPOSE, &plain))), expires_at)
}

/// The token in a ticket, which serves once.
pub(crate) async fn redeem(ports: &Ports, ctx: &Ctx, ticket: &Secret) -> Result<Secret, Refused> {
    let read = || {
        let plain = ports.sealing.open(PURPOSE, &encoding::from_base64url(ticket.expose())?).ok()?;
        let (header, token) = plain.split_at_checked(HEADER)?;
        let (ids, seconds) = header.split_at(32);
        let (account, id) = ids.split_at(16);
        let expires_at = Timestamp::from_unix_seconds(i64::from_be_bytes(seconds.try_into().ok()?))?;
        let [account, id] = [account, id].map(|id| Uuid::from_slice(id).unwrap_or_default());
        Some((AccountId::from_uuid(account), id, expires_at, String::from_utf8(token.to_vec()).ok()?))
    };
    let (account, id, expires_at, token) = read().ok_or(Refused::InvalidTicket)?;
    let is_good = expires_at > ports.clock.now()
        && ports.inboxes.use_ticket(&ctx.within(Scope::Account(account)), id, expires_at).await?;
    if is_good { Ok(Secret::new(token)) } else { Err(Refused::InvalidTicket) }
}
