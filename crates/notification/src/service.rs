//! What people do with their inbox.

use std::fmt;

use kernel::{AccountId, Ctx, Page, PageRequest, Secret, StoreError, Timestamp};

use crate::{
    Marks, Notification, NotificationFilter, NotificationId, NotificationPreferences,
    NotificationPreferencesState, Ports, Refused, Subscription, stream,
};

/// Unread notifications are counted as far as this.
const MOST_COUNTED: u32 = 100;
/// So many that were missed are shown again to a stream.
const MOST_MISSED: u32 = 200;
/// So many are marked at a time.
const MARKED_AT_A_TIME: u32 = 10_000;

/// The inbox of whoever asks.
#[derive(Debug, Clone)]
pub struct NotificationService {
    ports: Ports,
}

/// What a stream shows next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamCatchUp {
    /// What came since, oldest first.
    pub came: Vec<Notification>,
    /// Whether more came than is shown again, or the number is not one of this inbox: the list has to be read.
    pub is_reset: bool,
    /// The number to go on from.
    pub number: i64,
    /// How many are unread.
    pub unread: u32,
}

/// A stream that was begun.
pub struct OpenStream {
    /// The person, in their own scope.
    pub own: Ctx,
    /// Who they are.
    pub account: AccountId,
    /// Tells when there is more to show.
    pub subscription: Box<dyn Subscription>,
    /// What is shown first.
    pub caught_up: StreamCatchUp,
}

impl fmt::Debug for OpenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStream").field("account", &self.account).finish_non_exhaustive()
    }
}

impl NotificationService {
    /// Whoever has as many unread has them or more.
    pub const MOST_COUNTED: u32 = MOST_COUNTED;

    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn own(&self, ctx: &Ctx) -> Result<(Ctx, AccountId), Refused> {
        Ok(self.ports.gate.permit_own(ctx).await?)
    }

    /// Those that pass, newest first.
    pub async fn list(
        &self,
        ctx: &Ctx,
        filter: &NotificationFilter,
        page: &PageRequest,
    ) -> Result<Page<Notification>, Refused> {
        let (ctx, _) = self.own(ctx).await?;
        Ok(self.ports.inboxes.list(&ctx, filter, page).await?)
    }

    /// How many are neither read nor put aside, at most [`Self::MOST_COUNTED`].
    pub async fn unread(&self, ctx: &Ctx) -> Result<u32, Refused> {
        let (ctx, _) = self.own(ctx).await?;
        Ok(self.ports.inboxes.unread(&ctx, MOST_COUNTED).await?)
    }

    /// Sets marks; the last word wins.
    pub async fn mark(&self, ctx: &Ctx, id: NotificationId, marks: Marks) -> Result<Notification, Refused> {
        let (ctx, account) = self.own(ctx).await?;
        let marked = self.ports.inboxes.mark(&ctx, id, marks, self.ports.clock.now()).await?;
        let marked = marked.ok_or(Refused::Missing)?;
        self.ports.announcements.announce(account);
        Ok(marked)
    }

    /// Marks this one and all before it as read, but for those put aside: none that the person has not seen.
    pub async fn mark_read(&self, ctx: &Ctx, up_to: NotificationId) -> Result<(), Refused> {
        let (ctx, account) = self.own(ctx).await?;
        let inboxes = &self.ports.inboxes;
        let last = inboxes.notification(&ctx, up_to).await?.ok_or(Refused::Missing)?;
        let now = self.ports.clock.now();
        while inboxes.mark_read(&ctx, last.number, now, MARKED_AT_A_TIME).await? >= MARKED_AT_A_TIME.into() {}
        self.ports.announcements.announce(account);
        Ok(())
    }

    /// How the person wants to be told; at version 0 until they choose.
    pub async fn preferences(&self, ctx: &Ctx) -> Result<NotificationPreferences, Refused> {
        let (ctx, account) = self.own(ctx).await?;
        Ok(self.ports.preferences(&ctx, account).await?)
    }

    /// The person chose these, having read the version. What is wrong with them the caller has checked
    /// ([`NotificationPreferencesState::faults`]).
    pub async fn choose(
        &self,
        ctx: &Ctx,
        version: i64,
        choose: impl FnOnce(AccountId) -> NotificationPreferencesState,
    ) -> Result<NotificationPreferences, Refused> {
        let (ctx, account) = self.own(ctx).await?;
        let mut unit = self.ports.store.begin(&ctx).await?;
        let found = unit.notification_preferences(account).await?;
        let mut preferences = found.unwrap_or_else(|| NotificationPreferences::usual(account));
        preferences.unchanged_since(version)?;
        preferences.choose(choose(account), self.ports.clock.now());
        if preferences.has_changed() {
            unit.save_notification_preferences(&mut preferences).await?;
            unit.commit().await?;
        }
        Ok(preferences)
    }

    /// A ticket that opens one stream within a minute as the holder of this token, and until when.
    pub async fn stream_ticket(&self, ctx: &Ctx, token: &Secret) -> Result<(Secret, Timestamp), Refused> {
        let (_, account) = self.own(ctx).await?;
        Ok(stream::issue(&self.ports, account, token))
    }

    /// The token in a ticket, which serves once.
    pub async fn redeem_ticket(&self, ctx: &Ctx, ticket: &Secret) -> Result<Secret, Refused> {
        stream::redeem(&self.ports, ctx, ticket).await
    }

    /// Begins a stream with what came after the number the caller saw last; without one, with what comes from now on.
    pub async fn begin_stream(&self, ctx: &Ctx, seen: Option<i64>) -> Result<OpenStream, Refused> {
        let (own, account) = self.own(ctx).await?;
        // Before what was missed is read: what comes meanwhile is told.
        let subscription = self.ports.streams.open(account).ok_or(Refused::TooManyStreams)?;
        let number = self.ports.inboxes.last_number(&own).await?;
        let caught_up = match seen {
            Some(seen) if seen <= number => self.catch_up(&own, seen).await?,
            // A number from before the inbox was restored from a backup.
            other => {
                let unread = self.ports.inboxes.unread(&own, MOST_COUNTED).await?;
                StreamCatchUp { came: Vec::new(), is_reset: other.is_some(), number, unread }
            }
        };
        Ok(OpenStream { own, account, subscription, caught_up })
    }

    /// What came since, for a stream that has begun.
    pub async fn catch_up(&self, ctx: &Ctx, number: i64) -> Result<StreamCatchUp, StoreError> {
        let inboxes = &self.ports.inboxes;
        let mut came = inboxes.after(ctx, number, MOST_MISSED + 1).await?;
        let is_reset = came.len() > usize::try_from(MOST_MISSED).unwrap_or(usize::MAX);
        let number = if is_reset {
            came.clear();
            inboxes.last_number(ctx).await?
        } else {
            came.last().map_or(number, |last| last.number)
        };
        Ok(StreamCatchUp { came, is_reset, number, unread: inboxes.unread(ctx, MOST_COUNTED).await? })
    }
}
