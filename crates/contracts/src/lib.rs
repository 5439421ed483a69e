//! What every storage adapter must do, as tests that any adapter can run.
//!
//! Each rule is a plain `async fn` that takes a [`StorageUnderTest`], the adapter's ports over empty storage, and
//! panics with a sentence when the rule is broken. [`suite!`] makes a test of each:
//!
//! ```text
//! async fn fresh() -> contracts::StorageUnderTest {
//!     contracts::StorageUnderTest::of(MyStorage::open_somewhere_empty().await)
//! }
//!
//! contracts::suite!(fresh);
//! ```
//!
//! The adapter implements the ports of the kernel (store, denials, outbox, tasks, idempotency, health), of identity
//! (directory, rotation, throttle, signing keys), of assessments, of documents, of notifications, of webhooks and of
//! audit (event log, ledger, checkpoints), and has a [`fixture::recorder`] record what its units do. Time in the rules
//! is [`fixture`] time, and reaches the adapter only through the ports. [`model`] gives random work to two adapters and
//! compares their answers.
//!
//! # One table, end to end
//!
//! Say that organisations keep rooms to interview people in. The domain says what a room is, and what becomes of it.
//! Each change leaves a record, and after `of` stands whose the room is: no adapter and no rule says that again.
//!
//! ```
//! use async_trait::async_trait;
//! use kernel::{
//!     Actor, Change, Ctx, Id, Name, OrganizationId, Owner, Scope, Store, StoreError, Target, Timestamp, Unique,
//!     UnitOfWork,
//! };
//!
//! // 1. The aggregate: crates/<domain>/src/room.rs
//!
//! pub type RoomId = Id<Room>;
//!
//! pub struct RoomState {
//!     pub id: RoomId,
//!     pub organization: OrganizationId,
//!     pub name: Name,
//!     pub created_at: Timestamp,
//! }
//!
//! kernel::aggregate! {
//!     /// A room to interview people in.
//!     pub Room(RoomState) as "room" of |room| Owner::Organization(room.organization)
//! }
//!
//! impl Room {
//!     pub fn open(id: RoomId, organization: OrganizationId, name: Name, now: Timestamp) -> Self {
//!         let mut room = Self::restore(RoomState { id, organization, name, created_at: now }, 0);
//!         room.record(room.change("room.open", now).plain("name", &(), &room.state.name));
//!         room
//!     }
//!
//!     pub fn rename(&mut self, name: Name, now: Timestamp) {
//!         let before = std::mem::replace(&mut self.state.name, name);
//!         self.record(self.change("room.rename", now).plain("name", &before, &self.state.name));
//!     }
//!
//!     fn change(&self, action: &'static str, now: Timestamp) -> Change {
//!         Change::new(action, Target::new(Self::KIND, self.state.id), now).of(self.state.organization)
//!     }
//! }
//!
//! // 2. The port: crates/<domain>/src/unit.rs
//!
//! /// One room a name and organisation.
//! pub const ROOM_NAME: Unique = Unique("rooms_organization_id_name_key");
//!
//! /// Rooms. Scope: tenant.
//! #[async_trait]
//! pub trait Rooms: Send {
//!     /// The room.
//!     async fn room(&mut self, id: RoomId) -> Result<Option<Room>, StoreError>;
//!     /// Keeps it. MUST fail with [`ROOM_NAME`] where another has its name (`rooms::a_name_is_one_rooms`).
//!     async fn save_room(&mut self, room: &mut Room) -> Result<(), StoreError>;
//! }
//!
//! /// A unit of work is the sum of its ports.
//! pub trait RoomUnit: UnitOfWork + Rooms {}
//! impl<T: UnitOfWork + Rooms> RoomUnit for T {}
//!
//! // 3. The contract: crates/contracts/src/<domain>/rooms.rs, and its name in the suite.rs beside it
//!
//! /// Two rooms of an organisation cannot have one name.
//! pub async fn a_name_is_one_rooms(store: &dyn Store<dyn RoomUnit>, [first, second]: [RoomId; 2]) {
//!     let (organization, name) = (Id::from_uuid(first.uuid()), Name::new("Kattegat").unwrap());
//!     let open = |id| Room::open(id, organization, name.clone(), Timestamp::EPOCH);
//!     let mut unit = store.begin(&Ctx::new(Actor::System, Scope::Tenant(organization))).await.unwrap();
//!     unit.save_room(&mut open(first)).await.expect("the first can be saved");
//!     let second = unit.save_room(&mut open(second)).await;
//!     assert!(matches!(second, Err(StoreError::Duplicate(ROOM_NAME))), "a second gets {second:?}");
//! }
//! ```
//!
//! What every aggregate owes is written once for all: a line of `aggregate!` and a sample with every field filled,
//! listed in `each_aggregate!`, hold the room to [`mod@unit`] (undo, lost updates, one record a change) and [`audit`];
//! a line of `reaches` shows that no other tenant sees it ([`isolation`]), and one of `things!` has the [`model`] work
//! with it.
//!
//! In memory the room says by which keys it is found, and which of them is unique; id, owner and age it has said
//! already. Its port is two lines, `self.get(RowId::of(id))` and `self.save(room)`.
//!
//! ```text
//! // 4. In memory: storage-memory/src/<domain>/rows.rs; the port beside it, as in assessment/campaigns.rs
//!
//! impl Indexed for Room {
//!     fn uniques(&self) -> Vec<Key> {
//!         vec![Key::unique(ROOM_NAME).id(self.organization).text(self.name.as_str())]
//!     }
//!     fn keys(&self) -> Vec<Key> {
//!         vec![Key::organization(self.organization)]
//!     }
//! }
//! ```
//!
//! 5. **In PostgreSQL** an entity's columns hold what the domain holds, as in
//!    `storage-postgres/src/assessment/campaigns.rs`. A line in the `tables.rs` beside it says who sees the table, and
//!    `ROOM_NAME` stands in the `uniques` of the domain's `DOMAIN`: the catalogue test compares both with the database.
//! 6. **The migration** is a new file in `migration/src`, with a row for each column in `docs/traceability.csv`.
//!
//! ```sql
//! CREATE TABLE scheduling.rooms (
//!   id uuid PRIMARY KEY,
//!   organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
//!   name text NOT NULL,
//!   created_at timestamptz NOT NULL DEFAULT now(),
//!   updated_at timestamptz NOT NULL DEFAULT now(),
//!   version bigint NOT NULL DEFAULT 1,
//!   CONSTRAINT rooms_organization_id_name_key UNIQUE (organization_id, name)
//! );
//! ```
#![deny(missing_docs)]

