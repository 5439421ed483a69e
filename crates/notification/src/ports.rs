//! What this domain asks of storage and of the rest of Touchstone.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Clock, Ctx, Gate, Ids, Mailer, Members, Page, PageRequest, People, Scope, Sealing,
    Store, StoreError, TimeZones, Timestamp, UnitOfWork,
};
use uuid::Uuid;

use crate::{
    Marks, NewNotification, Notification, NotificationFilter, NotificationId, NotificationPreferences,
    Streams,
};

/// The topic under which storage wakes the worker to mail a notification; the target is the account.
pub const MAIL_DUE: &str = "notification.mail";

/// What became of notifications whose mail was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailOutcome {
    /// They were mailed then.
    Mailed(Timestamp),
    /// They are not mailed any more.
    Dropped,
    /// They were not, and whoever took them tries again.
    GivenBack,
    /// They are due then, when [`MAIL_DUE`] is told again.
    DueAt(Timestamp),
}

/// What was found of notifications whose mail is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueMail {
    /// These are the caller's to mail, in the order of their numbers; none where none is due.
    Taken(Vec<Notification>),
    /// None is left, but some are another's until then, who may not come to mail them.
    InOtherHands(Timestamp),
}

/// People's inboxes. All but what is said otherwise happens in the person's own scope, and each call by itself: it
/// lasts when it returns, and leaves no event.
#[async_trait]
pub trait Inboxes: Send + Sync {
    /// Puts a notification into the inbox of the person in scope with the next number, and has [`MAIL_DUE`] told when
    /// its mail is due, in the unit that puts it, and the sooner the more it matters. Tells whether it is new: of each
    /// `dedupe` an inbox takes one (`inboxes::one_of_many_is_put`).
    ///
    /// Numbers MUST come in the order in which notifications can be seen, also where they are put at the same time:
    /// whoever read up to a number misses none below it (`inboxes::numbers_come_in_the_order_of_commits`).
    async fn put(&self, ctx: &Ctx, new: &NewNotification) -> Result<bool, StoreError>;

    /// One of them.
    async fn notification(&self, ctx: &Ctx, id: NotificationId) -> Result<Option<Notification>, StoreError>;

    /// Those that pass, newest first.
    async fn list(
        &self,
        ctx: &Ctx,
        filter: &NotificationFilter,
        page: &PageRequest,
    ) -> Result<Page<Notification>, StoreError>;

    /// How many are neither read nor put aside; counting ends at `most`.
    async fn unread(&self, ctx: &Ctx, most: u32) -> Result<u32, StoreError>;

    /// Up to `most` of those with higher numbers that are not put aside, oldest first.
    async fn after(&self, ctx: &Ctx, number: i64, most: u32) -> Result<Vec<Notification>, StoreError>;

    /// The highest number there was.
    async fn last_number(&self, ctx: &Ctx) -> Result<i64, StoreError>;

    /// Sets marks, and gives the notification back as it is then; `None` where it is not there.
    async fn mark(
        &self,
        ctx: &Ctx,
        id: NotificationId,
        marks: Marks,
        now: Timestamp,
    ) -> Result<Option<Notification>, StoreError>;

    /// Marks up to `most` of those that are neither read nor put aside and have numbers up to this one as read; tells
    /// how many.
    async fn mark_read(&self, ctx: &Ctx, up_to: i64, now: Timestamp, most: u32) -> Result<u64, StoreError>;

    /// Takes up to `most` whose mail is due and that were not read since: until then nobody else takes them
    /// (`inboxes::due_mail_is_taken_once`).
    async fn take_due_mail(
        &self,
        ctx: &Ctx,
        now: Timestamp,
        until: Timestamp,
        most: u32,
    ) -> Result<DueMail, StoreError>;

    /// What became of them.
    async fn settle_mail(
        &self,
        ctx: &Ctx,
        ids: &[NotificationId],
        outcome: MailOutcome,
    ) -> Result<(), StoreError>;

    /// Forgets the whole inbox, with its numbers.
    async fn forget(&self, ctx: &Ctx) -> Result<(), StoreError>;

    /// Remembers in the person's scope that a ticket was used, until it expires; tells whether it had not been.
    async fn use_ticket(&self, ctx: &Ctx, id: Uuid, expires_at: Timestamp) -> Result<bool, StoreError>;

