//! One of the two adapters: does what it is told and answers in words that can be compared.

use std::collections::{BTreeMap, HashMap};

use audit::{event::Event, ports::Filter};
use identity::{EmailAddress, Rotation, Unit, directory::AccountFilter};
use kernel::{
    AccountId, DeliveryState, Denial, OrganizationId, Page, PageRequest, Scope, SessionId, StoreError,
    Timestamp,
};
use uuid::Uuid;

use super::{List, thing::Thing};
use crate::{
    StorageUnderTest,
    audit::{event_of, seen},
    world::{World, ctx, next_page},
};

/// What an adapter is to do within a unit.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Save(Thing),
    Edit { of: Thing, way: u8, outdated: bool, now: Timestamp },
    Read { of: Thing, keep: bool },
}

impl Act {
    /// What is there once the act is committed and was not before.
    pub(super) fn created(self) -> Option<Thing> {
        match self {
            Self::Save(thing) => Some(thing),
            Self::Edit { .. } | Self::Read { .. } => None,
        }
    }
}

pub(super) struct Side {
    storage: StorageUnderTest,
    kept: HashMap<Uuid, Thing>,
}

impl Side {
    pub(super) fn new(storage: &StorageUnderTest) -> Self {
        Self { storage: storage.clone(), kept: HashMap::new() }
    }

    /// Does the acts in one unit and answers for each, and for the end.
    pub(super) async fn unit(&mut self, scope: Scope, acts: Vec<Act>, commit: bool) -> Vec<String> {
        let mut unit = self.storage.store.begin(&ctx(scope)).await.expect("a unit can be begun");
        let mut answers = Vec::new();
        for act in acts {
            answers.push(self.act(&mut *unit, act).await);
        }
        if commit {
            let committed = unit.commit().await;
            answers.push(committed.map_or_else(|error| word(&error, false), |()| "committed".to_owned()));
        }
        answers
    }

    async fn act(&mut self, unit: &mut Unit, act: Act) -> String {
        match act {
            Act::Save(mut thing) => save(unit, &mut thing).await,
            Act::Edit { of, way, outdated: true, now } => match self.kept.get(&of.uuid()).cloned() {
                Some(mut thing) => {
                    thing.edit(way, now);
                    save(unit, &mut thing).await
                }
                None => "nothing kept".to_owned(),
            },
            Act::Edit { of, way, outdated: false, now } => match of.read(unit).await {
                Ok(Some(mut thing)) => {
                    self.kept.insert(thing.uuid(), thing.clone());
                    thing.edit(way, now);
                    save(unit, &mut thing).await
                }
                Ok(None) => "nothing there".to_owned(),
                Err(error) => word(&error, false),
            },
            Act::Read { of, keep } => match of.read(unit).await {
                Ok(Some(thing)) => {
                    let shown = thing.shown();
                    if keep {
                        self.kept.insert(thing.uuid(), thing);
                    }
                    shown
                }
                Ok(None) => "nothing there".to_owned(),
                Err(error) => word(&error, false),
            },
        }
    }

