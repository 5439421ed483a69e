//! Who asks, and how far the answer may reach.

use std::{fmt, net::IpAddr, sync::Arc};

use uuid::Uuid;

use crate::{AccountId, OrganizationId, SessionId, role::Roles};

/// What a unit of work or a read may see and change. Storage binds it at `begin`: on PostgreSQL it picks the
/// database role and the values row-level security checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The rows of one organisation.
    Tenant(OrganizationId),
    /// The rows of one person.
    Account(AccountId),
    /// The tables of the identity domain, for what happens before anyone is known.
    Identity,
    /// Queues and logs.
    Worker,
    /// What a platform administrator may see; every use is audited.
    Platform,
    /// What an organisation bought, at whoever sold it: rows that name it as their buyer. Nothing is written.
    Buyer(OrganizationId),
    /// What was published to everyone. Nothing is written.
    Public,
    /// The letterbox of an anonymous survey: ballots are put in, and none is read.
    Ballot,
    /// The count of what lies in letterboxes, which names no person and no time: no table of a person, no audit trail
    /// and no outbox. A unit of the organisation tells what came of it.
    Tally,
}

impl Scope {
    /// The organisation, in a tenant's scope.
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Tenant(id) => Some(id),
            _ => None,
        }
    }

    /// Whether its units may record changes, for the audit trail and the outbox.
    pub const fn records(self) -> bool {
        match self {
            Self::Tenant(_) | Self::Account(_) | Self::Identity | Self::Worker | Self::Platform => true,
            Self::Buyer(_) | Self::Public | Self::Ballot | Self::Tally => false,
        }
    }

    /// The account, in a person's scope.
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(id) => Some(id),
            _ => None,
        }
    }
}

kernel::named! {
    /// A person's role on the platform as a whole.
    pub enum PlatformRole {
        /// Anyone with an account.
        User = "user",
        /// Administrates the platform.
        SuperAdmin = "super_admin",
    }
}

kernel::named! {
    /// How surely a session knows who is behind it (NIST SP 800-63B-4, section 2).
    pub enum Assurance {
        /// One factor.
        Aal1 = "aal1",
        /// Two factors.
        Aal2 = "aal2",
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Account {
        /// The account.
        id: AccountId,
        /// The session it acts through.
        session: SessionId,
        /// Its role on the platform.
        platform_role: PlatformRole,
        /// How surely it was recognised.
        assurance: Assurance,
        /// When it last proved who it is.
        authenticated_at: crate::Timestamp,
    },
    /// A signed-in person whose password is temporary: they may change it and read their own account. Nothing else that
    /// is for people is for them.
    Newcomer {
        /// The account.
        id: AccountId,
        /// The session it acts through.
        session: SessionId,
    },
    /// A program with an API key.
    Service {
        /// The key.
        key: Uuid,
        /// The organisation the key belongs to.
        organization: OrganizationId,
    },
    /// A person without an account, who holds an invitation to one thing and may do that alone.
    Guest {
        /// What they are invited to.
        invitation: Uuid,
        /// The organisation that invites.
        organization: OrganizationId,
    },
    /// Touchstone itself.
    System,
    /// Nobody known.
    Anonymous,
}

impl Actor {
    /// The account, when a person acts who may do more than change their password.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// Whether a person acts who proved two factors in their session.
    pub fn has_second_factor(&self) -> bool {
        matches!(self, Self::Account { assurance, .. } if *assurance >= Assurance::Aal2)
    }

    /// `account`, `service`, `guest`, `system` or `anonymous`: how logs name the kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account { .. } | Self::Newcomer { .. } => "account",
            Self::Service { .. } => "service",
            Self::Guest { .. } => "guest",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }

    /// The id logs record for it.
    pub const fn id(&self) -> Option<Uuid> {
        match self {
            Self::Account { id, .. } | Self::Newcomer { id, .. } => Some(id.uuid()),
            Self::Service { key, .. } => Some(*key),
            Self::Guest { invitation, .. } => Some(*invitation),
            Self::System | Self::Anonymous => None,
        }
    }
}

/// Identifies one request in answers and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(pub Uuid);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A client's `Idempotency-Key` on the work of this request: the row `commit` marks as done, in
/// the same transaction as the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey(pub Uuid);

/// Who asks, how far they may see, and through which request: the first parameter of every command.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// How far the work may reach.
    pub scope: Scope,
    /// The request it serves, if any.
    pub request: Option<RequestId>,
    /// Which way it came in: method and path pattern of a request, or the words of a command line.
    pub route: Option<Arc<str>>,
    /// The client's idempotency key, if any.
    pub idempotency: Option<IdempotencyKey>,
    /// The client's address, as the trusted proxies tell it.
    pub address: Option<IpAddr>,
    /// What the client calls itself, at most 256 characters.
    pub user_agent: Option<String>,
    /// The leave it acts by, in an organisation's scope.
    pub leave: Option<Leave>,
}

/// What a member's leave to act rests on, in an active organisation. A unit that changes something holds it: it comes
/// to nothing, as [`StoreError::Stale`](crate::StoreError::Stale), once the person is no active member with these roles
/// any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// The member: the caller, or the maker of the API key.
    pub account: AccountId,
    /// Their roles when leave was given.
    pub roles: Roles,
    /// Whether they proved a second factor, which the organisation may come to ask for, or need none for this.
    pub second_factor: bool,
}

impl Ctx {
    /// A context outside any request.
    pub fn new(actor: Actor, scope: Scope) -> Self {
        Self {
            actor,
            scope,
            request: None,
            route: None,
            idempotency: None,
            address: None,
            user_agent: None,
            leave: None,
        }
    }

    /// The same caller, reaching another way; leave to act does not go along.
    pub fn within(&self, scope: Scope) -> Self {
        let leave = self.leave.clone().filter(|_| scope == self.scope);
        Self { scope, leave, ..self.clone() }
    }
}
