//! The description of the API and the pages.

use actix_web::{http::StatusCode, test::TestRequest};
use serde_json::Value;

use super::{Fixture, get};
use crate::http::problem::{codes, errors_page, fallback};

#[actix_web::test]
async fn the_document_is_cached_by_its_tag() {
    let got = get("/openapi.json").await;
    let document = got.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let again = TestRequest::get().uri("/openapi.json").insert_header(("if-none-match", got.header("etag")));
    assert_eq!(Fixture::default().send(again).await.status, 304);
}

#[actix_web::test]
async fn every_operation_is_described_whole() {
    let document = get("/openapi.json").await.json();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(id.contains('.') && ids.insert(id.to_owned()), "{method} {path}: {id}");
            assert!(operation["summary"].is_string(), "{id} has no summary");
            assert!(tags.contains(&&operation["tags"][0]), "the tag of {id} is not described");
            for (status, response) in operation["responses"].as_object().unwrap() {
                if status.starts_with(['4', '5']) && response["$ref"].is_null() {
                    assert!(response["content"]["application/problem+json"].is_object(), "{id} {status}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| match value {
                Value::String(text) if key == "$ref" => found.push(text.clone()),
                other => references(other, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = get("/openapi.json").await.json();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
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
    for code in codes() {
        assert!(page.contains(&format!("id=\"{}\"", code.code)), "{}", code.code);
    }
}

/// What an operation answers is explained, so that no domain's codes are left out of the table.
#[actix_web::test]
async fn every_code_in_the_description_is_explained() {
    let (document, codes) = (get("/openapi.json").await.json(), codes());
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap());
    let mut named = std::collections::BTreeSet::new();
    for (_, operation) in operations {
        let refused = operation["responses"].as_object().unwrap().iter();
        for (_, response) in refused.filter(|(status, _)| status.starts_with(['4', '5'])) {
            // Every second part stands between backticks.
            let quoted = response["description"].as_str().unwrap_or_default().split('`').skip(1).step_by(2);
            named.extend(quoted.filter(|text| text.contains('.')).map(str::to_owned));
        }
    }
    assert!(named.len() > 30, "{named:?}");
    for code in named {
        assert!(codes.iter().any(|note| note.code == code), "{code}");
    }
}

#[actix_web::test]
async fn the_pages_of_mails_run_no_foreign_and_no_inline_code() {
    let script = |path| if path == "/assessment" { "assessment" } else { "page" };
    for path in ["/verify", "/reset", "/invitation", "/assessment"] {
        let page = get(path).await;
        let csp = page.header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{csp}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        let tag = format!("<script src=\"pages/{}.js\" defer></script>", script(path));
        assert!(page.text.contains(&tag), "{path}");
        for inline in ["<script>", "style=", "onclick", "http:", "https:"] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
    }
    for script in ["/pages/page.js", "/pages/assessment.js"] {
        let script = get(script).await;
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        for sink in ["innerHTML", "eval(", "localStorage", "document.write"] {
            assert!(!script.text.contains(sink), "what strangers wrote is never markup: {sink}");
        }
    }
    get("/pages/other.js").await.problem(404);
}

#[test]
fn every_bare_status_has_an_explained_code() {
    for status in (400..=431).chain([500, 501, 503]).filter_map(|status| StatusCode::from_u16(status).ok()) {
        let problem = fallback(status);
        assert!(codes().iter().any(|note| note.code == problem.code()), "{status}: {problem}");
    }
}

#[test]
fn the_errors_page_of_the_repository_is_what_the_code_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, errors_page()).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, errors_page(), "run: UPDATE_DOCS=1 cargo test -p touchstone errors_page");
}
