//! Quotas: what passes one is refused, however many try at once, and the refusal says what makes room.

use futures_util::future::join_all;
use kernel::Allotment;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::world::{Person, Server, seen};

const FILE: &str = include_str!("../../../docs/assessments/leadership-readiness.md");

async fn servers() -> [Server; 2] {
    let identity = identity::Quotas { organizations: 2, api_keys: 2, open_invitations: Allotment::flat(1) };
    let assessments =
        assessment_engine::Quotas { assessments: 1, campaigns: 2, asked_per_day: Allotment::flat(3) };
    Server::on_both_as(|options| {
        options.identity.quotas = identity;
        options.quotas = assessments;
    })
    .await
}

async fn post(server: &Server, who: &Person, path: &str, body: &Value) -> (u16, Value) {
    seen(server.call("POST", path).bearer_auth(who.token()).json(body).send().await.unwrap()).await
}

/// Tries it so often at once: how many succeed, and what the others are told.
async fn tried(times: usize, try_it: impl AsyncFn(usize) -> (u16, Value)) -> (usize, String) {
    let answers = join_all((0..times).map(|n| try_it(n))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status < 300);
    for (status, problem) in &refused {
        assert_eq!((*status, &problem["code"]), (409, &json!("quota.reached")), "{problem}");
    }
    (made.len(), refused.first().map(|(_, problem)| problem["detail"].to_string()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_owns_so_many_organisations() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let found = async |n| {
            post(&server, &ann, "/v1/organizations", &json!({ "name": format!("North {n}") })).await
        };
        let (founded, told) = tried(6, found).await;
        assert_eq!(founded, 2);
        assert!(
            told.contains("2 at most, and there are 2") && told.contains("`quotas.organizations`"),
            "{told}"
        );
        let own = server.call("GET", "/v1/organizations").bearer_auth(ann.token()).send().await.unwrap();
        let one = seen(own).await.1["items"][0].clone();
        let close = format!("/v1/organizations/{}/close", one["id"].as_str().unwrap());
        assert_eq!(post(&server, &ann, &close, &Value::Null).await.0, 204);
        assert_eq!(tried(2, found).await.0, 1, "closing one makes room");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_has_so_many_keys_and_open_invitations() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let of = format!("/v1/organizations/{}", server.organization(&ann, "North").await);
        let expires_at = server.platform.clock.now().plus(std::time::Duration::from_secs(3600)).to_string();
        let make = async |n| {
            let key =
                json!({ "name": format!("Key {n}"), "scopes": ["members.read"], "expires_at": expires_at });
            post(&server, &ann, &format!("{of}/api-keys"), &key).await
        };
        let (made, told) = tried(6, make).await;
        assert_eq!(made, 2);
        assert!(told.contains("revoke one"), "{told}");
        let keys =
            server.call("GET", &format!("{of}/api-keys")).bearer_auth(ann.token()).send().await.unwrap();
        let one = seen(keys).await.1["items"][0]["id"].as_str().unwrap().to_owned();
        let revoked = server.call("DELETE", &format!("{of}/api-keys/{one}")).bearer_auth(ann.token());
        assert_eq!(revoked.send().await.unwrap().status(), 204);
        assert_eq!(tried(2, make).await.0, 1, "revoking one makes room");
        let invite = async |n| {
            let whom = json!({ "email": format!("person{n}@example.org"), "roles": ["member"] });
            post(&server, &ann, &format!("{of}/invitations"), &whom).await
        };
        assert_eq!(tried(6, invite).await.0, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_has_so_many_assessments_and_campaigns_and_asks_so_many_people_a_day() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let of = format!("/v1/organizations/{}", server.organization(&ann, "North").await);
        let write = async |_| {
            let call = server.call("POST", &format!("{of}/custom-assessments")).bearer_auth(ann.token());
            seen(call.header(CONTENT_TYPE.as_str(), "text/markdown").body(FILE).send().await.unwrap()).await
        };
        assert_eq!(tried(4, write).await.0, 1);
        let (place, copy) = (format!("{of}/custom-assessments/import"), json!({ "template": "archetype" }));
        assert_eq!(post(&server, &ann, &place, &copy).await.0, 409, "a copy is one more");
        let prepare = async |n| {
            let campaign = json!({ "name": format!("Spring {n}"), "assessment_type": "archetype" });
            post(&server, &ann, &format!("{of}/campaigns"), &campaign).await
        };
        assert_eq!(tried(4, prepare).await.0, 2, "a built-in assessment is there for every organisation");
        let listed =
            server.call("GET", &format!("{of}/campaigns")).bearer_auth(ann.token()).send().await.unwrap();
        let campaign = seen(listed).await.1["items"][0]["id"].as_str().unwrap().to_owned();
        let ask = async |n: usize| {
            let people: Vec<_> =
                (0..2).map(|m| json!({ "email": format!("p{n}x{m}@example.org") })).collect();
            post(
                &server,
                &ann,
                &format!("{of}/campaigns/{campaign}/assignments"),
                &json!({ "people": people }),
            )
            .await
        };
        let (asked, told) = tried(3, ask).await;
        assert_eq!(asked, 1, "all of a request or nobody");
        assert!(told.contains("3 at most, and there are 2") && told.contains("tomorrow"), "{told}");
        let arrange = async |n| {
            let coachee = json!({ "email": format!("c{n}@example.org") });
            let session = json!({ "coachee": coachee, "title": "Talk", "assessment_type": "archetype" });
            post(&server, &ann, &format!("{of}/coaching-sessions"), &session).await
        };
        assert_eq!(tried(3, arrange).await.0, 1, "a coachee is one more");
    }
}
