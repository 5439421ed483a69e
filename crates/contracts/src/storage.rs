//! The adapter under test.

use std::{any::Any, sync::Arc};

use assessment_engine::Assessments;
use audit::ports::{Checkpoints, EventLog, Ledger};
use identity::{Directory, Housekeeping, RefreshRotation, Throttle, Unit, credentials::SigningKeys};
use kernel::{Denials, HealthCheck, IdempotencyStore, Outbox, Store, UnitOfWork, task::TaskReader};

/// An adapter's ports, all over the same storage, which is empty at first. Each rule gets one of its own. Its units are
/// recorded by a [`crate::fixture::recorder`].
#[derive(Clone)]
pub struct StorageUnderTest {
    /// Opens units.
    pub store: Arc<dyn Store<Unit>>,
    /// Opens units of assessments.
    pub assessment_store: Arc<dyn Store<assessment_engine::Unit>>,
    /// Opens units that only record.
    pub records: Arc<dyn Store<dyn UnitOfWork>>,
    /// Keeps attempts that came to nothing.
    pub denials: Arc<dyn Denials>,
    /// Reads the audit trail.
    pub events: Arc<dyn EventLog>,
    /// Numbers it.
    pub ledger: Arc<dyn Ledger>,
    /// Keeps its checkpoints.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// Reads without a unit.
    pub directory: Arc<dyn Directory>,
    /// Reads assessments without a unit.
    pub assessments: Arc<dyn Assessments>,
    /// Reads tasks, and forgets what they wrote.
    pub tasks: Arc<dyn TaskReader>,
    /// Rotates refresh tokens.
    pub rotation: Arc<dyn RefreshRotation>,
    /// Counts attempts.
    pub throttle: Arc<dyn Throttle>,
    /// Forgets what is over.
    pub housekeeping: Arc<dyn Housekeeping>,
    /// Keeps signing keys.
    pub signing_keys: Arc<dyn SigningKeys>,
    /// Hands out committed changes.
    pub outbox: Arc<dyn Outbox>,
    /// Keeps requests that run once.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Tells whether it can serve.
    pub health: Arc<dyn HealthCheck>,
    // Last, so that it goes after everything that may still use it.
    guard: Option<Arc<dyn Any + Send + Sync>>,
}

impl StorageUnderTest {
    /// Storage that implements every port itself.
    pub fn of<S>(storage: S) -> Self
    where
        S: Store<Unit>
            + Store<assessment_engine::Unit>
            + Store<dyn UnitOfWork>
            + Denials
            + EventLog
            + Ledger
            + Checkpoints
            + Directory
            + Assessments
            + TaskReader
            + RefreshRotation
            + Throttle
            + Housekeeping
            + SigningKeys
            + Outbox
            + IdempotencyStore
            + HealthCheck
            + 'static,
    {
        let storage = Arc::new(storage);
        Self {
            store: storage.clone(),
            assessment_store: storage.clone(),
            records: storage.clone(),
            denials: storage.clone(),
            events: storage.clone(),
            ledger: storage.clone(),
            checkpoints: storage.clone(),
            directory: storage.clone(),
            assessments: storage.clone(),
            tasks: storage.clone(),
            rotation: storage.clone(),
            throttle: storage.clone(),
            housekeeping: storage.clone(),
            signing_keys: storage.clone(),
            outbox: storage.clone(),
            idempotency: storage.clone(),
            health: storage,
            guard: None,
        }
    }

    /// Keeps something alive for as long as the storage, such as a database that is dropped at the end.
    pub fn holding(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guard = Some(Arc::new((self.guard.take(), guard)));
        self
    }
}
