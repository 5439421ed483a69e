//! Queues of deliveries: statements of our own, each under a lock on the row of the queue.

use std::collections::{HashMap, HashSet};

use ::webhook::{
    Endpoint, EndpointId, WebhookDelivery, WebhookDeliveryId,
    ports::{
        Deliveries, DueQueue, QueueLease, QueueRoom, RecoveryPeriod, Settlement, TakenQueue, WantedQueue,
    },
};
use async_trait::async_trait;
use kernel::{Ctx, Id, OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp};
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
    /// A transaction on queues of the organisation in scope.
    async fn queues_tx(&self, ctx: &Ctx) -> Result<(Tx, Uuid), StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Err(StoreError::OutOfScope) };
        Ok((self.acting(ctx, Access::Write).await?, organization.uuid()))
    }

    /// A transaction whose first statement locks one queue.
    async fn locked_queue(&self, ctx: &Ctx, endpoint: EndpointId) -> Result<QueueTx, StoreError> {
        let (tx, organization) = self.queues_tx(ctx).await?;
        let endpoint = endpoint.uuid();
        tx.execute(query(statements::LOCK).bind(organization).bind(vec![endpoint])).await?;
        Ok(QueueTx { tx, organization, endpoint })
    }
}

fn time(of: Timestamp) -> OffsetDateTime {
    of.to_offset_date_time()
}

