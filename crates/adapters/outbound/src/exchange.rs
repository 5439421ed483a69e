//! One request and its answer, on a connection of their own.

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{self, Bytes},
    client::conn::http1,
    header::{HeaderValue, LOCATION},
};
use hyper_util::rt::TokioIo;
use kernel::outbound::{CheckedUrl, Incoming, OutboundError};
use tokio::task::JoinSet;
use url::Url;

use crate::connection::Stream;

/// How many bytes are held of what was not read yet: headers that go far beyond it break the answer.
const BUFFER: usize = 64 * 1024;

/// An answer whose body has not been read. The connection ends when it is dropped.
pub(crate) struct Answer {
    response: Response<body::Incoming>,
    _connection: JoinSet<()>,
}

/// Sends the request, and waits for the headers of the answer.
pub(crate) async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<Full<Bytes>>,
) -> Result<Answer, OutboundError> {
    let handshake = http1::Builder::new().max_buf_size(BUFFER).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|_| OutboundError::Broken)?;
    let mut running = JoinSet::new();
    // Its error is told to the request or the body as well.
    running.spawn(async move { drop(connection.await) });
    let response = sender.send_request(request).await.map_err(|_| OutboundError::Broken)?;
    Ok(Answer { response, _connection: running })
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Where the answer leads on.
    pub(crate) fn location(&self) -> Option<&[u8]> {
        let leads_on = matches!(self.status().as_u16(), 301..=303 | 307 | 308);
        self.response.headers().get(LOCATION).filter(|_| leads_on).map(HeaderValue::as_bytes)
    }

    /// Reads the body up to so many bytes, and nothing beyond.
    pub(crate) async fn read(self, url: &Url, most: usize) -> Result<Incoming, OutboundError> {
        let Self { response, _connection } = self;
        let (head, mut rest) = response.into_parts();
        let (mut body, mut is_cut) = (Vec::new(), false);
        while !is_cut && let Some(frame) = rest.frame().await {
            let frame = frame.map_err(|_| OutboundError::Broken)?;
            let data = frame.into_data().unwrap_or_default();
            let taken = data.len().min(most - body.len());
            body.extend_from_slice(&data[..taken]);
            is_cut = taken < data.len();
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let (status, headers) = (head.status.as_u16(), headers.collect());
        Ok(Incoming { status, headers, body, is_cut, url: CheckedUrl::assume(url.as_str()) })
    }
}
