//! Who may do what: the words every domain writes its own matrix in, and the gate that knows who is who.

use std::fmt;

use async_trait::async_trait;

use crate::{
    AccountId, Ctx, KeyScope, OrganizationId, PlatformRole,
    refusal::{Kind, Refusal},
    role::{Role, Roles},
};

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    None,
    /// What is one's own.
    Own,
    /// What one was given to look after.
    Assigned,
    /// All of the organisation.
    Tenant,
    /// All of the platform.
    Platform,
}

/// One row of a domain's matrix: an action, and what it takes.
///
/// Each domain implements it for an enum of its actions, so that a test can enumerate the matrix whole.
pub trait Rule: Send + Sync {
    /// What is done, such as `audit.read`: how denied attempts are recorded.
    fn name(&self) -> &'static str;

    /// How far a role in the organisation may go.
    fn reach(&self, role: Role) -> Reach;

    /// How far a role on the platform may go. It opens no organisation: the tenant floor holds for everyone.
    fn platform_reach(&self, role: PlatformRole) -> Reach;

    /// The API key scope that allows it; `None` when no key ever may.
    fn key_scope(&self) -> Option<KeyScope>;
}

impl dyn Rule + '_ {
    /// The farthest any of the roles may go.
    pub fn reach_of(&self, roles: &Roles) -> Reach {
        roles.iter().map(|role| self.reach(role)).max().unwrap_or(Reach::None)
    }
}

/// Leave to act in an organisation.
#[derive(Debug, Clone)]
pub struct Permit {
    /// The caller's context, in the organisation's scope.
    pub ctx: Ctx,
    /// How far the permission reaches.
    pub reach: Reach,
    /// On whose behalf this happens: the caller, or the maker of the API key.
    pub account: AccountId,
    /// What that person is in the organisation.
    pub roles: Roles,
}

/// Why the gate stayed shut: the refusal of whoever keeps it.
#[derive(Debug)]
pub struct AccessDenied(Box<dyn Refusal>);

impl AccessDenied {
    /// The gate keeper's own refusal.
    pub fn new(refusal: impl Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl fmt::Display for AccessDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for AccessDenied {}

impl Refusal for AccessDenied {
    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn code(&self) -> &'static str {
        self.0.code()
    }

    fn errors(&self) -> Vec<(String, String)> {
        self.0.errors()
    }

    fn retry_after(&self) -> Option<u64> {
        self.0.retry_after()
    }
}

/// Decides by a rule whether a caller may act. The identity domain keeps it; every other domain asks.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Leave to act in an organisation. What the caller may not know of is missing, not forbidden. A denied attempt
    /// leaves its event in the audit trail.
    async fn permit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        rule: &dyn Rule,
    ) -> Result<Permit, AccessDenied>;

    /// Leave to act on the platform: the caller's context in the platform's scope. It takes a second factor, whatever
    /// the rule and be it to read.
    async fn permit_platform(&self, ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, AccessDenied>;

    /// The signed-in person's context in their own scope; no API key passes.
    async fn permit_own(&self, ctx: &Ctx) -> Result<(Ctx, AccountId), AccessDenied>;
}
