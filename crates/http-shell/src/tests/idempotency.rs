//! A repeated request has one effect and one answer.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::json;

use super::Fixture;

fn once(token: &str, key: &str, name: &str) -> TestRequest {
    TestRequest::post()
        .uri("/t/once")
        .insert_header(("authorization", format!("Bearer {token}")))
        .insert_header(("idempotency-key", key))
        .set_json(json!({ "name": name }))
}

#[actix_web::test]
async fn the_answer_is_replayed() {
    let fixture = Fixture::default();
    let send = fixture.open().await;
    let first = send(once("ann", "k", "x")).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""));
    let again = send(once("ann", "k", "x")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.text, first.text);
    for header in ["etag", "location", "content-type"] {
        assert_eq!(again.header(header), first.header(header));
    }
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    let sealed = fixture.idempotency.sealed();
    assert!(sealed.iter().all(|sealed| !String::from_utf8_lossy(sealed).contains("name")));
}

#[actix_web::test]
async fn an_answer_is_replayed_to_who_may_still_see_it() {
    let send = Fixture::default().open().await;
    assert_eq!(send(once("ann", "k", "hidden")).await.status, 201);
    send(once("ann", "k", "hidden")).await.problem(404);
}

#[actix_web::test]
async fn a_request_is_the_same_however_its_document_is_written_and_another_with_another_query() {
    let send = Fixture::default().open().await;
    let written = |text: &'static str, query: &str| {
        let json = ("content-type", "application/json");
        once("ann", "k", "x").uri(&format!("/t/once{query}")).insert_header(json).set_payload(text)
    };
    assert_eq!(send(written(r#"{"name":"x"}"#, "?b=1&a=2")).await.header("idempotency-replayed"), "");
    let again = send(written(r#" { "name" : "\u0078" }"#, "?a=2&b=1")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = send(written(r#"{"name":"x"}"#, "?b=1&a=3")).await;
    assert_eq!(other.problem(422), "request.idempotency_key_reused");
}

#[actix_web::test]
async fn another_body_is_refused_and_another_caller_is_not() {
    let send = Fixture::default().open().await;
    let first = send(once("ann", "k", "x")).await;
    assert_eq!(send(once("ann", "k", "y")).await.problem(422), "request.idempotency_key_reused");
    let bob = send(once("bob", "k", "x")).await;
    assert_eq!(bob.header("idempotency-replayed"), "");
    assert_ne!(bob.text, first.text);
}

#[actix_web::test]
async fn what_is_running_is_not_run_twice() {
    let send = Fixture::default().open().await;
    let running = send(once("ann", "k", "forever"));
    assert!(tokio::time::timeout(Duration::from_millis(20), running).await.is_err());
    let got = send(once("ann", "k", "forever")).await;
    assert_eq!(got.problem(409), "request.idempotency_running");
    assert_eq!(got.header("retry-after"), "1");
}

#[actix_web::test]
async fn a_refusal_frees_the_key() {
    let send = Fixture::default().open().await;
    send(once("ann", "k", "refuse")).await.problem(422);
    assert_eq!(send(once("ann", "k", "x")).await.status, 201);
}

#[actix_web::test]
async fn a_lost_answer_is_rendered_again() {
    let fixture = Fixture::default();
    let send = fixture.open().await;
    send(once("ann", "k", "x")).await;
    fixture.idempotency.lose_answers();
    let again = send(once("ann", "k", "x")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["id"], "00000000-0000-0000-0000-000000000007");
}

#[actix_web::test]
async fn a_key_is_checked() {
    let send = Fixture::default().open().await;
    for bad in ["", "a b", "ä", &"x".repeat(256)] {
        let code = send(once("ann", bad, "x")).await.problem(400);
        assert_eq!(code, "request.idempotency_key_malformed", "{bad:?}");
    }
    let twice = once("ann", "k", "x").append_header(("idempotency-key", "l"));
    send(twice).await.problem(400);
    assert_eq!(send(once("ann", &"x".repeat(255), "x")).await.status, 201);
    let pay = TestRequest::post().uri("/t/pay").insert_header(("authorization", "Bearer ann"));
    assert_eq!(send(pay).await.problem(400), "request.idempotency_key_required");
}

#[actix_web::test]
async fn without_a_key_the_work_is_simply_done() {
    let keyless = TestRequest::post()
        .uri("/t/once")
        .insert_header(("authorization", "Bearer ann"))
        .set_json(json!({ "name": "keyless" }));
    assert_eq!(Fixture::default().send(keyless).await.status, 201);
}
