//! An endpoint with its queue, and what rules do with it.

use std::{sync::Arc, time::Duration};

use kernel::{AccountId, Ctx, Id, OrganizationId, Scope, Timestamp};
use uuid::Uuid;
use webhook::{
    Attempt, DeliveryStatus, Endpoint, EndpointId, WebhookDelivery, WebhookDeliveryId, WebhookEvent,
    ports::{Deliveries, DueQueue, QueueLease, QueueRoom, Settlement, TakenQueue, WantedQueue},
};

use crate::world::{World, ctx};

/// For so long a queue is taken.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// Room for more than any rule has.
pub(super) const ROOM: QueueRoom = QueueRoom { sound: 100, failing: 100 };

/// The queue of an endpoint.
pub(super) struct Queue<'a> {
    pub(super) world: &'a World,
    pub(super) ctx: Ctx,
    pub(super) organization: OrganizationId,
    pub(super) id: EndpointId,
    pub(super) endpoint: Endpoint,
}

impl World {
    /// An endpoint that was kept, and nothing waits for.
    pub(super) async fn queue(&self, organization: OrganizationId, created_by: AccountId) -> Queue<'_> {
        let endpoint = self.keep(self.new_endpoint(organization, created_by)).await;
        let (ctx, id) = (ctx(Scope::Tenant(organization)), endpoint.id);
        Queue { world: self, ctx, organization, id, endpoint }
    }

    /// The endpoints whose queues are due now.
    pub(super) async fn due(&self, room: QueueRoom) -> Vec<DueQueue> {
        self.storage.deliveries.due(self.now(), room).await.expect("they can be looked for")
    }
}

impl Queue<'_> {
    pub(super) fn port(&self) -> Arc<dyn Deliveries> {
        self.world.storage.deliveries.clone()
    }

    /// A new delivery that tells of a thing, a second after the one before.
    pub(super) fn telling_of(&self, thing: Uuid) -> WebhookDelivery {
        let now = self.world.tick();
        let event = WebhookEvent {
            id: self.world.id::<()>().uuid(),
            event_type: "membership.joined".to_owned(),
            occurred_at: now,
            organization: self.organization,
            target_kind: "membership".to_owned(),
            target_id: thing,
            version: None,
        };
        WebhookDelivery {
            id: self.world.id(),
            endpoint: self.id,
            body: event.body(),
            event,
            created_at: now,
            status: DeliveryStatus::Waiting,
            attempts: 0,
            due_at: Some(now),
            replayed_at: None,
            record: Vec::new(),
        }
    }

    /// A new delivery of a thing of its own.
    pub(super) fn of_a_thing(&self) -> WebhookDelivery {
        self.telling_of(self.world.id::<()>().uuid())
    }

    pub(super) async fn add(&self, new: &[WebhookDelivery]) -> u64 {
        self.port().add(&self.ctx, new).await.expect("they can be added")
    }

    /// Adds so many, each of a thing of its own.
    pub(super) async fn fill(&self, count: usize) -> Vec<WebhookDelivery> {
        let new: Vec<_> = (0..count).map(|_| self.of_a_thing()).collect();
        assert_eq!(self.add(&new).await, u64::try_from(count).expect("few"));
        new
    }

    pub(super) async fn read(&self, id: WebhookDeliveryId) -> WebhookDelivery {
        let found = self.port().delivery(&self.ctx, self.id, id).await.expect("it can be read");
        found.expect("it is there")
    }

    /// When each is due.
    pub(super) async fn times(&self, of: &[WebhookDelivery]) -> Vec<Option<Timestamp>> {
        let mut times = Vec::new();
        for of in of {
            times.push(self.read(of.id).await.due_at);
        }
        times
    }

    /// What became of each.
    pub(super) async fn statuses(&self, of: &[WebhookDelivery]) -> Vec<DeliveryStatus> {
        let mut statuses = Vec::new();
        for of in of {
            statuses.push(self.read(of.id).await.status);
        }
        statuses
    }

    /// Whether the queue is due now.
    pub(super) async fn is_due(&self) -> bool {
        self.world.due(ROOM).await.iter().any(|due| due.endpoint == self.id)
    }

    pub(super) const fn wanted(&self, most: u32) -> WantedQueue {
        WantedQueue { endpoint: self.id, most }
    }

    pub(super) async fn try_take(&self, most: u32) -> Option<TakenQueue> {
        let (now, wanted) = (self.world.now(), [self.wanted(most)]);
        let taken = self.port().take(&self.ctx, &wanted, now, now.plus(LEASE)).await;
        taken.expect("it can be asked for").pop()
    }

    pub(super) async fn take(&self, most: u32) -> TakenQueue {
        self.try_take(most).await.expect("something is due and nobody holds it")
    }

    /// Keeps what became of these now.
    pub(super) async fn settle(&self, lease: &QueueLease, settled: &[WebhookDelivery], is_last: bool) {
        let settlement = settlement(lease, settled, is_last);
        let settled = self.port().settle(&self.ctx, &[settlement], self.world.now()).await;
        settled.expect("it can be settled");
    }

    /// Takes everything that is due, and keeps what becomes of it.
    pub(super) async fn end_all(&self, end: impl Fn(&WebhookDelivery) -> WebhookDelivery) {
        let taken = self.take(1000).await;
        let ended: Vec<_> = taken.deliveries.iter().map(end).collect();
        self.settle(&taken.lease, &ended, true).await;
    }
}

pub(super) fn settlement(lease: &QueueLease, settled: &[WebhookDelivery], is_last: bool) -> Settlement {
    Settlement { lease: *lease, deliveries: settled.to_vec(), is_last }
}

fn attempt(of: &WebhookDelivery, at: Timestamp) -> Attempt {
    let error = Some("the answer was 500; only 200 to 299 count as received".to_owned());
    let answer = Some(format!("{} \u{FFFD} 'x' \\", of.attempts));
    Attempt { at, status_code: Some(500), duration_ms: 15_000, error, answer }
}

fn attempted(of: &WebhookDelivery, status: DeliveryStatus, due_at: Option<Timestamp>) -> WebhookDelivery {
    let mut of = of.clone();
    let attempt = attempt(&of, of.created_at);
    of.record.push(attempt);
    WebhookDelivery { status, due_at, attempts: of.attempts + 1, ..of }
}

/// It was received.
pub(super) fn received(of: &WebhookDelivery) -> WebhookDelivery {
    let mut of = attempted(of, DeliveryStatus::Succeeded, None);
    if let Some(last) = of.record.last_mut() {
        *last = Attempt { status_code: None, error: None, answer: None, ..last.clone() };
    }
    of
}

/// It is tried again then.
pub(super) fn retried(of: &WebhookDelivery, at: Timestamp) -> WebhookDelivery {
    attempted(of, DeliveryStatus::Waiting, Some(at))
}

/// It is given up.
pub(super) fn given_up(of: &WebhookDelivery) -> WebhookDelivery {
    attempted(of, DeliveryStatus::GivenUp, None)
}

/// It was not sent.
pub(super) fn dropped(of: &WebhookDelivery) -> WebhookDelivery {
    WebhookDelivery { status: DeliveryStatus::Dropped, due_at: None, ..of.clone() }
}

pub(super) fn ids(of: &[WebhookDelivery]) -> Vec<WebhookDeliveryId> {
    of.iter().map(|of| of.id).collect()
}

/// The endpoints whose queues these are.
pub(super) fn endpoints(of: &[DueQueue]) -> Vec<Id<Endpoint>> {
    of.iter().map(|of| of.endpoint).collect()
}
