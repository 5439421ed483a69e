use std::collections::BTreeSet;

use http_shell::Api;
use kernel::{Domain, Id, Timestamp};
use serde_json::{Value, json};
use utoipa::openapi::Info;
use webhook::{DOMAIN, WebhookEvent};

use super::*;

const OF_PEOPLE: Domain = Domain {
    name: "people",
    events: &[
        PublicEvent::new("membership.join", "membership.joined", "Somebody became a member."),
        PublicEvent::new("session.score", "assessment.result.scored", "A session was scored."),
    ],
    tags: &[],
    ..DOMAIN
};

/// The whole description, as the shell completes it.
fn document() -> Value {
    let describe = |document: &mut OpenApi| describe(document, &EventCatalogue::of(&[&OF_PEOPLE]));
    let (info, routes) = (Info::new("Test", "1"), crate::routes);
    let api = Api { info, routes, describe, domains: &[&DOMAIN], pages: &[] };
    serde_json::to_value(api.document()).unwrap()
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_public_event_and_the_ping_are_described_as_they_are_sent() {
    let document = document();
    let of = |reference: &Value| document.pointer(&reference["$ref"].as_str().unwrap()[1..]).unwrap();
    let webhooks = &document["webhooks"];
    assert_eq!(names(webhooks), ["assessment.result.scored", "membership.joined", "ping"].into());
    let joined = &webhooks["membership.joined"]["post"];
    assert_eq!(joined["operationId"], "webhook.on_membership_joined");
    assert_eq!(joined["summary"], "Somebody became a member.");
    let payload = &joined["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(payload["properties"]["type"]["enum"], json!(["membership.joined"]));
    let data = of(&payload["properties"]["data"]);
    assert_eq!(data["required"], json!(["organization_id", "kind", "id"]));

    let event = WebhookEvent {
        id: Uuid::nil(),
        event_type: "membership.joined".to_owned(),
        occurred_at: Timestamp::EPOCH,
        organization: Id::from_uuid(Uuid::nil()),
        target_kind: "membership".to_owned(),
        target_id: Uuid::nil(),
        version: Some(1),
    };
    let sent: Value = serde_json::from_str(&event.body()).unwrap();
    assert_eq!(names(&sent), names(&payload["properties"]));
    assert_eq!(names(&sent["data"]), names(&data["properties"]));

    let headers = joined["parameters"].as_array().unwrap().iter().map(of);
    let headers: Vec<_> =
        headers.map(|header| (&header["name"], &header["in"], &header["required"])).collect();
    let expected = [ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER].map(Value::from);
    let (header, required) = (Value::from("header"), Value::from(true));
    assert_eq!(headers, expected.each_ref().map(|name| (name, &header, &required)));
    assert_eq!(names(&joined["responses"]), ["2XX", "410", "default"].into());
    assert!(
        joined["responses"].as_object().unwrap().values().all(|answer| of(answer)["description"].is_string())
    );
}

#[test]
fn endpoints_ask_for_the_names_and_prefixes_there_are() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let filters = [
        "assessment.result.scored",
        "membership.joined",
        "assessment.*",
        "assessment.result.*",
        "membership.*",
    ];
    assert_eq!(schemas["EventFilter"]["enum"], json!(filters));
    let filter = json!({ "$ref": "#/components/schemas/EventFilter" });
    for of in ["webhook.CreateEndpoint", "webhook.EndpointPatch", "webhook.Endpoint"] {
        let events = &schemas[of]["properties"]["events"];
        assert_eq!((&events["items"], &events["maxItems"]), (&filter, &json!(50)), "{of}");
    }
    assert_eq!(schemas["webhook.SettableStatus"]["enum"], json!(["enabled", "paused"]));
}
