//! Inboxes: statements of our own where one statement does what would take several.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{AccountId, Ctx, Id, Lane, Page, PageRequest, Scope, StoreError, Timestamp};
use notification::{
    Marks, NewNotification, Notification, NotificationFilter, NotificationId,
    ports::{DueMail, Inboxes, MAIL_DUE, MailOutcome},
};
use sea_orm::{QueryOrder as _, QuerySelect as _, entity::prelude::*, sea_query::Expr};
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Column, Entity, Model};
use crate::{
    PostgresStorage,
    broadcast::Committed,
    driver::{Query, query},
    page::{empty_page, fetch_limit},
    platform::number_of,
    read::FromRow,
    scope::Access,
    tx::Tx,
};

/// Counting the inbox up takes its row, which nobody else counts until this is committed. Where the person was told
/// already the number is left out.
const PUT: &str = "
WITH inbox AS (
  INSERT INTO notification.inboxes AS i (account_id, last_number) VALUES ($1, 1)
  ON CONFLICT (account_id) DO UPDATE SET last_number = i.last_number + 1, version = i.version + 1
  RETURNING last_number
), added AS (
  INSERT INTO notification.notifications (id, account_id, number, organization_id, notification_type, priority, title,
    message, related_entity_type, related_entity_id, action_url, dedupe_key, is_archived, mail_due_at, created_at)
  SELECT $2, $1, last_number, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM inbox
  ON CONFLICT (account_id, dedupe_key) DO NOTHING
  RETURNING mail_due_at
), timer AS (
  INSERT INTO platform.outbox (topic, target_kind, target_id, data, occurred_at, due_at, lane)
  SELECT $15, 'account', $1, 'null', $14, mail_due_at, $16 FROM added WHERE mail_due_at IS NOT NULL
)
SELECT 1 FROM added";

const UNREAD: &str = "
SELECT count(*) AS unread FROM (
  SELECT 1 FROM notification.notifications
  WHERE account_id = $1 AND read_at IS NULL AND NOT is_archived LIMIT $2
) counted";

/// Whoever marks counts the inbox as changed, for streams of other processes that look.
const MARK: &str = "
WITH changed AS (UPDATE notification.inboxes SET version = version + 1 WHERE account_id = $1)
UPDATE notification.notifications SET version = version + 1, is_archived = coalesce($4, is_archived),
  read_at = CASE WHEN coalesce($3, $4 AND true) THEN coalesce(read_at, $5) WHEN NOT $3 THEN NULL ELSE read_at END
WHERE account_id = $1 AND id = $2
RETURNING *";

const MARK_READ: &str = "
WITH changed AS (UPDATE notification.inboxes SET version = version + 1 WHERE account_id = $1)
UPDATE notification.notifications SET version = version + 1, read_at = $3
WHERE account_id = $1 AND id = ANY(ARRAY(
  SELECT id FROM notification.notifications
  WHERE account_id = $1 AND number <= $2 AND read_at IS NULL AND NOT is_archived
  ORDER BY number LIMIT $4 FOR UPDATE))";

const TAKE_DUE_MAIL: &str = "
UPDATE notification.notifications SET version = version + 1, mail_taken_until = $3
WHERE account_id = $1 AND id = ANY(ARRAY(
  SELECT id FROM notification.notifications
  WHERE account_id = $1 AND mail_due_at <= $2 AND mailed_at IS NULL AND read_at IS NULL
    AND coalesce(mail_taken_until <= $2, true)
  ORDER BY number LIMIT $4 FOR UPDATE))
RETURNING *";

const TAKEN_UNTIL: &str = "
SELECT max(mail_taken_until) AS taken_until FROM notification.notifications
WHERE account_id = $1 AND mail_due_at <= $2 AND mailed_at IS NULL AND read_at IS NULL AND mail_taken_until > $2";

const SETTLE_MAIL: &str = "
WITH timer AS (
  INSERT INTO platform.outbox (topic, target_kind, target_id, data, occurred_at, due_at, lane)
  SELECT $6, 'account', $1, 'null', now(), $5, $7 WHERE $5::timestamptz IS NOT NULL
)
UPDATE notification.notifications SET version = version + 1, mail_taken_until = NULL, mailed_at = $3,
  mail_due_at = CASE WHEN $4 THEN mail_due_at ELSE $5 END
WHERE account_id = $1 AND id = ANY($2)";

