//! The trail as lines of JSON, sent as fast as the client reads and never held whole.

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    http::header::{CONTENT_DISPOSITION, VARY},
    web::Bytes,
};
use audit::{export::Export, refusal::Refused, trail::Whose};

/// The media type of lines of JSON.
pub(super) const MEDIA_TYPE: &str = "application/x-ndjson";

/// 200 with all lines of the export.
pub(super) fn streaming(export: Export, whose: Whose) -> HttpResponse {
    let of = match whose {
        Whose::Organization(id) => format!("-{id}"),
        Whose::Own => "-own".to_owned(),
        Whose::Platform => String::new(),
    };
    let file = format!("attachment; filename=\"audit{of}-{}.ndjson\"", export.size());
    HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .insert_header((CONTENT_DISPOSITION, file))
        .insert_header((VARY, "accept, accept-encoding"))
        .body(NdjsonBody::Waiting(Box::new(export)))
}

type Reading = Pin<Box<dyn Future<Output = (Box<Export>, Result<Option<Vec<u8>>, Refused>)>>>;

/// The body: the next lines are read when the connection has sent those before.
enum NdjsonBody {
    Waiting(Box<Export>),
    Reading(Reading),
    Over,
}

/// The export broke off. The connection ends with it, so that nobody takes what was sent for the whole.
#[derive(Debug)]
struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an export of the audit trail broke off")
    }
}

impl std::error::Error for BrokenOff {}

impl MessageBody for NdjsonBody {
    type Error = BrokenOff;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        loop {
            match mem::replace(&mut *self, Self::Over) {
                Self::Over => return Poll::Ready(None),
                Self::Waiting(mut export) => {
                    *self = Self::Reading(Box::pin(async move {
                        let lines = export.lines().await;
                        (export, lines)
                    }));
                }
                Self::Reading(mut reading) => match reading.as_mut().poll(cx) {
                    Poll::Pending => {
                        *self = Self::Reading(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready((_, Ok(None))) => return Poll::Ready(None),
                    Poll::Ready((export, Ok(Some(lines)))) => {
                        *self = Self::Waiting(export);
                        // An empty chunk would end the body.
                        if !lines.is_empty() {
                            return Poll::Ready(Some(Ok(lines.into())));
                        }
                    }
                    Poll::Ready((_, Err(error))) => {
                        tracing::error!(%error, "an export of the audit trail broke off");
                        return Poll::Ready(Some(Err(BrokenOff)));
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests;
