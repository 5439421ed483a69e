//! What owners and administrators do with the endpoints of their organisation, and operators with any.

use std::{collections::HashMap, time::Duration};

use kernel::{
    Actor, Change, Ctx, OrganizationId, Page, PageRequest, Permit, Scope, Secret, StoreError, Target,
    Timestamp, outbound::CheckedUrl,
};
use serde_json::{Value, json};

use crate::{
    Action, Description, DisabledReason, Endpoint, EndpointId, EndpointSecret, EndpointState, EndpointStatus,
    Fault, Ports, Refused, Unit, WebhookDelivery, WebhookDeliveryId, actions,
    endpoint::shown,
    reactions::{Recover, Replay},
    signing::{SignatureScheme, SigningKey},
};

const ENDPOINT: &str = "webhook endpoint";
const DELIVERY: &str = "webhook delivery";

/// The endpoints of organisations.
#[derive(Debug, Clone)]
pub struct EndpointService {
    ports: Ports,
}

/// An endpoint is wanted.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Where requests go.
    pub url: String,
    /// What it is for.
    pub description: Option<Description>,
    /// Public names of events, or prefixes such as `membership.*`; 1 to 50.
    pub events: Vec<String>,
    /// How requests are signed.
    pub scheme: SignatureScheme,
}

/// What becomes of an endpoint; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct EndpointEdit {
    /// Where requests go.
    pub url: Option<String>,
    /// What it is for, or nothing.
    pub description: Option<Option<Description>>,
    /// What it asks for, in place of all before.
    pub events: Option<Vec<String>>,
    /// Enabled or paused: nobody disables their own endpoint otherwise.
    pub status: Option<EndpointStatus>,
}

/// An endpoint as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointOverview {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Since when nothing was received there, if the last attempt failed.
    pub failing_since: Option<Timestamp>,
}

impl EndpointService {
    /// What happened longer ago is not recovered: 30 days.
    pub const LONGEST_RECOVERY: Duration = WebhookDelivery::KEPT;

    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Makes an endpoint. What its receiver verifies requests with is shown this once, where it is a secret; a public
    /// key stands in the endpoint.
    pub async fn create(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        new: NewEndpoint,
    ) -> Result<(Endpoint, Secret), Refused> {
        let permit = self.permit(ctx, organization, Action::Create).await?;
        let (url, events) = together(self.url(&new.url), self.ports.catalogue.filters(&new.events))?;
        let (id, now) = (self.ports.ids.next(), self.ports.clock.now());
        let key = SigningKey::generate(new.scheme, &*self.ports.random);
        let state = EndpointState {
            id,
            organization,
            url,
            description: new.description,
            events,
            is_paused: false,
            disabled: None,
            enabled_at: now,
            scheme: new.scheme,
            secrets: vec![EndpointSecret::seal(&key, id, &*self.ports.sealing, now)],
            created_by: permit.account,
            created_at: now,
        };
        let mut endpoint = Endpoint::create(state, now);
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        self.ports.quotas.admit(&mut *unit, organization).await?;
        unit.save_webhook_endpoint(&mut endpoint).await?;
        unit.commit().await?;
        Ok((endpoint, shown(&key)))
    }

