//! The queue of one endpoint, and every delivery of it that is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kernel::Timestamp;
use uuid::Uuid;
use webhook::{
    DeliveryStatus, WebhookDelivery, WebhookDeliveryId,
    ports::{RecoveryPeriod, Settlement},
};

/// What deliveries of one thing share: its kind and its id.
type Thing = (String, Uuid);

/// The order in which deliveries of one thing follow one another.
type Turn = (Timestamp, Uuid, WebhookDeliveryId);

#[derive(Default)]
pub(super) struct Queue {
    /// When it is due; while somebody holds it, when their lease ends.
    pub(super) due_at: Option<Timestamp>,
    taken_until: Option<Timestamp>,
    pub(super) failing_since: Option<Timestamp>,
    deliveries: BTreeMap<WebhookDeliveryId, WebhookDelivery>,
    /// The events of all of them.
    events: HashSet<Uuid>,
    /// Those on their way.
    due: BTreeSet<(Timestamp, WebhookDeliveryId)>,
    /// Those on their way and those behind them.
    waiting: HashMap<Thing, BTreeSet<Turn>>,
}

fn thing(of: &WebhookDelivery) -> Thing {
    (of.event.target_kind.clone(), of.event.target_id)
}

fn turn(of: &WebhookDelivery) -> Turn {
    (of.event.occurred_at, of.event.id, of.id)
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    pub(super) fn delivery(&self, id: WebhookDeliveryId) -> Option<&WebhookDelivery> {
        self.deliveries.get(&id)
    }

    /// Those made before this one, or all of them, the newest first.
    pub(super) fn newest(
        &self,
        before: Option<WebhookDeliveryId>,
    ) -> Box<dyn Iterator<Item = &WebhookDelivery> + '_> {
        match before {
            Some(before) => Box::new(self.deliveries.range(..before).rev().map(|(_, of)| of)),
            None => Box::new(self.deliveries.values().rev()),
        }
    }

    /// Takes a delivery out, to be put back changed or not at all.
    fn remove(&mut self, id: WebhookDeliveryId) -> Option<WebhookDelivery> {
        let of = self.deliveries.remove(&id)?;
        self.events.remove(&of.event.id);
        if let Some(at) = of.due_at {
            self.due.remove(&(at, id));
        }
        let thing = thing(&of);
        if let Some(waiting) = self.waiting.get_mut(&thing) {
            waiting.remove(&turn(&of));
            if waiting.is_empty() {
                self.waiting.remove(&thing);
            }
        }
        Some(of)
    }

    fn put(&mut self, of: WebhookDelivery) {
        self.events.insert(of.event.id);
        self.due.extend(of.due_at.map(|at| (at, of.id)));
        if of.status == DeliveryStatus::Waiting {
            self.waiting.entry(thing(&of)).or_default().insert(turn(&of));
        }
        self.deliveries.insert(of.id, of);
    }

    /// Puts it in, unless another of its thing is on its way with this time, or else behind that.
    fn put_in_turn(&mut self, mut of: WebhookDelivery) {
        of.due_at = of.due_at.filter(|_| !self.is_one_on_its_way(&thing(&of)));
        self.put(of);
    }

    fn is_one_on_its_way(&self, thing: &Thing) -> bool {
        let mut waiting = self.waiting.get(thing).into_iter().flatten();
        waiting.any(|(.., id)| self.delivery(*id).is_some_and(|of| of.due_at.is_some()))
    }

    /// Lets the earliest of a thing be due at this time, where none of it is on its way.
    fn release_next(&mut self, thing: &Thing, at: Timestamp) {
        if self.is_one_on_its_way(thing) {
            return;
        }
        let next = self.waiting.get(thing).and_then(BTreeSet::first).map(|(.., id)| *id);
        if let Some(mut next) = next.and_then(|id| self.remove(id)) {
            next.due_at = Some(at);
            self.put(next);
        }
    }

    fn first_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The queue is due when the first of its deliveries is, unless somebody holds it.
    fn set_time(&mut self, now: Timestamp) {
        if self.taken_until.is_none_or(|until| until <= now) {
            self.taken_until = None;
            self.due_at = self.first_due().map(|due| due.max(now));
        }
    }

    /// Puts a new one in, unless there is one of its event.
    pub(super) fn add(&mut self, new: WebhookDelivery) -> bool {
        if self.events.contains(&new.event.id) {
            return false;
        }
        let id = new.id;
        self.put_in_turn(new);
        let due = self.delivery(id).and_then(|new| new.due_at);
        if self.taken_until.is_none() {
            self.due_at = self.due_at.into_iter().chain(due).min();
        }
        true
    }

    /// Takes the queue, with up to `most` that are due, where it is due and one of them is.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        most: usize,
    ) -> Option<Vec<WebhookDelivery>> {
        self.due_at.filter(|at| *at <= now)?;
        let due = self.due.iter().take_while(|(at, _)| *at <= now).take(most);
        let taken: Vec<_> = due.filter_map(|(_, id)| self.delivery(*id).cloned()).collect();
        if taken.is_empty() {
            self.set_time(now);
            return None;
        }
        (self.due_at, self.taken_until) = (Some(until), Some(until));
        Some(taken)
    }

    pub(super) fn settle(&mut self, Settlement { lease, deliveries, is_last }: &Settlement, now: Timestamp) {
        if self.taken_until != Some(lease.until) {
            return;
        }
        self.failing_since = lease.failing_since;
        for settled in deliveries {
            let Some(mut found) = self.remove(settled.id) else { continue };
            let WebhookDelivery { status, attempts, due_at, record, .. } = settled.clone();
            (found.status, found.attempts, found.due_at, found.record) = (status, attempts, due_at, record);
            let thing = thing(&found);
            self.put_in_turn(found);
            self.release_next(&thing, now);
        }
        if *is_last {
            self.taken_until = None;
            self.set_time(now);
        }
    }

    pub(super) fn replay(&mut self, id: WebhookDeliveryId, asked_at: Timestamp, now: Timestamp) {
        let is_asked_anew = |of: &WebhookDelivery| of.replayed_at.is_none_or(|at| at < asked_at);
        if !self.delivery(id).is_some_and(is_asked_anew) {
            return;
        }
        let Some(mut found) = self.remove(id) else { return };
        (found.status, found.attempts, found.due_at) = (DeliveryStatus::Waiting, 0, Some(now));
        found.replayed_at = Some(asked_at);
        self.put_in_turn(found);
        self.set_time(now);
    }

    pub(super) fn recover(&mut self, period: RecoveryPeriod, now: Timestamp, most: usize) -> u64 {
        let is_lost = |of: &&WebhookDelivery| {
            matches!(of.status, DeliveryStatus::GivenUp | DeliveryStatus::Dropped)
                && of.event.occurred_at >= period.since
                && of.replayed_at.is_none_or(|at| at < period.asked_at)
        };
        let lost: BTreeSet<Turn> = self.deliveries.values().filter(is_lost).map(turn).collect();
        let recovered = lost.into_iter().take(most).map(|(.., id)| self.replay(id, period.asked_at, now));
        recovered.count().try_into().unwrap_or(u64::MAX)
    }

    /// Drops up to `most`, the oldest first; the next of a thing takes the place of one on its way.
    pub(super) fn drop_waiting(&mut self, most: usize) -> u64 {
        let waiting = self.deliveries.values().filter(|of| of.status == DeliveryStatus::Waiting);
        let ids: Vec<_> = waiting.take(most).map(|of| of.id).collect();
        for id in &ids {
            let Some(mut found) = self.remove(*id) else { continue };
            let (thing, due) = (thing(&found), found.due_at.take());
            found.status = DeliveryStatus::Dropped;
            self.put(found);
            if let Some(due) = due {
                self.release_next(&thing, due);
            }
        }
        if self.taken_until.is_none() {
            self.due_at = self.first_due().max(self.due_at.filter(|_| !self.due.is_empty()));
        }
        ids.len().try_into().unwrap_or(u64::MAX)
    }

    /// Forgets up to `most` that were put before then and wait no more.
    pub(super) fn forget_old(&mut self, before: Timestamp, most: usize) -> usize {
        let is_over = |of: &&WebhookDelivery| of.status != DeliveryStatus::Waiting && of.created_at < before;
        let over = self.deliveries.values().filter(is_over).take(most);
        let ids: Vec<_> = over.map(|of| of.id).collect();
        for id in &ids {
            self.remove(*id);
        }
        ids.len()
    }
}
