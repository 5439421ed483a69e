//! Where events are found: by whom they belong to, who acted, and on what.

use std::{collections::BTreeMap, ops::Range};

use audit::event::{Event, EventId};
use kernel::{Scope, Timestamp};
use uuid::Uuid;

/// What events stand under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum IndexKey {
    /// Every event.
    All,
    /// An organisation's.
    Organization(Uuid),
    /// About a person.
    Subject(Uuid),
    /// Of an account or API key.
    Actor(Uuid),
    /// On a thing.
    Target(Uuid),
}

impl IndexKey {
    /// Those an event stands under.
    pub(crate) fn of(event: &Event) -> impl Iterator<Item = Self> {
        let organization = event.organization.map(|organization| Self::Organization(organization.uuid()));
        let subject = event.subject.map(Self::Subject);
        let actor = event.actor.id.map(Self::Actor);
        let target = event.target.id.map(Self::Target);
        [Some(Self::All), organization, subject, actor, target].into_iter().flatten()
    }

    /// The one that holds all a scope reaches; `None` when it reaches nothing.
    pub(crate) fn within(scope: Scope) -> Option<Self> {
        match scope {
            Scope::Tenant(organization) => Some(Self::Organization(organization.uuid())),
            Scope::Account(account) => Some(Self::Subject(account.uuid())),
            Scope::Worker | Scope::Platform => Some(Self::All),
            _ => None,
        }
    }
}

/// An event's position in lists: newest first, and those of one moment in the order of their ids.
pub(crate) type EventPosition = (Timestamp, EventId);

/// Before all events of this time.
pub(crate) fn start_of(at: Timestamp) -> EventPosition {
    (at, EventId::from_uuid(Uuid::nil()))
}

/// The events under one key, by their position in the trail.
#[derive(Default)]
pub(crate) struct EventIndex {
    by_time: BTreeMap<EventPosition, usize>,
    in_order: Vec<usize>,
}

impl EventIndex {
    pub(crate) fn put(&mut self, event: &Event, position: usize) {
        self.by_time.insert((event.occurred_at, event.id), position);
        self.in_order.push(position);
    }

    pub(crate) fn len(&self) -> usize {
        self.in_order.len()
    }

    /// From `from` on and before `until`, newest first.
    pub(crate) fn newest(
        &self,
        from: Option<EventPosition>,
        until: Option<EventPosition>,
    ) -> Box<dyn Iterator<Item = usize> + '_> {
        match (from, until) {
            // An empty range of a map is a panic.
            (Some(from), Some(until)) if from >= until => Box::new(std::iter::empty()),
            (Some(from), Some(until)) => Box::new(positions(self.by_time.range(from..until))),
            (Some(from), None) => Box::new(positions(self.by_time.range(from..))),
            (None, Some(until)) => Box::new(positions(self.by_time.range(..until))),
            (None, None) => Box::new(positions(self.by_time.iter())),
        }
    }

    /// Those at these positions of the trail, in its order.
    pub(crate) fn within(&self, positions: &Range<usize>) -> &[usize] {
        let [first, end] =
            [positions.start, positions.end].map(|edge| self.in_order.partition_point(|at| *at < edge));
        &self.in_order[first..end]
    }
}

fn positions<'a>(
    found: impl DoubleEndedIterator<Item = (&'a EventPosition, &'a usize)>,
) -> impl Iterator<Item = usize> {
    found.rev().map(|(_, position)| *position)
}
