//! What an aggregate says of itself once, for every storage adapter and contract: its id, its owner, its age.

use uuid::Uuid;

use crate::{AccountId, OrganizationId, Recorded, Scope, Timestamp};

/// Whose an aggregate is. Storage refuses to change what the scope of a unit does not own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// An organisation's.
    Organization(OrganizationId),
    /// A person's.
    Account(AccountId),
    /// An organisation's, and about one person, who sees it too: a membership.
    Member(OrganizationId, AccountId),
    /// Nobody's who is known yet: a registration, a one-time token.
    Nobody,
}

impl Owner {
    /// The organisation that owns it, if one does.
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Organization(id) | Self::Member(id, _) => Some(id),
            Self::Account(_) | Self::Nobody => None,
        }
    }

    /// The person who owns it, if one does.
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(id) | Self::Member(_, id) => Some(id),
            Self::Organization(_) | Self::Nobody => None,
        }
    }

    /// Whether the scope is the owner's own: the organisation's, or the person's.
    pub fn is(self, scope: Scope) -> bool {
        match scope {
            Scope::Tenant(id) => self.organization() == Some(id),
            Scope::Account(id) => self.account() == Some(id),
            _ => false,
        }
    }
}

/// An aggregate that is stored as a row of its own.
pub trait Keyed: Recorded {
    /// Identifies it among its kind.
    fn id(&self) -> Uuid;

    /// Whose it is.
    fn owner(&self) -> Owner;

    /// When it was made; with the id, the order of lists. [`Timestamp::EPOCH`] for what is never listed.
    fn created_at(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    #[test]
    fn an_owner_is_recognised_by_its_own_scope_alone() {
        let (organization, account) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let member = Owner::Member(organization, account);
        assert!(member.is(Scope::Tenant(organization)) && member.is(Scope::Account(account)));
        assert!(!Owner::Organization(organization).is(Scope::Account(account)));
        for owner in [member, Owner::Organization(organization), Owner::Account(account), Owner::Nobody] {
            let others = [Scope::Identity, Scope::Worker, Scope::Platform, Scope::Buyer(organization)];
            assert!(!others.into_iter().any(|scope| owner.is(scope)));
        }
    }
}
