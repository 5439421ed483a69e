//! Entity tags.

use actix_web::test::TestRequest;

use super::{Fixture, Got};

const THING: &str = "/t/things/00000000-0000-0000-0000-000000000001";

async fn read(if_none_match: &str) -> Got {
    Fixture::default()
        .send(TestRequest::get().uri(THING).insert_header(("if-none-match", if_none_match)))
        .await
}

async fn write(tags: &[&str]) -> Got {
    let request =
        tags.iter().fold(TestRequest::put().uri(THING), |r, tag| r.append_header(("if-match", *tag)));
    Fixture::default().send(request).await
}

#[actix_web::test]
async fn a_version_the_client_has_is_304() {
    for has in ["\"3\"", "W/\"3\"", "\"1\", \"3\"", "*"] {
        let got = read(has).await;
        assert_eq!((got.status.as_u16(), got.text.as_str(), got.header("etag")), (304, "", "\"3\""), "{has}");
    }
    for lacks in ["\"2\"", "3", "\"33\""] {
        let got = read(lacks).await;
        assert_eq!((got.status.as_u16(), got.header("etag")), (200, "\"3\""), "{lacks}");
    }
}

#[actix_web::test]
async fn a_change_names_the_version_it_was_made_for() {
    let got = write(&["\"3\""]).await;
    assert_eq!((got.status.as_u16(), got.header("etag")), (200, "\"4\""));
    assert_eq!(write(&[]).await.problem(428), "request.if_match_required");
    assert_eq!(write(&["\"2\""]).await.problem(412), "request.stale");
    for bad in [
        &["*"][..],
        &["3"],
        &["W/\"3\""],
        &["\"x\""],
        &["\"\""],
        &["\"-3\""],
        &["\"3\", \"4\""],
        &["\"3\"", "\"3\""],
    ] {
        assert_eq!(write(bad).await.problem(400), "request.if_match_malformed", "{bad:?}");
    }
    assert_eq!(write(&["\"99999999999999999999\""]).await.problem(400), "request.if_match_malformed");
}