pub mod accounts;
mod aggregate;
pub mod api_keys;
pub mod assessment;
pub mod audit;
pub mod claims;
pub mod directory;
pub mod document;
pub mod fixture;
pub mod housekeeping;
pub mod idempotency;
pub mod invitations;
pub mod isolation;
pub mod letters;
pub mod limits;
pub mod memberships;
pub mod model;
pub mod notices;
pub mod notification;
pub mod organizations;
pub mod outbox;
mod pages;
pub mod pending_invitations;
pub mod personal_keys;
pub mod registrations;
pub mod rotation;
mod samples;
pub mod second_factors;
pub mod sessions;
pub mod signing_keys;
mod storage;
mod suite;
pub mod tasks;
pub mod throttle;
pub mod tokens;
pub mod unit;
pub mod webhook;
mod world;

use ::audit::ports::{Checkpoints, EventLog, Ledger};
use ::document::ports::DocumentIndex;
use ::notification::ports::{Announcements, Inboxes};
use ::webhook::ports::Deliveries;
use assessment_engine::{Assessments, unit::AnswerStore};
use identity::{Directory, Housekeeping, RefreshRotation, Throttle, credentials::SigningKeys};
use kernel::{
    Denials, HealthCheck, IdempotencyStore, Outbox, Store, UnitOfWork, claims::ClaimUpkeep, task::TaskReader,
};

// What a domain adds: its module above, its ports, its rules, its aggregates.

storage::ports! {
    /// Opens units.
    store: Store<identity::Unit>,
    /// Opens units that only record.
    records: Store<dyn UnitOfWork>,
    /// Keeps attempts that came to nothing.
    denials: Denials,
    /// Reads without a unit.
    directory: Directory,
    /// Reads tasks, and forgets what they wrote.
    tasks: TaskReader,
    /// Rotates refresh tokens.
    rotation: RefreshRotation,
    /// Counts attempts.
    throttle: Throttle,
    /// Forgets what is over.
    housekeeping: Housekeeping,
    /// Keeps signing keys.
    signing_keys: SigningKeys,
    /// Forgets time that is not taken any more.
    claim_upkeep: ClaimUpkeep,
    /// Hands out committed changes.
    outbox: Outbox,
    /// Keeps requests that run once.
    idempotency: IdempotencyStore,
    /// Tells whether it can serve.
    health: HealthCheck,
    /// Reads the audit trail.
    events: EventLog,
    /// Numbers it.
    ledger: Ledger,
    /// Keeps its checkpoints.
    checkpoints: Checkpoints,
    /// Opens units of assessments.
    assessment_store: Store<assessment_engine::Unit>,
    /// Keeps answers without reading their session.
    answers: AnswerStore,
    /// Reads assessments without a unit.
    assessments: Assessments,
    /// Opens units of documents.
    document_store: Store<::document::Unit>,
    /// Finds documents across organisations.
    document_index: DocumentIndex,
    /// Opens units of notifications.
    notification_store: Store<::notification::Unit>,
    /// Keeps inboxes.
    inboxes: Inboxes,
    /// Brings word of inboxes that changed.
    announcements: Announcements,
    /// Opens units of webhooks.
    webhook_store: Store<::webhook::Unit>,
    /// Keeps deliveries of webhooks and their queues.
    deliveries: Deliveries,
}

/// Makes a test of every rule. The argument names an `async fn` in scope that gives a fresh [`StorageUnderTest`]
/// over empty storage. The tests run on tokio, which the caller's crate must have as a dependency.
#[macro_export]
macro_rules! suite {
    ($fresh:ident) => {
        $crate::identity_suite!($fresh);
        $crate::audit_suite!($fresh);
        $crate::assessment_suite!($fresh);
        $crate::document_suite!($fresh);
        $crate::notification_suite!($fresh);
        $crate::webhook_suite!($fresh);
    };
}

/// Runs a check with a fresh sample of every aggregate.
macro_rules! each_aggregate {
    ($world:ident, $check:ident) => {
        let people = $world.people().await;
        $crate::aggregate::each_aggregate!($world, people, $check);
        $crate::assessment::each_aggregate!($world, people, $check);
        $crate::document::each_aggregate!($world, people, $check);
        $crate::notification::each_aggregate!($world, people, $check);
        $crate::webhook::each_aggregate!($world, people, $check);
    };
}

pub(crate) use each_aggregate;
