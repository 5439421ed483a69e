//! An event: who did what to what, when, with which difference; and its canonical form, which the log vouches for.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{Id, OrganizationId, Outcome, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

use crate::hash::Hash;

/// Marks the ids of events.
#[derive(Debug)]
pub enum EventTag {}
/// Identifies an event.
pub type EventId = Id<EventTag>;

/// The schema of events this program writes: 1.
pub const SCHEMA: i16 = 1;

/// The kind of actor of an event that must not tell who acted.
pub const WITHHELD: &str = "withheld";

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventActor {
    /// `account`, `service`, `system`, `anonymous`, or [`WITHHELD`].
    pub kind: String,
    /// The account or API key.
    pub id: Option<Uuid>,
    /// The session it acted through.
    pub session: Option<Uuid>,
}

/// What was acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTarget {
    /// The kind of thing, such as `account`.
    pub kind: String,
    /// Which one; `None` when there was none, as for a wrong address at sign-in.
    pub id: Option<Uuid>,
    /// Its version after the change; the one before is one less. `None` when the event saved nothing.
    pub version: Option<i64>,
}

/// Through which request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    /// The request.
    pub request: Option<Uuid>,
    /// Its method and path pattern, or the words of a command line.
    pub route: Option<String>,
    /// The idempotency key it held.
    pub idempotency_key: Option<Uuid>,
}

/// Personal data, sealed with a key that dies with its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key.
    pub key: Uuid,
    /// What the key opens.
    pub sealed: Vec<u8>,
}

/// A difference as JSON Patch (RFC 6902), in canonical form (RFC 8785): each replaced or removed value is preceded by
/// a `test` of what was there before.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference(String);

impl Difference {
    /// Takes over canonical JSON; it is kept as it is, so that what was altered shows.
    pub fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// No difference.
    pub fn none() -> Self {
        Self("[]".to_owned())
    }

    /// The JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event as it stands in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identifies it.
    pub id: EventId,
    /// When it happened; the full hour when it must not tell more.
    pub occurred_at: Timestamp,
    /// The organisation it belongs to, if any.
    pub organization: Option<OrganizationId>,
    /// The person it is about, or what stands for one: whose own trail shows it.
    pub subject: Option<Uuid>,
    /// Who acted.
    pub actor: EventActor,
    /// What was done, such as `account.suspend`.
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of the refusal, when it was not done.
    pub reason: Option<String>,
    /// What it was done to.
    pub target: EventTarget,
    /// The difference in plain fields.
    pub difference: Difference,
    /// The paths of secret fields that changed, as JSON Pointers; their values are kept nowhere.
    pub secrets: Vec<String>,
    /// The difference in personal fields: a [`Difference`], sealed.
    pub personal: Option<Sealed>,
    /// The client's address, sealed.
    pub address: Option<Sealed>,
    /// Through which request.
    pub origin: RequestOrigin,
    /// The schema it was written in.
    pub schema: i16,
    /// Random octets, so that nobody guesses an event from its hash.
    pub salt: [u8; 16],
}

/// The event as JSON. Its members stand in the order the canonical form wants, and all of them are always there.
#[derive(Serialize)]
struct Document<'a> {
    action: &'a str,
    actor: ActorDocument<'a>,
    address: Option<SealedDocument<'a>>,
    difference: &'a RawValue,
    id: EventId,
    occurred_at: Timestamp,
    organization_id: Option<OrganizationId>,
    outcome: Outcome,
    personal: Option<SealedDocument<'a>>,
    reason: Option<&'a str>,
    request: RequestDocument<'a>,
    #[serde(serialize_with = "base64")]
    salt: &'a [u8],
    schema: i16,
    secrets: &'a [String],
    subject_id: Option<Uuid>,
    target: TargetDocument<'a>,
}

#[derive(Serialize)]
struct ActorDocument<'a> {
    id: Option<Uuid>,
    kind: &'a str,
    session_id: Option<Uuid>,
}

#[derive(Serialize)]
struct SealedDocument<'a> {
    #[serde(rename = "box", serialize_with = "base64")]
    sealed: &'a [u8],
    key: Uuid,
}

#[derive(Serialize)]
struct RequestDocument<'a> {
    id: Option<Uuid>,
    idempotency_claim: Option<Uuid>,
    route: Option<&'a str>,
}

#[derive(Serialize)]
struct TargetDocument<'a> {
    id: Option<Uuid>,
    kind: &'a str,
    version_after: Option<i64>,
    version_before: Option<i64>,
}

fn base64<S: Serializer>(octets: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(octets))
}

