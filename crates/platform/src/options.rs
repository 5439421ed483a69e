//! What can be chosen about a platform, apart from its storage.

#[cfg(feature = "audit")]
use std::path::PathBuf;
use std::{fmt, sync::Arc, time::Duration};

use audit::recorder::EventRecorder;
use credentials::{HashingSettings, KeyEncryptionKeys, KeyVault, Strength};
use kernel::{Clock, Ids, Mailer, Random};
use system::{SystemClock, SystemIds, SystemRandom};

use crate::workers::DispatcherSettings;
#[cfg(feature = "audit")]
use crate::workers::TrailWorkerSettings;

/// Whom access tokens are for, and who issues them unless told.
pub(crate) const AUDIENCE: &str = "touchstone";

/// What the services are made of.
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
    /// How much an organisation may have of assessments and what they are used for.
    #[cfg(feature = "assessments")]
    pub quotas: assessment_engine::Quotas,
    /// How long after its release a guest may look at their result by the link in their letter.
    #[cfg(feature = "assessments")]
    pub result_life: Duration,
    /// Where files are kept, what looks into them, and how much room they may take.
    #[cfg(feature = "documents")]
    pub documents: crate::DocumentOptions,
    /// For how many days notifications are kept once they are read, and twice as long otherwise.
    #[cfg(feature = "notifications")]
    pub keep_notifications: u32,
    /// How many endpoints of webhooks an organisation may have.
    #[cfg(feature = "webhooks")]
    pub webhook_quotas: webhook::Quotas,
    /// Who sends to the URLs that users give.
    #[cfg(feature = "webhooks")]
    pub outbound: Arc<dyn kernel::outbound::Outbound>,
    /// Where signed checkpoints are kept outside storage; nowhere when `None`.
    #[cfg(feature = "audit")]
    pub checkpoint_file: Option<PathBuf>,
}

impl Options {
    /// The machine's own clock, ids and randomness, and the documented settings. Nothing sealed with these keys opens
    /// without them: storage that lasts needs keys that last.
    pub fn new(keys: KeyEncryptionKeys, mailer: Arc<dyn Mailer>) -> Self {
        Self {
            identity: identity::Settings::default(),
            issuer: AUDIENCE.to_owned(),
            hashing: HashingSettings { peppers: keys.peppers(), ..HashingSettings::default() },
            strength: Strength::new(&[AUDIENCE]),
            keys,
            mailer,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            #[cfg(feature = "assessments")]
            quotas: assessment_engine::Quotas::default(),
            #[cfg(feature = "assessments")]
            result_life: assessment_engine::Settings::default().result_life,
            #[cfg(feature = "documents")]
            documents: crate::DocumentOptions::default(),
            #[cfg(feature = "notifications")]
            keep_notifications: notification::Settings::default().keep_days,
            #[cfg(feature = "webhooks")]
            webhook_quotas: webhook::Quotas::default(),
            #[cfg(feature = "webhooks")]
            outbound: Arc::new(outbound::GuardedClient::new(false)),
            #[cfg(feature = "audit")]
            checkpoint_file: None,
        }
    }

    /// New keys, passwords that are hashed quickly and badly, and organisations that may ask as many people as often as
    /// they like.
    pub fn for_tests(mailer: Arc<dyn Mailer>) -> Self {
        let mut options = Self::new(KeyEncryptionKeys::generate(&SystemRandom), mailer);
        options.identity.letters_per_hour = u32::MAX;
        options.identity.letters_to_address = u32::MAX;
        options.identity.quotas.open_invitations.new_for = Duration::ZERO;
        #[cfg(feature = "assessments")]
        {
            options.quotas.asked_per_day.new_for = Duration::ZERO;
        }
        let hashing = HashingSettings { peppers: options.keys.peppers(), ..HashingSettings::for_tests() };
        Self { hashing, ..options }
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

/// What storage writes events with: it seals what is personal in them under these keys.
pub fn recorder(keys: KeyEncryptionKeys, ids: Arc<dyn Ids>, random: Arc<dyn Random>) -> Arc<EventRecorder> {
    Arc::new(EventRecorder::new(ids, random.clone(), Arc::new(KeyVault::new(keys, random))))
}

/// What goes on beside requests.
#[derive(Debug, Clone, Copy)]
pub struct WorkerOptions {
    /// How the outbox is worked off; not by this process when `None`.
    pub outbox: Option<DispatcherSettings>,
    /// How the audit trail is numbered and signed; not by this process when `None`.
    #[cfg(feature = "audit")]
    pub audit: Option<TrailWorkerSettings>,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        let poll = Duration::from_millis(250);
        Self {
            outbox: Some(DispatcherSettings { poll, concurrency: 8 }),
            #[cfg(feature = "audit")]
            audit: Some(TrailWorkerSettings::default()),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options")
    }
}
