//! Reads a body: of the right media type, within its size, within its time.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
    web::{self, Bytes, Data},
};

use super::super::{
    problem::{Problem, fallback},
    state::AppState,
};

/// The whole body, at most `limit` octets of it.
pub(super) async fn read(req: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("the body is larger than the {} KiB this call takes", limit / 1024);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.body_too_large", detail)
    };
    let length = req.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let state = req.app_data::<Data<AppState>>();
    let state = state.ok_or_else(|| Problem::fault(&"the state of the shell is not in place"))?;
    let whole =
        web::Payload::from_request(req, payload).await.map_err(|_| fallback(StatusCode::BAD_REQUEST))?;
    match tokio::time::timeout(state.settings().body_within, whole.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(fallback(StatusCode::BAD_REQUEST)),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(fallback(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// Refuses a body that is not of one of the media types, in UTF-8 and without a content coding.
pub(super) fn expect_type(req: &HttpRequest, accepted: &[&str]) -> Result<(), Problem> {
    let refused = || {
        let types = accepted.join("` or `");
        let detail =
            format!("send the body as `{types}`, in UTF-8 and uncompressed, and say so once in Content-Type");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail)
    };
    let coded = req.headers().get_all(CONTENT_ENCODING).any(|coding| coding.as_bytes() != b"identity");
    if coded || req.headers().get_all(CONTENT_TYPE).count() != 1 {
        return Err(refused());
    }
    let given = req.mime_type().ok().flatten().ok_or_else(refused)?;
    let utf8 =
        given.get_param("charset").is_none_or(|charset| charset.as_str().eq_ignore_ascii_case("utf-8"));
    if utf8 && accepted.contains(&given.essence_str()) { Ok(()) } else { Err(refused()) }
}
