//! Whatever goes wrong leaves as a problem.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::json;

use super::{Fixture, get};
use crate::{Settings, health::TrailReport};

#[actix_web::test]
async fn errors_of_the_framework_are_problems() {
    assert_eq!(get("/nowhere").await.problem(404), "request.unknown_path");
    assert_eq!(get("/t/foreign-query?size=x").await.problem(400), "request.malformed");
    assert_eq!(get("/t/foreign-path/300").await.problem(404), "request.unknown_path");
    assert_eq!(get("/t/no-data").await.problem(500), "service.fault");
    let fixture = Fixture::default();
    let form = TestRequest::post().uri("/t/foreign-form").set_form([("name", "x"), ("list", "y")]);
    fixture.send(form).await.problem(400);
    let form = TestRequest::post().uri("/t/foreign-form").set_payload("name=x");
    fixture.send(form).await.problem(415);
    let json = TestRequest::post().uri("/t/foreign-json").set_json(json!({ "nme": 1 }));
    fixture.send(json).await.problem(400);
    let odd =
        TestRequest::get().uri("/livez").insert_header(("accept-encoding", "identity;q=0, br;q=0, gzip;q=0"));
    fixture.send(odd).await.problem(406);
}

#[actix_web::test]
async fn another_method_is_405_and_allow_says_which_there_are() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        let request = TestRequest::default().method(method.parse().unwrap()).uri("/livez");
        let got = Fixture::default().send(request).await;
        assert_eq!(got.problem(405), "request.method_not_allowed");
        assert_eq!(got.header("allow"), "GET, HEAD");
    }
    for page in ["/openapi.json", "/docs", "/docs/index.html", "/t/page"] {
        let got = Fixture::default().send(TestRequest::post().uri(page)).await;
        got.problem(405);
        assert_eq!(got.header("allow"), "GET, HEAD", "{page}");
    }
}

#[actix_web::test]
async fn what_one_may_not_know_is_as_what_is_not_there() {
    let mut bodies = Vec::new();
    for id in ["00000000-0000-0000-0000-000000000009", "nonsense", "%20", "1"] {
        let got = get(&format!("/t/things/{id}")).await;
        assert_eq!(got.problem(404), "request.not_found");
        let mut body = got.json();
        body["request_id"].take();
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
}

#[actix_web::test]
async fn a_defect_tells_the_client_nothing_of_itself() {
    for (path, status) in [("/t/fault", 500), ("/t/panic", 500), ("/t/unavailable", 503)] {
        let got = get(path).await;
        got.problem(status);
        assert!(!got.text.contains("canary"), "{got:?}");
    }
    assert_eq!(get("/t/unavailable").await.header("retry-after"), "1");
}

#[actix_web::test]
async fn an_answer_that_takes_too_long_is_503() {
    let settings = Settings { answer_within: Duration::from_millis(20), rates: None, ..Settings::default() };
    let fixture = Fixture { settings, ..Fixture::default() };
    let got = fixture.send(TestRequest::get().uri("/t/slow")).await;
    assert_eq!(got.problem(503), "service.timeout");
    assert_eq!(got.header("retry-after"), "1");
}

#[actix_web::test]
async fn too_many_headers_are_431() {
    let request = TestRequest::get().uri("/livez").insert_header(("x-much", "x".repeat(16 * 1024)));
    assert_eq!(Fixture::default().send(request).await.problem(431), "request.headers_too_large");
}

#[actix_web::test]
async fn readiness_reports_a_newer_schema_and_fails_without_storage() {
    let got = get("/readyz").await;
    let expected = json!({ "status": "ready", "schema": "m0001", "newer_schema": true, "audit": "unknown",
        "audit_lag_seconds": null });
    assert_eq!(got.json(), expected);
    let sick = Fixture { healthy: false, ..Fixture::default() };
    let got = sick.send(TestRequest::get().uri("/readyz")).await;
    got.problem(503);
    assert!(!got.text.contains("canary"));
    assert_eq!(sick.send(TestRequest::get().uri("/livez")).await.status, 200);
}

#[actix_web::test]
async fn who_cannot_write_is_ready_for_reads_alone() {
    let full = Fixture { writable: false, ..Fixture::default() }.open().await;
    let ready = |query: &str| TestRequest::get().uri(&format!("/readyz{query}"));
    assert_eq!(full(ready("")).await.problem(503), "service.unavailable");
    full(ready("?writes=true")).await.problem(503);
    assert_eq!(full(ready("?writes=false")).await.status, 200);
    assert_eq!(full(ready("?writes=perhaps")).await.problem(422), "request.invalid");
}

#[actix_web::test]
async fn an_altered_trail_is_told_and_fails_nothing() {
    let trail_report = TrailReport { soundness: "altered", lag: Some(Duration::from_millis(250)) };
    let fixture = Fixture { trail_report, ..Fixture::default() };
    let got = fixture.send(TestRequest::get().uri("/readyz")).await;
    assert_eq!(got.status, 200);
    assert_eq!((&got.json()["audit"], &got.json()["audit_lag_seconds"]), (&json!("altered"), &json!(0.25)));
}
