//! Webhook endpoints as those who run an organisation meet them, and its programs.

use std::time::Duration;

use identity::{Name, Role, api_key::NewApiKey};
use kernel::OrganizationId;
use serde_json::{Value, json};

use super::{
    assessment::sessions::send,
    notifications::{both, get},
    openapi::document,
    world::{Person, Server, seen},
};

/// The DNS leads nowhere from there (RFC 6761), so nothing is sent to anybody.
const URL: &str = "https://hooks.invalid/canary";

fn wanted() -> Value {
    json!({ "url": URL, "events": ["invitation.*", "membership.joined"] })
}

fn endpoints(of: OrganizationId) -> String {
    format!("/v1/organizations/{of}/webhook-endpoints")
}

/// An owner with an organisation and an endpoint of it: where that is, and what making it answered.
async fn owner_and_endpoint(server: &Server) -> (Person, OrganizationId, String, Value) {
    let ann = server.person("ann@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    let (status, made) = send(server, ann.token(), "POST", &endpoints(north), wanted()).await;
    assert_eq!(status, 201, "{made}");
    let place = format!("{}/{}", endpoints(north), made["endpoint"]["id"].as_str().unwrap());
    (ann, north, place, made)
}

async fn patch(server: &Server, who: &Person, place: &str, version: i64, change: Value) -> (u16, Value) {
    let call =
        server.call("PATCH", place).bearer_auth(who.token()).header("If-Match", format!("\"{version}\""));
    seen(call.json(&change).send().await.unwrap()).await
}

async fn post(server: &Server, who: &Person, path: &str) -> (u16, Value) {
    send(server, who.token(), "POST", path, Value::Null).await
}

/// The endpoint's deliveries, once they are so.
async fn deliveries(
    server: &Server,
    who: &Person,
    place: &str,
    are_so: impl Fn(&[Value]) -> bool,
) -> Vec<Value> {
    let mut items = Vec::new();
    for _ in 0..400 {
        let page = get(server, who, &format!("{place}/deliveries")).await;
        items.clone_from(page["items"].as_array().unwrap());
        if are_so(&items) {
            return items;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the deliveries stay {items:?}");
}

async fn invite(server: &Server, by: &Person, to: OrganizationId, address: &str) {
    let path = format!("/v1/organizations/{to}/invitations");
    let (status, invited) =
        send(server, by.token(), "POST", &path, json!({ "email": address, "roles": ["member"] })).await;
    assert_eq!(status, 201, "{invited}");
}

/// It is made, read, changed by its version and deleted; what signs its requests is shown when it is made, and nowhere
/// else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_is_made_changed_and_deleted() {
    for server in both().await {
        let (ann, north, place, made) = owner_and_endpoint(&server).await;
        let (secret, endpoint) = (made["secret"].as_str().unwrap(), &made["endpoint"]);
        assert!(secret.starts_with("whsec_"), "{made}");
        let account = ann.ctx.actor.account().unwrap();
        assert_eq!((&endpoint["url"], &endpoint["created_by"]), (&json!(URL), &json!(account)));
        assert_eq!((&endpoint["status"], &endpoint["signature"]), (&json!("enabled"), &json!("v1")));
        assert_eq!(endpoint["events"], json!(["invitation.*", "membership.joined"]));
        assert_eq!(endpoint["signing_keys"][0]["public_key"], Value::Null);
        let call = server.call("POST", &endpoints(north)).bearer_auth(ann.token());
        let pair =
            json!({ "url": URL, "description": "Payroll", "events": ["membership.*"], "signature": "v1a" });
        let answer = call.json(&pair).send().await.unwrap();
        let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
        let (second, tag) = (header("location"), header("etag"));
        let (_, made) = seen(answer).await;
        assert!(made["secret"].as_str().unwrap().starts_with("whpk_"), "the private key stays: {made}");
        assert_eq!(made["secret"], made["endpoint"]["signing_keys"][0]["public_key"]);
        assert_eq!((get(&server, &ann, &second).await, &*tag), (made["endpoint"].clone(), "\"1\""));

        let read = get(&server, &ann, &place).await;
        assert_eq!(&read, endpoint);
        let page = get(&server, &ann, &format!("{}?limit=1", endpoints(north))).await;
        assert_eq!(page["items"], json!([read]), "the oldest first");
        let next = format!("{}?limit=1&after={}", endpoints(north), page["next"].as_str().unwrap());
        assert_eq!(get(&server, &ann, &next).await["items"][0]["description"], "Payroll");

        let change = json!({ "description": "Payroll", "events": ["membership.*"] });
        let (status, edited) = patch(&server, &ann, &place, 1, change.clone()).await;
        assert_eq!((status, &edited["version"], &edited["url"]), (200, &json!(2), &json!(URL)), "{edited}");
        assert_eq!(
            (&edited["description"], &edited["events"]),
            (&json!("Payroll"), &json!(["membership.*"]))
        );
        let (status, refused) = patch(&server, &ann, &place, 1, json!({ "description": null })).await;
        assert_eq!((status, &refused["code"]), (412, &json!("request.stale")));
        assert_eq!(send(&server, ann.token(), "PATCH", &place, change.clone()).await.0, 428);
        assert_eq!(patch(&server, &ann, &place, 2, change).await.1["version"], 2, "nothing is another");
        let (_, cleared) = patch(&server, &ann, &place, 2, json!({ "description": null })).await;
        assert_eq!((&cleared["description"], &cleared["version"]), (&Value::Null, &json!(3)));

        let (status, rotated) = post(&server, &ann, &format!("{place}/rotate-secret")).await;
        assert_eq!((status, rotated["secret"] == secret), (200, false), "{rotated}");
        let keys = rotated["endpoint"]["signing_keys"].as_array().unwrap();
        assert_eq!(keys.len(), 2, "both sign for a day");
        assert!(keys[0]["expires_at"].is_null() && keys[1]["expires_at"].is_string(), "{keys:?}");

        let remove = async || send(&server, ann.token(), "DELETE", &place, Value::Null).await.0;
        assert_eq!((remove().await, remove().await), (204, 404));
        assert_eq!(send(&server, ann.token(), "GET", &place, Value::Null).await.0, 404);
        assert_eq!(patch(&server, &ann, &place, 4, json!({})).await.0, 404);
        let shown = json!([get(&server, &ann, &endpoints(north)).await, trail(&server, &ann, north).await]);
        for known in [secret, rotated["secret"].as_str().unwrap()] {
            assert!(!shown.to_string().contains(known));
        }
        assert!(!shown[1].to_string().contains("canary"), "no record holds the URL");
    }
}

/// The organisation's trail, once it tells that an endpoint was deleted.
async fn trail(server: &Server, who: &Person, of: OrganizationId) -> Value {
    for _ in 0..200 {
        let events = get(server, who, &format!("/v1/organizations/{of}/audit/events?limit=100")).await;
        if events.to_string().contains("webhook_endpoint.delete") {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the deletion is not on record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_where_it_stands() {
    for server in both().await {
        let (ann, north, place, _) = owner_and_endpoint(&server).await;
        let with = |field: &str, value: Value| {
            let mut body = wanted();
            body[field] = value;
            body
        };
        let pointers = |refused: &Value| -> Vec<String> {
            let errors = refused["errors"].as_array().unwrap().iter();
            errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
        };
        for (body, wrong) in [
            (with("url", json!("ftp://hooks.invalid")), &["/url"][..]),
            (with("url", json!("https://ann:word@hooks.invalid/")), &["/url"]),
            (with("url", json!("hooks")), &["/url"]),
            (with("events", json!([])), &["/events"]),
            (with("events", json!(["invitation.*", "membership.join", "*"])), &["/events/1", "/events/2"]),
            (json!({ "url": "https://", "events": ["ping"] }), &["/url", "/events/0"]),
            (with("signature", json!("v2")), &["/signature"]),
            (with("description", json!("a\nb")), &["/description"]),
        ] {
            let (status, refused) = send(&server, ann.token(), "POST", &endpoints(north), body.clone()).await;
            assert_eq!(
                (status, pointers(&refused)),
                (422, wrong.iter().map(|&at| at.to_owned()).collect()),
                "{body}"
            );
        }
        let near = with("events", json!(["membership.join"]));
        let (_, refused) = send(&server, ann.token(), "POST", &endpoints(north), near).await;
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with("is no event; do you mean membership.joined or "), "{detail}");
        for (change, wrong) in [
            (json!({ "url": null }), "/url"),
            (json!({ "url": "https://" }), "/url"),
            (json!({ "events": ["membership"] }), "/events/0"),
            (json!({ "status": "disabled" }), "/status"),
        ] {
            let (status, refused) = patch(&server, &ann, &place, 1, change.clone()).await;
            assert_eq!((status, pointers(&refused)), (422, vec![wrong.to_owned()]), "{change}");
        }
        let now = server.platform.clock.now();
        let (soon, long_ago) = (Duration::from_secs(3600), Duration::from_secs(31 * 24 * 3600));
        for since in [now.plus(soon).to_string(), now.minus(long_ago).to_string(), "yesterday".to_owned()] {
            let (path, body) = (format!("{place}/recover"), json!({ "since": since }));
            let (status, refused) = send(&server, ann.token(), "POST", &path, body).await;
            assert_eq!((status, pointers(&refused)), (422, vec!["/since".to_owned()]), "{since}");
        }
        assert_eq!(get(&server, &ann, &place).await["version"], 1, "nothing of it was kept");
    }
}

/// A ping and what happens stand among its deliveries; while it is paused, events are dropped, and sent once more when
/// somebody asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_listed_dropped_and_sent_once_more() {
    for server in both().await {
        let (ann, north, place, made) = owner_and_endpoint(&server).await;
        for _ in 0..2 {
            let call = server.call("POST", &format!("{place}/test")).bearer_auth(ann.token());
            let answer = call.header("Idempotency-Key", "one-ping").send().await.unwrap();
            assert_eq!(answer.status(), 202);
        }
        let tried = |of: &Value| of["attempts"].as_u64() >= Some(1);
        let ping = deliveries(&server, &ann, &place, |all| all.len() == 1 && tried(&all[0])).await.remove(0);
        assert_eq!((&ping["event_type"], &ping["target_kind"]), (&json!("ping"), &json!("webhook_endpoint")));
        let id = &made["endpoint"]["id"];
        assert_eq!((&ping["endpoint_id"], &ping["target_id"]), (id, id));
        assert_eq!(ping["replayed_at"], Value::Null);
        let attempt = &ping["record"][0];
        assert!(attempt["at"].is_string() && attempt["duration_ms"].is_u64(), "{ping}");
        assert_eq!(ping["status"] == "succeeded", attempt["error"].is_null(), "{ping}");

        invite(&server, &ann, north, "ben@example.org").await;
        let both = deliveries(&server, &ann, &place, |all| all.len() == 2).await;
        assert_eq!(both[0]["event_type"], "invitation.sent", "the newest first");
        let page = get(&server, &ann, &format!("{place}/deliveries?limit=1")).await;
        assert_eq!((&page["items"][0]["id"], page["next"].is_string()), (&both[0]["id"], true));

        let (status, paused) = patch(&server, &ann, &place, 1, json!({ "status": "paused" })).await;
        assert_eq!((status, &paused["status"]), (200, &json!("paused")));
        invite(&server, &ann, north, "cleo@example.org").await;
        let all = deliveries(&server, &ann, &place, |all| all.len() == 3).await;
        assert_eq!(all[0]["status"], "dropped");
        let replay = format!("{place}/deliveries/{}/replay", ping["id"].as_str().unwrap());
        let since = server.platform.clock.now().minus(Duration::from_secs(3600)).to_string();
        let recover = async || {
            let (path, body) = (format!("{place}/recover"), json!({ "since": since }));
            send(&server, ann.token(), "POST", &path, body).await
        };
        for (status, refused) in [post(&server, &ann, &replay).await, recover().await] {
            assert_eq!((status, &refused["code"]), (409, &json!("webhook.paused")));
        }
        assert_eq!(post(&server, &ann, &format!("{place}/test")).await.0, 202, "a ping is sent all the same");
        deliveries(&server, &ann, &place, |all| all.len() == 4).await;

        let (status, enabled) = patch(&server, &ann, &place, 2, json!({ "status": "enabled" })).await;
        assert_eq!((status, &enabled["status"], &enabled["version"]), (200, &json!("enabled"), &json!(3)));
        assert_eq!((post(&server, &ann, &replay).await.0, recover().await.0), (202, 202));
        let is_replayed = |of: &Value| of["replayed_at"].is_string();
        deliveries(&server, &ann, &place, |all| is_replayed(&all[1]) && is_replayed(&all[3])).await;
        let unknown = format!("{place}/deliveries/{}/replay", id.as_str().unwrap());
        assert_eq!(post(&server, &ann, &unknown).await.0, 404);
    }
}

/// Owners and administrators, and the keys that were made for it; of other organisations not even the ids are known.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_run_the_organisation_have_endpoints() {
    for server in both().await {
        let (ann, north, place, _) = owner_and_endpoint(&server).await;
        let (bob, cleo) = (server.person("bob@example.org").await, server.person("cleo@example.org").await);
        server.join(north, &ann, &bob, Role::Member).await;
        let south = server.organization(&cleo, "South Wind").await;
        let listed = endpoints(north);
        for (method, path, body) in [
            ("POST", &listed, wanted()),
            ("GET", &listed, Value::Null),
            ("GET", &place, Value::Null),
            ("DELETE", &place, Value::Null),
            ("POST", &format!("{place}/rotate-secret"), Value::Null),
            ("POST", &format!("{place}/test"), Value::Null),
            ("GET", &format!("{place}/deliveries"), Value::Null),
        ] {
            let (status, refused) = send(&server, bob.token(), method, path, body.clone()).await;
            assert_eq!((status, &refused["code"]), (403, &json!("identity.forbidden")), "{method} {path}");
            assert_eq!(send(&server, cleo.token(), method, path, body).await.0, 404, "{method} {path}");
        }
        let elsewhere = place.replace(&north.to_string(), &south.to_string());
        for path in [elsewhere.clone(), format!("{elsewhere}/deliveries")] {
            assert_eq!(send(&server, cleo.token(), "GET", &path, Value::Null).await.0, 404, "{path}");
        }

        let key = async |scope: &str| {
            let keys = &server.platform.identity.api_keys;
            let scopes = keys.scopes().filter(|known| known.name() == scope).cloned().collect();
            let expires_at = server.platform.clock.now().plus(Duration::from_secs(3600));
            let new = NewApiKey { name: Name::new(scope).unwrap(), scopes, expires_at };
            keys.create(&ann.ctx, north, new).await.unwrap().1.expose().to_owned()
        };
        let (with, without) = (key("webhooks.write").await, key("members.read").await);
        let (status, made) = send(&server, &with, "POST", &listed, wanted()).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!(made["endpoint"]["created_by"], json!(ann.ctx.actor.account().unwrap()));
        assert_eq!(send(&server, &with, "GET", &place, Value::Null).await.0, 200);
        for (method, body) in [("POST", wanted()), ("GET", Value::Null)] {
            let (status, refused) = send(&server, &without, method, &listed, body).await;
            assert_eq!((status, &refused["code"]), (403, &json!("identity.scope_missing")), "{method}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_has_so_many_endpoints() {
    for server in both().await {
        let (ann, north, place, _) = owner_and_endpoint(&server).await;
        let make = async || send(&server, ann.token(), "POST", &endpoints(north), wanted()).await;
        for _ in 1..webhook::Quotas::default().endpoints {
            assert_eq!(make().await.0, 201);
        }
        let (status, refused) = make().await;
        assert_eq!((status, &refused["code"]), (409, &json!("quota.reached")));
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("50 at most") && detail.contains("delete one"), "{detail}");
        assert_eq!(send(&server, ann.token(), "DELETE", &place, Value::Null).await.0, 204);
        assert_eq!(make().await.0, 201, "deleting one makes room");
    }
}

/// What endpoints are sent is described, each event by its name, and what they may ask for.
#[test]
fn every_event_is_described() {
    let document = document();
    let sent = document["webhooks"].as_object().unwrap();
    let asked = document["components"]["schemas"]["EventFilter"]["enum"].as_array().unwrap();
    let events = platform::DOMAINS.iter().flat_map(|domain| domain.events);
    let mut count = 1;
    for event in events {
        assert_eq!(sent[event.name]["post"]["summary"], event.meaning);
        assert!(asked.contains(&json!(event.name)), "{}", event.name);
        count += 1;
    }
    assert!(sent.contains_key("ping") && !asked.contains(&json!("ping")));
    assert_eq!(sent.len(), count);
}
