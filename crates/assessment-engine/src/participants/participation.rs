//! What tells a person what is theirs, across organisations.

use kernel::{AccountId, OrganizationId, Timestamp};
use uuid::Uuid;

use crate::sessions::interview_session::{Origin, OriginKind};

/// A person was asked. Kept under the person, not under the organisation; nothing else is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Participation {
    /// Who.
    pub account: AccountId,
    /// By which organisation.
    pub organization: OrganizationId,
    /// In what.
    pub kind: OriginKind,
    /// The assignment or coaching session.
    pub origin: Uuid,
    /// When.
    pub created_at: Timestamp,
}

impl Participation {
    /// A person was asked in this.
    pub fn of(account: AccountId, organization: OrganizationId, origin: Origin, now: Timestamp) -> Self {
        Self { account, organization, kind: origin.kind(), origin: origin.id(), created_at: now }
    }
}
