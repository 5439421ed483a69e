//! How often a client may call.

use actix_web::test::TestRequest;

use super::Fixture;
use crate::{Settings, settings::Rates};

fn limited() -> Fixture {
    let few = |n| std::num::NonZeroU32::new(n).unwrap();
    let rates = Some(Rates { anonymous: few(3), account: few(5) });
    Fixture { settings: Settings { rates, ..Settings::default() }, ..Fixture::default() }
}

fn from(address: &str, token: Option<&str>) -> TestRequest {
    let request = TestRequest::get().uri("/t/anyone").peer_addr(format!("{address}:1").parse().unwrap());
    token.into_iter().fold(request, |r, token| r.insert_header(("authorization", format!("Bearer {token}"))))
}

#[actix_web::test]
async fn each_address_and_each_account_has_its_own_bucket() {
    let send = limited().open().await;
    for _ in 0..3 {
        assert_eq!(send(from("192.0.2.1", None)).await.status, 200);
    }
    let got = send(from("192.0.2.1", None)).await;
    assert_eq!(got.problem(429), "request.rate_limited");
    let wait: u64 = got.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");

    assert_eq!(send(from("192.0.2.2", None)).await.status, 200);
    for _ in 0..5 {
        assert_eq!(send(from("192.0.2.1", Some("ann"))).await.status, 200);
    }
    send(from("192.0.2.9", Some("ann"))).await.problem(429);
    assert_eq!(send(from("192.0.2.1", Some("bob"))).await.status, 200);
}

#[actix_web::test]
async fn guessed_tokens_count_for_their_address() {
    let send = limited().open().await;
    for guess in ["a", "b", "c"] {
        assert_eq!(send(from("192.0.2.1", Some(guess))).await.status, 200);
    }
    send(from("192.0.2.1", Some("d"))).await.problem(429);
}

#[actix_web::test]
async fn probes_are_never_counted_and_limits_can_be_lifted() {
    let send = limited().open().await;
    for _ in 0..20 {
        assert_eq!(send(TestRequest::get().uri("/livez")).await.status, 200);
    }
    let free = Fixture::default().open().await;
    for _ in 0..700 {
        assert_eq!(free(from("192.0.2.1", None)).await.status, 200);
    }
}

#[actix_web::test]
async fn who_proves_who_they_are_counts_for_themselves_and_not_for_their_address() {
    let send = limited().open().await;
    let prove = |name: &'static str| {
        let request = TestRequest::post().uri("/t/prove").peer_addr("192.0.2.1:1".parse().unwrap());
        send(request.set_payload(name))
    };
    for _ in 0..5 {
        assert_eq!(prove("ann").await.status, 200, "a bucket of its own");
    }
    for _ in 0..2 {
        assert_eq!(prove("eve").await.status, 401, "and that of the address, as full as it was");
    }
    assert_eq!(prove("ann").await.status, 200, "that is full: this counts for the address");
    assert_eq!(prove("ann").await.problem(429), "request.rate_limited");
    assert_eq!(send(from("192.0.2.1", None)).await.problem(429), "request.rate_limited");
}

#[actix_web::test]
async fn whoever_is_told_to_come_back_for_want_of_room_is_not_counted() {
    let send = limited().open().await;
    for _ in 0..10 {
        let got = send(from("192.0.2.1", None).uri("/t/unavailable")).await;
        assert_eq!(
            (got.problem(503), got.header("retry-after").is_empty()),
            ("service.unavailable".to_owned(), false)
        );
    }
    assert_eq!(send(from("192.0.2.1", None)).await.status, 200);
}

#[actix_web::test]
async fn files_are_not_counted_whatever_token_comes_along() {
    let send = limited().open().await;
    for path in ["/t/page", "/openapi.json", "/docs/", "/docs/index.css"] {
        for token in [None, Some("forged")] {
            for _ in 0..5 {
                let got = send(from("192.0.2.1", token).uri(path)).await;
                assert_ne!(got.status, 429, "{path}");
            }
        }
    }
    assert_eq!(send(from("192.0.2.1", None)).await.status, 200);
}
