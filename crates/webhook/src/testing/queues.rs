//! The queues of the port `Deliveries`, in memory.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use kernel::{Clock as _, Ctx, OrganizationId, Page, PageRequest, StoreError, Timestamp};

use super::{World, organization};
use crate::{
    DeliveryStatus, Endpoint, EndpointId, WebhookDelivery, WebhookDeliveryId,
    ports::{
        Deliveries, DueQueue, QueueLease, QueueRoom, RecoveryPeriod, Settlement, TakenQueue, WantedQueue,
    },
};

#[derive(Default)]
pub(crate) struct Queues {
    pub(crate) deliveries: BTreeMap<WebhookDeliveryId, WebhookDelivery>,
    queues: BTreeMap<EndpointId, Queue>,
}

#[derive(Default)]
struct Queue {
    due_at: Option<Timestamp>,
    taken_until: Option<Timestamp>,
    failing_since: Option<Timestamp>,
}

impl Queues {
    pub(crate) fn of(&self, endpoint: EndpointId) -> Vec<WebhookDelivery> {
        self.deliveries.values().filter(|of| of.endpoint == endpoint).cloned().collect()
    }

    fn thing(of: &WebhookDelivery) -> (EndpointId, String, uuid::Uuid) {
        (of.endpoint, of.event.target_kind.clone(), of.event.target_id)
    }

    /// Another of the same thing that is on its way.
    fn is_behind(&self, of: &WebhookDelivery) -> bool {
        let on_its_way = self.deliveries.values().filter(|other| other.due_at.is_some() && other.id != of.id);
        on_its_way.into_iter().any(|other| Self::thing(other) == Self::thing(of))
    }

    fn release_next(&mut self, of: &WebhookDelivery, now: Timestamp) {
        let waiting = self.deliveries.values_mut().filter(|other| other.status == DeliveryStatus::Waiting);
        let next = waiting
            .filter(|other| Self::thing(other) == Self::thing(of))
            .min_by_key(|other| (other.due_at.is_none(), other.event.occurred_at, other.event.id));
        if let Some(next) = next.filter(|next| next.due_at.is_none()) {
            next.due_at = Some(now);
        }
    }

    fn set_time(&mut self, endpoint: EndpointId, now: Timestamp) {
        let due =
            self.deliveries.values().filter(|of| of.endpoint == endpoint).filter_map(|of| of.due_at).min();
        let queue = self.queues.entry(endpoint).or_default();
        if queue.taken_until.is_none_or(|until| until <= now) {
            (queue.due_at, queue.taken_until) = (due.map(|due| due.max(now)), None);
        }
    }

    fn again(&mut self, id: WebhookDeliveryId, asked_at: Timestamp, now: Timestamp) {
        let Some(mut found) = self.deliveries.remove(&id) else { return };
        if found.replayed_at.is_none_or(|at| at < asked_at) {
            (found.status, found.attempts, found.replayed_at) = (DeliveryStatus::Waiting, 0, Some(asked_at));
            found.due_at = (!self.is_behind(&found)).then_some(now);
        }
        let endpoint = found.endpoint;
        self.deliveries.insert(id, found);
        self.set_time(endpoint, now);
    }
}

#[async_trait]
impl Deliveries for World {
    async fn add(&self, _: &Ctx, new: &[WebhookDelivery]) -> Result<u64, StoreError> {
        let (queues, now) = (&mut *self.queues.lock().unwrap(), self.now());
        let mut added = 0;
        for new in new {
            if queues.of(new.endpoint).iter().any(|of| of.event.id == new.event.id) {
                continue;
            }
            let mut new = new.clone();
            new.due_at = new.due_at.filter(|_| !queues.is_behind(&new));
            let endpoint = new.endpoint;
            queues.deliveries.insert(new.id, new);
            queues.set_time(endpoint, now);
            added += 1;
        }
        Ok(added)
    }

