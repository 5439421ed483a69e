//! What holds for every call: problems, entity tags, idempotency, pages, limits.

use std::num::NonZeroU32;

use http_shell::{Settings, settings::Rates};
use mail::MemoryMailer;
use platform::{Options, Platform};
use serde_json::{Value, json};

use super::world::{Server, seen};

#[tokio::test]
async fn what_one_may_not_know_is_answered_like_what_is_not_there() {
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        let ann = server.person("ann@example.org").await;
        let eve = server.person("eve@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        let paths = ["", "/members", "/invitations", "/api-keys", "/audit/events"];
        for path in paths {
            let get = async |id: &str| {
                let call = server.call("GET", &format!("/v1/organizations/{id}{path}"));
                seen(call.bearer_auth(eve.token()).send().await.unwrap()).await
            };
            let hidden = get(&organization.to_string()).await;
            let absent = get("0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6").await;
            assert_eq!(hidden, absent, "{path}");
            assert_eq!(hidden.0, 404);
            assert_eq!(get("no-id").await, absent);
        }
    }
}

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        let ann = server.person("ann@example.org").await;
        let read = server.call("GET", "/v1/me").bearer_auth(ann.token()).send().await.unwrap();
        let tag = read.headers()["etag"].to_str().unwrap().to_owned();
        let patch = async |tag: Option<&str>| {
            let call = server
                .call("PATCH", "/v1/me")
                .bearer_auth(ann.token())
                .json(&json!({ "display_name": "Ann" }));
            let call = match tag {
                Some(tag) => call.header("If-Match", tag),
                None => call,
            };
            call.send().await.unwrap()
        };
        assert_eq!(patch(None).await.status(), 428);
        assert_eq!(patch(Some("W/\"1\"")).await.status(), 400);
        let changed = patch(Some(&tag)).await;
        assert_eq!(changed.status(), 200);
        let newer = changed.headers()["etag"].to_str().unwrap().to_owned();
        assert_ne!(newer, tag);
        assert_eq!(patch(Some(&tag)).await.status(), 412);
        let again = server.call("GET", "/v1/me").bearer_auth(ann.token()).header("If-None-Match", &newer);
        assert_eq!(again.send().await.unwrap().status(), 304);
    }
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_one_answer() {
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        let ann = server.person("ann@example.org").await;
        let found = async |key: &str, name: &str| {
            let call = server.call("POST", "/v1/organizations").bearer_auth(ann.token());
            call.header("Idempotency-Key", key).json(&json!({ "name": name })).send().await.unwrap()
        };
        let first = found("one", "North Wind").await;
        assert_eq!(first.status(), 201);
        let first = seen(first).await;
        let replay = found("one", "North Wind").await;
        assert_eq!(replay.headers()["idempotency-replayed"], "true");
        assert_eq!(seen(replay).await, first);
        assert_eq!(found("one", "South Wind").await.status(), 422);
        assert_eq!(found("no spaces", "x").await.status(), 400);
        let parallel = (0..10).map(|_| found("two", "West Wind"));
        let mut made = 0;
        for call in parallel.collect::<Vec<_>>() {
            let status = call.await.status().as_u16();
            made += usize::from(status == 201);
            assert!(matches!(status, 201 | 409), "{status}");
        }
        assert!(made >= 1);
        let list = server.call("GET", "/v1/organizations").bearer_auth(ann.token()).send().await.unwrap();
        let list: Value = list.json().await.unwrap();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        let refused = found("three", "").await;
        assert_eq!(refused.status(), 422);
        assert_eq!(found("three", "").await.status(), 422, "a refused request frees its key");
    }
}

