//! The gate other domains ask: who the caller is, and whether a rule of theirs lets them act.

use async_trait::async_trait;
use kernel::{AccessDenied, AccountId, Ctx, Gate, OrganizationId, Permit, Rule, Scope};

use crate::{
    Account,
    access::{permit_platform, permit_recent, person},
    ports::Ports,
};

/// The gate over the identity domain's ports.
#[derive(Debug, Clone)]
pub struct MembershipGate {
    ports: Ports,
}

impl MembershipGate {
    /// A gate over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }
}

#[async_trait]
impl Gate for MembershipGate {
    async fn permit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        rule: &dyn Rule,
    ) -> Result<Permit, AccessDenied> {
        let permit = permit_recent(&self.ports, ctx, organization, rule).await.map_err(AccessDenied::new)?;
        let account = permit.account();
        Ok(Permit { ctx: permit.ctx, reach: permit.reach, account, roles: permit.membership.roles.clone() })
    }

    async fn permit_platform(&self, ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, AccessDenied> {
        permit_platform(&self.ports, ctx, rule).await.map_err(AccessDenied::new)
    }

    async fn permit_own(&self, ctx: &Ctx) -> Result<(Ctx, AccountId), AccessDenied> {
        let id =
            person(&self.ports, ctx, Account::attempt("account.act")).await.map_err(AccessDenied::new)?;
        Ok((ctx.within(Scope::Account(id)), id))
    }
}
