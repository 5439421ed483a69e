//! Queues of deliveries: statements of our own, each under a lock on the row of the queue.

use std::collections::HashMap;

use ::webhook::{
    Endpoint, EndpointId, WebhookDelivery, WebhookDeliveryId,
    ports::{Deliveries, DueQueue, QueueLease, QueueRoom, RecoveryPeriod, TakenQueue},
};
use async_trait::async_trait;
use kernel::{Ctx, Id, Page, PageRequest, Scope, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, QuerySelect as _, entity::prelude::*};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    deliveries::{Column, Entity, Model},
    endpoints, statements,
};
use crate::{
    PostgresStorage,
    driver::{Query, query},
    page::{empty_page, fetch_limit},
    read::FromRow,
    scope::Access,
    tx::Tx,
};

/// A transaction on one endpoint's queue.
struct QueueTx {
    tx: Tx,
    organization: Uuid,
    endpoint: Uuid,
}

impl QueueTx {
    /// A statement about this queue.
    fn query(&self, sql: &'static str) -> Query<'static> {
        query(sql).bind(self.organization).bind(self.endpoint)
    }

    /// Sets when the queue is due, and makes all of it lasting.
    async fn commit_in_time(self, now: Timestamp) -> Result<(), StoreError> {
        let set_time = self.query(statements::SET_TIME).bind(now.to_offset_date_time());
        self.tx.commit_with(vec![set_time]).await
    }
}

impl PostgresStorage {
    async fn queue_tx(&self, ctx: &Ctx, endpoint: EndpointId) -> Result<QueueTx, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Err(StoreError::OutOfScope) };
        let tx = self.acting(ctx, Access::Write).await?;
        Ok(QueueTx { tx, organization: organization.uuid(), endpoint: endpoint.uuid() })
    }

    /// The same, with the queue locked by its first statement.
    async fn locked_queue(&self, ctx: &Ctx, endpoint: EndpointId) -> Result<QueueTx, StoreError> {
        let queue = self.queue_tx(ctx, endpoint).await?;
        let lock = query(statements::LOCK).bind(queue.organization).bind(vec![queue.endpoint]);
        queue.tx.execute(lock).await?;
        Ok(queue)
    }
}

fn time(of: Timestamp) -> OffsetDateTime {
    of.to_offset_date_time()
}

fn column<T>(of: &[WebhookDelivery], value: impl Fn(&WebhookDelivery) -> T) -> Vec<T> {
    of.iter().map(value).collect()
}

fn attempts(of: &WebhookDelivery) -> i32 {
    of.attempts.try_into().unwrap_or(i32::MAX)
}

/// What is kept of attempts has no text that JSON, or PostgreSQL, cannot hold.
fn record(of: &WebhookDelivery) -> Value {
    serde_json::to_value(&of.record).unwrap_or_default()
}

