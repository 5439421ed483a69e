//! An endpoint in one organisation, and what was sent to it. It is paused, at a name that nobody can own (RFC 2606):
//! nothing goes there, neither now nor later.

use std::time::Duration;

use identity::MembershipId;
use kernel::{Actor, Ctx, OrganizationId, Scope, SingleLine};
use platform::Platform;
use uuid::Uuid;
use webhook::{
    Attempt, DeliveryStatus, Endpoint, EndpointEdit, EndpointId, EndpointStatus, NewEndpoint, PING, Refused,
    WebhookDelivery, WebhookEvent, ports::Deliveries, signing::SignatureScheme,
};

use super::{DemoOrganization, first_page};

const URL: &str = "https://hooks.example/touchstone";
const JOINED: &str = "membership.joined";

/// Makes the endpoint, unless there is one, and tells which it is.
pub(super) async fn fill(
    platform: &Platform,
    deliveries: &dyn Deliveries,
    demo: &DemoOrganization,
    members: &[MembershipId],
) -> Result<EndpointId, Refused> {
    let endpoints = &platform.webhooks.endpoints;
    let owner = &demo.owner;
    let known = endpoints.list(owner, demo.organization, &first_page()).await?.items;
    if let Some(known) = known.first() {
        return Ok(known.endpoint.id);
    }
    let new = NewEndpoint {
        url: URL.to_owned(),
        description: SingleLine::new("Keeps the list of who works here").ok(),
        events: vec!["membership.*".to_owned(), "invitation.*".to_owned()],
        scheme: SignatureScheme::HmacSha256,
    };
    let (endpoint, _) = endpoints.create(owner, demo.organization, new).await?;
    let pause = EndpointEdit { status: Some(EndpointStatus::Paused), ..EndpointEdit::default() };
    endpoints.edit(owner, demo.organization, endpoint.id, endpoint.version(), pause).await?;
    let ctx = Ctx::new(Actor::System, Scope::Tenant(demo.organization));
    deliveries.add(&ctx, &sent(platform, demo.organization, endpoint.id, members)).await?;
    Ok(endpoint.id)
}

/// A ping that was received, an event that was received at the second attempt, and one that waited for its second when
/// the endpoint was paused.
fn sent(
    platform: &Platform,
    organization: OrganizationId,
    endpoint: EndpointId,
    members: &[MembershipId],
) -> Vec<WebhookDelivery> {
    let now = platform.clock.now();
    let received = || Attempt { at: now, status_code: Some(204), duration_ms: 41, error: None, answer: None };
    let failed = || Attempt {
        at: now.minus(Duration::from_secs(5)),
        status_code: Some(503),
        duration_ms: 1_204,
        error: Some("the answer was 503; only 200 to 299 count as received".to_owned()),
        answer: Some("We are moving house.".to_owned()),
    };
    let delivery = |event: (&str, &str, Uuid), status, record: Vec<Attempt>| {
        let (event_type, target_kind, target_id) = event;
        let event = WebhookEvent {
            id: platform.ids.next::<WebhookEvent>().uuid(),
            event_type: event_type.to_owned(),
            occurred_at: now,
            organization,
            target_kind: target_kind.to_owned(),
            target_id,
            version: None,
        };
        WebhookDelivery {
            id: platform.ids.next(),
            endpoint,
            body: event.body(),
            event,
            created_at: now,
            status,
            attempts: u32::try_from(record.len()).unwrap_or(u32::MAX),
            due_at: None,
            replayed_at: None,
            record,
        }
    };
    let ping = (PING.name, Endpoint::KIND, endpoint.uuid());
    let joined = |member: &MembershipId| (JOINED, identity::Membership::KIND, member.uuid());
    let mut sent = vec![delivery(ping, DeliveryStatus::Succeeded, vec![received()])];
    let fates =
        [(DeliveryStatus::Succeeded, vec![failed(), received()]), (DeliveryStatus::Dropped, vec![failed()])];
    sent.extend(
        members.iter().zip(fates).map(|(member, (status, record))| delivery(joined(member), status, record)),
    );
    sent
}
