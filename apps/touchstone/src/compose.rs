//! The composition root: the one place where adapters meet the services that use them.
//!
//! ```no_run
//! use std::sync::Arc;
//! use mail::MemoryMailer;
//! use touchstone::compose::{Options, Touchstone};
//!
//! # async fn compose() -> Result<(), touchstone::exit::Failure> {
//! let mailer = Arc::new(MemoryMailer::new());
//! let touchstone = Touchstone::in_memory(Options::for_tests(mailer)).await?;
//! let (stop, stopping) = touchstone::shutdown::channel();
//! let work = touchstone.start_workers(&touchstone::compose::WorkerOptions::default(), &stopping);
//! # drop((work, stop));
//! # Ok(())
//! # }
//! ```

mod assessments;
mod trail;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use assessment_engine::{AssessmentServices, GuestTokens};
use audit::recorder::EventRecorder;
use credentials::{Argon2Hasher, HashingSettings, JwtTokens, KeyEncryptionKeys, KeyVault, Strength, Totp};
use identity::{
    Directory, Housekeeping, Identity, Ports, RefreshRotation, Throttle, Unit,
    credentials::{SigningKeys, Vault},
};
use kernel::{
    Clock, Denials, EventHandler, HealthCheck, IdempotencyStore, Ids, Mailer, Outbox, Random, Store,
    task::{TaskReader, TaskService},
};
use storage_memory::MemoryStorage;
use storage_postgres::PostgresStorage;
use system::{IanaZones, SystemClock, SystemIds, SystemRandom};
use tokio::task::JoinSet;

pub use self::trail::{Audit, recorder};
use self::{
    assessments::AssessmentStorage,
    trail::{Parts, TrailStorage},
};
use crate::{
    domains::DOMAINS,
    exit::{Exit, Failure},
    keys,
    shutdown::Stopping,
    trail_health::TrailHealth,
    workers::{self, Dispatcher, DispatcherSettings, TrailWorkerSettings},
};

/// Whom access tokens are for.
const AUDIENCE: &str = "touchstone";
/// How many verified tokens are remembered.
const CACHED_TOKENS: u64 = 10_000;

/// What can be chosen, apart from storage.
pub struct Options {
    /// What is set about identity.
    pub identity: identity::Settings,
    /// Who issues access tokens: the same for every process on one database.
    pub issuer: String,
    /// The key-encryption keys.
    pub keys: KeyEncryptionKeys,
    /// How passwords are hashed.
    pub hashing: HashingSettings,
    /// How they are judged.
    pub strength: Strength,
    /// Who delivers letters.
    pub mailer: Arc<dyn Mailer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Where signed checkpoints are kept outside storage; nowhere when `None`.
    pub checkpoint_file: Option<PathBuf>,
}

impl Options {
    /// The machine's own clock, ids and randomness; everything else as given.
    pub fn new(
        identity: identity::Settings,
        keys: KeyEncryptionKeys,
        hashing: HashingSettings,
        strength: Strength,
        mailer: Arc<dyn Mailer>,
    ) -> Self {
        let (clock, ids, random) = (Arc::new(SystemClock), Arc::new(SystemIds), Arc::new(SystemRandom));
        let issuer = AUDIENCE.to_owned();
        let checkpoint_file = None;
        Self { identity, issuer, keys, hashing, strength, mailer, clock, ids, random, checkpoint_file }
    }

    /// New keys, and passwords that are hashed quickly and badly.
    pub fn for_tests(mailer: Arc<dyn Mailer>) -> Self {
        let keys = KeyEncryptionKeys::generate(&SystemRandom);
        let hashing = HashingSettings { peppers: keys.peppers(), ..HashingSettings::for_tests() };
        Self::new(identity::Settings::default(), keys, hashing, Strength::new(&[AUDIENCE]), mailer)
    }

    /// What storage for these options writes its events with.
    pub fn recorder(&self) -> Arc<EventRecorder> {
        recorder(self.keys.clone(), self.ids.clone(), self.random.clone())
    }

    /// The same with another clock.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }
}

/// Everything, put together.
#[derive(Clone)]
pub struct Touchstone {
    /// The services.
    pub identity: Identity,
    /// The audit trail.
    pub audit: Audit,
    /// Assessments.
    pub assessments: Arc<AssessmentServices>,
    /// Shows tasks.
    pub task_service: TaskService,
    /// Reads the tokens of people without an account.
    pub guest_tokens: Arc<dyn GuestTokens>,
    /// How it stands.
    pub trail_health: TrailHealth,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Seals and authenticates.
    pub vault: Arc<dyn Vault>,
    /// Issues and checks access tokens.
    pub tokens: Arc<JwtTokens>,
    /// Where their keys are kept.
    pub signing_keys: Arc<dyn SigningKeys>,
    /// Keeps requests that run once.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Forgets what is over.
    pub housekeeping: Arc<dyn Housekeeping>,
    /// Where tasks are read, and what they wrote is forgotten.
    pub task_reader: Arc<dyn TaskReader>,
    /// What waits to be told.
    pub outbox: Arc<dyn Outbox>,
    /// Whether storage can serve.
    pub health: Arc<dyn HealthCheck>,
    /// Who is told.
    pub event_handlers: Vec<Arc<dyn EventHandler>>,
}