    /// For the worker: how often the inboxes of these people changed, of those who have one. Whatever is put or marked
    /// counts.
    async fn revisions(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, i64>, StoreError>;

    /// For the worker, who reads nothing of them: forgets up to `most` notifications that were read before `read` or
    /// put before `put`, and all tickets that expired before `now`; tells how many notifications.
    async fn forget_old(
        &self,
        now: Timestamp,
        read: Timestamp,
        put: Timestamp,
        most: u32,
    ) -> Result<u64, StoreError>;
}

/// Keeps how people want to be told.
#[async_trait]
pub trait PreferenceStore: Send {
    /// What the person chose, if they ever did.
    async fn notification_preferences(
        &mut self,
        account: AccountId,
    ) -> Result<Option<NotificationPreferences>, StoreError>;

    /// For the worker: the same of all of these people, of those who ever did; in any other scope, of those it sees.
    async fn notification_preferences_of(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<Vec<NotificationPreferences>, StoreError>;

    /// Keeps it.
    async fn save_notification_preferences(
        &mut self,
        preferences: &mut NotificationPreferences,
    ) -> Result<(), StoreError>;

    /// Forgets it, without a record: part of an erasure, which has one.
    async fn forget_notification_preferences(&mut self, account: AccountId) -> Result<(), StoreError>;
}

/// What a unit of this domain can do.
pub trait UnitPorts: UnitOfWork + PreferenceStore {}
impl<U: UnitOfWork + PreferenceStore> UnitPorts for U {}

/// A unit of work of this domain.
pub type Unit = dyn UnitPorts;

/// Whose inboxes changed, as word of it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announced {
    /// These people's.
    Accounts(Vec<AccountId>),
    /// Anybody's: who cares looks.
    Anybody,
}

/// Word between processes that inboxes changed. It is a hint, which may be lost: whoever waits looks now and then.
#[async_trait]
pub trait Announcements: Send + Sync {
    /// Tells everyone that listens, in whatever process, that the inbox changed. Returns at once.
    fn announce(&self, account: AccountId);

    /// Waits for word, of this process or another. One caller a process gets it.
    async fn announced(&self) -> Announced;

    /// Whether word of other processes comes at all; where it does not, their changes are looked for.
    fn hears_others(&self) -> bool;
}

/// What the services of this domain hold.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named after its port, which is documented")]
pub struct Ports {
    pub inboxes: Arc<dyn Inboxes>,
    pub store: Arc<dyn Store<Unit>>,
    pub announcements: Arc<dyn Announcements>,
    pub gate: Arc<dyn Gate>,
    pub people: Arc<dyn People>,
    pub members: Arc<dyn Members>,
    pub zones: Arc<dyn TimeZones>,
    pub mailer: Arc<dyn Mailer>,
    pub streams: Arc<dyn Streams>,
    pub sealing: Arc<dyn Sealing>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

impl Ports {
    /// What each of these people chose, or what holds until they do, in their order.
    pub(crate) async fn preferences_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<NotificationPreferences>, StoreError> {
        let mut unit = self.store.begin(&Ctx::new(Actor::System, Scope::Worker)).await?;
        let chosen = unit.notification_preferences_of(accounts).await?;
        let mut chosen: HashMap<_, _> = chosen.into_iter().map(|of| (of.account, of)).collect();
        let of = |account: &AccountId| {
            chosen.remove(account).unwrap_or_else(|| NotificationPreferences::usual(*account))
        };
        Ok(accounts.iter().map(of).collect())
    }

    /// What the person chose, or what holds until they do.
    pub(crate) async fn preferences(
        &self,
        ctx: &Ctx,
        account: AccountId,
    ) -> Result<NotificationPreferences, StoreError> {
        let mut unit = self.store.begin(ctx).await?;
        let chosen = unit.notification_preferences(account).await?;
        Ok(chosen.unwrap_or_else(|| NotificationPreferences::usual(account)))
    }
}

/// What can be set about notifications.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where links in mails lead, without a slash at the end.
    pub public_url: String,
    /// For how many days notifications are kept once they are read, and twice as long otherwise; 180 unless set.
    pub keep_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { public_url: "http://localhost:8080".to_owned(), keep_days: 180 }
    }
}
