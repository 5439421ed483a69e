//! Who asks.

use actix_web::test::TestRequest;

use super::{Fixture, Got};
use crate::Settings;

const ID: &str = "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6";

async fn anyone(headers: &[(&'static str, &str)]) -> Got {
    let trusted = ["10.0.0.0/8".parse().unwrap()].into_iter().collect();
    let settings = Settings { trusted_proxies: trusted, rates: None, ..Settings::default() };
    let request = TestRequest::get().uri("/t/anyone").peer_addr("10.0.0.1:1".parse().unwrap());
    let request = headers.iter().fold(request, |request, header| request.append_header(*header));
    Fixture { settings, ..Fixture::default() }.send(request).await
}

#[actix_web::test]
async fn a_request_id_that_is_a_uuid_is_kept() {
    let got = anyone(&[("x-request-id", ID)]).await;
    assert_eq!((got.header("x-request-id"), got.json()["request"].as_str()), (ID, Some(ID)));
    for forged in ["x", "0192f3c4\tsplit", ""] {
        let got = anyone(&[("x-request-id", forged)]).await;
        assert_eq!(got.header("x-request-id"), "00000000-0000-0000-0000-000000000001");
    }
}

#[actix_web::test]
async fn a_forged_address_does_not_count() {
    let got = anyone(&[("x-forwarded-for", "1.1.1.1, 203.0.113.9"), ("forwarded", "for=6.6.6.6")]).await;
    assert_eq!(got.json()["address"], "203.0.113.9");
}

#[actix_web::test]
async fn a_context_knows_method_and_pattern_and_never_the_path_itself() {
    assert_eq!(anyone(&[]).await.json()["route"], "GET /t/anyone");
    let head = TestRequest::default().method(actix_web::http::Method::HEAD).uri("/t/anyone?x=canary");
    assert_eq!(Fixture::default().send(head).await.json()["route"], "HEAD /t/anyone");
}

#[actix_web::test]
async fn a_long_user_agent_is_cut() {
    let got = anyone(&[("user-agent", &"ä".repeat(300))]).await;
    assert_eq!(got.json()["agent"].as_str().unwrap().chars().count(), 256);
}

#[actix_web::test]
async fn a_caller_needs_a_good_token() {
    let send = async |header: Option<&str>| {
        let request = TestRequest::get().uri("/t/whoami");
        let request =
            header.into_iter().fold(request, |r, header| r.insert_header(("authorization", header)));
        Fixture::default().send(request).await
    };
    assert_eq!(send(Some("Bearer ann")).await.json()["id"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(send(Some("bearer ann")).await.status, 200);
    for none in [None, Some("Basic YTpi"), Some("Bearer"), Some("Bearer "), Some("ann")] {
        let got = send(none).await;
        assert_eq!(got.problem(401), "request.unauthenticated", "{none:?}");
        assert_eq!(got.header("www-authenticate"), "Bearer");
    }
    assert_eq!(send(Some("Bearer eve")).await.problem(401), "identity.invalid_token");
    let huge = format!("Bearer {}", "a".repeat(4097));
    assert_eq!(send(Some(&huge)).await.problem(401), "request.unauthenticated");
}

#[actix_web::test]
async fn listed_origins_may_call_and_no_others() {
    let settings = Settings {
        cors_origins: vec!["https://app.example.org".to_owned()],
        rates: None,
        ..Settings::default()
    };
    let fixture = Fixture { settings, ..Fixture::default() };
    let from =
        |origin: &'static str, path: &str| TestRequest::get().uri(path).insert_header(("origin", origin));
    for path in ["/livez", "/nowhere", "/t/panic", "/t/whoami"] {
        let got = fixture.send(from("https://app.example.org", path)).await;
        assert_eq!(got.header("access-control-allow-origin"), "https://app.example.org", "{path}");
        let got = fixture.send(from("https://evil.example", path)).await;
        assert_eq!(got.header("access-control-allow-origin"), "", "{path}");
    }
    let preflight = |origin: &'static str| {
        TestRequest::default()
            .method(actix_web::http::Method::OPTIONS)
            .uri("/livez")
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "PATCH"))
            .insert_header(("access-control-request-headers", "authorization,if-match"))
    };
    let got = fixture.send(preflight("https://app.example.org")).await;
    assert_eq!(got.status, 200);
    assert!(
        !got.header("x-request-id").is_empty() && got.header("access-control-allow-credentials").is_empty()
    );
    fixture.send(preflight("https://evil.example")).await.problem(400);
}
