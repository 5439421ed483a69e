//! Founding, running, handing on and closing organisations.

use std::sync::Arc;

use kernel::{AccountId, Ctx, OrganizationId, Page, PageRequest, Scope};

use crate::{
    Action, Membership, Organization, OrganizationProfile, Refused, Role, Roles,
    access::{self, Permit, permit},
    directory::MemberOrganization,
    ports::{Ports, Settings},
};

/// The organisation service.
#[derive(Debug, Clone)]
pub struct OrganizationService {
    ports: Ports,
    settings: Arc<Settings>,
}

impl OrganizationService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// Founds an organisation; the founder is its owner.
    pub async fn found(
        &self,
        ctx: &Ctx,
        profile: OrganizationProfile,
    ) -> Result<MemberOrganization, Refused> {
        let account = self.person(ctx, "organization.found").await?;
        let now = self.ports.clock.now();
        let mut organization = Organization::found(self.ports.ids.next(), profile, now);
        let owner = Roles::only(Role::Owner);
        let mut membership = Membership::join(self.ports.ids.next(), organization.id, account, owner, now);
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        if unit.account(account).await?.is_none_or(|founder| !founder.is_active()) {
            return Err(Refused::InvalidToken);
        }
        self.settings.quotas.admit_organization(&mut *unit, account).await?;
        unit.save_organization(&mut organization).await?;
        unit.save_membership(&mut membership).await?;
        unit.commit().await?;
        Ok(MemberOrganization { organization, membership })
    }

    /// The organisations one belongs to.
    pub async fn list(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<MemberOrganization>, Refused> {
        let account = self.person(ctx, Action::ViewOrganization.name()).await?;
        Ok(self.ports.directory.organizations_of(&ctx.within(Scope::Identity), account, page).await?)
    }

    /// One organisation, and what one is in it.
    pub async fn get(&self, ctx: &Ctx, id: OrganizationId) -> Result<MemberOrganization, Refused> {
        let Permit { organization, membership, .. } =
            permit(&self.ports, ctx, id, Action::ViewOrganization).await?;
        Ok(MemberOrganization { organization, membership })
    }

    /// Changes the organisation read at `version`.
    pub async fn edit(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        version: i64,
        change: impl FnOnce(&mut OrganizationProfile),
    ) -> Result<MemberOrganization, Refused> {
        let permit = permit(&self.ports, ctx, id, Action::UpdateOrganization).await?;
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let mut organization = unit.organization(id).await?.ok_or(Refused::Missing("organisation"))?;
        organization.unchanged_since(version)?;
        let mut profile = organization.profile();
        change(&mut profile);
        organization.edit(profile, self.ports.clock.now());
        if organization.has_changed() {
            unit.save_organization(&mut organization).await?;
            unit.commit().await?;
        }
        Ok(MemberOrganization { organization, membership: permit.membership })
    }

    /// Leaves; the last owner cannot.
    pub async fn leave(&self, ctx: &Ctx, id: OrganizationId) -> Result<(), Refused> {
        let account = self.person(ctx, Action::Leave.name()).await?;
        let permit = permit(&self.ports, ctx, id, Action::Leave).await?;
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let owners = unit.owners_for_update(id).await?;
        let membership = unit.membership(id, account).await?.filter(Membership::is_active);
        let mut membership = membership.ok_or(Refused::Missing("membership"))?;
        if membership.is_active_owner() && owners.len() < 2 {
            return Err(Refused::LastOwner);
        }
        membership.end(true, self.ports.clock.now());
        unit.save_membership(&mut membership).await?;
        Ok(unit.commit().await?)
    }

    /// Hands ownership to another member.
    pub async fn transfer(&self, ctx: &Ctx, id: OrganizationId, to: AccountId) -> Result<(), Refused> {
        let account = self.recent_person(ctx, id, Action::TransferOwnership).await?;
        let permit = permit(&self.ports, ctx, id, Action::TransferOwnership).await?;
        if to == account {
            return Err(Refused::invalid("/account_id", "is your own account; name another member"));
        }
        let transferred = self.transfer_to(&permit, account, to).await;
        let audited = permit.attempt(Action::TransferOwnership.name(), Organization::KIND, id.uuid());
        self.ports.audit_refusal(ctx, audited, transferred).await
    }

    async fn transfer_to(&self, permit: &Permit, account: AccountId, to: AccountId) -> Result<(), Refused> {
        let (id, now) = (permit.organization.id, self.ports.clock.now());
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        unit.owners_for_update(id).await?;
        let from = unit.membership(id, account).await?.filter(Membership::is_active_owner);
        let mut from = from.ok_or(Refused::Forbidden)?;
        let successor = unit.membership(id, to).await?.filter(Membership::is_active);
        let mut successor = successor
            .ok_or_else(|| Refused::invalid("/account_id", "is not a member of this organisation"))?;
        successor.grant(successor.roles.with(Role::Owner), now);
        from.grant(from.roles.without_ownership(), now);
        if successor.has_changed() {
            unit.save_membership(&mut successor).await?;
        }
        unit.save_membership(&mut from).await?;
        unit.record(Organization::transferred(id, account, to, now));
        Ok(unit.commit().await?)
    }

    /// Closes the organisation for good: every membership is suspended, history stays.
    pub async fn close(&self, ctx: &Ctx, id: OrganizationId) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        self.recent_person(ctx, id, Action::CloseOrganization).await?;
        let permit = permit(&self.ports, ctx, id, Action::CloseOrganization).await?;
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let mut organization = unit.organization(id).await?.ok_or(Refused::Missing("organisation"))?;
        organization.close(now);
        if organization.has_changed() {
            unit.save_organization(&mut organization).await?;
        }
        let mut memberships = unit.active_memberships(id).await?;
        memberships.sort_by_key(|membership| membership.id);
        for mut membership in memberships {
            membership.suspend(now);
            unit.save_membership(&mut membership).await?;
        }
        Ok(unit.commit().await?)
    }

    async fn person(&self, ctx: &Ctx, action: &'static str) -> Result<AccountId, Refused> {
        access::person(&self.ports, ctx, Organization::attempt(action)).await
    }

    async fn recent_person(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        action: Action,
    ) -> Result<AccountId, Refused> {
        let audited = Organization::attempt(action.name()).on(id.uuid());
        access::recent_person(&self.ports, &self.settings, ctx, audited).await
    }
}
