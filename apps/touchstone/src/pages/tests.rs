//! The pages as a browser gets them, behind all layers.

use std::sync::Arc;

use actix_web::{
    dev::ServiceResponse,
    http::header::{ALLOW, CONTENT_TYPE, HeaderName},
    test::{TestRequest, call_service, init_service, read_body},
};
use mail::MemoryMailer;
use platform::{Options, Platform};

use super::*;
use crate::serving;

fn header<B>(answer: &ServiceResponse<B>, name: HeaderName) -> &str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
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
        assert!(page.contains(&tag), "{path}");
        for inline in ["<script>", "style=", "onclick", "http:", "https:"] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
    }
    for script in ["/pages/page.js", "/pages/assessment.js"] {
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
