//! What the rules need to know of the aggregates of this domain.

use kernel::{AccountId, OrganizationId, outbound::CheckedUrl};
use webhook::{
    Description, DisabledReason, Endpoint, EndpointSecret, EndpointState, EventFilters, Unit,
    signing::SignatureScheme,
};

use crate::{
    aggregate::{Aggregate, aggregate},
    world::{TestPeople, World, hours},
};

aggregate!(Endpoint in webhook_store: Unit, save_webhook_endpoint, |a| webhook_endpoint(a.id), |a, now| {
    let description = Description::new(&format!("Changed at {now}")).expect("a time is short and printable");
    a.edit(a.url.clone(), Some(description), a.events.clone(), now);
});

impl World {
    /// An endpoint that is neither paused nor disabled, with nothing filled that may be left out.
    pub(crate) fn new_endpoint(&self, organization: OrganizationId, created_by: AccountId) -> Endpoint {
        let (id, now) = (self.id(), self.tick());
        let state = EndpointState {
            id,
            organization,
            url: CheckedUrl::assume("https://hooks.example.org"),
            description: None,
            events: EventFilters::assume(["membership.*".to_owned()]),
            is_paused: false,
            disabled: None,
            enabled_at: now,
            scheme: SignatureScheme::HmacSha256,
            secrets: vec![EndpointSecret {
                sealed: b"sealed".to_vec(),
                public_key: None,
                created_at: now,
                expires_at: None,
            }],
            created_by,
            created_at: now,
        };
        Endpoint::restore(state, 0).mark(now)
    }

    /// An endpoint with every field filled.
    pub(crate) fn endpoint_sample(&self, people: &TestPeople) -> Endpoint {
        let endpoint = self.new_endpoint(people.north, people.ann);
        let now = self.tick();
        let secret = |byte, expires_at| EndpointSecret {
            sealed: vec![byte, 0, 0xFF],
            public_key: Some(format!("whpk_{byte}")),
            created_at: now.minus(hours(byte.into())),
            expires_at,
        };
        let state = EndpointState {
            url: CheckedUrl::assume(
                "https://user:word@hooks.example.org:8443/%C3%A5?token='\"\\&x=1".to_owned(),
            ),
            description: Some(Description::new("Größe \\ 'x' %_ 漢字 🦀").expect("one line")),
            events: EventFilters::assume(
                ["membership.*", "api_key.created", "campaign.*"].map(str::to_owned),
            ),
            is_paused: true,
            disabled: Some(DisabledReason::Failing),
            enabled_at: now.minus(hours(1)),
            scheme: SignatureScheme::Ed25519,
            secrets: vec![secret(1, None), secret(2, Some(now.plus(hours(24))))],
            ..endpoint.state().clone()
        };
        Endpoint::restore(state, 0).mark(now)
    }
}

/// Runs a check with a sample of every aggregate of webhooks.
macro_rules! each_aggregate {
    ($world:ident, $people:ident, $check:ident) => {
        $check(&$world, $world.endpoint_sample(&$people)).await;
    };
}

pub(crate) use each_aggregate;
