//! What this domain asks of storage and of the rest of Touchstone.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{
    Clock, Ctx, Gate, Ids, OrganizationId, Page, PageRequest, Quota, Random, Sealing, Store, StoreError,
    Timestamp, UnitOfWork, outbound::Outbound,
};

use crate::{Attempt, Endpoint, EndpointId, EventCatalogue, Refused, WebhookDelivery, WebhookDeliveryId};

/// Keeps endpoints. Scope: tenant.
#[async_trait]
pub trait Endpoints: Send {
    /// The endpoint.
    async fn webhook_endpoint(&mut self, id: EndpointId) -> Result<Option<Endpoint>, StoreError>;

    /// The organisation's endpoints, oldest first.
    async fn webhook_endpoints(&mut self, page: &PageRequest) -> Result<Page<Endpoint>, StoreError>;

    /// All of them that are not disabled, paused ones included (`endpoints::disabled_ones_do_not_listen`).
    async fn listening_webhook_endpoints(&mut self) -> Result<Vec<Endpoint>, StoreError>;

    /// How many the organisation has, whatever their status.
    async fn count_webhook_endpoints(&mut self, of: OrganizationId) -> Result<u64, StoreError>;

    /// Keeps it: inserts at version 0 and otherwise updates the version that was read, or fails with
    /// [`StoreError::Stale`].
    async fn save_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError>;

    /// Keeps it over the version that was read, or fails with [`StoreError::Stale`], without a record: its keys alone
    /// were sealed anew (`endpoints::keys_are_sealed_anew_without_a_record`).
    async fn save_resealed_webhook_endpoint(&mut self, endpoint: &Endpoint) -> Result<(), StoreError>;

    /// Deletes it: its last change says so. Its deliveries stay until they are forgotten.
    async fn delete_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError>;
}

/// What a unit of this domain can do.
pub trait UnitPorts: UnitOfWork + Endpoints {}
impl<U: UnitOfWork + Endpoints> UnitPorts for U {}

/// A unit of work of this domain.
pub type Unit = dyn UnitPorts;

/// An endpoint whose queue is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueQueue {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which one.
    pub endpoint: EndpointId,
    /// Whether its last attempt failed.
    pub is_failing: bool,
}

/// A queue that somebody wants to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedQueue {
    /// Whose queue it is.
    pub endpoint: EndpointId,
    /// How many of its deliveries are taken at most.
    pub most: u32,
}

/// How many queues are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueRoom {
    /// Of endpoints whose last attempt did not fail.
    pub sound: u32,
    /// Of the others.
    pub failing: u32,
}

/// A queue that is held for a time, by whoever took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLease {
    /// Whose queue it is.
    pub endpoint: EndpointId,
    /// Until when it is held; with the endpoint, this tells one lease from another.
    pub until: Timestamp,
    /// Since when nothing was received there; `None` where the last attempt succeeded, and before the first.
    pub failing_since: Option<Timestamp>,
}

/// A queue that was taken, with what is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenQueue {
    /// The hold on it.
    pub lease: QueueLease,
    /// The endpoint; `None` once it was deleted.
    pub endpoint: Option<Endpoint>,
    /// What is due, one at least, each of another thing.
    pub deliveries: Vec<WebhookDelivery>,
}

/// What became of deliveries of a queue that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The hold on it, with since when the endpoint fails now.
    pub lease: QueueLease,
    /// The deliveries, each as it is now.
    pub deliveries: Vec<WebhookDelivery>,
    /// Whether the hold ends.
    pub is_last: bool,
}

