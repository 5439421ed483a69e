//! The ports of webhooks. Queues are no tables: each call on one lasts when it returns.

use std::collections::{BTreeMap, HashMap};

use ::webhook::{
    DeliveryStatus, Endpoint, EndpointId, Unit, WebhookDelivery, WebhookDeliveryId,
    ports::{Deliveries, DueQueue, Endpoints, QueueLease, QueueRoom, RecoveryPeriod, TakenQueue},
};
use async_trait::async_trait;
use kernel::{Ctx, OrganizationId, Page, PageRequest, Scope, Store, StoreError, Timestamp};

use crate::{
    MemoryStorage,
    key::{Key, RowId},
    outbox::fetch_limit,
    row::{Indexed, Position},
    scoped_view::empty_page,
    unit::MemoryUnit,
};

/// The queues of all endpoints.
#[derive(Default)]
pub(crate) struct State {
    queues: BTreeMap<(OrganizationId, EndpointId), Queue>,
}

#[derive(Default)]
struct Queue {
    due_at: Option<Timestamp>,
    taken_until: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    deliveries: BTreeMap<WebhookDeliveryId, WebhookDelivery>,
}

fn are_of_one_thing(one: &WebhookDelivery, other: &WebhookDelivery) -> bool {
    (&one.event.target_kind, one.event.target_id) == (&other.event.target_kind, other.event.target_id)
}

fn most(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

impl Queue {
    /// Whether another of the same thing is on its way.
    fn is_behind(&self, of: &WebhookDelivery) -> bool {
        let mut on_their_way = self.deliveries.values().filter(|other| other.due_at.is_some());
        on_their_way.any(|other| other.id != of.id && are_of_one_thing(other, of))
    }

    /// New deliveries in the order of their events, so that of one thing the earliest is on its way.
    fn add(&mut self, new: &WebhookDelivery) -> bool {
        if self.deliveries.values().any(|of| of.event.id == new.event.id) {
            return false;
        }
        let mut new = new.clone();
        new.due_at = new.due_at.filter(|_| !self.is_behind(&new));
        if let Some(due) = new.due_at.filter(|due| self.taken_until.is_none_or(|until| until <= *due)) {
            self.due_at = Some(self.due_at.map_or(due, |at| at.min(due)));
        }
        self.deliveries.insert(new.id, new);
        true
    }

    /// The earliest that waits of the same thing is due, unless one is on its way.
    fn release_next(&mut self, of: &WebhookDelivery, now: Timestamp) {
        let waiting = self.deliveries.values_mut().filter(|other| other.status == DeliveryStatus::Waiting);
        let next = waiting
            .filter(|other| are_of_one_thing(other, of))
            .min_by_key(|other| (other.due_at.is_none(), other.event.occurred_at, other.event.id));
        if let Some(next) = next.filter(|next| next.due_at.is_none()) {
            next.due_at = Some(now);
        }
    }

    /// Sets when it is due, and ends the hold on it, unless somebody has it still.
    fn set_time(&mut self, now: Timestamp) {
        if self.taken_until.is_none_or(|until| until <= now) {
            let due = self.deliveries.values().filter_map(|of| of.due_at).min();
            (self.due_at, self.taken_until) = (due.map(|due| due.max(now)), None);
        }
    }

    fn send_again(&mut self, id: WebhookDeliveryId, asked_at: Timestamp, now: Timestamp) {
        let Some(mut found) = self.deliveries.remove(&id) else { return };
        if found.replayed_at.is_none_or(|at| at < asked_at) {
            (found.status, found.attempts, found.replayed_at) = (DeliveryStatus::Waiting, 0, Some(asked_at));
            found.due_at = (!self.is_behind(&found)).then_some(now);
        }
        self.deliveries.insert(id, found);
    }

    /// Those that pass, by this order, up to so many.
    fn find<K: Ord>(
        &self,
        pass: impl Fn(&WebhookDelivery) -> bool,
        order: impl Fn(&WebhookDelivery) -> K,
        most: usize,
    ) -> Vec<WebhookDelivery> {
        let mut found: Vec<_> = self.deliveries.values().filter(|of| pass(of)).cloned().collect();
        found.sort_by_key(order);
        found.truncate(most);
        found
    }
}

impl MemoryStorage {
    /// The queue, as whoever may see it reads it.
    fn queue<R>(&self, ctx: &Ctx, endpoint: EndpointId, read: impl FnOnce(&Queue) -> R) -> Option<R> {
        let Scope::Tenant(organization) = ctx.scope else { return None };
        self.shared.read().webhook.queues.get(&(organization, endpoint)).map(read)
    }

    fn change_queue<R>(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        change: impl FnOnce(&mut Queue) -> R,
    ) -> Result<R, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Err(StoreError::OutOfScope) };
        Ok(change(self.shared.write().webhook.queues.entry((organization, endpoint)).or_default()))
    }
}