#[tokio::test]
async fn lists_are_pages_whose_cursor_belongs_to_them() {
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        let ann = server.person("ann@example.org").await;
        for n in 0..5 {
            server.organization(&ann, &format!("Wind {n}")).await;
        }
        let page = async |query: &str| {
            let call = server.call("GET", &format!("/v1/organizations{query}")).bearer_auth(ann.token());
            seen(call.send().await.unwrap()).await
        };
        let mut names = Vec::new();
        let mut query = "?limit=2".to_owned();
        loop {
            let (status, body) = page(&query).await;
            assert_eq!(status, 200);
            names.extend(body["items"].as_array().unwrap().iter().map(|item| item["name"].clone()));
            let Some(next) = body["next"].as_str() else { break };
            query = format!("?limit=2&after={next}");
        }
        assert_eq!(names, (0..5).map(|n| json!(format!("Wind {n}"))).collect::<Vec<_>>());
        assert_eq!(page("?limit=0").await.0, 422);
        assert_eq!(page("?limit=101").await.0, 422);
        assert_eq!(page("?limt=5").await.0, 422, "a typo never passes silently");
        assert_eq!(page("?after=nonsense").await.1["code"], "request.unknown_cursor");
    }
}

#[tokio::test]
async fn everything_that_goes_wrong_is_a_problem_document() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let login = || server.call("POST", "/v1/auth/login").header("Content-Type", "application/json");
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let cases = [
        (server.call("GET", "/v1/nowhere"), 404, "request.unknown_path"),
        (server.call("DELETE", "/v1/auth/login"), 405, "request.method_not_allowed"),
        (server.call("POST", "/v1/auth/login").body("{}"), 415, "request.unsupported_media_type"),
        (login().body("{"), 400, "request.malformed_json"),
        (login().body(deep), 400, "request.malformed_json"),
        (login().body(format!("{{\"x\":\"{}\"}}", "y".repeat(70_000))), 413, "request.body_too_large"),
        (login().body("{\"email\":\"ann@example.org\",\"pasword\":\"x\"}"), 422, "request.invalid"),
        (server.call("GET", "/v1/me"), 401, "request.unauthenticated"),
        (server.call("GET", "/v1/me").bearer_auth("nonsense"), 401, "identity.invalid_token"),
        (
            server.call("GET", "/v1/me/sessions?after=x").bearer_auth(ann.token()),
            422,
            "request.unknown_cursor",
        ),
    ];
    for (call, status, code) in cases {
        let answer = call.send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{code}");
        assert_eq!(answer.status().as_u16(), status, "{code}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["code"], code);
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], id);
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{code}");
    }
}

#[tokio::test]
async fn whoever_calls_too_often_is_told_when_to_come_back() {
    let mailer = std::sync::Arc::new(MemoryMailer::new());
    let platform = Platform::in_memory(Options::for_tests(mailer.clone())).await.unwrap();
    let few = NonZeroU32::new(5).unwrap();
    let rates = Some(Rates { anonymous: few, account: few });
    let server = Server::serve(platform, mailer, None, Settings { rates, ..Settings::default() });
    let mut last = None;
    for _ in 0..7 {
        last = Some(server.call("GET", "/v1/me").send().await.unwrap());
    }
    let last = last.unwrap();
    assert_eq!(last.status(), 429);
    assert!(last.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn answers_carry_the_security_headers_and_the_page_of_the_documentation_its_own() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let me = server.call("GET", "/v1/me").bearer_auth(ann.token()).send().await.unwrap();
    assert_eq!(me.headers()["cache-control"], "no-store");
    assert_eq!(me.headers()["x-content-type-options"], "nosniff");
    let policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(me.headers()["content-security-policy"], policy);
    assert_eq!(me.headers()["referrer-policy"], "no-referrer");
    assert!(me.headers().get("server").is_none());
    let docs = server.call("GET", "/docs/").send().await.unwrap();
    assert_eq!(docs.status(), 200);
    let policy = docs.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe-eval"), "{policy}");
    assert!(policy.contains("base-uri 'none'") && policy.contains("form-action 'none'"), "{policy}");
    for page in ["/verify", "/reset", "/invitation", "/assessment"] {
        let answer = server.call("GET", page).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{page}");
        assert!(!answer.text().await.unwrap().contains("onclick="));
    }
}