    /// The organisation's endpoints, oldest first.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<EndpointOverview>, Refused> {
        let permit = self.permit(ctx, organization, Action::View).await?;
        let found = self.ports.store.begin(&permit.ctx).await?.webhook_endpoints(page).await?;
        let ids: Vec<EndpointId> = found.items.iter().map(|endpoint| endpoint.id).collect();
        let mut failing = self.failing(&permit.ctx, &ids).await?;
        Ok(found.map(|endpoint| EndpointOverview { failing_since: failing.remove(&endpoint.id), endpoint }))
    }

    /// One endpoint.
    pub async fn get(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
    ) -> Result<EndpointOverview, Refused> {
        let permit = self.permit(ctx, organization, Action::View).await?;
        let (_, endpoint) = self.find(&permit.ctx, id).await?;
        Ok(EndpointOverview { endpoint, failing_since: self.failing_since(&permit.ctx, id).await? })
    }

    /// Changes an endpoint whose author read this version, pauses it, or enables it.
    pub async fn edit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
        version: i64,
        edit: EndpointEdit,
    ) -> Result<EndpointOverview, Refused> {
        let permit = self.permit(ctx, organization, Action::Edit).await?;
        let url = edit.url.as_deref().map(|url| self.url(url)).transpose();
        let events = edit.events.as_deref().map(|events| self.ports.catalogue.filters(events)).transpose();
        let (url, events) = together(url, events)?;
        let now = self.ports.clock.now();
        let failing_since = self.failing_since(&permit.ctx, id).await?;
        let (mut unit, mut endpoint) = self.find(&permit.ctx, id).await?;
        endpoint.unchanged_since(version)?;
        let state = endpoint.state().clone();
        let description = edit.description.unwrap_or(state.description);
        endpoint.edit(url.unwrap_or(state.url), description, events.unwrap_or(state.events), now);
        match (edit.status, endpoint.disabled) {
            (None, _) => {}
            (Some(EndpointStatus::Enabled), Some(DisabledReason::Operator)) => {
                return Err(Refused::DisabledByOperator);
            }
            (Some(EndpointStatus::Enabled), _) => endpoint.enable(now),
            (Some(EndpointStatus::Paused), Some(reason)) => return Err(Refused::Disabled(reason)),
            (Some(EndpointStatus::Paused), None) => endpoint.pause(now),
            (Some(EndpointStatus::Disabled), _) => {
                return Err(Refused::invalid("/status", "must be enabled or paused"));
            }
        }
        if endpoint.has_changed() {
            unit.save_webhook_endpoint(&mut endpoint).await?;
            unit.commit().await?;
        }
        Ok(EndpointOverview { endpoint, failing_since })
    }

    /// Deletes an endpoint: what waits for it is not sent.
    pub async fn delete(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
    ) -> Result<(), Refused> {
        let permit = self.permit(ctx, organization, Action::Delete).await?;
        let (mut unit, mut endpoint) = self.find(&permit.ctx, id).await?;
        endpoint.delete(self.ports.clock.now());
        unit.delete_webhook_endpoint(&mut endpoint).await?;
        Ok(unit.commit().await?)
    }

    /// Has requests signed with a new key, and for a day with the old one as well. What its receiver verifies them with
    /// is shown this once.
    pub async fn rotate_secret(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
    ) -> Result<(EndpointOverview, Secret), Refused> {
        let permit = self.permit(ctx, organization, Action::RotateSecret).await?;
        let now = self.ports.clock.now();
        // Once it is rotated, nothing may fail any more: the secret is shown this once.
        let failing_since = self.failing_since(&permit.ctx, id).await?;
        let (mut unit, mut endpoint) = self.find(&permit.ctx, id).await?;
        let key = SigningKey::generate(endpoint.scheme, &*self.ports.random);
        endpoint.rotate(EndpointSecret::seal(&key, id, &*self.ports.sealing, now), now);
        unit.save_webhook_endpoint(&mut endpoint).await?;
        unit.commit().await?;
        Ok((EndpointOverview { endpoint, failing_since }, shown(&key)))
    }

    /// Sends a ping to this endpoint alone, soon; its deliveries tell what came of it. A paused one is sent it too.
    pub async fn test(&self, ctx: &Ctx, organization: OrganizationId, id: EndpointId) -> Result<(), Refused> {
        let permit = self.permit(ctx, organization, Action::Test).await?;
        let (unit, endpoint) = self.find(&permit.ctx, id).await?;
        if let Some(reason) = endpoint.disabled {
            return Err(Refused::Disabled(reason));
        }
        let now = self.ports.clock.now();
        Self::record(unit, endpoint.change(actions::TEST, now)).await
    }

    /// What was sent to an endpoint, and is to be, newest first.
    pub async fn deliveries(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, Refused> {
        let permit = self.permit(ctx, organization, Action::View).await?;
        self.find(&permit.ctx, id).await?;
        Ok(self.ports.deliveries.page(&permit.ctx, id, page).await?)
    }

    /// Sends a delivery once more, soon, whatever came of it; one that waits, without waiting longer.
    pub async fn replay(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
        delivery: WebhookDeliveryId,
    ) -> Result<(), Refused> {
        let permit = self.permit(ctx, organization, Action::Replay).await?;
        let found = self.ports.deliveries.delivery(&permit.ctx, id, delivery).await?;
        found.ok_or(Refused::Missing(DELIVERY))?;
        let (unit, _) = self.find_enabled(&permit.ctx, id).await?;
        let target = Target::new(WebhookDelivery::KIND, delivery);
        let change = Change::new(actions::REPLAY, target, self.ports.clock.now())
            .of(organization)
            .plain("endpoint_id", &Value::Null, &id)
            .with(json!(Replay { endpoint: id }));
        Self::record(unit, change).await
    }

    /// Sends once more, soon, all that happened since then and the endpoint did not receive: what was given up, and
    /// what was dropped while it was paused or when it was disabled.
    pub async fn recover(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: EndpointId,
        since: Timestamp,
    ) -> Result<(), Refused> {
        let permit = self.permit(ctx, organization, Action::Recover).await?;
        let now = self.ports.clock.now();
        if since > now || since < now.minus(Self::LONGEST_RECOVERY) {
            return Err(Refused::invalid("/since", "must lie within the last 30 days"));
        }
        let (unit, endpoint) = self.find_enabled(&permit.ctx, id).await?;
        let change = endpoint
            .change(actions::RECOVER, now)
            .plain("since", &Value::Null, &since)
            .with(json!(Recover { since }));
        Self::record(unit, change).await
    }

    /// For whoever runs the installation, past the gate: nothing is sent to the endpoint until they enable it.
    pub async fn disable_as_operator(
        &self,
        organization: OrganizationId,
        id: EndpointId,
    ) -> Result<Endpoint, Refused> {
        self.as_operator(organization, id, |endpoint, now| endpoint.disable(DisabledReason::Operator, now))
            .await
    }

    /// For whoever runs the installation, past the gate: events are sent to the endpoint again.
    pub async fn enable_as_operator(
        &self,
        organization: OrganizationId,
        id: EndpointId,
    ) -> Result<Endpoint, Refused> {
        self.as_operator(organization, id, Endpoint::enable).await
    }

    async fn as_operator(
        &self,
        organization: OrganizationId,
        id: EndpointId,
        change: impl FnOnce(&mut Endpoint, Timestamp) + Send,
    ) -> Result<Endpoint, Refused> {
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        let (mut unit, mut endpoint) = self.find(&ctx, id).await?;
        change(&mut endpoint, self.ports.clock.now());
        if endpoint.has_changed() {
            unit.save_webhook_endpoint(&mut endpoint).await?;
            unit.commit().await?;
        }
        Ok(endpoint)
    }

    async fn permit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        action: Action,
    ) -> Result<Permit, Refused> {
        Ok(self.ports.gate.permit(ctx, organization, &action).await?)
    }

    async fn find(&self, ctx: &Ctx, id: EndpointId) -> Result<(Box<Unit>, Endpoint), Refused> {
        let mut unit = self.ports.store.begin(ctx).await?;
        let found = unit.webhook_endpoint(id).await?.ok_or(Refused::Missing(ENDPOINT))?;
        Ok((unit, found))
    }

    /// The endpoint, if events are sent to it.
    async fn find_enabled(&self, ctx: &Ctx, id: EndpointId) -> Result<(Box<Unit>, Endpoint), Refused> {
        let (unit, endpoint) = self.find(ctx, id).await?;
        match endpoint.disabled {
            Some(reason) => Err(Refused::Disabled(reason)),
            None if endpoint.is_paused => Err(Refused::Paused),
            None => Ok((unit, endpoint)),
        }
    }

    /// What is asked for is done by whoever is told of the record.
    async fn record(mut unit: Box<Unit>, change: Change) -> Result<(), Refused> {
        unit.record(change);
        Ok(unit.commit().await?)
    }

    async fn failing(
        &self,
        ctx: &Ctx,
        ids: &[EndpointId],
    ) -> Result<HashMap<EndpointId, Timestamp>, StoreError> {
        if ids.is_empty() { Ok(HashMap::new()) } else { self.ports.deliveries.failing_since(ctx, ids).await }
    }

    async fn failing_since(&self, ctx: &Ctx, id: EndpointId) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.failing(ctx, &[id]).await?.remove(&id))
    }

    fn url(&self, url: &str) -> Result<CheckedUrl, Vec<Fault>> {
        self.ports.outbound.check(url).map_err(|refused| vec![Fault::new("/url", &refused)])
    }
}

/// Both, or the faults of both.
fn together<A, B>(one: Result<A, Vec<Fault>>, other: Result<B, Vec<Fault>>) -> Result<(A, B), Refused> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => {
            let faults = [one.err(), other.err()];
            Err(Refused::Invalid(faults.into_iter().flatten().flatten().collect()))
        }
    }
}

#[cfg(test)]
mod tests;
