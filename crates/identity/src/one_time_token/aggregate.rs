//! One-time tokens: the secrets in mailed links.

use std::time::Duration;

use kernel::{Change, Id, Owner, Random, Secret, Target, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::digest::Digest;

/// Identifies a one-time token in storage.
pub type OneTimeTokenId = Id<OneTimeToken>;

kernel::named! {
    /// What a token is good for.
    pub enum Purpose {
        /// Proves the address of a registration; 24 hours.
        VerifyEmail = "verify_email",
        /// Sets a new password for an account; 10 minutes (OWASP ASVS 5.0, 6.5.5).
        ResetPassword = "reset_password",
        /// Proves the new address of an account; 1 hour.
        ChangeEmail = "change_email",
        /// Answers an invitation; 7 days.
        Invitation = "invitation",
    }
}

impl Purpose {
    /// How long a token lives.
    pub const fn life(self) -> Duration {
        Duration::from_secs(match self {
            Self::VerifyEmail => 24 * 3600,
            Self::ResetPassword => 10 * 60,
            Self::ChangeEmail => 3600,
            Self::Invitation => 7 * 24 * 3600,
        })
    }
}

/// All a one-time token consists of; the token itself is never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeTokenState {
    /// Identifies it.
    pub id: OneTimeTokenId,
    /// What it is good for.
    pub purpose: Purpose,
    /// The registration, account or invitation it is for.
    pub subject: Uuid,
    /// What must still hold of the subject for the token to work, in a word of the subject's own; see
    /// [`crate::Account::link_binding`]. Empty where nothing must.
    pub binding: String,
    /// SHA-256 of the token.
    pub digest: Digest,
    /// When it was minted.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// From when on a newer letter has taken the place of the one that carried it.
    pub replaced_at: Option<Timestamp>,
}

/// Why the token of a letter opens nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// It was used, or what it was for was done by another way.
    Used,
    /// Its time is over, or what it was bound to has changed.
    Expired,
    /// A newer letter was delivered more than a day ago.
    Replaced,
    /// What it was for was taken back.
    Withdrawn,
}

impl Spent {
    /// What the person can do.
    pub(crate) const fn advice(self, purpose: Purpose) -> &'static str {
        match (self, purpose) {
            (Self::Used, Purpose::VerifyEmail) => "this address is verified already; sign in",
            (Self::Used, Purpose::ResetPassword) => {
                "this link was used already; sign in with the new password, or ask for another link"
            }
            (Self::Used, Purpose::ChangeEmail) => "the new address is confirmed already; sign in with it",
            (Self::Used, Purpose::Invitation) => "this invitation was answered already",
            (Self::Expired, Purpose::VerifyEmail) => {
                "this link has expired; ask for another, or register again if that was a week ago"
            }
            (Self::Expired, Purpose::ResetPassword | Purpose::ChangeEmail) => {
                "this link has expired, or the account has changed since it was written; ask for another"
            }
            (Self::Expired, Purpose::Invitation) => {
                "this invitation has expired; ask whoever invited you for another"
            }
            (Self::Replaced, _) => {
                "a newer letter has taken the place of this one; open the link in the newest"
            }
            (Self::Withdrawn, Purpose::Invitation) => {
                "this invitation was taken back; ask whoever invited you"
            }
            (Self::Withdrawn, _) => "this was taken back",
        }
    }
}

kernel::aggregate! {
    /// The secret in a mailed link, as its digest.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub OneTimeToken(OneTimeTokenState) as "one_time_token" of |_| Owner::Nobody
}

impl OneTimeToken {
    /// Mints a token of 256 random bits and returns it with what is kept of it.
    pub fn mint(
        id: OneTimeTokenId,
        purpose: Purpose,
        subject: Uuid,
        binding: String,
        random: &dyn Random,
        now: Timestamp,
    ) -> (Secret, Self) {
        let secret = Secret::new(crate::encoding::base64url(&random.bytes::<32>()));
        let digest = Digest::of(secret.expose().as_bytes());
        let expires_at = now.plus(purpose.life());
        let state = OneTimeTokenState {
            id,
            purpose,
            subject,
            binding,
            digest,
            created_at: now,
            expires_at,
            used_at: None,
            replaced_at: None,
        };
        let mut token = Self::restore(state, 0);
        let change = token
            .change("one_time_token.mint", now)
            .plain("purpose", &Value::Null, &purpose.name())
            .plain("expires_at", &Value::Null, &expires_at)
            .secret("digest");
        token.record(change);
        (secret, token)
    }

    /// Uses it up. Storage lets one of several parallel users win; the others see `StoreError::Stale`.
    pub fn use_up(&mut self, now: Timestamp) -> Result<(), Spent> {
        let state = &self.state;
        if state.used_at.is_some() {
            return Err(Spent::Used);
        }
        if state.expires_at <= now {
            return Err(Spent::Expired);
        }
        if state.replaced_at.is_some_and(|at| at <= now) {
            return Err(Spent::Replaced);
        }
        self.state.used_at = Some(now);
        let change = self.change("one_time_token.use", now).plain("used_at", &Value::Null, &now);
        self.record(change);
        Ok(())
    }

    /// A newer letter takes its place from then on, unless one did before. Storage does this where that letter was
    /// delivered; it leaves no event of its own.
    pub fn replace(&mut self, at: Timestamp) {
        self.state.replaced_at.get_or_insert(at);
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .about(self.state.subject)
            .with(json!({ "purpose": self.state.purpose.name(), "subject": self.state.subject }))
    }
}
