//! An answer as it is kept for replay: bound to its request, so that no other request can be given it.

use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody as _},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION},
    },
};
use kernel::IdempotentRequest;
use serde::{Deserialize, Serialize};

const HEADERS: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];

#[derive(Serialize, Deserialize)]
pub(super) struct StoredResponse {
    caller: String,
    key: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl StoredResponse {
    /// The answer, and what is kept of it; nothing of one that is no text or is still being made.
    pub(super) fn of(request: &IdempotentRequest, answer: HttpResponse) -> (HttpResponse, Option<Vec<u8>>) {
        let (head, body) = answer.into_parts();
        let bytes = match body.try_into_bytes() {
            Ok(bytes) => bytes,
            Err(body) => return (head.set_body(body), None),
        };
        let kept = str::from_utf8(&bytes).ok().map(|body| Self {
            caller: request.caller.clone(),
            key: request.key.clone(),
            status: head.status().as_u16(),
            headers: HEADERS
                .iter()
                .filter_map(|name| {
                    let value = head.headers().get(name)?.to_str().ok()?;
                    Some((name.to_string(), value.to_owned()))
                })
                .collect(),
            body: body.to_owned(),
        });
        let kept = kept.and_then(|kept| serde_json::to_vec(&kept).ok());
        (head.set_body(BoxBody::new(bytes)), kept)
    }

    /// The answer again, if it is this request's.
    pub(super) fn read(request: &IdempotentRequest, plain: &[u8]) -> Option<HttpResponse> {
        let kept: Self = serde_json::from_slice(plain).ok()?;
        if (&kept.caller, &kept.key) != (&request.caller, &request.key) {
            return None;
        }
        let mut answer = HttpResponse::build(StatusCode::from_u16(kept.status).ok()?);
        for (name, value) in &kept.headers {
            answer.insert_header((name.as_str(), value.as_str()));
        }
        Some(if kept.body.is_empty() { answer.finish() } else { answer.body(kept.body) })
    }
}