/// Deliveries, in one queue an endpoint. All but what is said otherwise happens in the scope of the organisation, each
/// call by itself: it lasts when it returns, and leaves no event.
///
/// # Order
///
/// Of the waiting deliveries of one thing (endpoint, target kind, target id) one at most has a time at which it is due:
/// the one on its way. The others wait behind it without one, and when it is settled (received, given up or dropped)
/// the earliest of them, by the time of its event and then the event's id, becomes due. So a delivery that is tried
/// again for days holds up those of its own thing, and no others.
///
/// # Fairness
///
/// What is taken is a queue, not a delivery. A row for each endpoint says when its queue is due: when the first of its
/// deliveries is. Whoever takes a queue has it alone until they settle it or the lease ends, and takes few deliveries
/// at a time: so no more than those are on their way to one endpoint, however many processes send. A queue with more
/// behind it is due again from the moment it is settled, after all that have waited longer: queues take turns, an
/// endpoint with a million deliveries has one like any other, and looking for due queues never reads through
/// deliveries. Queues of endpoints that fail are counted apart, so that they take turns among themselves: a process
/// keeps room for either kind, and what hangs fills its own room alone.
///
/// # The tables
///
/// `webhook.queues`: a row an endpoint (organisation, endpoint, `due_at`, `taken_until`, `failing_since`), which is
/// locked first by whatever changes deliveries of the endpoint, several in the order of endpoints: so nothing is added
/// behind a delivery that is just being settled, and forgotten there. Queues that are due are found by two indexes over
/// `due_at`, of endpoints that fail and of the others: an entry for each endpoint that waits.
///
/// `webhook.deliveries` is served, beside what lists and dedupes, by indexes of its own. Two are over what waits:
/// `(organization_id, endpoint_id, due_at NULLS FIRST, id)`, what is due in a queue, when the next is, and what waits
/// behind others; and `(organization_id, endpoint_id, target_kind, target_id, occurred_at, event_id)`, who follows of a
/// thing. A unique one over what has a time, by the thing, says who is on its way, and that one is at most. One over
/// what was given up or dropped, by the time of the event, serves recoveries.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Puts new deliveries into the queues of their endpoints and tells how many were new: an endpoint has one of each
    /// event, until that is forgotten (`deliveries::an_event_is_put_once_an_endpoint`).
    ///
    /// A waiting one MUST lose its [`due_at`](WebhookDelivery::due_at) where another of its thing is on its way
    /// (`deliveries::one_of_a_thing_is_on_its_way`), also when that is settled at the same time
    /// (`deliveries::none_is_left_behind`). Otherwise its queue is due no later than it is; the time of a queue that
    /// somebody holds stays, since it is set when they settle.
    async fn add(&self, ctx: &Ctx, new: &[WebhookDelivery]) -> Result<u64, StoreError>;

    /// One of an endpoint's.
    async fn delivery(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError>;

    /// Those of an endpoint, newest first.
    async fn page(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError>;

    /// Since when these endpoints receive nothing, those of them that fail.
    async fn failing_since(
        &self,
        ctx: &Ctx,
        endpoints: &[EndpointId],
    ) -> Result<HashMap<EndpointId, Timestamp>, StoreError>;

    /// For the worker: queues that are due and that nobody holds, of each kind those that have waited longest first.
    /// Looks across organisations, for ids alone and without a lock: whether a queue can be had,
    /// [`take`](Self::take) tells.
    ///
    /// MUST cost the same however many deliveries wait (`deliveries::queues_take_turns`).
    async fn due(&self, now: Timestamp, room: QueueRoom) -> Result<Vec<DueQueue>, StoreError>;

    /// Takes queues until then, each with up to `most` of its deliveries that are due, those first that have been due
    /// the longest; leaves out those that are not due or that somebody holds (`deliveries::several_are_taken_at_once`).
    /// What is taken stays as it is, so that it is due still when the lease ends and nobody settled it
    /// (`deliveries::what_nobody_settles_is_taken_again`).
    ///
    /// MUST NOT give one queue to two takers within a lease (`deliveries::a_queue_is_held_by_one`). Where nothing is
    /// due in one after all, sets the queue's time right and leaves it out.
    async fn take(
        &self,
        ctx: &Ctx,
        wanted: &[WantedQueue],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TakenQueue>, StoreError>;

    /// Keeps what became of deliveries that were taken: status, attempts, record and time, and nothing else of them,
    /// for one may have been replayed meanwhile; and since when the endpoint fails, as the lease says it. Of each thing
    /// whose delivery waits no more the next becomes due `now` (`deliveries::the_next_of_a_thing_follows`).
    ///
    /// With the last, the hold ends, also where none are given: the queue is due when the first of its deliveries is,
    /// and `now` where that has passed (`deliveries::queues_take_turns`), or never while none waits. MUST do nothing
    /// for a queue that is not held by this very lease any more (`deliveries::a_lease_that_ended_settles_nothing`), and
    /// settle the others all the same (`deliveries::several_are_settled_at_once`). A queue is named once.
    async fn settle(&self, ctx: &Ctx, settled: &[Settlement], now: Timestamp) -> Result<(), StoreError>;

    /// Somebody wanted one sent once more, then: whatever its status, it waits with no attempt counted, due `now`
    /// unless another of its thing is on its way. MUST change nothing that was replayed then or later, for this is
    /// called again (`deliveries::a_replay_is_done_once`).
    async fn replay(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// The same, for up to `most` that were given up or dropped, of events since then, the earliest first; tells how
    /// many. Each time it goes on with those that were not replayed since `asked_at`
    /// (`deliveries::a_recovery_goes_on_to_its_end`).
    async fn recover(
        &self,
        ctx: &Ctx,
        endpoint: EndpointId,
        period: RecoveryPeriod,
        now: Timestamp,
        most: u32,
    ) -> Result<u64, StoreError>;

    /// Drops up to `most` that wait for an endpoint, and tells how many; what is just being sent is settled as it ends.
    /// Its queue is due no more once none waits (`deliveries::what_is_dropped_waits_no_more`).
    async fn drop_waiting(&self, ctx: &Ctx, endpoint: EndpointId, most: u32) -> Result<u64, StoreError>;

    /// For the worker, who reads nothing of them: up to `most` endpoints that come after that one, in the order of
    /// organisations and then of endpoints.
    async fn endpoints_after(
        &self,
        last: Option<(OrganizationId, EndpointId)>,
        most: u32,
    ) -> Result<Vec<(OrganizationId, EndpointId)>, StoreError>;

    /// For the worker, who reads nothing of them: forgets up to `most` that were put before then and wait no more,
    /// and the queues of endpoints that were deleted; tells how many deliveries.
    async fn forget_old(&self, before: Timestamp, most: u32) -> Result<u64, StoreError>;
}

/// What a recovery is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryPeriod {
    /// Events since then.
    pub since: Timestamp,
    /// What became of them by then, when it was asked for.
    pub asked_at: Timestamp,
}

/// How the sender waits: for a time, or until it is woken. The platform implements it over its runtime.
#[async_trait]
pub trait Wakeup: Send + Sync {
    /// Waits so long.
    async fn sleep(&self, pause: Duration);

    /// Wakes the sender of this process, which may wait or not. Returns at once.
    fn wake(&self);

    /// Waits to be woken. A call of [`wake`](Self::wake) while nobody waited counts, and several count once.
    async fn woken(&self);
}

/// Learns what the sender does, for logs and metrics.
pub trait SenderObserver: Send + Sync {
    /// An attempt was made.
    fn attempted(&self, delivery: &WebhookDelivery, attempt: &Attempt);

    /// Storage failed; it is tried again.
    fn store_failed(&self, error: &StoreError);
}

/// How many endpoints there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Of an organisation; 50.
    pub endpoints: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { endpoints: 50 }
    }
}

const ENDPOINTS: Quota = Quota {
    setting: "webhook_endpoints",
    of: "webhook endpoints of an organisation",
    mend: "delete one that is not used any more",
};

impl Quotas {
    /// Lets the unit add an endpoint.
    pub(crate) async fn admit(self, unit: &mut Unit, of: OrganizationId) -> Result<(), Refused> {
        unit.take_turn(&ENDPOINTS, of.uuid()).await?;
        Ok(ENDPOINTS.admit(self.endpoints, unit.count_webhook_endpoints(of).await?, 1)?)
    }
}

/// What the services of this domain hold.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named after its port, which is documented")]
pub struct Ports {
    pub store: Arc<dyn Store<Unit>>,
    pub deliveries: Arc<dyn Deliveries>,
    pub outbound: Arc<dyn Outbound>,
    pub wakeup: Arc<dyn Wakeup>,
    pub observer: Arc<dyn SenderObserver>,
    pub gate: Arc<dyn Gate>,
    pub sealing: Arc<dyn Sealing>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub random: Arc<dyn Random>,
    pub catalogue: Arc<EventCatalogue>,
    pub quotas: Quotas,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}
