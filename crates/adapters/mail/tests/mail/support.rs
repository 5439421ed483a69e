//! Letters, a clock that stands still, and how a mail reader sees a message.

use std::sync::Arc;

use kernel::{Clock, Mail, Secret, Timestamp};
use mail::Sender;
use mail_parser::{Message, MessageParser};
use serde_json::{Value, json};

pub(crate) const LINK: &str = "https://touchstone.example/reset#token=s3cr3t-T0ken_x&for=1";

pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-11-20T11:00:00.123456Z".parse().unwrap()
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(Still)
}

pub(crate) fn sender() -> Sender {
    Sender::new("no-reply@touchstone.example", Some("Touchstone")).unwrap()
}

pub(crate) fn letter(template: &'static str, values: Value) -> Mail {
    let link = Some(Secret::new(LINK));
    Mail { link, ..Mail::new("anna@example.org", template, values, uuid::Uuid::from_u128(7)) }
}

pub(crate) fn reset() -> Mail {
    letter("identity/reset-password", json!({ "name": "Anna" }))
}

/// Every value any template asks for.
pub(crate) fn everything() -> Value {
    json!({
        "name": "Anna", "organization": "Acme", "inviter": "Bob", "roles": ["organization_admin", "recruiter"],
        "at": "2026-11-20T12:05:00+01:00", "device": "Mozilla/5.0 (X11; Linux x86_64)", "address": "2001:db8::7",
        "key_name": "build server", "new_email_masked": "b***@example.net", "title": "Spring 2026",
        "assessment": "Leadership Readiness", "message": "Take your time.\n\nThere is no wrong answer.", "minutes": 45,
        "days": 90, "deadline": "2026-12-19T18:00:00Z",
        "scheduled_at": "2026-12-01T09:00:00Z", "closes_at": "2026-12-20T18:00:00Z", "person": "Cleo", "task": "export results",
        "count": 3, "sections": [{ "kind": "task", "titles": ["Done: export results", "Given up: export results"] }], "more": 1,
    })
}

/// The message as a mail reader decodes it.
pub(crate) fn read(message: &[u8]) -> Message<'_> {
    MessageParser::default().parse(message).unwrap()
}

pub(crate) fn text(message: &Message<'_>) -> String {
    message.body_text(0).unwrap().replace("\r\n", "\n")
}

pub(crate) fn html(message: &Message<'_>) -> String {
    message.body_html(0).unwrap().replace("\r\n", "\n")
}
