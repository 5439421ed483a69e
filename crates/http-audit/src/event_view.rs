//! An event as it is shown: the document the log vouches for, and beside it what the reader may know besides.

use audit::trail::{Opened, ReadEvent};
use http_shell::Problem;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use crate::Actions;

/// An event of the audit trail.
#[derive(Serialize, ToSchema)]
#[schema(as = audit::Event, example = json!({
    "event": {
        "action": "account.edit", "actor": { "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "kind": "account", "session_id": "0192f3c4-5b00-7000-8000-a1b2c3d4e5f6" },
        "address": { "box": "AQBrMd…", "key": "9b2f1e57-6c1d-4a53-8f6e-2d9c0c3f7a11" },
        "difference": [], "id": "0192f3c4-6b10-7e21-9a31-a1b2c3d4e5f6", "occurred_at": "2026-11-20T12:00:00Z", "organization_id": null, "outcome": "success",
        "personal": { "box": "AQDx0p…", "key": "9b2f1e57-6c1d-4a53-8f6e-2d9c0c3f7a11" }, "reason": null,
        "request": { "id": "0192f3c4-6b0f-7000-8000-a1b2c3d4e5f6", "idempotency_claim": null, "route": "PATCH /v1/me" },
        "salt": "1n9rvN0sBM8xWqXG3jvXbA==", "schema": 1, "secrets": [], "subject_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6",
        "target": { "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "kind": "account", "version_after": 4, "version_before": 3 }
    },
    "difference": [{ "op": "test", "path": "/display_name", "value": "Ann" }, { "op": "replace", "path": "/display_name", "value": "Anna" }],
    "address": "192.0.2.7", "erased": false, "ocsf_class": 3001
}))]
pub(super) struct EventView {
    /// The event as it was hashed, to the octet: its leaf hash is SHA-256 of a zero octet and this text (RFC 8785 and
    /// RFC 6962). What is personal in it is sealed.
    #[schema(value_type = Object)]
    event: Box<RawValue>,
    /// What it changed (JSON Patch, RFC 6902), with what could be opened of the personal part. Secrets are never kept:
    /// `event.secrets` names those that changed.
    #[schema(value_type = Vec<Object>)]
    difference: Vec<Value>,
    /// The client's address.
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
    /// Whether something of it can no longer be opened by anyone, because its key was destroyed: with the account
    /// it was about, or after some months with a stranger's.
    erased: bool,
    /// The class of the Open Cybersecurity Schema Framework it belongs to: 3001 account change, 3002
    /// authentication, 3005 user access management, 6003 API activity.
    #[schema(example = 3001)]
    ocsf_class: u16,
}

impl EventView {
    /// Fails on an event that was altered so that it cannot be read.
    pub(super) fn of(read: ReadEvent, actions: &Actions) -> Result<Self, Problem> {
        let ReadEvent { event, personal, address } = read;
        let id = event.id;
        let broken = |error: &dyn std::fmt::Display| {
            Problem::fault(&format_args!("event {id} of the audit trail cannot be shown: {error}"))
        };
        let canonical = event.canonical().map_err(|error| broken(&error))?;
        let document = serde_json::from_slice(&canonical).map_err(|error| broken(&error))?;
        let plain = serde_json::from_str(event.difference.as_str());
        let mut difference: Vec<Value> = plain.map_err(|error| broken(&error))?;
        let erased = matches!(personal, Opened::Erased) || matches!(address, Opened::Erased);
        if let Some(Value::Array(operations)) = personal.read() {
            difference.extend(operations);
        }
        let ocsf_class = actions.class(&event.action).uid();
        Ok(Self { event: document, difference, address: address.read(), erased, ocsf_class })
    }
}
