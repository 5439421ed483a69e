//! Reading without a unit: each call is a short read transaction, which ends in the background.

use std::collections::HashSet;

use async_trait::async_trait;
use identity::{
    Account, ApiKey, ApiKeyId, Directory, EmailAddress, Invitation, InvitationStatus, Membership,
    Organization, OrganizationStatus, Session,
    directory::{AccountFilter, MemberOrganization, MemberView, ReceivedInvitation, SessionStatus},
};
use kernel::{
    AccountId, Ctx, OrganizationId, Page, PageRequest, Role, Scope, SessionId, StoreError, Timestamp,
    text::Slug,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{accounts, api_keys, invitations, memberships, organizations, sessions};
use crate::{
    PostgresStorage,
    classes::IDENTITY,
    page::{Direction, Paged as _, empty_page},
    read::FromRow,
};

impl FromRow<(memberships::Model, organizations::Model)> for MemberOrganization {
    fn from_row(
        (membership, organization): (memberships::Model, organizations::Model),
    ) -> Result<Self, StoreError> {
        let organization = Organization::from_row(organization)?;
        Ok(Self { organization, membership: Membership::from_row(membership)? })
    }
}

impl FromRow<(invitations::Model, organizations::Model)> for ReceivedInvitation {
    fn from_row(
        (invitation, organization): (invitations::Model, organizations::Model),
    ) -> Result<Self, StoreError> {
        let invitation = Invitation::from_row(invitation)?;
        Ok(Self { invitation, organization_name: organization.name.0.to_string() })
    }
}

#[async_trait]
impl Directory for PostgresStorage {
    async fn account(&self, ctx: &Ctx, id: AccountId) -> Result<Option<Account>, StoreError> {
        let tx = self.reading(ctx).await?;
        tx.find_one(accounts::Entity::find_by_id(id)).await
    }

    async fn session_status(
        &self,
        ctx: &Ctx,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionStatus>, StoreError> {
        super::session_status::read(&self.reading(ctx).await?, session, now).await
    }

    async fn membership_of(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<MemberOrganization>, StoreError> {
        let tx = self.reading(ctx).await?;
        let query = memberships::by_member(organization, account).find_also_related(organizations::Entity);
        Ok(tx.find_pairs(query).await?.pop())
    }

    async fn recent_membership_of(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<MemberOrganization>, StoreError> {
        let (member, epoch) = ((organization, account), self.leave_epoch.now());
        if let Some(found) = self.recent_memberships.get(member, epoch) {
            return Ok(Some(found));
        }
        let found = self.membership_of(ctx, organization, account).await?;
        if let Some(found) = &found {
            self.recent_memberships.put(member, epoch, found.clone());
        }
        Ok(found)
    }

    async fn members_among(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError> {
        use memberships::Column;
        let accounts: Vec<_> = accounts.iter().map(|account| account.uuid()).collect();
        let of = memberships::active()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::AccountId.eq_any(accounts))
            .find_also_related(organizations::Entity)
            .filter(organizations::Column::Status.eq(OrganizationStatus::Active.name()));
        let tx = self.reading(ctx).await?;
        let found: Vec<MemberOrganization> = tx.find_pairs(of).await?;
        Ok(found.into_iter().map(|own| own.membership.account).collect())
    }

    async fn organization(&self, ctx: &Ctx, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        let tx = self.reading(ctx).await?;
        tx.find_one(organizations::Entity::find_by_id(id)).await
    }

    async fn organization_by_slug(&self, ctx: &Ctx, slug: &Slug) -> Result<Option<Organization>, StoreError> {
        use organizations::{Column, Entity};
        let tx = self.reading(ctx).await?;
        tx.find_one(Entity::find().filter(Column::Slug.eq(slug.as_str()))).await
    }

    async fn api_key(&self, ctx: &Ctx, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let tx = self.reading(ctx).await?;
        tx.find_one(api_keys::Entity::find_by_id(id)).await
    }

    async fn sessions(
        &self,
        ctx: &Ctx,
        account: AccountId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        use sessions::{Column, Entity};
        let filter = ("sessions", account);
        let of = Entity::find().filter(Column::AccountId.eq(account.uuid())).filter(sessions::live(now));
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &filter, |session| (session.created_at, session.id.uuid())))
    }

    async fn organizations_of(
        &self,
        ctx: &Ctx,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<MemberOrganization>, StoreError> {
        use memberships::Column;
        let filter = ("organizations", account);
        let of = memberships::active()
            .filter(Column::AccountId.eq(account.uuid()))
            .find_also_related(organizations::Entity)
            .filter(organizations::Column::Status.eq(OrganizationStatus::Active.name()));
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::OldestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_pairs(rows).await?;
        Ok(Page::cut(found, page, &filter, |own| (own.membership.created_at, own.membership.id.uuid())))
    }

    async fn members(
        &self,
        ctx: &Ctx,
        only: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<MemberView>, StoreError> {
        use memberships::Column;
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let filter = ("members", organization, only);
        let mut of = memberships::active().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(only) = only {
            of = of.filter(Column::AccountId.eq(only.uuid()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::OldestFirst, page, &filter)?;
        let mut tx = self.reading(ctx).await?;
        let found: Vec<Membership> = tx.find_all(rows).await?;
        let found = Page::cut(found, page, &filter, |member| (member.created_at, member.id.uuid()));
        // The tenant's role sees no accounts. Those behind its memberships are read by the role that does.
        tx.switch_role(IDENTITY).await?;
        let ids: Vec<_> = found.items.iter().map(|member| member.account.uuid()).collect();
        let people = accounts::Entity::find().filter(accounts::Column::Id.eq_any(ids));
        let mut people: Vec<Account> = tx.find_all(people).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for membership in found.items {
            if let Some(place) = people.iter().position(|person| person.id == membership.account) {
                items.push(MemberView { membership, account: people.swap_remove(place) });
            }
        }
        Ok(Page { items, next: found.next })
    }

    async fn holders(
        &self,
        ctx: &Ctx,
        roles: &[Role],
        page: &PageRequest,
    ) -> Result<Page<Membership>, StoreError> {
        use memberships::Column;
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let filter = ("holders", organization, roles);
        let mut of = memberships::active().filter(Column::OrganizationId.eq(organization.uuid()));
        if !roles.is_empty() {
            of = of.filter(memberships::holds_one_of(roles));
        }
        let of = of
            .find_also_related(organizations::Entity)
            .filter(organizations::Column::Status.eq(OrganizationStatus::Active.name()));
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::OldestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found: Vec<MemberOrganization> = tx.find_pairs(rows).await?;
        let key = |own: &MemberOrganization| (own.membership.created_at, own.membership.id.uuid());
        Ok(Page::cut(found, page, &filter, key).map(|own| own.membership))
    }

    async fn invitations(
        &self,
        ctx: &Ctx,
        invited_by: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, StoreError> {
        use invitations::{Column, Entity};
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let filter = ("invitations", organization, invited_by);
        let mut of = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::Status.eq(InvitationStatus::Pending.name()));
        if let Some(by) = invited_by {
            of = of.filter(Column::InvitedBy.eq(by.uuid()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &filter, |invitation| (invitation.created_at, invitation.id.uuid())))
    }

    async fn invitations_for(
        &self,
        ctx: &Ctx,
        email: &EmailAddress,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<ReceivedInvitation>, StoreError> {
        use invitations::{Column, Entity};
        let address = email.normalized();
        let filter = ("received", &address);
        let of = Entity::find()
            .filter(Column::EmailNormalized.eq(&address))
            .filter(Column::Status.eq(InvitationStatus::Pending.name()))
            .filter(Column::ExpiresAt.gt(now.to_offset_date_time()))
            .find_also_related(organizations::Entity);
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_pairs(rows).await?;
        let key = |r: &ReceivedInvitation| (r.invitation.created_at, r.invitation.id.uuid());
        Ok(Page::cut(found, page, &filter, key))
    }

    async fn api_keys(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<ApiKey>, StoreError> {
        use api_keys::{Column, Entity};
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let filter = ("api_keys", organization);
        let of = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::RevokedAt.is_null());
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &filter, |key| (key.created_at, key.id.uuid())))
    }

    async fn accounts(
        &self,
        ctx: &Ctx,
        filter: &AccountFilter,
        page: &PageRequest,
    ) -> Result<Page<Account>, StoreError> {
        use accounts::{Column, Entity};
        let mut of = Entity::find();
        if let Some(prefix) = filter.email_prefix.as_ref().map(|prefix| prefix.to_lowercase()) {
            // A range under the column's C collation: unlike LIKE it is leakproof, so that policies let it use the
            // index.
            of = of.filter(Column::EmailNormalized.gte(&prefix));
            of = of.filter(Column::EmailNormalized.lte(format!("{prefix}{}", char::MAX)));
        }
        if let Some(status) = filter.status {
            of = of.filter(Column::Status.eq(status));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, filter)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, filter, |account| (account.created_at, account.id.uuid())))
    }
}