#[async_trait]
impl Deliveries for PostgresStorage {
    async fn add(&self, ctx: &Ctx, new: &[WebhookDelivery]) -> Result<u64, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Err(StoreError::OutOfScope) };
        if new.iter().any(|new| new.organization() != organization) {
            return Err(StoreError::OutOfScope);
        }
        let tx = self.acting(ctx, Access::Write).await?;
        let mut endpoints = column(new, |new| new.endpoint.uuid());
        endpoints.sort_unstable();
        endpoints.dedup();
        tx.execute(query(statements::LOCK).bind(organization.uuid()).bind(endpoints)).await?;
        let add = query(statements::ADD)
            .bind(organization.uuid())
            .bind(column(new, |new| new.endpoint.uuid()))
            .bind(column(new, |new| new.id.uuid()))
            .bind(column(new, |new| new.event.id))
            .bind(column(new, |new| new.event.event_type.clone()))
            .bind(column(new, |new| time(new.event.occurred_at)))
            .bind(column(new, |new| new.event.target_kind.clone()))
            .bind(column(new, |new| new.event.target_id))
            .bind(column(new, |new| new.event.version))
            .bind(column(new, |new| new.body.clone()))
            .bind(column(new, |new| new.status.name()))
            .bind(column(new, attempts))
            .bind(column(new, |new| new.due_at.map(time)))
            .bind(column(new, |new| new.replayed_at.map(time)))
            .bind(column(new, record))
            .bind(column(new, |new| time(new.created_at)));
        let row = tx.fetch_optional(add).await?;
        let added = row.map(|row| tx.get::<i64>(&row, "added")).transpose()?.unwrap_or_default();
        tx.commit().await?;
        Ok(added.unsigned_abs())
    }

    async fn delivery(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError> {
        let one =
            Entity::find().filter(Column::EndpointId.eq(endpoint.uuid())).filter(Column::Id.eq(id.uuid()));
        self.reading(ctx).await?.find_one(one).await
    }

    async fn page(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let list = ("webhook_deliveries", organization, endpoint);
        let mut rows = Entity::find().filter(Column::EndpointId.eq(endpoint.uuid()));
        if let Some(after) = page.key::<Uuid>(&list)? {
            rows = rows.filter(Column::Id.lt(after));
        }
        let rows = rows.order_by_desc(Column::Id).limit(fetch_limit(page));
        let found = self.reading(ctx).await?.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of: &WebhookDelivery| of.id.uuid()))
    }

    async fn failing_since(
        &self,
        ctx: &Ctx,
        endpoints: &[EndpointId],
    ) -> Result<HashMap<EndpointId, Timestamp>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(HashMap::new()) };
        let ids: Vec<Uuid> = endpoints.iter().map(|endpoint| endpoint.uuid()).collect();
        let tx = self.reading(ctx).await?;
        let rows = tx.fetch_all(query(statements::FAILING).bind(organization.uuid()).bind(ids)).await?;
        let read = |row| {
            let since = tx.get::<OffsetDateTime>(row, "failing_since")?;
            Ok((Id::from_uuid(tx.get(row, "endpoint_id")?), Timestamp::new(since)))
        };
        rows.iter().map(read).collect()
    }

    async fn due(&self, now: Timestamp, room: QueueRoom) -> Result<Vec<DueQueue>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let due = query(statements::DUE).bind(time(now)).bind(i64::from(room.sound));
        let rows = tx.fetch_all(due.bind(i64::from(room.failing))).await?;
        let read = |row| {
            Ok(DueQueue {
                organization: Id::from_uuid(tx.get(row, "organization_id")?),
                endpoint: Id::from_uuid(tx.get(row, "endpoint_id")?),
                is_failing: tx.get(row, "is_failing")?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn take(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        now: Timestamp,
        until: Timestamp,
        most: u32,
    ) -> Result<Option<TakenQueue>, StoreError> {
        let queue = self.queue_tx(ctx, endpoint).await?;
        let lock = queue.query(statements::LOCK_DUE).bind(time(now));
        let Some(row) = queue.tx.fetch_optional(lock).await? else { return Ok(None) };
        let failing_since = queue.tx.get::<Option<OffsetDateTime>>(&row, "failing_since")?;
        let due = queue.query(statements::DUE_DELIVERIES).bind(time(now)).bind(i64::from(most));
        let due: Vec<Model> = queue.tx.find_rows(due).await?;
        if due.is_empty() {
            queue.commit_in_time(now).await?;
            return Ok(None);
        }
        queue.tx.execute_late(queue.query(statements::HOLD).bind(time(until))).await?;
        let of = endpoints::Entity::find().filter(endpoints::Column::Id.eq(endpoint.uuid()));
        let found: Option<Endpoint> = queue.tx.find_one(of).await?;
        queue.tx.commit().await?;
        let failing_since = failing_since.map(Timestamp::new);
        Ok(Some(TakenQueue {
            lease: QueueLease { endpoint, until, failing_since },
            endpoint: found,
            deliveries: due.into_iter().map(FromRow::from_row).collect::<Result<_, _>>()?,
        }))
    }

    async fn settle(
        &self,
        ctx: &Ctx,
        lease: &QueueLease,
        settled: &[WebhookDelivery],
        now: Timestamp,
        is_last: bool,
    ) -> Result<(), StoreError> {
        let queue = self.queue_tx(ctx, lease.endpoint).await?;
        let hold = queue.query(statements::SETTLE_QUEUE).bind(time(lease.until));
        let hold = hold.bind(lease.failing_since.map(time)).bind(is_last);
        if queue.tx.fetch_optional(hold).await?.is_none() {
            return Ok(());
        }
        if !settled.is_empty() {
            let ids = column(settled, |of| of.id.uuid());
            let settle = queue
                .query(statements::SETTLE)
                .bind(ids.clone())
                .bind(column(settled, |of| of.status.name()))
                .bind(column(settled, attempts))
                .bind(column(settled, |of| of.due_at.map(time)))
                .bind(column(settled, record));
            queue.tx.execute_late(settle).await?;
            queue.tx.execute_late(queue.query(statements::RELEASE_NEXT).bind(ids).bind(time(now))).await?;
        }
        queue.commit_in_time(now).await
    }

    async fn replay(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let queue = self.locked_queue(ctx, endpoint).await?;
        let replay = queue.query(statements::REPLAY).bind(id.uuid()).bind(time(asked_at)).bind(time(now));
        queue.tx.execute_late(replay).await?;
        queue.commit_in_time(now).await
    }

    async fn recover(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        period: RecoveryPeriod,
        now: Timestamp,
        most: u32,
    ) -> Result<u64, StoreError> {
        let queue = self.locked_queue(ctx, endpoint).await?;
        let recover = queue.query(statements::RECOVER).bind(time(period.since)).bind(time(period.asked_at));
        let recovered = queue.tx.execute(recover.bind(time(now)).bind(i64::from(most))).await?;
        queue.commit_in_time(now).await?;
        Ok(recovered)
    }

    async fn drop_waiting(&self, ctx: &Ctx, endpoint: EndpointId, most: u32) -> Result<u64, StoreError> {
        let queue = self.locked_queue(ctx, endpoint).await?;
        let dropped = queue.tx.execute(queue.query(statements::DROP_WAITING).bind(i64::from(most))).await?;
        // At no time a hold has ended: one that is there stays, and the queue is due when what is left is.
        queue.commit_in_time(Timestamp::EPOCH).await?;
        Ok(dropped)
    }

    async fn forget_old(&self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let forgotten =
            tx.execute(query(statements::FORGET_OLD).bind(time(before)).bind(i64::from(most))).await?;
        tx.execute(query(statements::FORGET_QUEUES)).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