impl Event {
    /// The canonical form (RFC 8785): what the leaf of the log is the hash of.
    ///
    /// Fails when the difference is no JSON, which only an altered row can hold.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Self {
            id,
            occurred_at,
            organization,
            subject,
            actor,
            action,
            outcome,
            reason,
            target,
            difference,
            secrets,
            personal,
            address,
            origin,
            schema,
            salt,
        } = self;
        let difference = RawValue::from_string(canonical_difference(difference.as_str())?)?;
        serde_json::to_vec(&Document {
            action,
            actor: ActorDocument { id: actor.id, kind: &actor.kind, session_id: actor.session },
            address: address.as_ref().map(SealedDocument::of),
            difference: &difference,
            id: *id,
            occurred_at: *occurred_at,
            organization_id: *organization,
            outcome: *outcome,
            personal: personal.as_ref().map(SealedDocument::of),
            reason: reason.as_deref(),
            request: RequestDocument {
                id: origin.request,
                idempotency_claim: origin.idempotency_key,
                route: origin.route.as_deref(),
            },
            salt,
            schema: *schema,
            secrets,
            subject_id: *subject,
            target: TargetDocument {
                id: target.id,
                kind: &target.kind,
                version_after: target.version,
                version_before: target.version.map(|version| version.saturating_sub(1)),
            },
        })
    }

    /// The leaf of the log: SHA-256(0x00 || canonical form) (RFC 6962, section 2.1).
    pub fn leaf(&self) -> Result<Hash, serde_json::Error> {
        self.canonical().map(|canonical| Hash::of_leaf(&canonical))
    }
}

/// What was written is canonical already; what was put there some other way may not be.
fn canonical_difference(text: &str) -> Result<String, serde_json::Error> {
    if text == "[]" {
        return Ok(text.to_owned());
    }
    serde_json_canonicalizer::to_string(&serde_json::from_str::<Value>(text)?)
}

impl<'a> SealedDocument<'a> {
    fn of(Sealed { key, sealed }: &'a Sealed) -> Self {
        Self { key: *key, sealed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was hashed once must be hashed so for ever: a change here needs another schema.
    #[test]
    fn the_canonical_form_of_schema_1_never_changes() {
        let event = Event {
            id: EventId::from_uuid(Uuid::from_u128(1)),
            occurred_at: "2026-11-21T13:14:15.000009Z".parse().unwrap(),
            organization: Some(OrganizationId::from_uuid(Uuid::from_u128(2))),
            subject: None,
            actor: EventActor { kind: "account".into(), id: Some(Uuid::from_u128(3)), session: None },
            action: "membership.grant".into(),
            outcome: Outcome::Success,
            reason: None,
            target: EventTarget { kind: "membership".into(), id: Some(Uuid::from_u128(4)), version: Some(2) },
            difference: Difference::from_canonical(r#"[{"op":"add","path":"/roles","value":["a"]}]"#.into()),
            secrets: vec!["/password_hash".into()],
            personal: Some(Sealed { key: Uuid::from_u128(5), sealed: vec![0, 255, 16] }),
            address: None,
            origin: RequestOrigin {
                request: None,
                route: Some("PATCH /v1/me \u{e9}\u{1f}".into()),
                idempotency_key: None,
            },
            schema: SCHEMA,
            salt: [7; 16],
        };
        let canonical = String::from_utf8(event.canonical().unwrap()).unwrap();
        let expected = concat!(
            r#"{"action":"membership.grant","actor":{"id":"00000000-0000-0000-0000-000000000003","kind":"account","#,
            r#""session_id":null},"address":null,"difference":[{"op":"add","path":"/roles","value":["a"]}],"#,
            r#""id":"00000000-0000-0000-0000-000000000001","occurred_at":"2026-11-21T13:14:15.000009Z","#,
            r#""organization_id":"00000000-0000-0000-0000-000000000002","outcome":"success","#,
            r#""personal":{"box":"AP8Q","key":"00000000-0000-0000-0000-000000000005"},"reason":null,"#,
            "\"request\":{\"id\":null,\"idempotency_claim\":null,\"route\":\"PATCH /v1/me \u{e9}\\u001f\"},",
            r#""salt":"BwcHBwcHBwcHBwcHBwcHBw==","schema":1,"secrets":["/password_hash"],"subject_id":null,"#,
            r#""target":{"id":"00000000-0000-0000-0000-000000000004","kind":"membership","version_after":2,"version_before":1}}"#,
        );
        assert_eq!(canonical, expected);
        let value: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(canonical, serde_json_canonicalizer::to_string(&value).unwrap(), "RFC 8785");
    }
}
