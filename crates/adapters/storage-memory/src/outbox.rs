//! The outbox: committed changes on their way to their handlers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    time::Duration,
};

use async_trait::async_trait;
use kernel::{
    Change, Delivery, DeliveryState, Ids, Outbox, OutboxEntry, Page, PageRequest, Scope, StoreError,
    Timestamp,
};
use uuid::Uuid;

use crate::{MemoryStorage, Shared};

/// Entries in the order they were committed.
#[derive(Default)]
pub(crate) struct Queue {
    entries: BTreeMap<u64, OutboxEntry>,
    positions: HashMap<Uuid, u64>,
    waiting: BTreeSet<(Timestamp, u64)>,
    last: u64,
}

impl Queue {
    /// Queues what is committed; it is due now, and not before it happened or before `at`.
    pub(crate) fn push(&mut self, delivery: Delivery, at: Option<Timestamp>, now: Timestamp) {
        let (state, due_at) = (DeliveryState::Waiting, delivery.occurred_at.max(at.unwrap_or(now)).max(now));
        self.last += 1;
        self.positions.insert(delivery.id, self.last);
        self.waiting.insert((due_at, self.last));
        self.entries.insert(self.last, OutboxEntry { delivery, state, due_at, last_error: None });
    }

    fn take(&mut self, now: Timestamp, max: u32, lease: Duration) -> Vec<Delivery> {
        let due = self.waiting.range(..=(now, u64::MAX));
        let due: Vec<u64> =
            due.take(max.try_into().unwrap_or(usize::MAX)).map(|(_, position)| *position).collect();
        due.into_iter()
            .filter_map(|position| self.change(position, |entry| entry.due_at = now.plus(lease)))
            .collect()
    }

    fn failed(&mut self, position: u64, error: &str, retry_at: Option<Timestamp>) {
        self.change(position, |entry| {
            entry.delivery.attempts += 1;
            entry.last_error = Some(error.to_owned());
            match retry_at {
                Some(at) => entry.due_at = at,
                None => entry.state = DeliveryState::Dead,
            }
        });
    }

    fn retry(&mut self, id: Option<Uuid>, now: Timestamp) -> usize {
        let asked = |entry: &OutboxEntry| id.is_none_or(|id| entry.delivery.id == id);
        let dead = |entry: &OutboxEntry| entry.state == DeliveryState::Dead && asked(entry);
        let dead = self.entries.iter().filter(|(_, entry)| dead(entry));
        let positions: Vec<u64> = dead.map(|(position, _)| *position).collect();
        for position in &positions {
            self.change(*position, |entry| {
                entry.state = DeliveryState::Waiting;
                entry.delivery.attempts = 0;
                entry.due_at = now;
            });
        }
        positions.len()
    }

    fn change(&mut self, position: u64, change: impl FnOnce(&mut OutboxEntry)) -> Option<Delivery> {
        let entry = self.entries.get_mut(&position)?;
        self.waiting.remove(&(entry.due_at, position));
        change(entry);
        if entry.state == DeliveryState::Waiting {
            self.waiting.insert((entry.due_at, position));
        }
        Some(entry.delivery.clone())
    }

    fn forget(&mut self, id: Uuid) {
        if let Some(position) = self.positions.remove(&id)
            && let Some(entry) = self.entries.remove(&position)
        {
            self.waiting.remove(&(entry.due_at, position));
        }
    }
}

/// What a unit tells, and from when on, where that is later. What happens in a tenant's unit belongs to the tenant.
pub(crate) fn deliveries(ids: &dyn Ids, change: &Change, scope: Scope) -> Vec<(Delivery, Option<Timestamp>)> {
    let delivery = |topic: &str| Delivery {
        id: ids.ordered(),
        topic: topic.to_owned(),
        target_kind: change.target.kind.to_owned(),
        target_id: change.target.id,
        organization: change.organization.or(scope.organization()),
        data: change.data.clone(),
        occurred_at: change.at,
        attempts: 0,
    };
    let timers = change.timers.iter().map(|timer| (delivery(timer.topic), Some(timer.at)));
    timers.chain([(delivery(change.action), None)]).collect()
}

impl Shared {
    /// Wakes who waits now, and lets the next one not wait at all.
    pub(crate) fn wake(&self) {
        self.committed.notify_waiters();
        self.committed.notify_one();
    }
}

#[async_trait]
impl Outbox for MemoryStorage {
    async fn take(&self, now: Timestamp, max: u32, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.shared.write().queue.take(now, max, lease))
    }

    async fn forget_unwanted(
        &self,
        now: Timestamp,
        wanted: &[&str],
        max: u32,
    ) -> Result<Vec<String>, StoreError> {
        let queue = &mut self.shared.write().queue;
        let due = queue.waiting.range(..=(now, u64::MAX)).filter_map(|(_, at)| queue.entries.get(at));
        let unwanted = due.filter(|entry| !wanted.contains(&entry.delivery.topic.as_str()));
        let unwanted = unwanted.take(max.try_into().unwrap_or(usize::MAX));
        let (ids, topics): (Vec<_>, _) =
            unwanted.map(|entry| (entry.delivery.id, entry.delivery.topic.clone())).unzip();
        for id in ids {
            queue.forget(id);
        }
        Ok(topics)
    }

    async fn done(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        let queue = &mut self.shared.write().queue;
        for id in ids {
            queue.forget(*id);
        }
        Ok(())
    }

    async fn failed(&self, id: Uuid, error: &str, retry_at: Option<Timestamp>) -> Result<(), StoreError> {
        let queue = &mut self.shared.write().queue;
        if let Some(position) = queue.positions.get(&id).copied() {
            queue.failed(position, error, retry_at);
        }
        Ok(())
    }

    async fn lag(&self, now: Timestamp) -> Result<Duration, StoreError> {
        let state = self.shared.read();
        Ok(state.queue.waiting.first().map_or(Duration::ZERO, |(due_at, _)| now.since(*due_at)))
    }

    async fn list(&self, state: DeliveryState, page: &PageRequest) -> Result<Page<OutboxEntry>, StoreError> {
        let filter = ("outbox", state == DeliveryState::Dead);
        let after = page.key::<u64>(&filter)?.map_or(Bound::Unbounded, Bound::Excluded);
        let shared = self.shared.read();
        let entries = shared.queue.entries.range((after, Bound::Unbounded));
        let entries = entries.filter(|(_, entry)| entry.state == state);
        let rows: Vec<_> =
            entries.take(fetch_limit(page)).map(|(position, entry)| (*position, entry.clone())).collect();
        Ok(Page::cut(rows, page, &filter, |(position, _)| *position).map(|(_, entry)| entry))
    }

    async fn retry(&self, id: Option<Uuid>, now: Timestamp) -> Result<u64, StoreError> {
        let count = self.shared.write().queue.retry(id, now);
        if count > 0 {
            self.shared.wake();
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn notified(&self) {
        self.shared.committed.notified().await;
    }
}

/// One row more than the page holds tells that there is another page.
pub(crate) fn fetch_limit(page: &PageRequest) -> usize {
    usize::try_from(page.limit.get()).unwrap_or(usize::MAX).saturating_add(1)
}