/// Everything a store must be to Touchstone.
trait Storage:
    Store<Unit>
    + Directory
    + RefreshRotation
    + Throttle
    + Housekeeping
    + SigningKeys
    + IdempotencyStore
    + Outbox
    + HealthCheck
    + Denials
    + TrailStorage
    + AssessmentStorage
{
}
impl<S> Storage for S where
    S: Store<Unit>
        + Directory
        + RefreshRotation
        + Throttle
        + Housekeeping
        + SigningKeys
        + IdempotencyStore
        + Outbox
        + HealthCheck
        + Denials
        + TrailStorage
        + AssessmentStorage
{
}

impl Touchstone {
    /// On storage that ends with the process.
    pub async fn in_memory(options: Options) -> Result<Self, Failure> {
        let storage = MemoryStorage::new(options.clock.clone(), options.ids.clone(), options.recorder());
        Self::on(Arc::new(storage), options).await
    }

    /// On a connected PostgreSQL whose recorder has the same keys; see [`crate::database`] and [`Options::recorder`].
    pub async fn on_postgres(storage: PostgresStorage, options: Options) -> Result<Self, Failure> {
        Self::on(Arc::new(storage), options).await
    }

    async fn on<S: Storage>(storage: Arc<S>, options: Options) -> Result<Self, Failure> {
        let Options {
            identity,
            issuer,
            keys,
            hashing,
            strength,
            mailer,
            clock,
            ids,
            random,
            checkpoint_file,
        } = options;
        // Hashing a decoy takes a tenth of a second, in which the signing keys are fetched.
        let hasher = tokio::task::spawn_blocking(move || Argon2Hasher::new(hashing));
        let key_vault = Arc::new(KeyVault::new(keys, random.clone()));
        let vault: Arc<dyn Vault> = key_vault.clone();
        let signing_keys: Arc<dyn SigningKeys> = storage.clone();
        keys::ensure_signing_key(&*signing_keys, &*vault, clock.now()).await?;
        let loaded = keys::load(&*signing_keys, &*vault, clock.now()).await?;
        let tokens = JwtTokens::new(issuer, AUDIENCE, loaded, ids.clone());
        let tokens = Arc::new(tokens.with_cache(CACHED_TOKENS));
        let hasher = hasher.await.map_err(Failure::fault)?.map_err(|error| {
            Failure::new(Exit::Settings, format!("passwords cannot be hashed as set: {error}"))
        })?;
        let ports = Ports {
            store: storage.clone(),
            directory: storage.clone(),
            rotation: storage.clone(),
            throttle: storage.clone(),
            hasher: Arc::new(hasher),
            strength: Arc::new(strength),
            tokens: tokens.clone(),
            vault: vault.clone(),
            codes: Arc::new(Totp),
            clock: clock.clone(),
            ids: ids.clone(),
            random: random.clone(),
            zones: Arc::new(IanaZones),
            denials: storage.clone(),
            domains: DOMAINS.to_vec(),
        };
        let public_url = identity.public_url.clone();
        let identity = Identity::new(ports, identity);
        let assessments = assessments::on(&storage, &identity, &key_vault, public_url, &clock, &ids, &random);
        let task_service = TaskService::new(identity.gate(), storage.clone(), clock.clone());
        let guest_tokens: Arc<dyn GuestTokens> = key_vault.clone();
        let parts = Parts {
            gate: identity.gate(),
            vault: key_vault,
            clock: clock.clone(),
            random: random.clone(),
            checkpoint_file,
        };
        let audit = Audit::on(&storage, parts);
        let mut event_handlers: Vec<Arc<dyn EventHandler>> = vec![Arc::new(identity.mails(mailer.clone()))];
        event_handlers.extend(assessments.event_handlers(mailer));
        Ok(Self {
            identity,
            audit,
            assessments,
            task_service,
            guest_tokens,
            trail_health: TrailHealth::default(),
            clock,
            ids,
            random,
            vault,
            tokens,
            signing_keys,
            idempotency: storage.clone(),
            housekeeping: storage.clone(),
            task_reader: storage.clone(),
            outbox: storage.clone(),
            health: storage,
            event_handlers,
        })
    }

    /// Starts what goes on beside requests, until it is told to stop. The tasks end by themselves.
    pub fn start_workers(&self, work: &WorkerOptions, stopping: &Stopping) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        tasks.spawn(keys::keep_fresh(
            self.tokens.clone(),
            self.signing_keys.clone(),
            self.vault.clone(),
            self.clock.clone(),
            stopping.clone(),
        ));
        if let Some(settings) = work.outbox {
            let (outbox, clock, random) = (self.outbox.clone(), self.clock.clone(), self.random.clone());
            let dispatcher = Dispatcher::new(outbox, clock.clone(), random, &self.event_handlers, settings);
            tasks.spawn(dispatcher.run(stopping.clone()));
            tasks.spawn(workers::sweep(
                self.idempotency.clone(),
                self.housekeeping.clone(),
                self.task_reader.clone(),
                clock,
                stopping.clone(),
            ));
        }
        if let Some(settings) = work.audit {
            workers::run_trail_workers(&mut tasks, &self.audit, &self.trail_health, settings, stopping);
        }
        tasks
    }
}

impl fmt::Debug for Touchstone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Touchstone")
    }
}

/// What goes on beside requests.
#[derive(Debug, Clone, Copy)]
pub struct WorkerOptions {
    /// How the outbox is worked off; not by this process when `None`.
    pub outbox: Option<DispatcherSettings>,
    /// How the audit trail is numbered and signed; not by this process when `None`.
    pub audit: Option<TrailWorkerSettings>,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        let poll = Duration::from_millis(250);
        Self {
            outbox: Some(DispatcherSettings { poll, concurrency: 8 }),
            audit: Some(TrailWorkerSettings::default()),
        }
    }
}

#[cfg(test)]
mod tests;
