//! Organisations, who belongs to them, who is invited, and their keys.

use async_trait::async_trait;
use identity::{
    ApiKey, ApiKeyId, EmailAddress, Invitation, InvitationId, Membership, Organization, OrganizationLimits,
    Unsubscription,
    unit::{ApiKeys, Invitations, Limits, Memberships, Organizations, Unsubscriptions},
};
use kernel::{AccountId, Leave, OrganizationId, StoreError, Timestamp};

use super::rows::{identity_only, member, open_invitation, owners};
use crate::{
    key::{Key, RowId},
    row::Row as _,
    tables::Tables,
    unit::MemoryUnit,
};

/// Whether what a leave rests on is so still.
pub(crate) fn holds(tables: &Tables, organization: OrganizationId, leave: &Leave) -> bool {
    let found: Option<&Organization> = tables.get(RowId::of(organization));
    let asks = |of: &Organization| of.is_active() && of.requires_second_factor <= leave.second_factor;
    if !found.is_some_and(asks) {
        return false;
    }
    let active = tables.under(&Key::account(leave.account));
    active.into_iter().any(|of: &Membership| of.organization == organization && of.roles == leave.roles)
}

#[async_trait]
impl Organizations for MemoryUnit {
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), StoreError> {
        self.save(organization)
    }
}

#[async_trait]
impl Limits for MemoryUnit {
    async fn organization_limits(
        &mut self,
        organization: OrganizationId,
    ) -> Result<OrganizationLimits, StoreError> {
        let found = self.get(RowId::of(organization))?;
        Ok(found.unwrap_or_else(|| OrganizationLimits::none(organization)))
    }

    async fn put_organization_limits(&mut self, limits: &OrganizationLimits) -> Result<(), StoreError> {
        self.put(limits.clone())
    }
}

#[async_trait]
impl Unsubscriptions for MemoryUnit {
    async fn is_unsubscribed(
        &mut self,
        organization: OrganizationId,
        fingerprint: &str,
    ) -> Result<bool, StoreError> {
        let of = Unsubscription { organization, fingerprint: fingerprint.to_owned() };
        Ok(self.get::<Unsubscription>(of.row_id())?.is_some())
    }

    async fn put_unsubscription(&mut self, of: &Unsubscription) -> Result<(), StoreError> {
        self.put(of.clone())
    }

    async fn forget_unsubscription(&mut self, of: &Unsubscription) -> Result<(), StoreError> {
        self.remove::<Unsubscription>(identity_only(self.scope()), of.row_id())
    }
}

#[async_trait]
impl Memberships for MemoryUnit {
    async fn membership(
        &mut self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<Membership>, StoreError> {
        self.get_unique(&member(organization, account))
    }

    async fn active_memberships(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        self.list(&Key::organization(organization), |_| true)
    }

    async fn owners_for_update(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        let (owners, versions) = self.read(|view| {
            let owners =
                view.under(&owners(organization)).filter(|owner: &&Membership| owner.visible(view.scope));
            let owners: Vec<_> = owners.cloned().collect();
            let known = owners.iter().filter_map(|owner| view.committed.get::<Membership>(owner.row_id()));
            let versions = known.map(|row| (row.row_id(), row.revision())).collect();
            (owners, versions)
        })?;
        self.lock::<Membership>(versions);
        Ok(owners)
    }

    async fn memberships_of(&mut self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        self.list(&Key::account(account), |_| true)
    }

    async fn save_membership(&mut self, membership: &mut Membership) -> Result<(), StoreError> {
        self.save(membership)
    }
}

#[async_trait]
impl Invitations for MemoryUnit {
    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn pending_invitation(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<Invitation>, StoreError> {
        self.get_unique(&open_invitation(organization, email))
    }

    async fn invitations_of(&mut self, email: &EmailAddress) -> Result<Vec<Invitation>, StoreError> {
        self.list(&Key::email(email), |_| true)
    }

    async fn open_invitations(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.count(&Key::organization(organization), |invitation: &Invitation| invitation.is_open(at))
    }

    async fn save_invitation(&mut self, invitation: &mut Invitation) -> Result<(), StoreError> {
        self.save(invitation)
    }
}

#[async_trait]
impl ApiKeys for MemoryUnit {
    async fn api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn live_api_keys(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.count(&Key::organization(organization), |key: &ApiKey| key.is_live(at))
    }

    async fn save_api_key(&mut self, key: &mut ApiKey) -> Result<(), StoreError> {
        self.save(key)
    }
}