    async fn delivery(
        &self,
        _: &Ctx,
        endpoint: EndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError> {
        Ok(self.queues.lock().unwrap().deliveries.get(&id).filter(|of| of.endpoint == endpoint).cloned())
    }

    async fn page(
        &self,
        _: &Ctx,
        endpoint: EndpointId,
        _: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError> {
        Ok(Page { items: self.queues.lock().unwrap().of(endpoint).into_iter().rev().collect(), next: None })
    }

    async fn failing_since(
        &self,
        _: &Ctx,
        endpoints: &[EndpointId],
    ) -> Result<HashMap<EndpointId, Timestamp>, StoreError> {
        let queues = &self.queues.lock().unwrap().queues;
        let failing = |id: &EndpointId| Some((*id, queues.get(id)?.failing_since?));
        Ok(endpoints.iter().filter_map(failing).collect())
    }

    async fn due(&self, now: Timestamp, room: QueueRoom) -> Result<Vec<DueQueue>, StoreError> {
        let queues = &self.queues.lock().unwrap().queues;
        let mut due: Vec<_> =
            queues.iter().filter(|(_, queue)| queue.due_at.is_some_and(|at| at <= now)).collect();
        due.sort_by_key(|(_, queue)| queue.due_at);
        let of = |is_failing: bool, most: u32| {
            let of = due.iter().filter(move |(_, queue)| queue.failing_since.is_some() == is_failing);
            of.take(usize::try_from(most).unwrap()).map(move |(endpoint, _)| DueQueue {
                organization: organization(),
                endpoint: **endpoint,
                is_failing,
            })
        };
        Ok(of(false, room.sound).chain(of(true, room.failing)).collect())
    }

    async fn take(
        &self,
        _: &Ctx,
        wanted: &[WantedQueue],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TakenQueue>, StoreError> {
        let queues = &mut *self.queues.lock().unwrap();
        let mut taken = Vec::new();
        for WantedQueue { endpoint, most } in wanted.iter().copied() {
            let mut due: Vec<_> =
                queues.of(endpoint).into_iter().filter(|of| of.due_at.is_some_and(|at| at <= now)).collect();
            due.sort_by_key(|of| (of.due_at, of.id));
            due.truncate(usize::try_from(most).unwrap());
            let queue = queues.queues.entry(endpoint).or_default();
            if queue.due_at.is_none_or(|at| at > now) {
                continue;
            }
            if due.is_empty() {
                queues.set_time(endpoint, now);
                continue;
            }
            (queue.due_at, queue.taken_until) = (Some(until), Some(until));
            let lease = QueueLease { endpoint, until, failing_since: queue.failing_since };
            let found = self.endpoints.lock().unwrap().get(&endpoint).cloned();
            let endpoint = found.map(|(state, version)| Endpoint::restore(state, version));
            taken.push(TakenQueue { lease, endpoint, deliveries: due });
        }
        Ok(taken)
    }

    async fn settle(&self, _: &Ctx, settled: &[Settlement], now: Timestamp) -> Result<(), StoreError> {
        if settled.iter().any(|of| self.broken.lock().unwrap().contains(&of.lease.endpoint)) {
            return Err(StoreError::Fault("a row of it is broken".to_owned()));
        }
        let queues = &mut *self.queues.lock().unwrap();
        for Settlement { lease, deliveries, is_last } in settled {
            let queue = queues.queues.entry(lease.endpoint).or_default();
            if queue.taken_until != Some(lease.until) {
                continue;
            }
            queue.failing_since = lease.failing_since;
            if *is_last {
                queue.taken_until = None;
            }
            for settled in deliveries {
                queues.deliveries.insert(settled.id, settled.clone());
                queues.release_next(settled, now);
            }
            queues.set_time(lease.endpoint, now);
        }
        Ok(())
    }

    async fn replay(
        &self,
        _: &Ctx,
        _: EndpointId,
        id: WebhookDeliveryId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.queues.lock().unwrap().again(id, asked_at, now);
        Ok(())
    }

    async fn recover(
        &self,
        _: &Ctx,
        endpoint: EndpointId,
        period: RecoveryPeriod,
        now: Timestamp,
        most: u32,
    ) -> Result<u64, StoreError> {
        let queues = &mut *self.queues.lock().unwrap();
        let mut found = queues.of(endpoint);
        found.retain(|of| {
            matches!(of.status, DeliveryStatus::GivenUp | DeliveryStatus::Dropped)
                && of.event.occurred_at >= period.since
                && of.replayed_at.is_none_or(|at| at < period.asked_at)
        });
        found.sort_by_key(|of| (of.event.occurred_at, of.event.id));
        found.truncate(usize::try_from(most).unwrap());
        for of in &found {
            queues.again(of.id, period.asked_at, now);
        }
        Ok(found.len() as u64)
    }

    async fn drop_waiting(&self, _: &Ctx, endpoint: EndpointId, most: u32) -> Result<u64, StoreError> {
        let (queues, now) = (&mut *self.queues.lock().unwrap(), self.now());
        let mut found = queues.of(endpoint);
        found.retain(|of| of.status == DeliveryStatus::Waiting);
        found.truncate(usize::try_from(most).unwrap());
        for of in &mut found {
            of.abandon();
            queues.deliveries.insert(of.id, of.clone());
        }
        queues.set_time(endpoint, now);
        Ok(found.len() as u64)
    }

    async fn endpoints_after(
        &self,
        _: Option<(OrganizationId, EndpointId)>,
        _: u32,
    ) -> Result<Vec<(OrganizationId, EndpointId)>, StoreError> {
        unreachable!("a command looks for them")
    }

    async fn forget_old(&self, _: Timestamp, _: u32) -> Result<u64, StoreError> {
        unreachable!("the platform forgets")
    }
}
