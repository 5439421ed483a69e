//! Organisations, who belongs to them, who is invited, and their keys.

use async_trait::async_trait;
use identity::{
    ApiKey, ApiKeyId, EmailAddress, Invitation, InvitationId, Membership, Organization,
    unit::{ApiKeys, Invitations, Memberships, Organizations},
};
use kernel::{AccountId, OrganizationId, StoreError};

use super::MemoryUnit;
use crate::table::{Key, Row as _};

#[async_trait]
impl Organizations for MemoryUnit {
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.get(id.uuid())
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), StoreError> {
        self.save(organization)
    }
}

#[async_trait]
impl Memberships for MemoryUnit {
    async fn membership(
        &mut self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<Membership>, StoreError> {
        self.get_unique(&Key::AccountIn(organization.uuid(), account.uuid()))
    }

    async fn active_memberships(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        self.list(&Key::Organization(organization.uuid()), |_| true)
    }

    async fn owners_for_update(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        self.run(|unit| {
            // One lock for rows and versions: a commit between the two would go unnoticed.
            let state = unit.shared.read();
            let committed = &state.tables.memberships;
            let owners = unit.overlay::<Membership>().under(committed, &Key::Owners(organization.uuid()));
            let owners: Vec<_> =
                owners.into_iter().filter(|owner| owner.visible(unit.ctx.scope)).cloned().collect();
            let known = owners.iter().filter_map(|owner| committed.get(owner.id.uuid()));
            let known: Vec<_> = known.map(|row| (row.id.uuid(), row.revision())).collect();
            drop(state);
            unit.lock::<Membership>(known);
            Ok(owners)
        })
    }

    async fn memberships_of(&mut self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        self.list(&Key::Account(account.uuid()), |_| true)
    }

    async fn save_membership(&mut self, membership: &mut Membership) -> Result<(), StoreError> {
        self.save(membership)
    }
}

#[async_trait]
impl Invitations for MemoryUnit {
    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.get(id.uuid())
    }

    async fn pending_invitation(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<Invitation>, StoreError> {
        self.get_unique(&Key::EmailIn(organization.uuid(), email.normalized()))
    }

    async fn invitations_of(&mut self, email: &EmailAddress) -> Result<Vec<Invitation>, StoreError> {
        self.list(&Key::Email(email.normalized()), |_| true)
    }

    async fn save_invitation(&mut self, invitation: &mut Invitation) -> Result<(), StoreError> {
        self.save(invitation)
    }
}

#[async_trait]
impl ApiKeys for MemoryUnit {
    async fn api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        self.get(id.uuid())
    }

    async fn save_api_key(&mut self, key: &mut ApiKey) -> Result<(), StoreError> {
        self.save(key)
    }
}
