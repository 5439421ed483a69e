//! Rules of the audit trail: every change leaves its event in its transaction, each event gets its number once, and
//! what is personal dies with its key.

mod changes;
mod checkpoints;
mod classes;
mod denials;
mod filters;
mod forgetting;
mod keys;
mod lists;
mod numbering;
mod scopes;
mod suite;
mod tree;
mod units;

use std::time::{Duration, Instant};

use audit::{
    Sequencer,
    event::{Event, Sealed},
    ports::{Entry, Filter, Sequencing},
    sealing::Sealer as _,
};
use kernel::{
    AccountId, Actor, Assurance, Change, Ctx, Denial, Outcome, PlatformRole, RequestId, Scope, StoreError,
    Target,
};
use serde_json::Value;
use uuid::Uuid;

pub use self::{
    changes::*, checkpoints::*, classes::*, denials::*, filters::*, forgetting::*, keys::*, lists::*,
    numbering::*, scopes::*, tree::*, units::*,
};
use crate::{
    StorageUnderTest,
    fixture::ClearSealer,
    world::{World, ctx, next_page},
};

/// How long a rule waits for numbers: as long as any transaction is open that began before an event was committed,
/// also one of another rule, storage may hold the event back.
const PATIENCE: Duration = Duration::from_secs(120);

impl World {
    /// Someone who acts through a session and a request, from an address.
    fn acting(&self, id: AccountId, scope: Scope) -> Ctx {
        let actor = Actor::Account {
            id,
            session: self.id(),
            platform_role: PlatformRole::User,
            assurance: Assurance::Aal1,
            authenticated_at: self.now(),
        };
        Ctx {
            request: Some(RequestId(self.id::<()>().uuid())),
            route: Some("PATCH /api/v1/things/{id}".into()),
            address: Some("203.0.113.7".parse().expect("an address")),
            ..Ctx::new(actor, scope)
        }
    }

    /// Something happens to a new thing, a second after what happened before.
    fn new_change(&self, action: &'static str) -> Change {
        Change::new(action, Target::new::<()>("thing", self.id()), self.tick())
    }

    /// Someone's name changes.
    fn renames(&self, account: AccountId, to: &str) -> Change {
        let change = Change::new("account.edit", Target::new("account", account), self.tick());
        change.about(account.uuid()).personal("full_name", &Value::Null, &to)
    }

    /// An attempt fails, a second after what happened before.
    fn new_denial(&self, action: &'static str) -> Denial {
        Denial {
            action,
            outcome: Outcome::Failure,
            reason: "session.wrong_password",
            target_kind: "account",
            target: None,
            organization: None,
            subject: None,
            at: self.tick(),
        }
    }

    /// Records what happened in a unit of its own.
    async fn tell(&self, ctx: &Ctx, changes: impl IntoIterator<Item = Change>) -> Result<(), StoreError> {
        let mut unit = self.storage.records.begin(ctx).await.expect("a unit can be begun");
        changes.into_iter().for_each(|change| unit.record(change));
        unit.commit().await
    }

    /// Records one change in a unit of its own, and gives its event.
    async fn told(&self, ctx: &Ctx, change: Change) -> Event {
        let target = change.target.id;
        self.tell(ctx, [change]).await.expect("it can be recorded");
        self.newest_on(target).await
    }

    /// The newest event on a thing.
    async fn newest_on(&self, target: Uuid) -> Event {
        let filter = Filter { target: Some(target), ..Filter::default() };
        let page = self.storage.events.events(&ctx(Scope::Worker), &filter, &next_page::<()>(1, None)).await;
        page.expect("events can be read").items.pop().expect("it left an event")
    }

    /// All events, oldest first.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let mut all = seen(&self.storage, Scope::Worker, &Filter::default()).await;
        all.reverse();
        all
    }

    /// What is personal in an event; `None` when there is nothing, or its key is gone.
    async fn personal(&self, event: &Event) -> Option<Value> {
        // What was sealed once must open for ever, so that the rules know the context by heart.
        let context = format!("personal difference of {}", event.id);
        let plain = self.open(event.personal.as_ref()?, &context).await?;
        Some(serde_json::from_slice(&plain).expect("a difference is JSON"))
    }

    /// The address an event came from; `None` when there is none, or its key is gone.
    async fn address(&self, event: &Event) -> Option<String> {
        let plain = self.open(event.address.as_ref()?, &format!("address of {}", event.id)).await?;
        Some(String::from_utf8(plain).expect("an address is text"))
    }

    async fn open(&self, sealed: &Sealed, context: &str) -> Option<Vec<u8>> {
        let keys = self.storage.events.subject_keys(&[sealed.key]).await.expect("keys can be read");
        let key = keys.first()?;
        assert_eq!(key.id, sealed.key, "it is the key that was asked for");
        let opened = ClearSealer.open(key.id, &key.wrapped, context, &sealed.sealed);
        Some(opened.expect("a key that is kept opens what it sealed"))
    }

    /// Sees to it that this many events have their numbers, which are all there are.
    pub(crate) async fn number(&self, size: u64) {
        let sequencer = Sequencer::new(self.storage.ledger.clone());
        let begun = Instant::now();
        loop {
            sequencer.catch_up().await.expect("events can be numbered");
            let numbered = self.storage.ledger.size().await.expect("the size can be read");
            assert!(numbered <= size, "{numbered} numbers for {size} events");
            if numbered == size {
                return;
            }
            wait(begun, "every event gets its number").await;
        }
    }

    /// Begins to number with at least this many events waiting.
    async fn numbering(&self, events: usize) -> Box<dyn Sequencing> {
        let begun = Instant::now();
        loop {
            // What another let go of a moment ago may be held for that moment still.
            let sequencing = self.storage.ledger.sequence().await.expect("it can be asked");
            if let Some(mut sequencing) = sequencing {
                let waiting = sequencing.waiting(u32::MAX).await.expect("they can be read");
                drop(sequencing);
                let sequencing = self.storage.ledger.sequence().await.expect("it can be asked");
                if let Some(sequencing) = sequencing.filter(|_| waiting.len() >= events) {
                    return sequencing;
                }
            }
            wait(begun, "numbering can begin").await;
        }
    }

    /// All leaves, in order.
    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let mut all: Vec<Entry> = Vec::new();
        loop {
            let next = all.last().map_or(0, |entry| entry.leaf.index + 1);
            let some = self.storage.ledger.entries(next, 100).await.expect("entries can be read");
            if some.is_empty() {
                return all;
            }
            all.extend(some);
        }
    }
}

async fn wait(since: Instant, what: &str) {
    assert!(since.elapsed() < PATIENCE, "{what}, but not within {PATIENCE:?}");
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Every event that passes, newest first, as far as a scope sees.
pub(crate) async fn seen(storage: &StorageUnderTest, scope: Scope, filter: &Filter) -> Vec<Event> {
    let (reader, mut all) = (ctx(scope), Vec::new());
    let mut page = next_page::<()>(100, None);
    loop {
        let some = storage.events.events(&reader, filter, &page).await.expect("events can be read");
        all.extend(some.items);
        page.after = some.next;
        if page.after.is_none() {
            return all;
        }
    }
}

/// The event behind an entry.
pub(crate) fn event_of(entry: &Entry) -> &Event {
    entry.event.as_ref().expect("the event behind a leaf can be read")
}

fn actions(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.action.as_str()).collect()
}
