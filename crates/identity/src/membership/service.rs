//! The members of an organisation: who they are, what they are called, what they may.

use std::sync::Arc;

use kernel::{AccountId, Ctx, OrganizationId, Page, PageRequest, Scope};

use crate::{
    Account, Action, Membership, Name, Refused, Role, Roles,
    access::{self, Permit, permit},
    directory::MemberView,
    ports::{Ports, Settings},
};

/// The member service.
#[derive(Debug, Clone)]
pub struct MemberService {
    ports: Ports,
    settings: Arc<Settings>,
}

/// What is to change about a member; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct MemberChange {
    /// The job title, or none.
    pub job_title: Option<Option<Name>>,
    /// The department, or none.
    pub department: Option<Option<Name>>,
    /// The roles.
    pub roles: Option<Roles>,
}

impl MemberService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// The active members; candidates see themselves alone.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<MemberView>, Refused> {
        let permit = permit(&self.ports, ctx, organization, Action::ViewMembers).await?;
        Ok(self.ports.directory.members(&permit.ctx, permit.only_own(), page).await?)
    }

    /// Changes the membership read at `version`. Changing roles needs a fresh proof of identity, and neither the
    /// old nor the new roles may go beyond the changer's own.
    pub async fn update(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
        version: i64,
        change: MemberChange,
    ) -> Result<MemberView, Refused> {
        let action = if change.roles.is_some() { Action::GrantRoles } else { Action::UpdateMembers };
        let permit = permit(&self.ports, ctx, organization, action).await?;
        let audited = permit.attempt(action.name(), Account::KIND, account.uuid());
        if change.roles.is_some() {
            access::recent_person(&self.ports, &self.settings, ctx, audited).await?;
        }
        let changed = self.change(&permit, account, version, change).await;
        let membership = self.ports.audit_refusal(ctx, audited, changed).await?;
        let person = self.ports.directory.account(&ctx.within(Scope::Identity), account).await?;
        Ok(MemberView { membership, account: person.ok_or(Refused::Missing("member"))? })
    }

    async fn change(
        &self,
        permit: &Permit,
        account: AccountId,
        version: i64,
        change: MemberChange,
    ) -> Result<Membership, Refused> {
        let (organization, now) = (permit.organization.id, self.ports.clock.now());
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let owners =
            if change.roles.is_some() { unit.owners_for_update(organization).await? } else { Vec::new() };
        let membership = unit.membership(organization, account).await?.filter(Membership::is_active);
        let mut membership = membership.ok_or(Refused::Missing("member"))?;
        membership.unchanged_since(version)?;
        if let Some(roles) = change.roles.filter(|roles| *roles != membership.roles) {
            permit.covers(&self.ports, &roles)?;
            permit.covers(&self.ports, &membership.roles)?;
            if membership.is_active_owner() && !roles.contains(Role::Owner) && owners.len() < 2 {
                return Err(Refused::LastOwner);
            }
            membership.grant(roles, now);
        }
        let job_title = change.job_title.unwrap_or_else(|| membership.job_title.clone());
        let department = change.department.unwrap_or_else(|| membership.department.clone());
        membership.describe(job_title, department, now);
        if membership.has_changed() {
            unit.save_membership(&mut membership).await?;
            unit.commit().await?;
        }
        Ok(membership)
    }

    /// Ends the membership read at `version`.
    pub async fn remove(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
        version: i64,
    ) -> Result<(), Refused> {
        let permit = permit(&self.ports, ctx, organization, Action::RemoveMembers).await?;
        let removed = self.end(&permit, account, version).await;
        let audited = permit.attempt(Action::RemoveMembers.name(), Account::KIND, account.uuid());
        self.ports.audit_refusal(ctx, audited, removed).await
    }

    async fn end(&self, permit: &Permit, account: AccountId, version: i64) -> Result<(), Refused> {
        let organization = permit.organization.id;
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let owners = unit.owners_for_update(organization).await?;
        let membership = unit.membership(organization, account).await?.filter(Membership::is_active);
        let mut membership = membership.ok_or(Refused::Missing("member"))?;
        membership.unchanged_since(version)?;
        permit.covers(&self.ports, &membership.roles)?;
        if membership.is_active_owner() && owners.len() < 2 {
            return Err(Refused::LastOwner);
        }
        membership.end(false, self.ports.clock.now());
        unit.save_membership(&mut membership).await?;
        Ok(unit.commit().await?)
    }
}
