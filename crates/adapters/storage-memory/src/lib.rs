//! Every storage port, in memory: for tests, for `--store memory`, and as the plainest reading of the contracts.
//!
//! A unit of work keeps what it touched to itself and reads through to what is committed, as PostgreSQL does by
//! default (read committed). `commit` checks versions and uniqueness once more under one lock and applies all or
//! nothing. Duplicates and outdated versions are found at `save` already, as PostgreSQL would.
//!
//! A second insert of one id is [`kernel::StoreError::Stale`], like the update of an outdated version: whoever
//! saves holds an aggregate that is no longer what storage has.
//!
//! A commit writes its events into the audit trail under the same lock. The order of commits is the order events are
//! numbered in, so that nothing is ever held back or passed over.
//!
//! What it does not model: foreign keys, and locks that make others wait, but for turns at a quota. Where PostgreSQL
//! lets a writer wait for the one before, here the later `commit` fails with `Stale`; of several answers to one item
//! the newest stays in either. Nothing survives the process.
//!
//! Rows of every type are kept behind one trait, so that a table, an overlay and their indexes are compiled once,
//! however many domains there are. The ports of a domain come with the feature of its name; those of tasks are
//! always there.
//!
//! ```
//! use std::sync::Arc;
//! use contracts::fixture::{FixedClock, SequentialIds, recorder};
//! use identity::{Unit, unit::Accounts};
//! use kernel::{Actor, Ctx, Id, Scope, Store, UnitOfWork};
//! use storage_memory::MemoryStorage;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kernel::StoreError> {
//! let (clock, ids) = (FixedClock::default(), SequentialIds::default());
//! let storage = MemoryStorage::new(Arc::new(clock), Arc::new(ids), recorder());
//! let mut unit: Box<Unit> = storage.begin(&Ctx::new(Actor::System, Scope::Identity)).await?;
//! assert!(unit.account(Id::from_uuid(uuid::Uuid::nil())).await?.is_none());
//! unit.commit().await?;
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]
#![cfg_attr(
    not(all(
        feature = "assessment-engine",
        feature = "audit",
        feature = "identity",
        feature = "notification"
    )),
    expect(dead_code, reason = "each domain opens units and reads rows in ways the others do not")
)]

#[cfg(feature = "assessment-engine")]
mod assessment;
#[cfg(feature = "audit")]
mod audit;
mod claims;
#[cfg(feature = "document")]
mod document;
mod idempotency;
#[cfg(feature = "identity")]
mod identity;
mod index;
mod key;
mod letters;
#[cfg(feature = "notification")]
mod notification;
mod outbox;
mod overlay;
mod pending_invitations;
mod redemptions;
mod row;
mod scoped_view;
mod table;
mod tables;
mod tasks;
mod trail;
mod turns;
mod unit;
mod unit_view;
#[cfg(feature = "webhook")]
mod webhook;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use ::audit::EventRecorder;
use async_trait::async_trait;
use kernel::{Clock, Health, HealthCheck, Ids, StoreError};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

use crate::{idempotency::IdempotentRequests, outbox::Queue, tables::Tables, trail::Trail, turns::Turns};

/// All storage of one process. Clones share it.
#[derive(Clone)]
pub struct MemoryStorage {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    recorder: Arc<EventRecorder>,
    state: RwLock<State>,
    committed: Notify,
    #[cfg(feature = "notification")]
    inboxes_changed: Notify,
    /// Whoever numbers events holds it.
    sequencer: Arc<Mutex<()>>,
    turns: Turns,
    #[cfg(feature = "webhook")]
    webhook: webhook::Queues,
    /// Which log of events this is.
    log: Uuid,
}

#[derive(Default)]
struct State {
    tables: Tables,
    queue: Queue,
    trail: Trail,
    idempotency: IdempotentRequests,
    #[cfg(feature = "notification")]
    notification: notification::State,
}

impl MemoryStorage {
    /// Empty storage. `ids` names what waits in the outbox; `clock` tells when a unit is committed; `recorder`
    /// turns what it did into the events of the audit trail.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, recorder: Arc<EventRecorder>) -> Self {
        let (state, committed, sequencer) = (RwLock::default(), Notify::new(), Arc::default());
        let log = ids.opaque();
        let turns = Turns::default();
        let shared = Shared {
            clock,
            ids,
            recorder,
            state,
            committed,
            #[cfg(feature = "notification")]
            inboxes_changed: Notify::new(),
            sequencer,
            turns,
            #[cfg(feature = "webhook")]
            webhook: webhook::Queues::default(),
            log,
        };
        Self { shared: Arc::new(shared) }
    }
}

impl Shared {
    // No code panics while it holds the lock half-way through a change, so a poisoned lock guards sound data.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl HealthCheck for MemoryStorage {
    async fn health(&self) -> Result<Health, StoreError> {
        Ok(Health { schema: "none".to_owned(), newer_schema: false })
    }

    async fn ensure_writable(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
