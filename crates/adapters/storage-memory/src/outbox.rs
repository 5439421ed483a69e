//! The outbox: committed changes on their way to their handlers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    time::Duration,
};

use async_trait::async_trait;
use audit::recorder::RecordedChange;
use kernel::{
    Admitted, Ctx, Delivery, DeliveryState, Ids, Lane, OrganizationId, Outbox, OutboxChangeEntry,
    OutboxEntry, Page, PageRequest, Room, StoreError, Timestamp,
};
use uuid::Uuid;

use crate::{MemoryStorage, Shared};

/// How many deliveries whose turn is next are looked at to tell how long the oldest has waited.
const NEXT: usize = 10;

struct Queued {
    entry: OutboxEntry,
    /// Its round within the lane, once it was due and admitted.
    turn: Option<u64>,
}

/// Entries in the order they were committed.
#[derive(Default)]
pub(crate) struct Queue {
    entries: BTreeMap<u64, Queued>,
    positions: HashMap<Uuid, u64>,
    /// Those that wait until they are due.
    waiting: BTreeSet<(Lane, Timestamp, u64)>,
    /// Those admitted, by their turn within the lane.
    turns: BTreeSet<(Lane, u64, u64)>,
    /// The same, by whose they are.
    of_organizations: BTreeSet<(Lane, Option<OrganizationId>, u64, u64)>,
    last: u64,
}

impl Queue {
    /// Queues what is committed; it is due now, and not before it happened or before `at`.
    pub(crate) fn push(&mut self, delivery: Delivery, at: Option<Timestamp>, now: Timestamp) {
        let (state, due_at) = (DeliveryState::Waiting, delivery.occurred_at.max(at.unwrap_or(now)).max(now));
        self.last += 1;
        self.positions.insert(delivery.id, self.last);
        let entry = OutboxEntry { delivery, state, due_at, last_error: None };
        self.entries.insert(self.last, Queued { entry, turn: None });
        self.link(self.last);
    }

    /// What waits in the lane and is due, oldest first.
    fn due(&self, lane: Lane, now: Timestamp) -> impl Iterator<Item = &(Lane, Timestamp, u64)> {
        self.waiting.range((lane, Timestamp::EPOCH, 0)..=(lane, now, u64::MAX))
    }

    /// Those of the lane that were admitted, the next first.
    fn next(&self, lane: Lane) -> impl Iterator<Item = &(Lane, u64, u64)> {
        self.turns.range((lane, 0, 0)..=(lane, u64::MAX, u64::MAX))
    }

    fn admit(&mut self, now: Timestamp, wanted: Option<&[&str]>, max: usize) -> Admitted {
        let mut admitted = Admitted { forgotten: Vec::new(), is_more_due: false };
        for lane in Lane::ALL {
            let due: Vec<_> = self.due(lane, now).take(max).copied().collect();
            admitted.is_more_due |= due.len() == max;
            for (_, _, position) in due {
                let Some(Queued { entry, .. }) = self.entries.get(&position) else { continue };
                let Delivery { id, topic, organization, .. } = &entry.delivery;
                if wanted.is_some_and(|wanted| !wanted.contains(&topic.as_str())) {
                    admitted.forgotten.push(topic.clone());
                    self.forget(*id);
                    continue;
                }
                let of = |turn, position| (lane, *organization, turn, position);
                let own = self.of_organizations.range(of(0, 0)..=of(u64::MAX, u64::MAX)).next_back();
                let behind_own = own.map_or(1, |(_, _, turn, _)| turn + 1);
                let turn = self.next(lane).next().map_or(behind_own, |(_, round, _)| behind_own.max(*round));
                self.change(position, |queued| queued.turn = Some(turn));
            }
        }
        admitted
    }

    fn take(&mut self, now: Timestamp, room: Room, lease: Duration) -> Vec<Delivery> {
        let mut taken: Vec<Delivery> = Vec::new();
        for lane in Lane::ALL {
            let most = usize::try_from(room.down_to(lane)).unwrap_or(usize::MAX);
            let next: Vec<_> = self.next(lane).take(most.saturating_sub(taken.len())).copied().collect();
            taken.extend(next.into_iter().filter_map(|(_, _, position)| {
                self.change(position, |queued| queued.entry.due_at = now.plus(lease))
            }));
        }
        taken
    }

    fn failed(&mut self, position: u64, error: &str, retry_at: Option<Timestamp>) {
        self.change(position, |Queued { entry, .. }| {
            entry.delivery.attempts += 1;
            entry.last_error = Some(error.to_owned());
            match retry_at {
                Some(at) => entry.due_at = at,
                None => entry.state = DeliveryState::Dead,
            }
        });
    }

    fn put_off(&mut self, position: u64, why: &str, until: Timestamp) {
        self.change(position, |Queued { entry, .. }| {
            entry.last_error = Some(why.to_owned());
            entry.due_at = until;
        });
    }