const USE_TICKET: &str = "
INSERT INTO notification.used_tickets (account_id, id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

const FORGET_OLD: &str = "
DELETE FROM notification.notifications WHERE id = ANY(ARRAY(
  SELECT id FROM notification.notifications
  WHERE created_at < greatest($1::timestamptz, $2) AND (read_at < $1 OR created_at < $2)
  ORDER BY created_at LIMIT $3))";

impl PostgresStorage {
    /// Reads of the person in scope; `None` for any other scope, which sees nothing of it.
    async fn inbox(&self, ctx: &Ctx) -> Result<Option<(Tx, AccountId)>, StoreError> {
        let Scope::Account(account) = ctx.scope else { return Ok(None) };
        Ok(Some((self.reading(ctx).await?, account)))
    }

    /// The same for one statement that writes.
    async fn change_inbox(&self, ctx: &Ctx) -> Result<(Tx, AccountId), StoreError> {
        let account = ctx.scope.account().ok_or(StoreError::OutOfScope)?;
        Ok((self.acting(ctx, Access::Write).await?, account))
    }
}

fn of(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account.uuid()))
}

#[async_trait]
impl Inboxes for PostgresStorage {
    async fn put(&self, ctx: &Ctx, new: &NewNotification) -> Result<bool, StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        if account != new.account {
            return Err(StoreError::OutOfScope);
        }
        let time = Timestamp::to_offset_date_time;
        let put = query(PUT)
            .bind(account.uuid())
            .bind(new.id.uuid())
            .bind(new.organization.map(Id::uuid))
            .bind(new.kind.name())
            .bind(new.priority.name())
            .bind(&new.title)
            .bind(&new.message)
            .bind(&new.related.kind)
            .bind(new.related.id)
            .bind(&new.action)
            .bind(&new.dedupe)
            .bind(new.is_archived)
            .bind(new.mail_due_at.map(time))
            .bind(time(new.created_at))
            .bind(MAIL_DUE)
            .bind(number_of(new.mail_lane()));
        let is_new = tx.execute_alone(put).await? == 1;
        if is_new && new.mail_due_at.is_some() {
            self.commits.tell(Committed::SOMETHING);
        }
        Ok(is_new)
    }

    async fn notification(&self, ctx: &Ctx, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        let Some((tx, account)) = self.inbox(ctx).await? else { return Ok(None) };
        tx.find_one(of(account).filter(Column::Id.eq(id.uuid()))).await
    }

    async fn list(
        &self,
        ctx: &Ctx,
        filter: &NotificationFilter,
        page: &PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        let Some((tx, account)) = self.inbox(ctx).await? else { return Ok(empty_page()) };
        let list = ("notifications", account, filter);
        // As the partial indexes have it.
        let archived = if filter.is_archived { "is_archived" } else { "NOT is_archived" };
        let mut rows = of(account).filter(Expr::cust(archived));
        if let Some(kind) = filter.kind {
            rows = rows.filter(Column::NotificationType.eq(kind.name()));
        }
        if let Some(unread) = filter.is_unread {
            rows = rows.filter(if unread { Column::ReadAt.is_null() } else { Column::ReadAt.is_not_null() });
        }
        if let Some(number) = page.key::<i64>(&list)? {
            rows = rows.filter(Column::Number.lt(number));
        }
        let found = tx.find_all(rows.order_by_desc(Column::Number).limit(fetch_limit(page))).await?;
        Ok(Page::cut(found, page, &list, |told: &Notification| told.number))
    }

    async fn unread(&self, ctx: &Ctx, most: u32) -> Result<u32, StoreError> {
        let Some((tx, account)) = self.inbox(ctx).await? else { return Ok(0) };
        let counted = tx.fetch_optional(query(UNREAD).bind(account.uuid()).bind(i64::from(most))).await?;
        let unread = counted.map(|row| tx.get::<i64>(&row, "unread")).transpose()?;
        Ok(unread.and_then(|unread| unread.try_into().ok()).unwrap_or_default())
    }

    async fn after(&self, ctx: &Ctx, number: i64, most: u32) -> Result<Vec<Notification>, StoreError> {
        let Some((tx, account)) = self.inbox(ctx).await? else { return Ok(Vec::new()) };
        let rows = of(account).filter(Column::Number.gt(number)).filter(Expr::cust("NOT is_archived"));
        tx.find_all(rows.order_by_asc(Column::Number).limit(u64::from(most))).await
    }

    async fn last_number(&self, ctx: &Ctx) -> Result<i64, StoreError> {
        let Some((tx, account)) = self.inbox(ctx).await? else { return Ok(0) };
        let last = query("SELECT last_number FROM notification.inboxes WHERE account_id = $1");
        let last = tx.fetch_optional(last.bind(account.uuid())).await?;
        Ok(last.map(|row| tx.get(&row, "last_number")).transpose()?.unwrap_or_default())
    }

    async fn mark(
        &self,
        ctx: &Ctx,
        id: NotificationId,
        marks: Marks,
        now: Timestamp,
    ) -> Result<Option<Notification>, StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        let mark = query(MARK)
            .bind(account.uuid())
            .bind(id.uuid())
            .bind(marks.is_read)
            .bind(marks.is_archived)
            .bind(now.to_offset_date_time());
        let found: Vec<Model> = tx.find_rows(mark).await?;
        tx.commit().await?;
        found.into_iter().next().map(FromRow::from_row).transpose()
    }

    async fn mark_read(&self, ctx: &Ctx, up_to: i64, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        let mark = query(MARK_READ).bind(account.uuid()).bind(up_to);
        tx.execute_alone(mark.bind(now.to_offset_date_time()).bind(i64::from(most))).await
    }

    async fn take_due_mail(
        &self,
        ctx: &Ctx,
        now: Timestamp,
        until: Timestamp,
        most: u32,
    ) -> Result<DueMail, StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        let now = now.to_offset_date_time();
        let take = query(TAKE_DUE_MAIL).bind(account.uuid()).bind(now);
        let take = take.bind(until.to_offset_date_time()).bind(i64::from(most));
        let found: Vec<Model> = tx.find_rows(take).await?;
        if found.is_empty() {
            let row = tx.fetch_optional(query(TAKEN_UNTIL).bind(account.uuid()).bind(now)).await?;
            let taken = row.map(|row| tx.get::<Option<OffsetDateTime>>(&row, "taken_until")).transpose()?;
            if let Some(until) = taken.flatten() {
                return Ok(DueMail::InOtherHands(Timestamp::new(until)));
            }
        }
        tx.commit().await?;
        let told: Result<Vec<Notification>, _> = found.into_iter().map(FromRow::from_row).collect();
        let mut told = told?;
        told.sort_by_key(|told| told.number);
        Ok(DueMail::Taken(told))
    }

    async fn settle_mail(
        &self,
        ctx: &Ctx,
        ids: &[NotificationId],
        outcome: MailOutcome,
    ) -> Result<(), StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        let (mailed_at, due_at) = match outcome {
            MailOutcome::Mailed(at) => (Some(at), None),
            MailOutcome::Dropped | MailOutcome::GivenBack => (None, None),
            MailOutcome::DueAt(at) => (None, Some(at)),
        };
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let settle = query(SETTLE_MAIL)
            .bind(account.uuid())
            .bind(ids)
            .bind(mailed_at.map(Timestamp::to_offset_date_time))
            .bind(outcome == MailOutcome::GivenBack)
            .bind(due_at.map(Timestamp::to_offset_date_time))
            .bind(MAIL_DUE)
            .bind(number_of(Lane::Soon));
        tx.execute_alone(settle).await?;
        if due_at.is_some() {
            self.commits.tell(Committed::SOMETHING);
        }
        Ok(())
    }

    async fn forget(&self, ctx: &Ctx) -> Result<(), StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        let all = Entity::delete_many().filter(Column::AccountId.eq(account.uuid()));
        tx.execute(Query::of(&all)).await?;
        for table in ["inboxes", "used_tickets"] {
            let delete = format!("DELETE FROM notification.{table} WHERE account_id = $1");
            tx.execute(query(&delete).bind(account.uuid())).await?;
        }
        tx.commit().await
    }

    async fn use_ticket(&self, ctx: &Ctx, id: Uuid, expires_at: Timestamp) -> Result<bool, StoreError> {
        let (tx, account) = self.change_inbox(ctx).await?;
        let ticket = query(USE_TICKET).bind(account.uuid()).bind(id);
        // Not alone, which might run twice where a connection is lost.
        let used = tx.execute(ticket.bind(expires_at.to_offset_date_time())).await?;
        tx.commit().await?;
        Ok(used == 1)
    }

    async fn revisions(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, i64>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let changed = "SELECT account_id, version FROM notification.inboxes WHERE account_id = ANY($1)";
        let rows = tx.fetch_all(query(changed).bind(ids)).await?;
        let read = |row| Ok((Id::from_uuid(tx.get(row, "account_id")?), tx.get(row, "version")?));
        rows.iter().map(read).collect()
    }

    async fn forget_old(
        &self,
        now: Timestamp,
        read: Timestamp,
        put: Timestamp,
        most: u32,
    ) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let tickets = query("DELETE FROM notification.used_tickets WHERE expires_at < $1");
        tx.execute(tickets.bind(now.to_offset_date_time())).await?;
        let old = query(FORGET_OLD).bind(read.to_offset_date_time()).bind(put.to_offset_date_time());
        let forgotten = tx.execute(old.bind(i64::from(most))).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
