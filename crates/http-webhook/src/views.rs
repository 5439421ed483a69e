//! Endpoints and deliveries as clients see them.

use kernel::{Secret, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use webhook::{Attempt, DisabledReason, EndpointOverview, EndpointSecret, WebhookDelivery};

use super::schemas;

/// An endpoint: a URL at which a program of the organisation is told what happens.
#[derive(Serialize, ToSchema)]
#[schema(as = webhook::Endpoint, example = json!({
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-0123456789ab",
    "url": "https://hooks.example.org/touchstone", "description": "Payroll",
    "events": ["campaign.closed", "membership.*"], "status": "enabled", "disabled_reason": null, "signature": "v1a",
    "signing_keys": [{ "public_key": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "created_at": "2026-11-20T12:00:00Z", "expires_at": null }],
    "enabled_at": "2026-11-20T12:00:00Z", "failing_since": null, "created_by": "0192f3c4-5a6b-7c8d-9e0f-abcdefabcdef",
    "created_at": "2026-11-20T12:00:00Z", "version": 1
}))]
pub(crate) struct EndpointView {
    id: Uuid,
    organization_id: Uuid,
    /// Where requests go. Keep it as a secret: whoever knows it can often send there.
    #[schema(value_type = schemas::EndpointUrl)]
    url: String,
    /// What it is for.
    #[schema(value_type = Option<schemas::Description>)]
    description: Option<String>,
    /// The events it is told of, by their names or by prefixes such as `membership.*`; 1 to 50, in order.
    #[schema(value_type = Vec<schemas::EventFilter>, min_items = 1, max_items = 50)]
    events: Vec<String>,
    /// `enabled` is sent everything, `paused` pings alone, `disabled` nothing.
    #[schema(value_type = schemas::Status)]
    status: &'static str,
    /// `gone`: it answered 410. `failing`: it received nothing for five days, or one delivery in none of its
    /// attempts. `operator`: whoever runs the installation decided so, and enables it. `null` unless disabled.
    #[schema(value_type = Option<schemas::DisabledReason>)]
    disabled_reason: Option<&'static str>,
    /// `v1` signs by HMAC-SHA256 with a shared secret, `v1a` by Ed25519.
    #[schema(value_type = schemas::Signature)]
    signature: &'static str,
    /// What requests are signed with now, the newest first: one, and for a day after a rotation two.
    #[schema(min_items = 1, max_items = 2)]
    signing_keys: Vec<SigningKeyView>,
    /// When it was last enabled: failures before that do not count.
    enabled_at: Timestamp,
    /// Since when nothing was received there; `null` where the last attempt succeeded, and before the first.
    failing_since: Option<Timestamp>,
    /// The account that made it, or on whose behalf a key did.
    created_by: Uuid,
    created_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl EndpointView {
    pub(crate) fn of(
        EndpointOverview { endpoint, failing_since }: &EndpointOverview,
        now: Timestamp,
    ) -> Self {
        Self {
            id: endpoint.id.uuid(),
            organization_id: endpoint.organization.uuid(),
            url: endpoint.url.expose().to_owned(),
            description: endpoint.description.as_ref().map(ToString::to_string),
            events: endpoint.events.iter().map(str::to_owned).collect(),
            status: endpoint.status().name(),
            disabled_reason: endpoint.disabled.map(DisabledReason::name),
            signature: endpoint.scheme.name(),
            signing_keys: endpoint.live_secrets(now).map(SigningKeyView::from).collect(),
            enabled_at: endpoint.enabled_at,
            failing_since: *failing_since,
            created_by: endpoint.created_by.uuid(),
            created_at: endpoint.created_at,
            version: endpoint.version(),
        }
    }
}

/// What requests are signed with.
#[derive(Serialize, ToSchema)]
#[schema(as = webhook::SigningKey)]
struct SigningKeyView {
    /// The public key of `v1a`, `whpk_` and 32 octets in base64; `null` with `v1`, whose secret is shown once.
    #[schema(example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    public_key: Option<String>,
    created_at: Timestamp,
    /// Until when it signs beside a newer one; `null` for the newest, which signs until it is rotated.
    expires_at: Option<Timestamp>,
}

impl From<&EndpointSecret> for SigningKeyView {
    fn from(secret: &EndpointSecret) -> Self {
        let EndpointSecret { sealed: _, public_key, created_at, expires_at } = secret;
        Self { public_key: public_key.clone(), created_at: *created_at, expires_at: *expires_at }
    }
}

/// An endpoint with what its receiver verifies requests by, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = webhook::EndpointWithSecret)]
pub(crate) struct SecretView {
    /// With `v1` the shared secret: `whsec_` and 32 octets in base64, which Standard Webhooks libraries take as it is.
    /// With `v1a` the public key, `whpk_…`: the private one never leaves the server.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw5Y0n0rYp0gE=")]
    secret: String,
    endpoint: EndpointView,
}

impl SecretView {
    pub(crate) fn of(endpoint: &EndpointOverview, secret: &Secret, now: Timestamp) -> Self {
        Self { secret: secret.expose().to_owned(), endpoint: EndpointView::of(endpoint, now) }
    }
}

/// A delivery: one event on its way to one endpoint. Kept for 30 days, and while it waits.
#[derive(Serialize, ToSchema)]
#[schema(as = webhook::Delivery, example = json!({
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "endpoint_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6",
    "event_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f8", "event_type": "membership.joined", "target_kind": "membership",
    "target_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f9", "occurred_at": "2026-11-20T12:00:00Z", "status": "waiting",
    "attempts": 1, "due_at": "2026-11-20T12:00:06Z",
    "record": [{ "at": "2026-11-20T12:00:01Z", "status_code": 500, "duration_ms": 84,
        "error": "the answer was 500; only 200 to 299 count as received", "answer": "out of memory" }],
    "created_at": "2026-11-20T12:00:00Z", "replayed_at": null
}))]
pub(crate) struct DeliveryView {
    id: Uuid,
    endpoint_id: Uuid,
    /// What receivers see as `webhook-id`: the same for every endpoint and attempt.
    event_id: Uuid,
    /// The public name of the event.
    event_type: String,
    /// The kind of thing it happened to.
    target_kind: String,
    target_id: Uuid,
    /// When it happened.
    occurred_at: Timestamp,
    /// `waiting` for its first attempt or its next, `succeeded`, `given_up` after ten attempts, or `dropped`: not sent,
    /// because the endpoint was paused, disabled or deleted.
    #[schema(value_type = schemas::DeliveryStatus)]
    status: &'static str,
    /// How many were made, since it was last replayed.
    #[schema(minimum = 0)]
    attempts: u32,
    /// When it is tried next; `null` when it is not, or waits behind an earlier one of the same thing.
    due_at: Option<Timestamp>,
    /// What came of the last attempts, oldest first.
    #[schema(max_items = 10)]
    record: Vec<AttemptView>,
    /// When it was put into the queue.
    created_at: Timestamp,
    /// When somebody last wanted it sent once more.
    replayed_at: Option<Timestamp>,
}

