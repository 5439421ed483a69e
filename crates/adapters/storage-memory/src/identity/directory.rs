//! Reading without a unit.

use std::collections::HashSet;

use async_trait::async_trait;
use identity::{
    Account, ApiKey, ApiKeyId, Directory, EmailAddress, Invitation, Membership, Organization, Session,
    directory::{AccountFilter, MemberOrganization, MemberView, ReceivedInvitation, SessionStatus},
};
use kernel::{
    AccountId, Ctx, OrganizationId, Page, PageRequest, Role, Scope, SessionId, StoreError, Timestamp,
    text::Slug,
};

use super::rows::{member, organization_slug};
use crate::{
    MemoryStorage,
    key::{Key, RowId},
    scoped_view::{Order, ScopedView, empty_page},
};

impl<'a> ScopedView<'a> {
    fn membership(self, organization: OrganizationId, account: AccountId) -> Option<&'a Membership> {
        self.holder(&member(organization, account))
    }

    fn member_organization(self, membership: &Membership) -> Option<MemberOrganization> {
        let organization = self.get::<Organization>(RowId::of(membership.organization))?.clone();
        Some(MemberOrganization { organization, membership: membership.clone() })
    }
}

#[async_trait]
impl Directory for MemoryStorage {
    async fn account(&self, ctx: &Ctx, id: AccountId) -> Result<Option<Account>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(RowId::of(id)).cloned())
    }

    async fn session_status(
        &self,
        ctx: &Ctx,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionStatus>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let found = view
            .get::<Session>(RowId::of(session))
            .and_then(|session| Some((session, view.get::<Account>(RowId::of(session.account))?)));
        Ok(found.map(|(session, account)| SessionStatus {
            account: account.id,
            live: session.is_live(now),
            authenticated_at: session.authenticated_at,
            epoch: account.epoch,
            account_status: account.status,
            platform_role: account.platform_role,
            temporary_password: account.has_temporary_password(),
        }))
    }

    async fn membership_of(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<MemberOrganization>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let membership = view.membership(organization, account);
        Ok(membership.and_then(|membership| view.member_organization(membership)))
    }

    async fn members_among(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let open = view.get::<Organization>(RowId::of(organization)).is_some_and(Organization::is_active);
        let is_member =
            |account: &AccountId| view.membership(organization, *account).is_some_and(Membership::is_active);
        Ok(accounts.iter().copied().filter(|account| open && is_member(account)).collect())
    }

    async fn organization(&self, ctx: &Ctx, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(RowId::of(id)).cloned())
    }

    async fn organization_by_slug(&self, ctx: &Ctx, slug: &Slug) -> Result<Option<Organization>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).holder(&organization_slug(slug)).cloned())
    }

    async fn api_key(&self, ctx: &Ctx, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(RowId::of(id)).cloned())
    }

    async fn sessions(
        &self,
        ctx: &Ctx,
        account: AccountId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        let state = self.shared.read();
        let (key, filter) = (Key::account(account), ("sessions", account));
        ScopedView::new(&state, ctx).page(&key, Order::NewestFirst, &filter, page, |session: &Session| {
            session.is_live(now).then(|| session.clone())
        })
    }

    async fn organizations_of(
        &self,
        ctx: &Ctx,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<MemberOrganization>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let (key, filter) = (Key::account(account), ("organizations", account));
        view.page(&key, Order::OldestFirst, &filter, page, |membership: &Membership| {
            view.member_organization(membership).filter(|own| own.organization.is_active())
        })
    }

    async fn members(
        &self,
        ctx: &Ctx,
        only: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<MemberView>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let (key, filter) = (Key::organization(organization), ("members", organization, only));
        ScopedView::new(&state, ctx).page(
            &key,
            Order::OldestFirst,
            &filter,
            page,
            |membership: &Membership| {
                let asked = only.is_none_or(|only| only == membership.account);
                // A tenant sees the people behind its memberships and no other account.
                let account = state.tables.get::<Account>(RowId::of(membership.account)).filter(|_| asked)?;
                Some(MemberView { membership: membership.clone(), account: account.clone() })
            },
        )
    }

    async fn holders(
        &self,
        ctx: &Ctx,
        roles: &[Role],
        page: &PageRequest,
    ) -> Result<Page<Membership>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let (key, filter) = (Key::organization(organization), ("holders", organization, roles));
        view.page(&key, Order::OldestFirst, &filter, page, |membership: &Membership| {
            let asked = roles.is_empty() || roles.iter().any(|role| membership.roles.contains(*role));
            let own =
                view.member_organization(membership).filter(|own| asked && own.organization.is_active());
            own.map(|own| own.membership)
        })
    }

    async fn invitations(
        &self,
        ctx: &Ctx,
        invited_by: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let (key, filter) = (Key::organization(organization), ("invitations", organization, invited_by));
        ScopedView::new(&state, ctx).page(
            &key,
            Order::NewestFirst,
            &filter,
            page,
            |invitation: &Invitation| {
                invited_by.is_none_or(|by| by == invitation.invited_by).then(|| invitation.clone())
            },
        )
    }

    async fn invitations_for(
        &self,
        ctx: &Ctx,
        email: &EmailAddress,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<ReceivedInvitation>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let (key, filter) = (Key::email(email), ("received", email.normalized()));
        view.page(&key, Order::NewestFirst, &filter, page, |invitation: &Invitation| {
            let organization = view.get::<Organization>(RowId::of(invitation.organization))?;
            let organization_name = organization.name.to_string();
            let invitation = invitation.is_open(now).then(|| invitation.clone())?;
            Some(ReceivedInvitation { invitation, organization_name })
        })
    }

    async fn api_keys(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let (key, filter) = (Key::organization(organization), ("api_keys", organization));
        ScopedView::new(&state, ctx)
            .page(&key, Order::NewestFirst, &filter, page, |key: &ApiKey| Some(key.clone()))
    }

    async fn accounts(
        &self,
        ctx: &Ctx,
        filter: &AccountFilter,
        page: &PageRequest,
    ) -> Result<Page<Account>, StoreError> {
        let state = self.shared.read();
        let prefix = filter.email_prefix.as_ref().map(|prefix| prefix.to_lowercase());
        ScopedView::new(&state, ctx).page(&Key::ALL, Order::NewestFirst, filter, page, |account: &Account| {
            let begins = |prefix: &String| {
                account.email.as_ref().is_some_and(|email| email.normalized().starts_with(prefix))
            };
            let asked = prefix.as_ref().is_none_or(begins)
                && filter.status.is_none_or(|status| status == account.status.name());
            asked.then(|| account.clone())
        })
    }
}
