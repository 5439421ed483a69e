//! Reading events, and the keys that open what is sealed in them.

use async_trait::async_trait;
use audit::{
    event::Event,
    ports::{EventLog, Filter},
    sealing::SubjectKey,
};
use kernel::{Ctx, Page, PageRequest, StoreError, Timestamp};
use uuid::Uuid;

use super::{
    Trail, reaches,
    shelf::{Moment, Shelf, Topic, start_of},
};
use crate::{MemoryStorage, outbox::surplus};

impl Trail {
    /// The shortest shelf that holds everything looked for.
    fn shelf(&self, within: Topic, filter: &Filter) -> Option<&Shelf> {
        let Filter { actor, target, subject, .. } = filter;
        let named = [actor.map(Topic::Actor), target.map(Topic::Target), subject.map(Topic::Subject)];
        let topics = named.into_iter().flatten().chain([within]);
        let shelves: Option<Vec<&Shelf>> = topics.map(|topic| self.shelves.get(&topic)).collect();
        shelves?.into_iter().min_by_key(|shelf| shelf.len())
    }
}

/// Whether an event passes, its time left aside.
fn passes(filter: &Filter, event: &Event) -> bool {
    let Filter { actor, action, target, subject, outcome, from: _, until: _ } = filter;
    actor.is_none_or(|actor| event.actor.id == Some(actor))
        && action.as_ref().is_none_or(|action| event.action == *action)
        && target.is_none_or(|target| event.target.id == Some(target))
        && subject.is_none_or(|subject| event.subject == Some(subject))
        && outcome.is_none_or(|outcome| event.outcome == outcome)
}

#[async_trait]
impl EventLog for MemoryStorage {
    async fn events(
        &self,
        ctx: &Ctx,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<Event>, StoreError> {
        let after = page.key::<Moment>(filter)?;
        let until = filter.until.map(start_of);
        let end = [after, until].into_iter().flatten().min();
        let state = self.shared.read();
        let trail = &state.trail;
        let shelf = Topic::within(ctx.scope).and_then(|within| trail.shelf(within, filter));
        let found = shelf.into_iter().flat_map(|shelf| shelf.newest(filter.from.map(start_of), end));
        let events = found.filter_map(|place| trail.events.get(place));
        let seen = events.filter(|event| reaches(ctx.scope, event) && passes(filter, event));
        let rows: Vec<Event> = seen.take(surplus(page)).cloned().collect();
        Ok(Page::cut(rows, page, filter, |event| (event.occurred_at, event.id)))
    }

    async fn subject_keys(&self, ids: &[Uuid]) -> Result<Vec<SubjectKey>, StoreError> {
        let state = self.shared.read();
        Ok(ids.iter().filter_map(|id| state.trail.keys.get(id)).cloned().collect())
    }

    async fn forget_strangers(&self, before: Timestamp) -> Result<u64, StoreError> {
        let keys = &mut self.shared.write().trail.keys;
        let had = keys.len();
        keys.retain(|_, key| key.subject.is_some() || key.made_at >= before);
        Ok(u64::try_from(had - keys.len()).unwrap_or(u64::MAX))
    }
}
