//! The ports of webhooks. Deliveries are no tables: each call on them lasts when it returns.

mod queue;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kernel::{Ctx, OrganizationId, Page, PageRequest, Store, StoreError, Timestamp};
use webhook::{
    Endpoint, EndpointId, Unit, WebhookDelivery, WebhookDeliveryId,
    ports::{
        Deliveries, DueQueue, Endpoints, QueueLease, QueueRoom, RecoveryPeriod, Settlement, TakenQueue,
        WantedQueue,
    },
};

use self::queue::Queue;
use crate::{
    MemoryStorage,
    key::{Key, RowId},
    outbox::fetch_limit,
    row::{Indexed, Position, Row as _},
    scoped_view::{ScopedView, empty_page},
    unit::MemoryUnit,
};

type ByEndpoint = BTreeMap<(OrganizationId, EndpointId), Queue>;

/// The queues of all endpoints. Whoever holds them may look at the tables; nobody does so the other way round.
#[derive(Default)]
pub(crate) struct Queues(Mutex<ByEndpoint>);

impl Queues {
    // No code panics while it holds the lock half-way through a change, so a poisoned lock guards sound data.
    fn lock(&self) -> MutexGuard<'_, ByEndpoint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn most(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn tenant(ctx: &Ctx) -> Result<OrganizationId, StoreError> {
    ctx.scope.organization().ok_or(StoreError::OutOfScope)
}

impl MemoryStorage {
    /// The queue of an endpoint of the organisation in scope, to be read; any other scope sees none.
    fn queue<R>(&self, ctx: &Ctx, endpoint: EndpointId, read: impl FnOnce(&Queue) -> R) -> Option<R> {
        self.shared.webhook.lock().get(&(ctx.scope.organization()?, endpoint)).map(read)
    }

    /// Changes the queue, where there is one.
    fn change_queue<R: Default>(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        change: impl FnOnce(&mut Queue) -> R,
    ) -> Result<R, StoreError> {
        let organization = tenant(ctx)?;
        Ok(self.shared.webhook.lock().get_mut(&(organization, endpoint)).map(change).unwrap_or_default())
    }
}

#[async_trait]
impl Deliveries for MemoryStorage {
    async fn add(&self, ctx: &Ctx, new: &[WebhookDelivery]) -> Result<u64, StoreError> {
        let organization = tenant(ctx)?;
        if new.iter().any(|new| new.organization() != organization) {
            return Err(StoreError::OutOfScope);
        }
        let mut queues = self.shared.webhook.lock();
        let added = new.iter().filter(|new| {
            queues.entry((organization, new.endpoint)).or_default().add(WebhookDelivery::clone(new))
        });
        Ok(added.count().try_into().unwrap_or(u64::MAX))
    }