impl Indexed for Endpoint {
    fn keys(&self) -> Vec<Key> {
        vec![Key::organization(self.organization)]
    }
}

#[async_trait]
impl Store<Unit> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}

#[async_trait]
impl Endpoints for MemoryUnit {
    async fn webhook_endpoint(&mut self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn webhook_endpoints(&mut self, page: &PageRequest) -> Result<Page<Endpoint>, StoreError> {
        let Scope::Tenant(organization) = self.scope() else { return Ok(empty_page()) };
        let filter = ("webhook_endpoints", organization);
        let position = |of: &Endpoint| (of.created_at, RowId::of(of.id));
        let after = page.key::<Position>(&filter)?;
        let passes = |of: &Endpoint| after.is_none_or(|after| position(of) > after);
        let mut rows = self.list(&Key::organization(organization), passes)?;
        rows.truncate(fetch_limit(page));
        Ok(Page::cut(rows, page, &filter, position))
    }

    async fn listening_webhook_endpoints(&mut self) -> Result<Vec<Endpoint>, StoreError> {
        let Scope::Tenant(organization) = self.scope() else { return Ok(Vec::new()) };
        self.list(&Key::organization(organization), |of: &Endpoint| of.disabled.is_none())
    }

    async fn count_webhook_endpoints(&mut self, of: OrganizationId) -> Result<u64, StoreError> {
        self.count(&Key::organization(of), |_: &Endpoint| true)
    }

    async fn save_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.save(endpoint)
    }

    async fn delete_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.save_removed(endpoint)
    }
}

#[async_trait]
impl Deliveries for MemoryStorage {
    async fn add(&self, ctx: &Ctx, new: &[WebhookDelivery]) -> Result<u64, StoreError> {
        let is_own = |new: &WebhookDelivery| ctx.scope == Scope::Tenant(new.organization());
        if !new.iter().all(is_own) {
            return Err(StoreError::OutOfScope);
        }
        let mut new: Vec<&WebhookDelivery> = new.iter().collect();
        new.sort_by_key(|new| (new.event.occurred_at, new.event.id));
        let queues = &mut self.shared.write().webhook.queues;
        let mut queue =
            |new: &WebhookDelivery| queues.entry((new.organization(), new.endpoint)).or_default().add(new);
        Ok(count(new.into_iter().filter(|new| queue(new)).count()))
    }

