//! The ports of notifications. Inboxes are no tables: each call on one lasts when it returns.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use kernel::{AccountId, Ctx, Delivery, Keyed, Lane, Page, PageRequest, Scope, Store, StoreError, Timestamp};
use notification::{
    Marks, NewNotification, Notification, NotificationFilter, NotificationId, NotificationPreferences, Unit,
    ports::{Announced, Announcements, DueMail, Inboxes, MAIL_DUE, MailOutcome, PreferenceStore},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    MemoryStorage,
    key::RowId,
    outbox::fetch_limit,
    row::{Access, Indexed, if_allowed},
    scoped_view::empty_page,
    unit::MemoryUnit,
};

/// Everybody's inboxes.
#[derive(Default)]
pub(crate) struct State {
    inboxes: HashMap<AccountId, Inbox>,
    used_tickets: HashMap<(AccountId, Uuid), Timestamp>,
    changed: BTreeSet<AccountId>,
}

#[derive(Default)]
struct Inbox {
    last_number: i64,
    /// How often it changed.
    revision: i64,
    /// By their numbers.
    notifications: Vec<Notification>,
    /// Those somebody mails, until when they have them to themselves.
    taken: HashMap<NotificationId, Timestamp>,
}

impl Inbox {
    fn put(&mut self, new: &NewNotification) -> bool {
        if self.notifications.iter().any(|told| told.dedupe == new.dedupe) {
            return false;
        }
        self.last_number += 1;
        self.revision += 1;
        let number = self.last_number;
        self.notifications.push(Notification { told: new.clone(), number, read_at: None, mailed_at: None });
        true
    }

    fn unread(&mut self) -> impl Iterator<Item = &mut Notification> {
        self.notifications.iter_mut().filter(|told| told.read_at.is_none() && !told.is_archived)
    }
}

