//! Reading events, and the keys that open what is sealed in them.

use async_trait::async_trait;
use audit::{
    event::Event,
    ports::{EventLog, Filter},
    sealing::SubjectKey,
};
use kernel::{Ctx, Page, PageRequest, Scope, StoreError, Timestamp};
use uuid::Uuid;

use crate::{
    MemoryStorage,
    outbox::fetch_limit,
    trail::{
        Trail,
        event_index::{EventIndex, EventPosition, IndexKey, start_of},
    },
};

impl Trail {
    /// The shortest index that holds everything looked for.
    fn index(&self, within: IndexKey, filter: &Filter) -> Option<&EventIndex> {
        let Filter { actor, target, subject, .. } = filter;
        let named =
            [actor.map(IndexKey::Actor), target.map(IndexKey::Target), subject.map(IndexKey::Subject)];
        let index_keys = named.into_iter().flatten().chain([within]);
        let indexes: Option<Vec<&EventIndex>> = index_keys.map(|key| self.indexes.get(&key)).collect();
        indexes?.into_iter().min_by_key(|index| index.len())
    }
}

/// Whether a reader sees an event, as the policies on PostgreSQL have it.
fn can_read(scope: Scope, event: &Event) -> bool {
    match scope {
        Scope::Tenant(organization) => event.organization == Some(organization),
        Scope::Account(account) => event.subject == Some(account.uuid()),
        Scope::Worker | Scope::Platform => true,
        _ => false,
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
        let after = page.key::<EventPosition>(filter)?;
        let until = filter.until.map(start_of);
        let end = [after, until].into_iter().flatten().min();
        let state = self.shared.read();
        let trail = &state.trail;
        let index = IndexKey::within(ctx.scope).and_then(|within| trail.index(within, filter));
        let found = index.into_iter().flat_map(|index| index.newest(filter.from.map(start_of), end));
        let events = found.filter_map(|position| trail.events.get(position));
        let seen = events.filter(|event| can_read(ctx.scope, event) && passes(filter, event));
        let rows: Vec<Event> = seen.take(fetch_limit(page)).cloned().collect();
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