    async fn delivery(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError> {
        Ok(self.queue(ctx, endpoint, |queue| queue.deliveries.get(&id).cloned()).flatten())
    }

    async fn page(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let list = ("webhook_deliveries", organization, endpoint);
        let before = page.key::<WebhookDeliveryId>(&list)?;
        let rows = self.queue(ctx, endpoint, |queue| {
            let newest = queue.deliveries.values().rev();
            let passing = newest.filter(|of| before.is_none_or(|before| of.id < before));
            passing.take(fetch_limit(page)).cloned().collect()
        });
        Ok(Page::cut(rows.unwrap_or_default(), page, &list, |of| of.id))
    }

    async fn failing_since(
        &self,
        ctx: &Ctx,
        endpoints: &[EndpointId],
    ) -> Result<HashMap<EndpointId, Timestamp>, StoreError> {
        let failing = |id: &EndpointId| Some((*id, self.queue(ctx, *id, |queue| queue.failing_since)??));
        Ok(endpoints.iter().filter_map(failing).collect())
    }

    async fn due(&self, now: Timestamp, room: QueueRoom) -> Result<Vec<DueQueue>, StoreError> {
        let queues = &self.shared.read().webhook.queues;
        let mut due: Vec<_> =
            queues.iter().filter(|(_, queue)| queue.due_at.is_some_and(|at| at <= now)).collect();
        due.sort_by_key(|(_, queue)| queue.due_at);
        let of = |is_failing: bool, room: u32| {
            let of = due.iter().filter(move |(_, queue)| queue.failing_since.is_some() == is_failing);
            let of = of.take(most(room));
            of.map(move |((organization, endpoint), _)| DueQueue {
                organization: *organization,
                endpoint: *endpoint,
                is_failing,
            })
        };
        Ok(of(false, room.sound).chain(of(true, room.failing)).collect())
    }

    async fn take(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        now: Timestamp,
        until: Timestamp,
        room: u32,
    ) -> Result<Option<TakenQueue>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Err(StoreError::OutOfScope) };
        let mut state = self.shared.write();
        let Some(queue) = state.webhook.queues.get_mut(&(organization, endpoint)) else { return Ok(None) };
        if queue.due_at.is_none_or(|at| at > now) {
            return Ok(None);
        }
        let is_due = |of: &WebhookDelivery| of.due_at.is_some_and(|at| at <= now);
        let deliveries = queue.find(is_due, |of| (of.due_at, of.id), most(room));
        if deliveries.is_empty() {
            queue.set_time(now);
            return Ok(None);
        }
        (queue.due_at, queue.taken_until) = (Some(until), Some(until));
        let lease = QueueLease { endpoint, until, failing_since: queue.failing_since };
        let found = state.tables.get::<Endpoint>(RowId::of(endpoint));
        let found = found.filter(|found| found.organization == organization).cloned();
        Ok(Some(TakenQueue { lease, endpoint: found, deliveries }))
    }

    async fn settle(
        &self,
        ctx: &Ctx,
        lease: &QueueLease,
        settled: &[WebhookDelivery],
        now: Timestamp,
        is_last: bool,
    ) -> Result<(), StoreError> {
        self.change_queue(ctx, lease.endpoint, |queue| {
            if queue.taken_until != Some(lease.until) {
                return;
            }
            queue.failing_since = lease.failing_since;
            if is_last {
                queue.taken_until = None;
            }
            for settled in settled {
                if let Some(kept) = queue.deliveries.get_mut(&settled.id) {
                    (kept.status, kept.attempts) = (settled.status, settled.attempts);
                    (kept.due_at, kept.record) = (settled.due_at, settled.record.clone());
                }
            }
            for settled in settled {
                queue.release_next(settled, now);
            }
            queue.set_time(now);
        })
    }

    async fn replay(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_queue(ctx, endpoint, |queue| {
            queue.send_again(id, asked_at, now);
            queue.set_time(now);
        })
    }

    async fn recover(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        period: RecoveryPeriod,
        now: Timestamp,
        room: u32,
    ) -> Result<u64, StoreError> {
        self.change_queue(ctx, endpoint, |queue| {
            let is_lost = |of: &WebhookDelivery| {
                matches!(of.status, DeliveryStatus::GivenUp | DeliveryStatus::Dropped)
                    && of.event.occurred_at >= period.since
                    && of.replayed_at.is_none_or(|at| at < period.asked_at)
            };
            let lost = queue.find(is_lost, |of| (of.event.occurred_at, of.event.id), most(room));
            for of in &lost {
                queue.send_again(of.id, period.asked_at, now);
            }
            queue.set_time(now);
            count(lost.len())
        })
    }

    async fn drop_waiting(&self, ctx: &Ctx, endpoint: EndpointId, room: u32) -> Result<u64, StoreError> {
        self.change_queue(ctx, endpoint, |queue| {
            // Those that wait behind others first, so that none is left behind.
            let is_waiting = |of: &WebhookDelivery| of.status == DeliveryStatus::Waiting;
            let waiting = queue.find(is_waiting, |of| of.due_at, most(room));
            for of in &waiting {
                if let Some(kept) = queue.deliveries.get_mut(&of.id) {
                    (kept.status, kept.due_at) = (DeliveryStatus::Dropped, None);
                }
            }
            queue.set_time(Timestamp::EPOCH);
            count(waiting.len())
        })
    }

    async fn forget_old(&self, before: Timestamp, room: u32) -> Result<u64, StoreError> {
        let mut state = self.shared.write();
        let mut old = Vec::new();
        for (key, queue) in &state.webhook.queues {
            let over = |of: &&WebhookDelivery| of.created_at < before && of.status != DeliveryStatus::Waiting;
            old.extend(queue.deliveries.values().filter(over).map(|of| (of.created_at, *key, of.id)));
        }
        old.sort_unstable();
        old.truncate(most(room));
        for (_, key, id) in &old {
            if let Some(queue) = state.webhook.queues.get_mut(key) {
                queue.deliveries.remove(id);
            }
        }
        let crate::State { tables, webhook, .. } = &mut *state;
        webhook.queues.retain(|(_, endpoint), queue| {
            !queue.deliveries.is_empty() || tables.get::<Endpoint>(RowId::of(*endpoint)).is_some()
        });
        Ok(count(old.len()))
    }
}