fn most(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl MemoryStorage {
    /// The inbox of the person in scope, to be read; any other scope sees none.
    fn inbox<R>(&self, ctx: &Ctx, read: impl FnOnce(&Inbox) -> R) -> Option<R> {
        let state = self.shared.read();
        state.notification.inboxes.get(&ctx.scope.account()?).map(read)
    }

    fn mail_timer(&self, account: AccountId, lane: Lane, occurred_at: Timestamp) -> Delivery {
        Delivery {
            id: self.shared.ids.ordered(),
            topic: MAIL_DUE.to_owned(),
            lane,
            target_kind: "account".to_owned(),
            target_id: account.uuid(),
            target_version: None,
            organization: None,
            data: Value::Null,
            occurred_at,
            attempts: 0,
        }
    }

    fn change_inbox<R>(&self, ctx: &Ctx, change: impl FnOnce(&mut Inbox) -> R) -> Result<R, StoreError> {
        let account = ctx.scope.account().ok_or(StoreError::OutOfScope)?;
        Ok(change(self.shared.write().notification.inboxes.entry(account).or_default()))
    }
}

#[async_trait]
impl Inboxes for MemoryStorage {
    async fn put(&self, ctx: &Ctx, new: &NewNotification) -> Result<bool, StoreError> {
        if ctx.scope != Scope::Account(new.account) {
            return Err(StoreError::OutOfScope);
        }
        let mut state = self.shared.write();
        if !state.notification.inboxes.entry(new.account).or_default().put(new) {
            return Ok(false);
        }
        if let Some(due) = new.mail_due_at {
            let timer = self.mail_timer(new.account, new.mail_lane(), new.created_at);
            state.queue.push(timer, Some(due), self.shared.clock.now());
            drop(state);
            self.shared.wake();
        }
        Ok(true)
    }

    async fn notification(&self, ctx: &Ctx, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        let find = |inbox: &Inbox| inbox.notifications.iter().find(|told| told.id == id).cloned();
        Ok(self.inbox(ctx, find).flatten())
    }

    async fn list(
        &self,
        ctx: &Ctx,
        filter: &NotificationFilter,
        page: &PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        let Scope::Account(account) = ctx.scope else { return Ok(empty_page()) };
        let list = ("notifications", account, filter);
        let before = page.key::<i64>(&list)?.unwrap_or(i64::MAX);
        let rows = self.inbox(ctx, |inbox| {
            let newest = inbox.notifications.iter().rev();
            let passing = newest.filter(|told| told.number < before && filter.passes(told));
            passing.take(fetch_limit(page)).cloned().collect()
        });
        Ok(Page::cut(rows.unwrap_or_default(), page, &list, |told| told.number))
    }

    async fn unread(&self, ctx: &Ctx, most: u32) -> Result<u32, StoreError> {
        let filter = NotificationFilter { is_unread: Some(true), ..NotificationFilter::default() };
        let count = |inbox: &Inbox| inbox.notifications.iter().filter(|told| filter.passes(told)).count();
        Ok(self.inbox(ctx, count).and_then(|count| u32::try_from(count).ok()).unwrap_or_default().min(most))
    }

    async fn after(&self, ctx: &Ctx, number: i64, count: u32) -> Result<Vec<Notification>, StoreError> {
        let found = self.inbox(ctx, |inbox| {
            let later = inbox.notifications.iter().filter(|told| told.number > number && !told.is_archived);
            later.take(most(count)).cloned().collect()
        });
        Ok(found.unwrap_or_default())
    }

    async fn last_number(&self, ctx: &Ctx) -> Result<i64, StoreError> {
        Ok(self.inbox(ctx, |inbox| inbox.last_number).unwrap_or_default())
    }

    async fn mark(
        &self,
        ctx: &Ctx,
        id: NotificationId,
        marks: Marks,
        now: Timestamp,
    ) -> Result<Option<Notification>, StoreError> {
        self.change_inbox(ctx, |inbox| {
            let told = inbox.notifications.iter_mut().find(|told| told.id == id)?;
            told.mark(marks, now);
            inbox.revision += 1;
            Some(told.clone())
        })
    }

    async fn mark_read(&self, ctx: &Ctx, up_to: i64, now: Timestamp, count: u32) -> Result<u64, StoreError> {
        self.change_inbox(ctx, |inbox| {
            inbox.revision += 1;
            let unread = inbox.unread().filter(|told| told.number <= up_to).take(most(count));
            unread.map(|told| told.read_at = Some(now)).count().try_into().unwrap_or(u64::MAX)
        })
    }

    async fn take_due_mail(
        &self,
        ctx: &Ctx,
        now: Timestamp,
        until: Timestamp,
        count: u32,
    ) -> Result<DueMail, StoreError> {
        let is_due = |told: &&Notification| {
            let is_open = told.mailed_at.is_none() && told.read_at.is_none();
            is_open && told.mail_due_at.is_some_and(|due| due <= now)
        };
        self.change_inbox(ctx, |inbox| {
            let Inbox { notifications, taken, .. } = inbox;
            taken.retain(|_, until| *until > now);
            let due = notifications.iter().filter(is_due);
            let (others, free): (Vec<_>, Vec<_>) = due.partition(|told| taken.contains_key(&told.id));
            let free: Vec<_> = free.into_iter().take(most(count)).cloned().collect();
            let other = others.iter().filter_map(|told| taken.get(&told.id)).max().copied();
            taken.extend(free.iter().map(|told| (told.id, until)));
            match other {
                Some(until) if free.is_empty() => DueMail::InOtherHands(until),
                _ => DueMail::Taken(free),
            }
        })
    }

    async fn settle_mail(
        &self,
        ctx: &Ctx,
        ids: &[NotificationId],
        outcome: MailOutcome,
    ) -> Result<(), StoreError> {
        let account = ctx.scope.account().ok_or(StoreError::OutOfScope)?;
        let now = self.shared.clock.now();
        let mut state = self.shared.write();
        let inbox = state.notification.inboxes.entry(account).or_default();
        inbox.taken.retain(|id, _| !ids.contains(id));
        for told in inbox.notifications.iter_mut().filter(|told| ids.contains(&told.id)) {
            (told.mailed_at, told.told.mail_due_at) = match outcome {
                MailOutcome::Mailed(at) => (Some(at), None),
                MailOutcome::Dropped => (None, None),
                MailOutcome::GivenBack => (None, told.mail_due_at),
                MailOutcome::DueAt(at) => (None, Some(at)),
            };
        }
        if let MailOutcome::DueAt(at) = outcome {
            let timer = self.mail_timer(account, Lane::Soon, now);
            state.queue.push(timer, Some(at), now);
            drop(state);
            self.shared.wake();
        }
        Ok(())
    }

    async fn forget(&self, ctx: &Ctx) -> Result<(), StoreError> {
        let account = ctx.scope.account().ok_or(StoreError::OutOfScope)?;
        let state = &mut self.shared.write().notification;
        state.inboxes.remove(&account);
        state.used_tickets.retain(|(of, _), _| *of != account);
        Ok(())
    }

    async fn use_ticket(&self, ctx: &Ctx, id: Uuid, expires_at: Timestamp) -> Result<bool, StoreError> {
        let account = ctx.scope.account().ok_or(StoreError::OutOfScope)?;
        let used = self.shared.write().notification.used_tickets.insert((account, id), expires_at);
        Ok(used.is_none())
    }

    async fn revisions(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, i64>, StoreError> {
        let inboxes = &self.shared.read().notification.inboxes;
        let of = |account: &AccountId| Some((*account, inboxes.get(account)?.revision));
        Ok(accounts.iter().filter_map(of).collect())
    }

    async fn forget_old(
        &self,
        now: Timestamp,
        read: Timestamp,
        put: Timestamp,
        count: u32,
    ) -> Result<u64, StoreError> {
        let state = &mut self.shared.write().notification;
        state.used_tickets.retain(|_, expires_at| *expires_at >= now);
        let (mut left, mut forgotten) = (most(count), 0);
        for inbox in state.inboxes.values_mut() {
            inbox.notifications.retain(|told| {
                let is_old = told.read_at.is_some_and(|at| at < read) || told.created_at < put;
                let goes = is_old && left > 0;
                left -= usize::from(goes);
                forgotten += u64::from(goes);
                !goes
            });
        }
        Ok(forgotten)
    }
}

#[async_trait]
impl Announcements for MemoryStorage {
    fn announce(&self, account: AccountId) {
        self.shared.write().notification.changed.insert(account);
        self.shared.inboxes_changed.notify_one();
    }

    async fn announced(&self) -> Announced {
        self.shared.inboxes_changed.notified().await;
        let changed = std::mem::take(&mut self.shared.write().notification.changed);
        Announced::Accounts(changed.into_iter().collect())
    }

    fn hears_others(&self) -> bool {
        true
    }
}

impl Indexed for NotificationPreferences {
    /// A person's own; the worker reads how many want it.
    fn access(&self, scope: Scope) -> Access {
        let of_many = if_allowed(scope == Scope::Worker, Access::Read);
        of_many.max(if_allowed(self.owner().is(scope), Access::Full))
    }
}

#[async_trait]
impl Store<Unit> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}

#[async_trait]
impl PreferenceStore for MemoryUnit {
    async fn notification_preferences(
        &mut self,
        account: AccountId,
    ) -> Result<Option<NotificationPreferences>, StoreError> {
        self.get(RowId::of(account))
    }

    async fn notification_preferences_of(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<Vec<NotificationPreferences>, StoreError> {
        let found = accounts.iter().map(|account| self.get(RowId::of(*account)));
        found.filter_map(Result::transpose).collect()
    }

    async fn save_notification_preferences(
        &mut self,
        preferences: &mut NotificationPreferences,
    ) -> Result<(), StoreError> {
        self.save(preferences)
    }

    async fn forget_notification_preferences(&mut self, account: AccountId) -> Result<(), StoreError> {
        let access = if_allowed(self.scope() == Scope::Account(account), Access::Full);
        self.remove::<NotificationPreferences>(access, RowId::of(account))
    }
}
