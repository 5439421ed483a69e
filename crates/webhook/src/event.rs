//! What a program is told: that something happened, and to what.

use kernel::{Delivery, OrganizationId, PublicEvent, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::actions::TEST;

/// What an endpoint is sent when somebody wants to know whether it receives.
pub const PING: PublicEvent =
    PublicEvent::new(TEST, "ping", "Somebody wants to know whether the endpoint receives what is sent.");

/// Something that happened in an organisation, under its public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Identifies it: the same for every endpoint and attempt.
    pub id: Uuid,
    /// Its public name, such as `membership.joined`.
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Where.
    pub organization: OrganizationId,
    /// The kind of thing it happened to.
    pub target_kind: String,
    /// Which one.
    pub target_id: Uuid,
    /// The version the thing had then; `None` where nothing was saved of it.
    pub version: Option<i64>,
}

#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    organization_id: OrganizationId,
    kind: &'a str,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

impl WebhookEvent {
    /// What a delivery of the outbox tells, under this name; `None` of what belongs to no organisation.
    pub fn of(delivery: &Delivery, event: &PublicEvent) -> Option<Self> {
        Some(Self {
            id: delivery.id,
            event_type: event.name.to_owned(),
            occurred_at: delivery.occurred_at,
            organization: delivery.organization?,
            target_kind: delivery.target_kind.clone(),
            target_id: delivery.target_id,
            version: delivery.target_version,
        })
    }

    /// The body of its requests. It is made once and kept, so that every attempt sends the same bytes.
    pub fn body(&self) -> String {
        let data = Data {
            organization_id: self.organization,
            kind: &self.target_kind,
            id: self.target_id,
            version: self.version,
        };
        let payload = Payload { r#type: &self.event_type, timestamp: self.occurred_at, data };
        serde_json::to_string(&payload).expect("what happened has a year of four digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::told;

    #[test]
    fn the_payload_is_thin_and_has_one_form() {
        let joined = PublicEvent::new("membership.join", "membership.joined", "Somebody became a member.");
        let mut event = WebhookEvent::of(&told("membership.join", 7), &joined).unwrap();
        assert_eq!(
            event.body(),
            "{\"type\":\"membership.joined\",\"timestamp\":\"1970-01-01T00:00:00Z\",\"data\":{\
             \"organization_id\":\"00000000-0000-0000-0000-000000000001\",\"kind\":\"membership\",\
             \"id\":\"00000000-0000-0000-0000-000000000007\"}}"
        );
        let saved = Delivery { target_version: Some(3), ..told("membership.join", 7) };
        event.version = WebhookEvent::of(&saved, &joined).unwrap().version;
        assert!(event.body().ends_with("\"version\":3}}"));
    }

    #[test]
    fn what_belongs_to_no_organisation_is_told_to_nobody() {
        let delivery = Delivery { organization: None, ..told("membership.join", 7) };
        assert_eq!(WebhookEvent::of(&delivery, &PING), None);
    }
}
