//! Everything the identity services need from outside, in one place for the composition root to fill.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Denials, Domain, Ids, Random, Store, TimeZones};

use crate::{
    Directory, RefreshRotation, Throttle, Unit,
    credentials::{AccessTokens, OneTimeCodes, PasswordHasher, PasswordStrength, Vault},
};

/// The ports the services hold.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named after its port, which is documented")]
pub struct Ports {
    pub store: Arc<dyn Store<Unit>>,
    pub directory: Arc<dyn Directory>,
    pub rotation: Arc<dyn RefreshRotation>,
    pub throttle: Arc<dyn Throttle>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub strength: Arc<dyn PasswordStrength>,
    pub tokens: Arc<dyn AccessTokens>,
    pub vault: Arc<dyn Vault>,
    pub codes: Arc<dyn OneTimeCodes>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub random: Arc<dyn Random>,
    pub zones: Arc<dyn TimeZones>,
    pub denials: Arc<dyn Denials>,
    /// The domains that work together; this one need not be named. Nobody grants roles or makes keys that may do more than
    /// they may by the rules of all of them, and keys can be given their scopes.
    pub domains: Vec<&'static Domain>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

/// What can be set about identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where links in mails lead, without a slash at the end.
    pub public_url: String,
    /// The least characters of a new password; never below 8, 15 unless set.
    pub least_password_characters: usize,
    /// How long an access token works; 10 minutes.
    pub access_token_life: Duration,
    /// How fresh a proof of identity must be for sensitive calls; 5 minutes.
    pub step_up_window: Duration,
    /// How long the status of a session may be cached between checks; 4 seconds.
    pub session_status_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            least_password_characters: 15,
            access_token_life: Duration::from_secs(600),
            step_up_window: Duration::from_secs(300),
            session_status_life: Duration::from_secs(4),
        }
    }
}