    fn retry(&mut self, id: Option<Uuid>, now: Timestamp) -> usize {
        let asked = |entry: &OutboxEntry| id.is_none_or(|id| entry.delivery.id == id);
        let dead = |entry: &OutboxEntry| entry.state == DeliveryState::Dead && asked(entry);
        let dead = self.entries.iter().filter(|(_, queued)| dead(&queued.entry));
        let positions: Vec<u64> = dead.map(|(position, _)| *position).collect();
        for position in &positions {
            self.change(*position, |Queued { entry, .. }| {
                entry.state = DeliveryState::Waiting;
                entry.delivery.attempts = 0;
                entry.due_at = now;
            });
        }
        positions.len()
    }

    /// What is changed has no turn any more, unless it is given one.
    fn change(&mut self, position: u64, change: impl FnOnce(&mut Queued)) -> Option<Delivery> {
        self.unlink(position);
        let queued = self.entries.get_mut(&position)?;
        queued.turn = None;
        change(queued);
        let delivery = queued.entry.delivery.clone();
        self.link(position);
        Some(delivery)
    }

    fn forget(&mut self, id: Uuid) {
        if let Some(position) = self.positions.remove(&id) {
            self.unlink(position);
            self.entries.remove(&position);
        }
    }

    fn link(&mut self, position: u64) {
        let Some(Queued { entry, turn }) = self.entries.get(&position) else { return };
        let Delivery { lane, organization, .. } = entry.delivery;
        match (turn, entry.state) {
            (Some(turn), _) => {
                self.turns.insert((lane, *turn, position));
                self.of_organizations.insert((lane, organization, *turn, position));
            }
            (None, DeliveryState::Waiting) => {
                self.waiting.insert((lane, entry.due_at, position));
            }
            (None, DeliveryState::Dead) => {}
        }
    }

    fn unlink(&mut self, position: u64) {
        let Some(Queued { entry, turn }) = self.entries.get(&position) else { return };
        let Delivery { lane, organization, .. } = entry.delivery;
        match turn {
            Some(turn) => {
                self.turns.remove(&(lane, *turn, position));
                self.of_organizations.remove(&(lane, organization, *turn, position));
            }
            None => {
                self.waiting.remove(&(lane, entry.due_at, position));
            }
        }
    }
}

/// What a unit tells, and from when on, where that is later. What happens in a tenant's unit belongs to the tenant.
pub(crate) fn deliveries(
    ids: &dyn Ids,
    RecordedChange { change, version }: &mut RecordedChange,
    ctx: &Ctx,
) -> Vec<(Delivery, Option<Timestamp>)> {
    let organization = change.organization.or(ctx.scope.organization());
    let (entries, own) = (change.take_outbox_entries(&ctx.actor).into_iter(), &change.target);
    let delivery = |OutboxChangeEntry { topic, target, data, at }| {
        let delivery = Delivery {
            id: ids.ordered(),
            topic: topic.to_owned(),
            lane: change.lane,
            target_kind: target.kind.to_owned(),
            target_id: target.id,
            target_version: version.filter(|_| target == *own),
            organization,
            data,
            occurred_at: change.at,
            attempts: 0,
        };
        (delivery, at)
    };
    entries.map(delivery).collect()
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
    async fn admit(&self, now: Timestamp, wanted: Option<&[&str]>, max: u32) -> Result<Admitted, StoreError> {
        Ok(self.shared.write().queue.admit(now, wanted, max.try_into().unwrap_or(usize::MAX)))
    }

    async fn take(&self, now: Timestamp, room: Room, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.shared.write().queue.take(now, room, lease))
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

    async fn put_off(&self, id: Uuid, why: &str, until: Timestamp) -> Result<(), StoreError> {
        let queue = &mut self.shared.write().queue;
        if let Some(position) = queue.positions.get(&id).copied() {
            queue.put_off(position, why, until);
        }
        Ok(())
    }

    async fn lag(&self, now: Timestamp, lane: Lane) -> Result<Duration, StoreError> {
        let queue = &self.shared.read().queue;
        let entry = |position| queue.entries.get(position).map(|queued| queued.entry.due_at);
        let next = queue.next(lane).take(NEXT).filter_map(|(_, _, position)| entry(position));
        let oldest = queue.due(lane, now).next().map(|(_, due_at, _)| *due_at).into_iter().chain(next).min();
        Ok(oldest.map_or(Duration::ZERO, |due_at| now.since(due_at)))
    }

    async fn list(&self, state: DeliveryState, page: &PageRequest) -> Result<Page<OutboxEntry>, StoreError> {
        let filter = ("outbox", state == DeliveryState::Dead);
        let after = page.key::<u64>(&filter)?.map_or(Bound::Unbounded, Bound::Excluded);
        let shared = self.shared.read();
        let entries = shared.queue.entries.range((after, Bound::Unbounded));
        let entries = entries.map(|(position, queued)| (*position, &queued.entry));
        let entries = entries.filter(|(_, entry)| entry.state == state);
        let rows: Vec<_> =
            entries.take(fetch_limit(page)).map(|(position, entry)| (position, entry.clone())).collect();
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
