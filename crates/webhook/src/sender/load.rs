//! What the sender has begun, and what there is room for.

use std::collections::{HashMap, HashSet};

use kernel::{OrganizationId, Timestamp};

use super::SenderSettings;
use crate::{
    EndpointId, WebhookDelivery,
    ports::{DueQueue, QueueRoom, WantedQueue},
    sending::{Attempted, Outcome, Round},
};

/// So many endpoints are remembered to have received something.
const MOST_TRUSTED: usize = 100_000;

/// What goes on, and what there is room for.
pub(super) struct Load {
    settings: SenderSettings,
    rounds: HashMap<EndpointId, Entry>,
    /// Endpoints whose last round was received.
    trusted: HashSet<EndpointId>,
}

/// A queue that is wanted, or was taken.
struct Entry {
    /// Attempts that go on; while it is wanted, as many as there may be.
    in_flight: u32,
    began_at: Timestamp,
    is_failing: bool,
    /// `None` while it is wanted.
    round: Option<Round>,
    /// What waits to be settled.
    ended: Vec<Attempted>,
    has_failed: bool,
}

impl Load {
    pub(super) fn new(settings: SenderSettings) -> Self {
        Self { settings, rounds: HashMap::new(), trusted: HashSet::new() }
    }

    /// The attempts there is room for. What goes on for long counts among what fails, as far as there is room, so that
    /// endpoints that hang leave theirs to others.
    pub(super) fn room(&self, now: Timestamp) -> QueueRoom {
        let SenderSettings { at_once, slow_at_once, slow_after, .. } = self.settings;
        let (mut sound, mut slow) = (0, 0);
        for entry in self.rounds.values() {
            let is_slow = entry.is_failing || now.since(entry.began_at) > slow_after;
            *(if is_slow { &mut slow } else { &mut sound }) += entry.in_flight;
        }
        let beyond = slow.saturating_sub(slow_at_once);
        QueueRoom {
            sound: at_once.saturating_sub(sound + beyond),
            failing: slow_at_once.saturating_sub(slow),
        }
    }

    /// Wants as many of these as there is room for, by the organisations whose they are.
    pub(super) fn want(
        &mut self,
        due: Vec<DueQueue>,
        now: Timestamp,
    ) -> Vec<(OrganizationId, Vec<WantedQueue>)> {
        let mut wanted: HashMap<_, Vec<_>> = HashMap::new();
        for queue in due {
            if let Some(most) = self.begin(queue, now) {
                let of = WantedQueue { endpoint: queue.endpoint, most };
                wanted.entry(queue.organization).or_default().push(of);
            }
        }
        wanted.into_iter().collect()
    }

    /// Begins with a queue, if there is room: for so many attempts, which count as going on until it is taken.
    fn begin(&mut self, queue: DueQueue, now: Timestamp) -> Option<u32> {
        let room = self.room(now);
        let left = if queue.is_failing { room.failing } else { room.sound };
        if left == 0 || self.rounds.contains_key(&queue.endpoint) {
            return None;
        }
        let is_trusted = !queue.is_failing && self.trusted.contains(&queue.endpoint);
        let in_flight = if is_trusted { self.settings.at_once_an_endpoint.clamp(1, left) } else { 1 };
        let (began_at, is_failing) = (now, queue.is_failing);
        let entry =
            Entry { in_flight, began_at, is_failing, round: None, ended: Vec::new(), has_failed: false };
        self.rounds.insert(queue.endpoint, entry);
        Some(in_flight)
    }

    /// These were wanted, and those of them that were taken go on.
    pub(super) fn taken(
        &mut self,
        wanted: &[WantedQueue],
        taken: Vec<(Round, Vec<WebhookDelivery>)>,
        mut attempt: impl FnMut(&Round, WebhookDelivery),
    ) {
        for (round, due) in taken {
            let Some(entry) = self.rounds.get_mut(&round.lease.endpoint) else { continue };
            entry.in_flight = due.len().try_into().unwrap_or(u32::MAX);
            for delivery in due {
                attempt(&round, delivery);
            }
            entry.round = Some(round);
        }
        for WantedQueue { endpoint, .. } in wanted {
            if self.rounds.get(endpoint).is_some_and(|entry| entry.round.is_none()) {
                self.rounds.remove(endpoint);
            }
        }
    }

    /// An attempt ended.
    pub(super) fn ended(&mut self, attempted: Attempted) {
        if let Some(entry) = self.rounds.get_mut(&attempted.delivery.endpoint) {
            entry.in_flight = entry.in_flight.saturating_sub(1);
            entry.has_failed |= !attempted.is_received();
            entry.ended.push(attempted);
        }
    }

    /// All that ended and is not settled yet.
    pub(super) fn outcomes(&mut self, now: Timestamp) -> Vec<Outcome> {
        let ready = self.rounds.values_mut().filter(|entry| !entry.ended.is_empty());
        let outcomes = ready.filter_map(|entry| {
            let (ended, is_last) = (std::mem::take(&mut entry.ended), entry.in_flight == 0);
            Some(entry.round.as_mut()?.settling(ended, is_last, now))
        });
        outcomes.collect()
    }

    /// What was ready was settled, or left to the lease: nothing more is done to queues of which all is.
    pub(super) fn settled(&mut self) {
        let is_over = |_: &EndpointId, entry: &mut Entry| {
            entry.round.is_some() && entry.in_flight == 0 && entry.ended.is_empty()
        };
        for (endpoint, entry) in self.rounds.extract_if(is_over) {
            if entry.has_failed {
                self.trusted.remove(&endpoint);
                continue;
            }
            if self.trusted.len() >= MOST_TRUSTED {
                self.trusted.clear();
            }
            self.trusted.insert(endpoint);
        }
    }
}

#[cfg(test)]
mod tests;
