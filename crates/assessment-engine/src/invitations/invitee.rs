//! Whoever is asked to take an assessment.

use assessment_format::session::{Minutes, Reason};
use kernel::{AccountId, Digest, EmailAddress, Name, Timestamp};
use serde::{Deserialize, Serialize};

/// Whoever is asked: a member of the organisation, or whoever has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// The account: the member's, or, once it is known, that of whoever has the address.
    pub account: Option<AccountId>,
    /// The address that was asked; `None` for members, and once the person had his data erased.
    pub email: Option<EmailAddress>,
    /// How letters address the person.
    pub name: Option<Name>,
    /// What opens it without an account.
    pub token: Option<Token>,
    /// When the letter was sent, or was to be.
    pub invited_at: Option<Timestamp>,
    /// When the person was last reminded.
    pub reminded_at: Option<Timestamp>,
}

/// What is kept of a token that was mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Of its secret.
    pub digest: Digest,
    /// Until when it opens anything.
    pub expires_at: Timestamp,
}

/// Time a person has beyond everyone else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraTime {
    /// How many minutes.
    pub minutes: Minutes,
    /// Why.
    pub reason: Reason,
}

impl Invitee {
    /// A member of the organisation.
    pub const fn member(account: AccountId) -> Self {
        Self {
            account: Some(account),
            email: None,
            name: None,
            token: None,
            invited_at: None,
            reminded_at: None,
        }
    }

    /// Whoever has this address.
    pub const fn address(email: EmailAddress, name: Option<Name>) -> Self {
        Self { account: None, email: Some(email), name, token: None, invited_at: None, reminded_at: None }
    }

    /// Whether a token of this digest opens it.
    pub fn opens_by(&self, digest: &Digest, now: Timestamp) -> bool {
        self.token.is_some_and(|token| token.digest.matches(digest) && now < token.expires_at)
    }

    /// Nothing is kept of the person.
    pub fn forget(&mut self) {
        *self = Self {
            account: None,
            email: None,
            name: None,
            token: None,
            invited_at: self.invited_at,
            reminded_at: self.reminded_at,
        };
    }
}