impl From<WebhookDelivery> for DeliveryView {
    fn from(delivery: WebhookDelivery) -> Self {
        let event = delivery.event;
        Self {
            id: delivery.id.uuid(),
            endpoint_id: delivery.endpoint.uuid(),
            event_id: event.id,
            event_type: event.event_type,
            target_kind: event.target_kind,
            target_id: event.target_id,
            occurred_at: event.occurred_at,
            status: delivery.status.name(),
            attempts: delivery.attempts,
            due_at: delivery.due_at,
            record: delivery.record.into_iter().map(AttemptView::from).collect(),
            created_at: delivery.created_at,
            replayed_at: delivery.replayed_at,
        }
    }
}

/// What came of one attempt.
#[derive(Serialize, ToSchema)]
#[schema(as = webhook::Attempt)]
struct AttemptView {
    /// When it was made.
    at: Timestamp,
    /// The status of the answer; `null` where none came.
    #[schema(minimum = 100, maximum = 999)]
    status_code: Option<u16>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0)]
    duration_ms: u32,
    /// Why it failed, as a sentence; `null` where it succeeded.
    error: Option<String>,
    /// What was answered, as text: the first 1,024 bytes. `null` where that was nothing.
    answer: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(Attempt { at, status_code, duration_ms, error, answer }: Attempt) -> Self {
        Self { at, status_code, duration_ms, error, answer }
    }
}