    /// Reads a list to its end, three items a page.
    pub(super) async fn list(
        &self,
        scope: Scope,
        list: List,
        account: AccountId,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Vec<String> {
        let (directory, ctx) = (&self.storage.directory, &ctx(scope));
        let mut answers = Vec::new();
        let mut page: PageRequest = next_page::<()>(3, None);
        loop {
            let shown = match list {
                List::Accounts => show(directory.accounts(ctx, &AccountFilter::default(), &page).await),
                List::Invitations => show(directory.invitations(ctx, None, &page).await),
                List::Members => show(directory.members(ctx, None, &page).await),
                List::Organizations => show(directory.organizations_of(ctx, account, &page).await),
                List::Received => show(directory.invitations_for(ctx, address, now, &page).await),
                List::Sessions => show(directory.sessions(ctx, account, now, &page).await),
            };
            answers.extend(shown.items);
            if shown.next.is_none() {
                return answers;
            }
            page.after = shown.next;
        }
    }

    /// Uses the refresh token that was current so many rotations ago.
    pub(super) async fn rotate(&self, session: SessionId, behind: i64, now: Timestamp) -> Vec<String> {
        let mut unit = self.storage.store.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
        let current =
            unit.session(session).await.expect("it can be read").map_or(0, |session| session.counter);
        drop(unit);
        let rotation = self.storage.rotation.rotate(session, current - behind, now).await;
        vec![match rotation.expect("a rotation is answered") {
            Rotation::Rotated(session) => format!("rotated {session:?}"),
            Rotation::Reissued(session) => format!("reissued {session:?}"),
            Rotation::Reused(session) => format!("reused {session:?}"),
            Rotation::Dead => "dead".to_owned(),
        }]
    }

    /// Keeps an attempt that came to nothing.
    pub(super) async fn deny(&self, scope: Scope, denial: Denial) -> Vec<String> {
        let denied = self.storage.denials.record_denial(&ctx(scope), denial).await;
        vec![denied.map_or_else(|error| word(&error, false), |()| "kept".to_owned())]
    }

    /// What stands in each organisation's trail, and in nobody's, in the order of the numbers.
    pub(super) async fn trail(&self) -> BTreeMap<Option<OrganizationId>, Vec<String>> {
        let world = World::of(&self.storage);
        let events = world.events().await;
        world.number(events.len() as u64).await;
        let mut trail: BTreeMap<_, Vec<Event>> = BTreeMap::new();
        for entry in world.entries().await {
            let event = event_of(&entry).clone();
            trail.entry(event.organization).or_default().push(event);
        }
        for (organization, events) in &trail {
            let Some(organization) = organization else { continue };
            let mut own = seen(&self.storage, Scope::Tenant(*organization), &Filter::default()).await;
            own.sort_by_key(|event| events.iter().position(|other| other.id == event.id));
            assert_eq!(&own, events, "an organisation sees its own trail, and all of it");
        }
        let shown =
            |(organization, events): (_, Vec<Event>)| (organization, events.iter().map(line).collect());
        trail.into_iter().map(shown).collect()
    }

    /// What is there now.
    pub(super) async fn read(&self, thing: &Thing) -> String {
        let mut unit = self.storage.store.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
        let read = thing.read(&mut *unit).await.expect("it can be read");
        read.map_or_else(|| "nothing there".to_owned(), |thing| thing.shown())
    }

    /// What the outbox holds, in an order of its own.
    pub(super) async fn told(&self, state: DeliveryState) -> Vec<String> {
        let mut told = Vec::new();
        let mut page = next_page::<()>(100, None);
        loop {
            let some = self.storage.outbox.list(state, &page).await.expect("an outbox can be listed");
            told.extend(some.items.into_iter().map(|entry| {
                let it = entry.delivery;
                let (at, of) = (it.occurred_at, it.organization);
                format!("{at} {} {} {} {of:?} {}", it.topic, it.target_kind, it.target_id, it.data)
            }));
            if some.next.is_none() {
                told.sort();
                return told;
            }
            page.after = some.next;
        }
    }
}

async fn save(unit: &mut Unit, thing: &mut Thing) -> String {
    let update = !thing.is_new();
    match thing.save(unit).await {
        Ok(()) => format!("saved {}", thing.shown()),
        Err(error) => word(&error, update),
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

fn show<T: std::fmt::Debug>(page: Result<Page<T>, StoreError>) -> Page<String> {
    match page {
        Ok(page) => page.map(|item| format!("{item:?}")),
        Err(error) => Page { items: vec![word(&error, false)], next: None },
    }
}

/// An update of what cannot be seen is refused in either of two words.
fn word(error: &StoreError, update: bool) -> String {
    match error {
        StoreError::Stale | StoreError::OutOfScope if update => "refused".to_owned(),
        error => format!("{error:?}"),
    }
}
