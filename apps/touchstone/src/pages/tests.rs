//! The pages as a browser gets them, behind all layers.

use std::sync::Arc;

use actix_web::{
    dev::ServiceResponse,
    http::header::{ALLOW, CONTENT_TYPE, HeaderName, REFERRER_POLICY},
    test::{TestRequest, call_service, init_service, read_body},
};
use mail::MemoryMailer;
use platform::{Options, Platform};

use super::*;
use crate::serving;

fn header<B>(answer: &ServiceResponse<B>, name: HeaderName) -> &str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Every path that anybody may read: pages, what they load, descriptions, and what the documentation page loads.
#[actix_web::test]
async fn every_static_path_says_what_it_is_and_how_its_text_is_encoded() {
    let platform = Platform::in_memory(Options::for_tests(Arc::new(MemoryMailer::new()))).await.unwrap();
    let settings = http_shell::Settings { rates: None, ..http_shell::Settings::default() };
    let app = init_service(http_shell::server::app(&serving::state(&platform, settings))).await;
    let docs = call_service(&app, TestRequest::get().uri("/docs/").to_request()).await;
    let docs = String::from_utf8(read_body(docs).await.to_vec()).unwrap();
    let is_file = |text: &&str| [".css", ".js", ".png"].iter().any(|kind| text.ends_with(kind));
    let loaded = docs.split('"').filter(is_file);
    let mut paths: Vec<String> =
        loaded.map(|name| format!("/docs/{}", name.trim_start_matches("./"))).collect();
    assert!(paths.len() >= 7, "the documentation page loads styles, scripts and icons: {paths:?}");
    let fixed = [
        "/docs/",
        "/docs/errors",
        "/openapi.json",
        "/.well-known/jwks.json",
        "/livez",
        "/readyz",
        "/nowhere",
    ];
    let files = ["page.css", "page.js", "said.js", "assessment.js"].map(|name| format!("/pages/{name}"));
    let pages = PATHS.into_iter().filter(|path| !path.contains('{'));
    paths.extend(fixed.into_iter().chain(pages).map(str::to_owned).chain(files));
    for path in paths {
        let answer = call_service(&app, TestRequest::get().uri(&path).to_request()).await;
        let media = header(&answer, CONTENT_TYPE).to_owned();
        let is_text = media.starts_with("text/") || media.contains("xml");
        let is_json = ["application/json", "application/problem+json"].contains(&media.as_str());
        let is_image = media == "image/png";
        assert!(is_json || is_image || is_text && media.ends_with("; charset=utf-8"), "{path}: {media}");
        let body = read_body(answer).await.to_vec();
        assert!(is_image || String::from_utf8(body).is_ok(), "{path} is no UTF-8");
    }
}

/// Pages show sentences for people: every code that the operations they call are described with has one, and no page
/// shows the words that the API has for programmers.
#[test]
fn every_no_that_a_page_can_meet_has_a_sentence_for_people() {
    let said = include_str!("said.js");
    let scripts = [said, include_str!("page.js"), include_str!("assessment.js")];
    let called = [
        "identity.verify_email",
        "identity.confirm_email_change",
        "identity.reset_password",
        "identity.login",
        "identity.refresh",
        "identity.accept_invitation",
        "identity.logout",
        "identity.unsubscribe",
        "identity.subscribe_again",
        "notification.unsubscribe",
        "notification.subscribe_again",
        "assessment.open_assignment",
        "assessment.list_my_assignments",
        "assessment.start_assignment",
        "assessment.get_session",
        "assessment.put_answer",
        "assessment.add_turn",
        "assessment.pause_session",
        "assessment.resume_session",
        "assessment.submit_session",
        "assessment.list_my_results",
        "assessment.get_my_result",
        "assessment.export_guest_data",
        "assessment.erase_guest_data",
    ];
    let document = serde_json::to_value(crate::api::api().document()).unwrap();
    let mut met = std::collections::BTreeSet::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        if called.iter().any(|id| operation["operationId"] == *id) {
            for answer in operation["responses"].as_object().unwrap().values() {
                let text = answer["description"].as_str().unwrap_or_default();
                met.extend(
                    text.split('`').skip(1).step_by(2).filter(|text| text.contains('.')).map(str::to_owned),
                );
            }
        }
    }
    assert!(met.len() > 25, "{met:?}");
    let unsaid: Vec<_> = met.iter().filter(|code| !said.contains(&format!("\"{code}\":"))).collect();
    assert!(unsaid.is_empty(), "no sentence for {unsaid:?}");
    for script in scripts {
        assert!(!script.contains(".detail"), "the API's own words are not shown");
    }
}

#[actix_web::test]
async fn the_pages_of_mails_run_no_foreign_and_no_inline_code() {
    let platform = Platform::in_memory(Options::for_tests(Arc::new(MemoryMailer::new()))).await.unwrap();
    let settings = http_shell::Settings { rates: None, ..http_shell::Settings::default() };
    let app = init_service(http_shell::server::app(&serving::state(&platform, settings))).await;
    let script = |path| if path == "/assessment" { "assessment" } else { "page" };
    for path in ["/verify", "/reset", "/invitation", "/assessment"] {
        let page = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        let csp = header(&page, CONTENT_SECURITY_POLICY);
        assert!(csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{csp}");
        assert_eq!(header(&page, REFERRER_POLICY), "no-referrer");
        let page = String::from_utf8(read_body(page).await.to_vec()).unwrap();
        let tag = format!("<script src=\"pages/{}.js\" defer></script>", script(path));
        let said = "<script src=\"pages/said.js\" defer></script>";
        assert!(page.contains(&tag) && page.contains(said), "{path}");
        for inline in ["<script>", "style=", "onclick", "http:", "https:"] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
    }
    for script in ["/pages/page.js", "/pages/said.js", "/pages/assessment.js"] {
        let script = call_service(&app, TestRequest::get().uri(script).to_request()).await;
        assert_eq!(header(&script, CONTENT_TYPE), "text/javascript; charset=utf-8");
        let script = String::from_utf8(read_body(script).await.to_vec()).unwrap();
        for sink in ["innerHTML", "eval(", "localStorage", "document.write"] {
            assert!(!script.contains(sink), "what strangers wrote is never markup: {sink}");
        }
    }
    let other = call_service(&app, TestRequest::get().uri("/pages/other.js").to_request()).await;
    assert_eq!(other.status(), 404);
    for path in ["/verify", "/pages/page.js"] {
        let posted = call_service(&app, TestRequest::post().uri(path).to_request()).await;
        assert_eq!((posted.status().as_u16(), header(&posted, ALLOW)), (405, "GET, HEAD"), "{path}");
    }
}
