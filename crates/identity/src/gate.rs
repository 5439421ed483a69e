//! The gate other domains ask: who the caller is, and whether a rule of theirs lets him act.

use async_trait::async_trait;
use kernel::{AccountId, Barred, Ctx, Gate, OrganizationId, Permit, Rule, Scope};

use crate::{
    access::{permit_by, permit_platform, person},
    deed::Deed,
    ports::Ports,
};

/// The gate over the identity domain's ports.
#[derive(Debug, Clone)]
pub struct Doorkeeper {
    ports: Ports,
}

impl Doorkeeper {
    /// A gate over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }
}

#[async_trait]
impl Gate for Doorkeeper {
    async fn permit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        rule: &dyn Rule,
    ) -> Result<Permit, Barred> {
        let permit =
            permit_by(&self.ports, ctx, organization, rule, rule.name()).await.map_err(Barred::new)?;
        let account = permit.account();
        Ok(Permit {
            ctx: permit.ctx,
            reach: permit.reach,
            account,
            roles: permit.place.membership.roles.clone(),
        })
    }

    async fn permit_platform(&self, ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, Barred> {
        permit_platform(&self.ports, ctx, rule).await.map_err(Barred::new)
    }

    async fn permit_own(&self, ctx: &Ctx) -> Result<(Ctx, AccountId), Barred> {
        let id = person(&self.ports, ctx, Deed::account("account.act")).await.map_err(Barred::new)?;
        Ok((ctx.within(Scope::Account(id)), id))
    }
}
