//! Ports to where the trail is kept: the event log, the sequenced leaves, the checkpoints.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{Ctx, Outcome, Page, PageRequest, StoreError, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    event::{Event, EventId},
    hash::Hash,
    proof::Tiles,
    sealing::SubjectKey,
    tile::Tile,
};

/// Which events are looked for; what is `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Those of this account or API key.
    pub actor: Option<Uuid>,
    /// With this action, such as `account.suspend`.
    pub action: Option<String>,
    /// On this thing.
    pub target: Option<Uuid>,
    /// About this person.
    pub subject: Option<Uuid>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// The event log. It is written by units of work and `Denials` alone; no port changes or removes an event.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The events that pass, newest first, as far as the scope of `ctx` reaches: a tenant's own, those about an
    /// account, or all in the platform's and the worker's. The cursor is bound to the filter
    /// (`audit::the_trail_stays_in_scope`, `audit::pages_of_events_are_complete_and_stable`).
    async fn events(&self, ctx: &Ctx, filter: &Filter, page: &PageRequest)
    -> Result<Page<Event>, StoreError>;

    /// The keys of these ids that were not destroyed, in no order (`audit::keys_are_given_as_far_as_they_are_kept`).
    async fn subject_keys(&self, ids: &[Uuid]) -> Result<Vec<SubjectKey>, StoreError>;

    /// Destroys keys of strangers made before `before`, and tells how many
    /// (`audit::strangers_are_forgotten_by_age`).
    async fn forget_strangers(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// A leaf that gets its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The event it stands for.
    pub event: EventId,
    /// Its hash.
    pub hash: Hash,
}

/// A sequenced leaf with the event behind it, as a reader who trusts nothing finds them.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The leaf.
    pub leaf: Leaf,
    /// The event, or why there is none: its row is missing, or cannot be read.
    pub event: Result<Event, String>,
}

/// The sequenced leaves and the tree over them.
#[async_trait]
pub trait Ledger: Tiles {
    /// Begins to number events; `None` while another process does. Dropping it undoes
    /// (`audit::one_numbers_at_a_time`, `audit::a_dropped_numbering_leaves_nothing`).
    async fn sequence(&self) -> Result<Option<Box<dyn Sequencing>>, StoreError>;

    /// How many leaves there are.
    async fn size(&self) -> Result<u64, StoreError>;

    /// How long the oldest event without a number has waited; zero when there is none. One that tells the hour alone
    /// counts from the end of that hour (`audit::lag_is_that_of_the_oldest_without_a_number`).
    async fn sequencing_lag(&self, now: Timestamp) -> Result<Duration, StoreError>;

    /// The leaf of an event, once it has a number.
    async fn leaf_of(&self, event: EventId) -> Result<Option<Leaf>, StoreError>;

    /// The leaves from `from` on with their events, in order, at most `max`. MUST return what is stored, however wrong:
    /// gaps are skipped (`audit::events_read_back_as_they_were_hashed`).
    async fn entries(&self, from: u64, max: u32) -> Result<Vec<Entry>, StoreError>;

    /// The leaves from `from` on whose events the scope of `ctx` sees, in order, at most `max`
    /// (`audit::own_entries_stay_in_scope`).
    async fn own_entries(&self, ctx: &Ctx, from: u64, max: u32) -> Result<Vec<Entry>, StoreError>;

    /// Every full tile of a level from `from` on, in order, at most `max`, with the root that is stored beside it.
    async fn stored_tiles(&self, level: u8, from: u64, max: u32) -> Result<Vec<(Tile, Hash)>, StoreError>;

    /// How many events have no number although the sequencer has passed them: in a sound log, none.
    async fn passed_over(&self) -> Result<u64, StoreError>;
}

/// Numbering in progress, in one transaction.
#[async_trait]
pub trait Sequencing: Send + Sync {
    /// How many leaves there are so far.
    fn size(&self) -> u64;

    /// The leaves and full tiles as this transaction sees them.
    fn tiles(&self) -> &dyn Tiles;

    /// Up to `max` committed events that have no number yet and before which none can appear any more, in the order
    /// they are numbered. MUST miss none, whatever was rolled back, killed or restored
    /// (`audit::none_is_missed`, `audit::none_is_missed_in_a_crowd`). Between two calls comes `append`.
    async fn waiting(&mut self, max: u32) -> Result<Vec<Event>, StoreError>;

    /// Keeps the leaves and the tiles that became full, and remembers how far `waiting` has come.
    async fn append(&mut self, leaves: &[Leaf], full: &[Tile]) -> Result<(), StoreError>;

    /// Makes it lasting.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A signed checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// How many leaves it vouches for.
    pub size: u64,
    /// The signed note, whole.
    pub note: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

/// The key checkpoints are signed with, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSigner {
    /// The verifier key, as C2SP signed notes write it.
    pub verifier: String,
    /// The seed, sealed.
    pub sealed_seed: Vec<u8>,
}

/// The checkpoints in the database.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// Which log this is: made with the database and never changed.
    async fn log_id(&self) -> Result<Uuid, StoreError>;

    /// The key that signs; `None` before the first.
    async fn signer(&self) -> Result<Option<KeptSigner>, StoreError>;

    /// Keeps the first key; when another process was faster, nothing happens (`audit::the_first_signer_wins`).
    async fn put_signer(&self, signer: &KeptSigner) -> Result<(), StoreError>;

    /// The newest checkpoint.
    async fn latest_checkpoint(&self) -> Result<Option<KeptCheckpoint>, StoreError>;

    /// The checkpoints of more than `after` leaves, in order, at most `max`.
    async fn checkpoints(&self, after: u64, max: u32) -> Result<Vec<KeptCheckpoint>, StoreError>;

    /// Keeps one; when there is one of this size, nothing happens (`audit::checkpoints_are_kept_once_a_size`).
    async fn keep_checkpoint(&self, checkpoint: &KeptCheckpoint) -> Result<(), StoreError>;
}

/// Where checkpoints are kept outside the database, out of reach of whoever runs it.
#[async_trait]
pub trait Witness: Send + Sync {
    /// The newest note, whole; `None` before the first.
    async fn last(&self) -> Result<Option<String>, StoreError>;

    /// Adds a note; it is durable when this returns.
    async fn append(&self, note: &str) -> Result<(), StoreError>;
}
