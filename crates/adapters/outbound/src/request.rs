//! What is sent, and what of it is sent on where an answer leads elsewhere.

use http_body_util::Full;
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    header::{
        ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST,
        HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
    },
};
use kernel::outbound::{self, OutboundError, Outgoing, UrlRefused};
use url::{Position, Url};

/// Headers of the connection, with which a caller could make two requests of one.
const OF_THE_CONNECTION: [HeaderName; 8] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Headers that another host may see. Keys and signatures travel under any name, so all others stay behind.
const FOR_ANYBODY: [HeaderName; 5] = [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

/// A request without its URL.
pub(crate) struct Message {
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl Message {
    pub(crate) fn new(request: &Outgoing) -> Result<Self, OutboundError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static("Touchstone"));
        let mut own = HeaderMap::new();
        for (name, value) in &request.headers {
            let sound = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
            let sound = sound.filter(|(name, _)| !OF_THE_CONNECTION.contains(name));
            let (name, value) = sound.ok_or_else(|| OutboundError::Header(name.clone()))?;
            own.append(name, value);
        }
        headers.extend(own);
        let method = match request.method {
            outbound::Method::Get => Method::GET,
            outbound::Method::Post => Method::POST,
        };
        Ok(Self { method, headers, body: request.body.clone().into() })
    }

    /// As it is sent to this URL, on a connection that is used once.
    pub(crate) fn to(&self, url: &Url) -> Result<Request<Full<Bytes>>, OutboundError> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.headers_mut() = self.headers.clone();
        let target = &url[Position::BeforePath..Position::AfterQuery];
        *request.uri_mut() = target.parse().map_err(|_| UrlRefused::Malformed)?;
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let host = host.parse().map_err(|_| UrlRefused::Malformed)?;
        request.headers_mut().insert(HOST, host);
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        Ok(request)
    }

    /// As it is sent on by an answer of this status (RFC 9110, section 15.4).
    pub(crate) fn sent_on(mut self, status: StatusCode, is_same_origin: bool) -> Self {
        let was_post = self.method == Method::POST;
        let asks_anew = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && was_post;
        if asks_anew || status == StatusCode::SEE_OTHER {
            self.method = Method::GET;
            self.body = Bytes::new();
            self.headers.remove(CONTENT_TYPE);
        }
        if !is_same_origin {
            let own = self.headers.keys().filter(|name| !FOR_ANYBODY.contains(name));
            for name in own.cloned().collect::<Vec<_>>() {
                self.headers.remove(name);
            }
        }
        self
    }
}
