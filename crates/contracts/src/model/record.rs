//! What an adapter's work leaves on record: deliveries, events, and attempts that came to nothing.

use std::collections::BTreeMap;

use audit::{event::Event, ports::Filter};
use kernel::{DeliveryState, Denial, OrganizationId, Scope};

use super::side::word;
use crate::{
    StorageUnderTest,
    audit::{event_of, seen},
    world::{World, ctx, next_page},
};

/// Keeps an attempt that came to nothing.
pub(super) async fn deny(storage: &StorageUnderTest, scope: Scope, denial: Denial) -> Vec<String> {
    let denied = storage.denials.record_denial(&ctx(scope), denial).await;
    vec![denied.map_or_else(|error| word(&error, false), |()| "kept".to_owned())]
}

/// What stands in each organisation's trail, and in nobody's, in the order of the numbers.
pub(super) async fn trail(storage: &StorageUnderTest) -> BTreeMap<Option<OrganizationId>, Vec<String>> {
    let world = World::of(storage);
    let events = world.events().await;
    world.number(events.len() as u64).await;
    let mut trail: BTreeMap<_, Vec<Event>> = BTreeMap::new();
    for entry in world.entries().await {
        let event = event_of(&entry).clone();
        trail.entry(event.organization).or_default().push(event);
    }
    for (organization, events) in &trail {
        let Some(organization) = organization else { continue };
        let mut own = seen(storage, Scope::Tenant(*organization), &Filter::default()).await;
        own.sort_by_key(|event| events.iter().position(|other| other.id == event.id));
        assert_eq!(&own, events, "an organisation sees its own trail, and all of it");
    }
    let shown = |(organization, events): (_, Vec<Event>)| (organization, events.iter().map(line).collect());
    trail.into_iter().map(shown).collect()
}

/// What the outbox holds, in an order of its own.
pub(super) async fn told(storage: &StorageUnderTest, state: DeliveryState) -> Vec<String> {
    let mut told = Vec::new();
    let mut page = next_page::<()>(100, None);
    loop {
        let some = storage.outbox.list(state, &page).await.expect("an outbox can be listed");
        told.extend(some.items.into_iter().map(|entry| {
            let it = entry.delivery;
            let (at, of, due) = (it.occurred_at, it.organization, entry.due_at);
            format!("{at} {} {} {} {of:?} {} due {due}", it.topic, it.target_kind, it.target_id, it.data)
        }));
        if some.next.is_none() {
            told.sort();
            return told;
        }
        page.after = some.next;
    }
}

/// An event without what differs between two that tell the same: its id, its salt, and what is sealed.
fn line(event: &Event) -> String {
    let Event { occurred_at, subject, actor, action, outcome, target, difference, secrets, .. } = event;
    let (who, outcome, sealed) = (&actor.kind, outcome.name(), event.personal.is_some());
    format!(
        "{occurred_at} {who} {action} {outcome} {target:?} {difference:?} {secrets:?} {subject:?} {sealed}"
    )
}
