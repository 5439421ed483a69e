//! What arrives on a connection and is no request. actix answers it before any layer is asked, and logs it as an error
//! of the server's.

use std::fmt::{self, Write as _};

use tracing::{Event, Subscriber, field::Field};
use tracing_subscriber::{Layer, layer::Context};

const ERRORS: &str = "http_connection_errors_total";
const MODULE: &str = "actix_http::h1::dispatcher";

/// How actix begins to say what went wrong, and what it counts as.
const REASONS: [(&str, &str); 5] = [
    ("stream error: request parse error", "malformed"),
    ("stream error: request did not complete", "too_slow"),
    ("stream error: I/O error", "broken_off"),
    ("stream error: handler dropped payload", "broken_off"),
    ("write zero; closing", "broken_off"),
];

/// Counts what strangers do to their connections, and keeps it out of the log: whoever likes can make as much of it as
/// they like, and no operator can mend it. It goes over the layers that write:
/// `registry().with(writer).with(ConnectionErrors)`.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionErrors;

pub(crate) fn describe() {
    metrics::describe_counter!(ERRORS, "Connections that carried no HTTP request or broke off, by reason");
}

impl<S: Subscriber> Layer<S> for ConnectionErrors {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if event.metadata().target() != MODULE {
            return true;
        }
        let mut message = String::new();
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            if field.name() == "message" {
                let _ = write!(message, "{value:?}");
            }
        });
        let reason = REASONS.iter().find(|(beginning, _)| message.starts_with(beginning));
        if let Some((_, reason)) = reason {
            metrics::counter!(ERRORS, "reason" => *reason).increment(1);
        }
        reason.is_none()
    }
}
