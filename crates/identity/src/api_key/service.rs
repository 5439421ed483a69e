//! API keys of an organisation.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{Ctx, OrganizationId, Page, PageRequest, Secret, Timestamp};

use crate::{
    Action, ApiKey, ApiKeyId, ApiKeyState, KeyScope, Name, Organization, Refused,
    access::{self, Permit, permit_by},
    permission::{key_scopes, may_delegate},
    ports::{Ports, Settings},
    session::bearer,
};

/// The API key service.
#[derive(Debug, Clone)]
pub struct ApiKeyService {
    ports: Ports,
    settings: Arc<Settings>,
}

/// A key is wanted.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is for.
    pub name: Name,
    /// What it may do: only what its maker may, here and in every other domain.
    pub scopes: BTreeSet<KeyScope>,
    /// Until when it works; at most 365 days from now.
    pub expires_at: Timestamp,
}

impl ApiKeyService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// The scopes keys can be given, domain by domain.
    pub fn scopes(&self) -> impl Iterator<Item = &'static KeyScope> {
        key_scopes(&self.ports.domains)
    }

    /// Makes a key and returns it: the only time it is shown.
    pub async fn create(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        new: NewApiKey,
    ) -> Result<(ApiKey, Secret), Refused> {
        const CREATE: &str = "api_key.create";
        let now = self.ports.clock.now();
        let audited = Organization::attempt(CREATE).on(organization.uuid());
        let account = access::recent_person(&self.ports, &self.settings, ctx, audited).await?;
        let permit = self.permit(ctx, organization, CREATE).await?;
        let NewApiKey { name, scopes, expires_at } = new;
        if scopes.is_empty() {
            return Err(Refused::invalid("/scopes", "must name at least one scope"));
        }
        if !scopes.iter().all(|wanted| self.scopes().any(|scope| scope == wanted)) {
            return Err(Refused::invalid("/scopes", "must be scopes that a domain declares"));
        }
        if expires_at <= now || expires_at > now.plus(ApiKey::LONGEST_LIFE) {
            return Err(Refused::invalid("/expires_at", "must lie within the next 365 days"));
        }
        let own = |scope| may_delegate(&permit.membership.roles, scope, &self.ports.domains);
        if !scopes.iter().all(own) {
            return self
                .ports
                .audit_refusal(ctx, audited.of(organization), Err(Refused::BeyondOwnRoles))
                .await;
        }
        let id = ApiKeyId::from_uuid(self.ports.ids.opaque());
        let (secret, digest) = bearer::api_key(&*self.ports.random, id);
        let state = ApiKeyState {
            id,
            organization,
            name,
            scopes,
            digest,
            created_by: account,
            created_at: now,
            expires_at,
            revoked_at: None,
        };
        let mut key = ApiKey::create(state, now);
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        self.settings.quotas.admit_api_key(&mut *unit, organization, now).await?;
        unit.save_api_key(&mut key).await?;
        unit.commit().await?;
        Ok((key, secret))
    }

    /// The keys that were not revoked.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, Refused> {
        let permit = self.permit(ctx, organization, "api_key.view").await?;
        Ok(self.ports.directory.api_keys(&permit.ctx, page).await?)
    }

    /// Revokes a key: it stops working at once.
    pub async fn revoke(&self, ctx: &Ctx, organization: OrganizationId, id: ApiKeyId) -> Result<(), Refused> {
        const REVOKE: &str = "api_key.revoke";
        let permit = self.permit(ctx, organization, REVOKE).await?;
        let revoked = self.end(&permit, id).await;
        self.ports.audit_refusal(ctx, permit.attempt(REVOKE, ApiKey::KIND, id.uuid()), revoked).await
    }

    async fn permit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        tried: &'static str,
    ) -> Result<Permit, Refused> {
        permit_by(&self.ports, ctx, organization, &Action::ManageApiKeys, tried).await
    }

    async fn end(&self, permit: &Permit, id: ApiKeyId) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let key = unit.api_key(id).await?.filter(|key| key.revoked_at.is_none());
        let mut key = key.ok_or(Refused::Missing("API key"))?;
        key.revoke(self.ports.clock.now());
        unit.save_api_key(&mut key).await?;
        Ok(unit.commit().await?)
    }
}
