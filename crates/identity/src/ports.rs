//! Everything the identity services need from outside, in one place for the composition root to fill.

use std::{sync::Arc, time::Duration};

use kernel::{AuditedAttempt, Clock, Ctx, Denials, Domain, Ids, Outcome, Random, Store, TimeZones};

use crate::{
    Directory, RefreshRotation, Refused, Throttle, Unit,
    credentials::{AccessTokens, OneTimeCodes, PasswordHasher, PasswordStrength, Vault},
    quotas::Quotas,
    throttle::AddressLimits,
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
    /// The domains that work together; this one need not be named. Nobody grants roles or makes keys that may do
    /// more than they may by the rules of all of them, and keys can be given their scopes.
    pub domains: Vec<&'static Domain>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

impl Ports {
    /// Records an attempt that was denied or failed in the audit trail, and hands on how it ended. No unit may be
    /// open meanwhile: it holds a connection, and this takes one.
    pub(crate) async fn audit_refusal<T>(
        &self,
        ctx: &Ctx,
        audited: AuditedAttempt,
        ended: Result<T, Refused>,
    ) -> Result<T, Refused> {
        match ended {
            Err(refused) => match refused.audited_outcome() {
                Some(outcome) => {
                    let now = self.clock.now();
                    Err(audited.refused(&*self.denials, ctx, now, outcome, refused).await)
                }
                None => Err(refused),
            },
            done => done,
        }
    }

    /// Records in the audit trail that an attempt failed for a reason its author is not told.
    pub(crate) async fn audit_failure(
        &self,
        ctx: &Ctx,
        audited: AuditedAttempt,
        reason: &'static str,
    ) -> Result<(), Refused> {
        Ok(audited.record(&*self.denials, ctx, self.clock.now(), Outcome::Failure, reason).await?)
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
    /// How much an account or an organisation may have.
    pub quotas: Quotas,
    /// What one client address may do to sign in.
    pub address_limits: AddressLimits,
    /// How many letters by which one organisation asks one address for something go within an hour; 1. The others wait.
    pub letters_per_hour: u32,
    /// How many letters by which all organisations together ask one address for something go within an hour; 10.
    pub letters_to_address: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            least_password_characters: 15,
            access_token_life: Duration::from_secs(600),
            step_up_window: Duration::from_secs(300),
            session_status_life: Duration::from_secs(4),
            quotas: Quotas::default(),
            address_limits: AddressLimits::default(),
            letters_per_hour: 1,
            letters_to_address: 10,
        }
    }
}
