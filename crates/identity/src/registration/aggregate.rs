//! A registration: someone says an address is theirs and waits to prove it.
//!
//! The password that counts is that of the registration whose link was opened, so nobody gains anything by
//! registering another's address in advance.

use std::time::Duration;

use kernel::{Change, Id, Lane, Owner, Target, Timestamp};
use serde_json::{Value, json};

use crate::{account::PasswordHash, email::EmailAddress, text::Name};

/// Identifies a registration.
pub type RegistrationId = Id<Registration>;

/// All a registration consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationState {
    /// Identifies it.
    pub id: RegistrationId,
    /// The address that is to be proved.
    pub email: EmailAddress,
    /// The password the account will have.
    pub password_hash: PasswordHash,
    /// The full name the account will have.
    pub full_name: Option<Name>,
    /// The time zone the account will have.
    pub timezone: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when the address can be proved.
    pub expires_at: Timestamp,
    /// When it became an account.
    pub completed_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// A registration that waits for its address to be proved.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Registration(RegistrationState) as "registration" of |_| Owner::Nobody
}

impl Registration {
    /// How long it waits: 7 days. Each link lives shorter; a new one can be asked for within this time.
    pub const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

    /// Someone registers; `mail` says whether the address may be sent a letter.
    pub fn open(
        id: RegistrationId,
        email: EmailAddress,
        password_hash: PasswordHash,
        full_name: Option<Name>,
        timezone: String,
        mail: bool,
        now: Timestamp,
    ) -> Self {
        let expires_at = now.plus(Self::LIFE);
        let state = RegistrationState {
            id,
            email,
            password_hash,
            full_name,
            timezone,
            created_at: now,
            expires_at,
            completed_at: None,
        };
        let mut registration = Self::restore(state, 0);
        let change = registration
            .change("registration.open", now)
            .personal("email", &Value::Null, &registration.state.email)
            .personal("full_name", &Value::Null, &registration.state.full_name)
            .personal("timezone", &Value::Null, &registration.state.timezone)
            .plain("expires_at", &Value::Null, &expires_at)
            .secret("password_hash")
            .lane(Lane::Now)
            .with(json!({ "mail": mail }));
        registration.record(change);
        registration
    }

    /// Whether its address can still be proved.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.completed_at.is_none() && now < self.state.expires_at
    }

    /// The address was proved.
    pub fn complete(&mut self, now: Timestamp) {
        self.state.completed_at = Some(now);
        let change = self.change("registration.complete", now).plain("completed_at", &Value::Null, &now);
        self.record(change);
    }

    /// It is about whoever registers, who has no account: the registration stands for them.
    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now).about(self.state.id.uuid())
    }
}