    async fn delivery(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError> {
        Ok(self.queue(ctx, endpoint, |queue| queue.delivery(id).cloned()).flatten())
    }

    async fn page(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError> {
        let Some(organization) = ctx.scope.organization() else { return Ok(empty_page()) };
        let list = ("webhook deliveries", organization, endpoint);
        let before = page.key::<WebhookDeliveryId>(&list)?;
        let newest = |queue: &Queue| queue.newest(before).take(fetch_limit(page)).cloned().collect();
        let rows = self.queue(ctx, endpoint, newest).unwrap_or_default();
        Ok(Page::cut(rows, page, &list, |of| of.id))
    }

    async fn failing_since(
        &self,
        ctx: &Ctx,
        endpoints: &[EndpointId],
    ) -> Result<HashMap<EndpointId, Timestamp>, StoreError> {
        let since = |id: &EndpointId| Some((*id, self.queue(ctx, *id, |queue| queue.failing_since)??));
        Ok(endpoints.iter().filter_map(since).collect())
    }

    async fn due(&self, now: Timestamp, room: QueueRoom) -> Result<Vec<DueQueue>, StoreError> {
        let queues = self.shared.webhook.lock();
        let mut due: Vec<_> = queues
            .iter()
            .filter_map(|(id, queue)| Some((queue.due_at.filter(|at| *at <= now)?, id, queue)))
            .collect();
        due.sort_by_key(|(at, ..)| *at);
        let of = |is_failing: bool, count| {
            let of = due.iter().filter(move |(.., queue)| queue.failing_since.is_some() == is_failing);
            of.take(most(count)).map(move |(_, (organization, endpoint), _)| DueQueue {
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
        wanted: &[WantedQueue],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TakenQueue>, StoreError> {
        let mut taken = Vec::new();
        for WantedQueue { endpoint, most: count } in wanted.iter().copied() {
            let held = self.change_queue(ctx, endpoint, |queue| {
                let deliveries = queue.take(now, until, most(count))?;
                let lease = QueueLease { endpoint, until, failing_since: queue.failing_since };
                Some((lease, deliveries))
            })?;
            let Some((lease, deliveries)) = held else { continue };
            let state = self.shared.read();
            let endpoint = ScopedView::new(&state, ctx).get(RowId::of(endpoint)).cloned();
            taken.push(TakenQueue { lease, endpoint, deliveries });
        }
        Ok(taken)
    }

    async fn settle(&self, ctx: &Ctx, settled: &[Settlement], now: Timestamp) -> Result<(), StoreError> {
        let settle =
            |of: &Settlement| self.change_queue(ctx, of.lease.endpoint, |queue| queue.settle(of, now));
        settled.iter().try_for_each(settle)
    }

    async fn replay(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_queue(ctx, endpoint, |queue| queue.replay(id, asked_at, now))
    }

    async fn recover(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        period: RecoveryPeriod,
        now: Timestamp,
        count: u32,
    ) -> Result<u64, StoreError> {
        self.change_queue(ctx, endpoint, |queue| queue.recover(period, now, most(count)))
    }

    async fn drop_waiting(&self, ctx: &Ctx, endpoint: EndpointId, count: u32) -> Result<u64, StoreError> {
        self.change_queue(ctx, endpoint, |queue| queue.drop_waiting(most(count)))
    }

    async fn endpoints_after(
        &self,
        last: Option<(OrganizationId, EndpointId)>,
        count: u32,
    ) -> Result<Vec<(OrganizationId, EndpointId)>, StoreError> {
        let state = self.shared.read();
        let all = state.tables.under::<Endpoint>(&Key::ALL).map(|of| (of.organization, of.id));
        let mut found: Vec<_> = all.filter(|id| last.is_none_or(|last| *id > last)).collect();
        found.sort_unstable();
        found.truncate(most(count));
        Ok(found)
    }

    async fn forget_old(&self, before: Timestamp, count: u32) -> Result<u64, StoreError> {
        let mut queues = self.shared.webhook.lock();
        let mut forgotten = 0;
        for queue in queues.values_mut() {
            forgotten += queue.forget_old(before, most(count) - forgotten);
        }
        let tables = &self.shared.read().tables;
        queues.retain(|(_, id), queue| !queue.is_empty() || tables.get::<Endpoint>(RowId::of(*id)).is_some());
        Ok(forgotten.try_into().unwrap_or(u64::MAX))
    }
}

impl Indexed for Endpoint {
    fn keys(&self) -> Vec<Key> {
        vec![Key::organization(self.organization), Key::ALL]
    }
}

#[async_trait]
impl Store<Unit> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}

impl MemoryUnit {
    /// The endpoints of the organisation in scope that pass, oldest first; any other scope sees none.
    fn own_endpoints(&mut self, pass: impl Fn(&Endpoint) -> bool) -> Result<Vec<Endpoint>, StoreError> {
        let key = self.scope().organization().map(Key::organization);
        self.read(|view| {
            let found = key.iter().flat_map(|key| view.under::<Endpoint>(key));
            found.filter(|of| of.visible(view.scope) && pass(of)).cloned().collect()
        })
    }
}

#[async_trait]
impl Endpoints for MemoryUnit {
    async fn webhook_endpoint(&mut self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn webhook_endpoints(&mut self, page: &PageRequest) -> Result<Page<Endpoint>, StoreError> {
        let list = ("webhook endpoints", self.scope().organization());
        let after = self.run(|_| Ok(page.key::<Position>(&list)?))?;
        let mut rows = self.own_endpoints(|of| after.is_none_or(|after| of.position() > after))?;
        rows.truncate(fetch_limit(page));
        Ok(Page::cut(rows, page, &list, Endpoint::position))
    }

    async fn listening_webhook_endpoints(&mut self) -> Result<Vec<Endpoint>, StoreError> {
        self.own_endpoints(|of| of.disabled.is_none())
    }

    async fn count_webhook_endpoints(&mut self, of: OrganizationId) -> Result<u64, StoreError> {
        self.count(&Key::organization(of), |_: &Endpoint| true)
    }

    async fn save_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.save(endpoint)
    }

    async fn save_resealed_webhook_endpoint(&mut self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.save_unrecorded(endpoint)
    }

    async fn delete_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.save_removed(endpoint)
    }
}
