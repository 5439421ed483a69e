//! Templates and the marketplace over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::world::{Person, Server, seen},
    place, servers, text,
};

const FILE: &str = include_str!("../../../../docs/assessments/service-quality.md");

async fn get(server: &Server, who: &Person, path: &str) -> (u16, Value) {
    seen(server.call("GET", path).bearer_auth(who.token()).send().await.unwrap()).await
}

async fn post(server: &Server, who: &Person, path: &str, body: Value) -> (u16, Value) {
    seen(server.call("POST", path).bearer_auth(who.token()).json(&body).send().await.unwrap()).await
}

/// Asks until the answer is as wanted: what the marketplace shows follows a moment later.
async fn follows(server: &Server, who: &Person, path: &str, wanted: impl Fn(u16, &Value) -> bool) -> Value {
    for _ in 0..200 {
        let (status, body) = get(server, who, path).await;
        if wanted(status, &body) {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never followed: {:?}", get(server, who, path).await);
}

/// An active assessment, offered at this price; its place.
async fn offered(server: &Server, who: &Person, collection: &str, price_tier: &str) -> String {
    let call =
        server.call("POST", collection).bearer_auth(who.token()).header("Content-Type", "text/markdown");
    let draft = seen(call.body(FILE).send().await.unwrap()).await.1;
    let one = format!("{collection}/{}", text(&draft["id"]));
    let offer = format!("{one}/marketplace");
    let body = json!({ "price_tier": price_tier });
    let (status, early) = post(server, who, &offer, body.clone()).await;
    assert_eq!((status, &early["code"]), (409, &json!("assessment.unpublished")));
    assert_eq!(post(server, who, &format!("{one}/publish"), Value::Null).await.0, 200);
    let (status, early) = post(server, who, &offer, body.clone()).await;
    assert_eq!((status, &early["code"]), (409, &json!("assessment.wrong_status")));
    assert_eq!(post(server, who, &format!("{one}/activate"), Value::Null).await.0, 200);
    let (status, waits) = post(server, who, &offer, body.clone()).await;
    assert_eq!((status, &waits["marketplace_status"]), (200, &json!("pending_review")), "{waits}");
    let (status, twice) = post(server, who, &offer, body).await;
    assert_eq!((status, &twice["code"]), (409, &json!("assessment.already_offered")));
    one
}

#[tokio::test]
async fn a_listing_goes_from_one_organisation_through_review_to_another() {
    for server in servers().await {
        let (ann, bob) = (server.person("ann@example.org").await, server.person("bob@example.org").await);
        let root = server.administrator("root@example.org").await;
        let north = place(server.organization(&ann, "North Wind").await);
        let south = place(server.organization(&bob, "South Wind").await);
        let free = offered(&server, &ann, &north, "free").await;
        let id = text(&get(&server, &ann, &free).await.1["id"]);
        let (one, all) = (format!("/v1/marketplace/{id}"), "/v1/marketplace");
        let review = format!("/v1/admin/marketplace/{id}/review");

        let waiting =
            follows(&server, &root, "/v1/admin/marketplace", |_, body| body["items"][0]["id"] == id).await;
        assert_eq!(waiting["items"][0]["publisher"], "North Wind");
        assert!(get(&server, &root, &one).await.1["definition"].is_object());
        let one_factor = server.one_factor_administrator("sue@example.org").await;
        for visitor in [&bob, &one_factor] {
            assert_eq!(get(&server, visitor, &one).await.0, 404);
        }
        assert_eq!(get(&server, &bob, all).await.1["items"], json!([]));
        let import = json!({ "listing_id": id });
        assert_eq!(post(&server, &bob, &format!("{south}/import"), import.clone()).await.0, 404);

        let (status, mute) =
            post(&server, &root, &review, json!({ "decision": "reject", "version": "1.0" })).await;
        assert_eq!((status, &mute["errors"][0]["pointer"]), (422, &json!("/note")), "{mute}");
        let publish = json!({ "decision": "publish", "version": "1.0" });
        assert_eq!(post(&server, &ann, &review, publish.clone()).await.0, 403);
        let (status, decided) = post(&server, &root, &review, publish.clone()).await;
        assert_eq!((status, &decided["marketplace_status"]), (200, &json!("published")), "{decided}");
        let (status, again) = post(&server, &root, &review, publish).await;
        assert_eq!((status, &again["code"]), (409, &json!("assessment.not_offered")));

        let listing = follows(&server, &bob, &one, |status, _| status == 200).await;
        assert_eq!(
            get(&server, &one_factor, &one).await.0,
            200,
            "with one factor one is a visitor as any other"
        );
        assert!(listing["definition"].is_object() && listing["price_tier"] == "free");
        assert_eq!(get(&server, &bob, all).await.1["items"][0]["id"], id);
        let (status, copy) = post(&server, &bob, &format!("{south}/import"), import).await;
        assert_eq!(
            (status, &copy["source_type"], &copy["status"]),
            (201, &json!("imported"), &json!("draft"))
        );
        let source = get(&server, &bob, &format!("{south}/{}/source", text(&copy["id"]))).await;
        assert_eq!(source, (200, json!(FILE)));

        let tag = format!("\"{}\"", get(&server, &ann, &free).await.1["revision"]);
        let withdraw = server.call("DELETE", &format!("{free}/marketplace")).bearer_auth(ann.token());
        assert_eq!(withdraw.header("If-Match", tag).send().await.unwrap().status(), 204);
        follows(&server, &bob, &one, |status, _| status == 404).await;
        assert_eq!(get(&server, &bob, &format!("{south}/{}", text(&copy["id"]))).await.0, 200);
    }
}

#[tokio::test]
async fn what_costs_something_shows_its_outline_alone() {
    for server in servers().await {
        let (ann, bob) = (server.person("ann@example.org").await, server.person("bob@example.org").await);
        let root = server.administrator("root@example.org").await;
        let north = place(server.organization(&ann, "North Wind").await);
        let south = place(server.organization(&bob, "South Wind").await);
        let paid = offered(&server, &ann, &north, "enterprise").await;
        let id = text(&get(&server, &ann, &paid).await.1["id"]);
        follows(&server, &root, "/v1/admin/marketplace", |_, body| body["items"][0]["id"] == id).await;
        let review = format!("/v1/admin/marketplace/{id}/review");
        let publish = json!({ "decision": "publish", "version": "1.0" });
        assert_eq!(post(&server, &root, &review, publish).await.0, 200);
        let one = format!("/v1/marketplace/{id}");
        let listing = follows(&server, &bob, &one, |status, _| status == 200).await;
        assert_eq!(listing["definition"], Value::Null);
        assert!(!listing["dimensions"].as_array().unwrap().is_empty());
        let import = json!({ "listing_id": id });
        let (status, refused) = post(&server, &bob, &format!("{south}/import"), import).await;
        assert_eq!((status, &refused["code"]), (403, &json!("assessment.purchase_required")));
        assert_eq!(get(&server, &bob, &south).await.1["items"], json!([]));
    }
}

#[tokio::test]
async fn a_template_is_read_whole_and_copied_once() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let collection = place(server.organization(&ann, "North Wind").await);
        let templates = get(&server, &ann, "/v1/templates").await.1;
        let names: Vec<String> =
            templates["items"].as_array().unwrap().iter().map(|one| text(&one["template"])).collect();
        assert_eq!(names, ["industry4", "archetype", "education"]);
        assert_eq!(get(&server, &ann, "/v1/templates/none").await.0, 404);
        let import = format!("{collection}/import");
        for name in names {
            let (status, template) = get(&server, &ann, &format!("/v1/templates/{name}")).await;
            assert_eq!(status, 200);
            let (status, copy) = post(&server, &ann, &import, json!({ "template": name })).await;
            assert_eq!((status, &copy["template"]), (201, &json!(name)), "{copy}");
            assert_eq!(copy["definition"], template["definition"]);
            let (status, again) = post(&server, &ann, &import, json!({ "template": name })).await;
            assert_eq!((status, again), (200, copy));
        }
        for odd in [json!({}), json!({ "template": "archetype", "listing_id": names_nothing() })] {
            assert_eq!(post(&server, &ann, &import, odd).await.0, 422);
        }
        assert_eq!(post(&server, &ann, &import, json!({ "listing_id": names_nothing() })).await.0, 404);
    }
}

fn names_nothing() -> &'static str {
    "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6"
}
