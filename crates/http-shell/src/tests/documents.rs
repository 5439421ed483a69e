//! The description of the API.

use actix_web::{http::StatusCode, test::TestRequest};

use super::{Fixture, api, get};
use crate::problem::fallback;

#[actix_web::test]
async fn the_document_is_cached_by_its_tag() {
    let got = get("/openapi.json").await;
    let document = got.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert!(document["webhooks"].is_object(), "what the API adds is in it");
    let again = TestRequest::get().uri("/openapi.json").insert_header(("if-none-match", got.header("etag")));
    assert_eq!(Fixture::default().send(again).await.status, 304);
}

#[actix_web::test]
async fn the_documentation_page_needs_nothing_from_elsewhere() {
    let moved = get("/docs").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "docs/"));
    let page = get("/docs/").await;
    assert!(page.header("content-security-policy").contains("script-src 'self';"));
    assert!(page.text.contains("swagger-ui-bundle.js") && !page.text.contains("<script>"));
    let start = get("/docs/swagger-initializer.js").await;
    assert!(start.text.contains("../openapi.json") && !start.text.contains("petstore"), "{}", start.text);
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "index.css"] {
        assert_eq!(get(&format!("/docs/{file}")).await.status, 200, "{file}");
    }
    get("/docs/nothing.js").await.problem(404);
}

#[actix_web::test]
async fn the_errors_page_explains_every_code() {
    let page = get("/docs/errors").await.text;
    for code in api().codes() {
        assert!(page.contains(&format!("id=\"{}\"", code.code)), "{}", code.code);
    }
}

#[test]
fn every_bare_status_has_an_explained_code() {
    for status in (400..=431).chain([500, 501, 503]).filter_map(|status| StatusCode::from_u16(status).ok()) {
        let problem = fallback(status);
        assert!(api().codes().iter().any(|note| note.code == problem.code()), "{status}: {problem}");
    }
}