/// A value of each, for a statement about all of them.
fn of_each<O, T>(of: &[O], value: impl Fn(&O) -> T) -> Vec<T> {
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
        let mut endpoints = of_each(new, |new| new.endpoint.uuid());
        endpoints.sort_unstable();
        endpoints.dedup();
        tx.execute(query(statements::LOCK).bind(organization.uuid()).bind(endpoints)).await?;
        let add = query(statements::ADD)
            .bind(organization.uuid())
            .bind(of_each(new, |new| new.endpoint.uuid()))
            .bind(of_each(new, |new| new.id.uuid()))
            .bind(of_each(new, |new| new.event.id))
            .bind(of_each(new, |new| new.event.event_type.clone()))
            .bind(of_each(new, |new| time(new.event.occurred_at)))
            .bind(of_each(new, |new| new.event.target_kind.clone()))
            .bind(of_each(new, |new| new.event.target_id))
            .bind(of_each(new, |new| new.event.version))
            .bind(of_each(new, |new| new.body.clone()))
            .bind(of_each(new, |new| new.status.name()))
            .bind(of_each(new, attempts))
            .bind(of_each(new, |new| new.due_at.map(time)))
            .bind(of_each(new, |new| new.replayed_at.map(time)))
            .bind(of_each(new, record))
            .bind(of_each(new, |new| time(new.created_at)));
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
        wanted: &[WantedQueue],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TakenQueue>, StoreError> {
        let (tx, organization) = self.queues_tx(ctx).await?;
        let hold = query(statements::HOLD).bind(organization).bind(of_each(wanted, |of| of.endpoint.uuid()));
        let held = tx.fetch_all(hold.bind(time(now)).bind(time(until))).await?;
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let mut failing_since: HashMap<EndpointId, Option<Timestamp>> = HashMap::new();
        for row in &held {
            let since: Option<OffsetDateTime> = tx.get(row, "failing_since")?;
            failing_since.insert(Id::from_uuid(tx.get(row, "endpoint_id")?), since.map(Timestamp::new));
        }
        let held: Vec<_> = wanted.iter().filter(|of| failing_since.contains_key(&of.endpoint)).collect();
        let ids = of_each(&held, |of| of.endpoint.uuid());
        let most = of_each(&held, |of| i64::from(of.most));
        let due = query(statements::DUE_DELIVERIES).bind(organization).bind(ids.clone()).bind(most);
        let due: Vec<Model> = tx.find_rows(due.bind(time(now))).await?;
        let of = query(statements::ENDPOINTS).bind(organization).bind(ids);
        let mut endpoints = HashMap::new();
        for row in tx.find_rows::<endpoints::Model>(of).await? {
            endpoints.insert(row.id.0, Endpoint::from_row(row)?);
        }
        let mut deliveries: HashMap<EndpointId, Vec<WebhookDelivery>> = HashMap::new();
        for row in due {
            deliveries.entry(row.endpoint_id.0).or_default().push(WebhookDelivery::from_row(row)?);
        }
        let empty: Vec<_> = held.iter().filter(|of| !deliveries.contains_key(&of.endpoint)).collect();
        if !empty.is_empty() {
            let set_right = query(statements::SETTLE_QUEUES)
                .bind(organization)
                .bind(of_each(&empty, |of| of.endpoint.uuid()))
                .bind(of_each(&empty, |of| failing_since[&of.endpoint].map(time)))
                .bind(vec![true; empty.len()])
                .bind(time(now));
            tx.execute_late(set_right).await?;
        }
        tx.commit().await?;
        let taken = held.iter().filter_map(|of| {
            let endpoint = of.endpoint;
            Some(TakenQueue {
                lease: QueueLease { endpoint, until, failing_since: failing_since[&endpoint] },
                endpoint: endpoints.remove(&endpoint),
                deliveries: deliveries.remove(&endpoint)?,
            })
        });
        Ok(taken.collect())
    }

    async fn settle(&self, ctx: &Ctx, settled: &[Settlement], now: Timestamp) -> Result<(), StoreError> {
        let (tx, organization) = self.queues_tx(ctx).await?;
        let lock = query(statements::LOCK_HELD)
            .bind(organization)
            .bind(of_each(settled, |of| of.lease.endpoint.uuid()))
            .bind(of_each(settled, |of| time(of.lease.until)));
        let mut held = HashSet::new();
        for row in tx.fetch_all(lock).await? {
            held.insert(tx.get::<Uuid>(&row, "endpoint_id")?);
        }
        let settled: Vec<_> = settled.iter().filter(|of| held.contains(&of.lease.endpoint.uuid())).collect();
        if settled.is_empty() {
            return Ok(());
        }
        let deliveries: Vec<_> = settled.iter().flat_map(|of| &of.deliveries).collect();
        if !deliveries.is_empty() {
            let settle = query(statements::SETTLE)
                .bind(organization)
                .bind(of_each(&deliveries, |of| of.endpoint.uuid()))
                .bind(of_each(&deliveries, |of| of.id.uuid()))
                .bind(of_each(&deliveries, |of| of.status.name()))
                .bind(of_each(&deliveries, |of| attempts(of)))
                .bind(of_each(&deliveries, |of| of.due_at.map(time)))
                .bind(of_each(&deliveries, |of| record(of)));
            tx.execute_late(settle).await?;
            let ended: Vec<_> = deliveries.iter().filter(|of| of.due_at.is_none()).collect();
            let release = query(statements::RELEASE_NEXT)
                .bind(organization)
                .bind(of_each(&ended, |of| of.endpoint.uuid()))
                .bind(of_each(&ended, |of| of.id.uuid()))
                .bind(time(now));
            tx.execute_late(release).await?;
        }
        let end = query(statements::SETTLE_QUEUES)
            .bind(organization)
            .bind(of_each(&settled, |of| of.lease.endpoint.uuid()))
            .bind(of_each(&settled, |of| of.lease.failing_since.map(time)))
            .bind(of_each(&settled, |of| of.is_last))
            .bind(time(now));
        tx.commit_with(vec![end]).await
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

    /// No organisation has the id of zeros, which comes before all.
    async fn endpoints_after(
        &self,
        last: Option<(OrganizationId, EndpointId)>,
        most: u32,
    ) -> Result<Vec<(OrganizationId, EndpointId)>, StoreError> {
        let (organization, id) =
            last.map(|(organization, id)| (organization.uuid(), id.uuid())).unwrap_or_default();
        let tx = self.internal(Scope::Worker).await?;
        let after = query(statements::ENDPOINTS_AFTER).bind(organization).bind(id).bind(i64::from(most));
        let rows = tx.fetch_all(after).await?;
        let read =
            |row| Ok((Id::from_uuid(tx.get(row, "organization_id")?), Id::from_uuid(tx.get(row, "id")?)));
        rows.iter().map(read).collect()
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
