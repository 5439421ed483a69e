//! Which form of an answer the client would rather have.

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header as _, Quality},
};

/// The media type among those `offered` that `Accept` ranks highest (RFC 9110, section 12.5.1); the first of them where
/// it does not say, or asks for none of them.
pub fn preferred<'a>(req: &HttpRequest, offered: &[&'a str]) -> &'a str {
    let first = offered.first().copied().unwrap_or_default();
    let Ok(mut accept) = Accept::parse(req) else { return first };
    accept.retain(|item| item.quality > Quality::ZERO);
    let fits = |range: &str, media: &str| match range.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => media.split('/').next() == Some(kind),
        None => range == media,
    };
    let best = accept.ranked().into_iter().find_map(|range| {
        let range = range.essence_str();
        offered.iter().copied().find(|media| fits(range, media))
    });
    best.unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_client_ranks_and_the_first_is_for_whoever_does_not_care() {
        const OFFERED: [&str; 2] = ["application/json", "application/x-ndjson"];
        let of = |accept: Option<&str>| {
            let request = TestRequest::get();
            let request = accept.into_iter().fold(request, |r, accept| r.insert_header(("accept", accept)));
            preferred(&request.to_http_request(), &OFFERED)
        };
        for json in [
            None,
            Some("*/*"),
            Some("application/*"),
            Some("text/html"),
            Some("application/json, application/x-ndjson"),
            Some("application/x-ndjson;q=0.5, application/json"),
            Some("application/x-ndjson;q=0, */*;q=0.1"),
            Some("rubbish"),
            Some(""),
        ] {
            assert_eq!(of(json), OFFERED[0], "{json:?}");
        }
        for lines in ["application/x-ndjson", "application/x-ndjson, */*;q=0.5", "*/*, application/x-ndjson"]
        {
            assert_eq!(of(Some(lines)), OFFERED[1], "{lines}");
        }
        assert_eq!(of(Some("text/*;q=0.9, application/x-ndjson;q=0.1")), OFFERED[1]);
    }
}
