//! The composition root: the one place where adapters meet the services that use them.

/// One name for all that is asked of storage.
macro_rules! storage {
    ($(#[$doc:meta])* $visibility:vis $name:ident: $($port:path),+ $(,)?) => {
        $(#[$doc])*
        $visibility trait $name: $($port +)+ 'static {}
        impl<S: $($port +)+ 'static> $name for S {}
    };
}

#[cfg(feature = "assessments")]
mod assessments;
#[cfg(feature = "documents")]
mod documents;
#[cfg(feature = "notifications")]
mod notifications;
#[cfg(feature = "audit")]
mod trail;
#[cfg(feature = "webhooks")]
mod webhooks;

use std::{fmt, sync::Arc};

#[cfg(feature = "assessments")]
use assessment_engine::AssessmentServices;
use credentials::{Argon2Hasher, JwtTokens, KeyVault, Totp};
use identity::{
    Directory, Housekeeping, Identity, Ports, RefreshRotation, Throttle, Unit, credentials::SigningKeys,
};
use kernel::{
    Clock, Denials, Domain, Erasure, EventHandler, HealthCheck, IdempotencyStore, Ids, Outbox, PersonalData,
    Random, Sealing, Store, Timestamp,
    claims::ClaimUpkeep,
    invitation::GuestTokens,
    task::{TaskReader, TaskService},
};
use storage_memory::MemoryStorage;
#[cfg(feature = "postgres")]
use storage_postgres::PostgresStorage;
use system::IanaZones;
use tokio::task::JoinSet;

#[cfg(feature = "assessments")]
use self::assessments::AssessmentStorage;
#[cfg(feature = "documents")]
use self::documents::DocumentStorage;
#[cfg(feature = "documents")]
pub use self::documents::{DocumentOptions, Documents};
#[cfg(feature = "notifications")]
use self::notifications::NotificationStorage;
#[cfg(feature = "notifications")]
pub use self::notifications::Notifications;
#[cfg(feature = "audit")]
pub use self::trail::Audit;
#[cfg(feature = "audit")]
use self::trail::{Parts, TrailStorage};
#[cfg(feature = "webhooks")]
use self::webhooks::WebhookStorage;
#[cfg(feature = "webhooks")]
pub use self::webhooks::{EVENTS, Webhooks};
#[cfg(feature = "audit")]
use crate::trail_health::TrailHealth;
use crate::{
    Error, Options, WorkerOptions,
    options::AUDIENCE,
    shutdown::Stopping,
    signing_keys,
    workers::{self, Dispatcher},
};

/// The domains a platform is made of, in the order the documentation page shows their operations: what is listed of
/// every domain is read from here.
pub const DOMAINS: &[&Domain] = &[
    &identity::DOMAIN,
    #[cfg(feature = "audit")]
    &audit::DOMAIN,
    #[cfg(feature = "assessments")]
    &assessment_engine::DOMAIN,
    #[cfg(feature = "documents")]
    &document::DOMAIN,
    #[cfg(feature = "notifications")]
    &notification::DOMAIN,
    #[cfg(feature = "webhooks")]
    &webhook::DOMAIN,
    &kernel::PLATFORM,
];

/// How many verified tokens are remembered.
const CACHED_TOKENS: u64 = 10_000;

/// Everything, put together.
#[derive(Clone)]
pub struct Platform {
    /// The services.
    pub identity: Identity,
    /// The audit trail.
    #[cfg(feature = "audit")]
    pub audit: Audit,
    /// Assessments.
    #[cfg(feature = "assessments")]
    pub assessments: Arc<AssessmentServices>,
    /// Documents.
    #[cfg(feature = "documents")]
    pub documents: Documents,
    /// Notifications.
    #[cfg(feature = "notifications")]
    pub notifications: Notifications,
    /// Webhooks.
    #[cfg(feature = "webhooks")]
    pub webhooks: Webhooks,
    /// Shows tasks.
    pub task_service: TaskService,
    /// Reads the tokens of people without an account.
    pub guest_tokens: Arc<dyn GuestTokens>,
    /// How it stands.
    #[cfg(feature = "audit")]
    pub trail_health: TrailHealth,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Seals and authenticates.
    pub sealing: Arc<dyn Sealing>,
    /// Issues and checks access tokens.
    pub tokens: Arc<JwtTokens>,
    /// Where their keys are kept.
    pub signing_keys: Arc<dyn SigningKeys>,
    /// What is counted of attempts, and locked.
    pub throttle: Arc<dyn Throttle>,
    /// Keeps requests that run once.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Forgets what is over.
    pub housekeeping: Arc<dyn Housekeeping>,
    /// Where tasks are read, and what they wrote is forgotten.
    pub task_reader: Arc<dyn TaskReader>,
    /// Forgets time that is not taken any more.
    pub claim_upkeep: Arc<dyn ClaimUpkeep>,
    /// What waits to be told.
    pub outbox: Arc<dyn Outbox>,
    /// Whether storage can serve.
    pub health: Arc<dyn HealthCheck>,
    /// What each domain keeps of people, beside identity.
    pub personal_data: Vec<Arc<dyn PersonalData>>,
    /// Who is told.
    pub event_handlers: Vec<Arc<dyn EventHandler>>,
}

// A domain that is left out asks nothing of storage.
#[cfg(not(feature = "assessments"))]
use std::any::Any as AssessmentStorage;
#[cfg(not(feature = "documents"))]
use std::any::Any as DocumentStorage;
#[cfg(not(feature = "notifications"))]
use std::any::Any as NotificationStorage;
#[cfg(not(feature = "audit"))]
use std::any::Any as TrailStorage;
#[cfg(not(feature = "webhooks"))]
use std::any::Any as WebhookStorage;

storage! {
    /// Everything a store must be to Touchstone: what it is to each domain.
    Storage:
    Store<Unit>,
    Directory,
    RefreshRotation,
    Throttle,
    Housekeeping,
    SigningKeys,
    IdempotencyStore,
    Outbox,
    HealthCheck,
    Denials,
    TaskReader,
    ClaimUpkeep,
    TrailStorage,
    AssessmentStorage,
    DocumentStorage,
    NotificationStorage,
    WebhookStorage,
}

impl Platform {
    /// On storage that ends with the process.
    pub async fn in_memory(options: Options) -> Result<Self, Error> {
        let storage = MemoryStorage::new(options.clock.clone(), options.ids.clone(), options.recorder());
        Self::on(Arc::new(storage), options).await
    }

    /// On a connected PostgreSQL whose recorder has the same keys; see [`Options::recorder`].
    #[cfg(feature = "postgres")]
    pub async fn on_postgres(storage: PostgresStorage, options: Options) -> Result<Self, Error> {
        Self::on(Arc::new(storage), options).await
    }

    async fn on<S: Storage>(storage: Arc<S>, options: Options) -> Result<Self, Error> {
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
            #[cfg(feature = "assessments")]
            quotas,
            #[cfg(feature = "assessments")]
            result_life,
            #[cfg(feature = "documents")]
            documents,
            #[cfg(feature = "notifications")]
            keep_notifications,
            #[cfg(feature = "webhooks")]
            webhook_quotas,
            #[cfg(feature = "webhooks")]
            outbound,
            #[cfg(feature = "audit")]
            checkpoint_file,
        } = options;
        // Hashing a decoy takes a tenth of a second, in which the signing keys are fetched.
        let hasher = tokio::task::spawn_blocking(move || Argon2Hasher::new(hashing));
        let vault = Arc::new(KeyVault::new(keys, random.clone()));
        let signing_keys: Arc<dyn SigningKeys> = storage.clone();
        signing_keys::ensure(&*signing_keys, &*vault, clock.now()).await?;
        let loaded = signing_keys::load(&*signing_keys, &*vault, clock.now()).await?;
        let tokens = JwtTokens::new(issuer, AUDIENCE, loaded, ids.clone());
        let tokens = Arc::new(tokens.with_cache(CACHED_TOKENS));
        let hasher = hasher.await.map_err(|error| Error::Fault(error.to_string()))??;
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
        let identity = Identity::new(ports, identity);
        let mailer = identity.mailer(mailer);
        let mut event_handlers: Vec<Arc<dyn EventHandler>> =
            vec![Arc::new(identity.mails(mailer.clone())), Arc::new(identity.timers())];
        #[cfg(feature = "notifications")]
        let notifications = {
            let settings = notification::Settings {
                public_url: identity.public_url().to_owned(),
                keep_days: keep_notifications,
            };
            notifications::on(&storage, &identity, &vault, (settings, mailer.clone()), &clock, &ids)
        };
        #[cfg(feature = "notifications")]
        event_handlers.extend(notifications.event_handlers());
        #[cfg(feature = "notifications")]
        let mailer = notifications.mailer();
        #[cfg(feature = "assessments")]
        let assessments =
            assessments::on(&storage, &identity, &vault, (quotas, result_life), &clock, &ids, &random);
        #[cfg(feature = "assessments")]
        event_handlers.extend(assessments.event_handlers(mailer));
        #[cfg(feature = "documents")]
        let documents = documents::on(&storage, &identity, &vault, documents, &clock, &ids, &random);
        #[cfg(feature = "documents")]
        event_handlers.push(documents.event_handler());
        #[cfg(feature = "webhooks")]
        let webhooks =
            webhooks::on(&storage, &identity, &vault, (webhook_quotas, outbound), &clock, &ids, &random);
        #[cfg(feature = "webhooks")]
        event_handlers.extend(webhooks.event_handlers());
        let personal_data: Vec<Arc<dyn PersonalData>> = vec![
            #[cfg(feature = "assessments")]
            Arc::new(assessments.personal_data.clone()),
            #[cfg(feature = "documents")]
            Arc::new(documents.upkeep.clone()),
            #[cfg(feature = "notifications")]
            Arc::new(notifications.personal_data.clone()),
        ];
        event_handlers.push(Arc::new(Erasure(personal_data.clone())));
        Ok(Self {
            task_service: TaskService::new(identity.gate(), storage.clone(), clock.clone()),
            #[cfg(feature = "assessments")]
            assessments,
            #[cfg(feature = "documents")]
            documents,
            #[cfg(feature = "notifications")]
            notifications,
            #[cfg(feature = "webhooks")]
            webhooks,
            guest_tokens: vault.clone(),
            #[cfg(feature = "audit")]
            audit: Audit::on(
                &storage,
                Parts {
                    gate: identity.gate(),
                    vault: vault.clone(),
                    clock: clock.clone(),
                    random: random.clone(),
                    checkpoint_file,
                },
            ),
            #[cfg(feature = "audit")]
            trail_health: TrailHealth::default(),
            identity,
            clock,
            ids,
            random,
            sealing: vault,
            tokens,
            signing_keys,
            throttle: storage.clone(),
            idempotency: storage.clone(),
            housekeeping: storage.clone(),
            task_reader: storage.clone(),
            claim_upkeep: storage.clone(),
            outbox: storage.clone(),
            health: storage,
            personal_data,
            event_handlers,
        })
    }

    /// Starts what goes on beside requests, until it is told to stop. The tasks end by themselves.
    pub fn start_work(&self, work: &WorkerOptions, stopping: &Stopping) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        tasks.spawn(signing_keys::keep_fresh(
            self.tokens.clone(),
            self.signing_keys.clone(),
            self.sealing.clone(),
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
                self.claim_upkeep.clone(),
                clock,
                stopping.clone(),
            ));
            #[cfg(feature = "documents")]
            tasks.spawn(self.documents.clone().sweep(stopping.clone()));
            #[cfg(feature = "notifications")]
            tasks.spawn(self.notifications.clone().sweep(stopping.clone()));
            #[cfg(feature = "webhooks")]
            {
                tasks.spawn(self.webhooks.clone().send(stopping.clone()));
                tasks.spawn(self.webhooks.clone().sweep(stopping.clone()));
            }
        }
        #[cfg(feature = "notifications")]
        tasks.spawn(self.notifications.streams.clone().run(stopping.clone()));
        #[cfg(feature = "audit")]
        if let Some(settings) = work.audit {
            workers::run_trail_workers(&mut tasks, &self.audit, &self.trail_health, settings, stopping);
        }
        tasks
    }

    /// Publishes a new signing key, and tells its id and from when it signs. Every process has loaded it by then.
    pub async fn rotate_signing_key(&self) -> Result<(String, Timestamp), Error> {
        signing_keys::rotate(&*self.signing_keys, &*self.sealing, self.clock.now()).await
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}
