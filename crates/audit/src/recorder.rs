//! The event recorder: turns what a unit of work did, or failed to do, into the events its adapter writes with the
//! commit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::{
    Actor, Change, Class, Ctx, Denial, FieldChange, Id, Ids, Outcome, Random, StoreError, Timestamp,
};
use serde_json::{Value, json};
use time::Time;
use uuid::Uuid;

use crate::{
    event::{Difference, Event, EventActor, EventTarget, RequestOrigin, SCHEMA, Sealed, WITHHELD},
    sealing::{Sealer, SubjectKey, address_of, personal_of},
};

/// How long one key of a subject is used before the next is made: an hour.
const KEY_LIFE: Duration = Duration::from_secs(3600);
/// How many subjects' keys are held at a time.
const KEYS_HELD: usize = 10_000;

/// A change and the version its save led to.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedChange {
    /// What happened.
    pub change: Change,
    /// The version of its target afterwards; `None` when nothing was saved with it.
    pub version: Option<i64>,
}

/// What is to be written, with the change, in its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The events, in the order things happened.
    pub events: Vec<Event>,
    /// Keys they are sealed with that were not written before.
    pub keys: Vec<SubjectKey>,
}

/// Writes down what happened.
///
/// Keys are never read in order to write: a process makes one for each subject and hour, and the transaction of the
/// first event sealed with it carries it along. Once that transaction is committed ([`Self::committed`]) later events
/// use it, too. A key whose subject was erased meanwhile still seals here for the rest of its hour, and nobody opens
/// that again. A key that is made in the very moment of the erasure outlives it until the next housekeeping.
pub struct EventRecorder {
    ids: Arc<dyn Ids>,
    random: Arc<dyn Random>,
    sealer: Arc<dyn Sealer>,
    held: Mutex<HashMap<Option<Uuid>, Arc<SubjectKey>>>,
}

impl std::fmt::Debug for EventRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventRecorder")
    }
}

impl EventRecorder {
    /// A recorder over these ports.
    pub fn new(ids: Arc<dyn Ids>, random: Arc<dyn Random>, sealer: Arc<dyn Sealer>) -> Self {
        Self { ids, random, sealer, held: Mutex::default() }
    }

    /// The events of a unit of work opened with `ctx`, in which `forgotten` subjects were erased.
    pub fn record(
        &self,
        ctx: &Ctx,
        recorded: Vec<RecordedChange>,
        forgotten: &[Uuid],
    ) -> Result<Record, StoreError> {
        let mut page = Page { recorder: self, ctx, forgotten, fresh: HashMap::new() };
        let events = recorded.into_iter().map(|recorded| page.event(recorded)).collect::<Result<_, _>>()?;
        Ok(page.finish(events))
    }

    /// The event of an attempt that came to nothing.
    pub fn denial(&self, ctx: &Ctx, denial: &Denial) -> Result<Record, StoreError> {
        let mut page = Page { recorder: self, ctx, forgotten: &[], fresh: HashMap::new() };
        let id = self.ids.ordered();
        let event = Event {
            id: Id::from_uuid(id),
            occurred_at: denial.at,
            organization: denial.organization,
            subject: denial.subject,
            actor: acting(&ctx.actor),
            action: denial.action.to_owned(),
            outcome: denial.outcome,
            reason: Some(denial.reason.to_owned()),
            target: EventTarget { kind: denial.target_kind.to_owned(), id: denial.target, version: None },
            difference: Difference::none(),
            secrets: Vec::new(),
            personal: None,
            // Of someone unknown it is a stranger's, whoever they tried to be: that costs the same for any name.
            address: page.address(id, None, denial.at)?,
            origin: origin(ctx),
            schema: SCHEMA,
            salt: self.random.bytes(),
        };
        Ok(page.finish(vec![event]))
    }

    /// The transaction that carried these keys is committed: later events may be sealed with them.
    pub fn committed(&self, keys: Vec<SubjectKey>) {
        if keys.is_empty() {
            return;
        }
        let mut held = self.held();
        if held.len() + keys.len() > KEYS_HELD {
            held.clear();
        }
        held.extend(keys.into_iter().map(|key| (key.subject, Arc::new(key))));
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Option<Uuid>, Arc<SubjectKey>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events of one transaction while they are written.
struct Page<'a> {
    recorder: &'a EventRecorder,
    ctx: &'a Ctx,
    forgotten: &'a [Uuid],
    fresh: HashMap<Option<Uuid>, Arc<SubjectKey>>,
}

impl Page<'_> {
    fn event(&mut self, RecordedChange { change, version }: RecordedChange) -> Result<Event, StoreError> {
        let Change {
            action,
            target,
            organization,
            at,
            fields,
            data: _,
            subject,
            unattributed,
            lane: _,
            timers: _,
            notices: _,
        } = change;
        let EventRecorder { ids, random, .. } = self.recorder;
        // An ordered id tells its time.
        let id = if unattributed { ids.opaque() } else { ids.ordered() };
        let Sorted { plain, personal, secrets } = Sorted::of(fields);
        let personal = if personal.is_empty() {
            None
        } else {
            Some(self.seal(subject, at, &personal_of(id), &canonical(&personal)?)?)
        };
        let address = if unattributed { None } else { self.address(id, subject, at)? };
        Ok(Event {
            id: Id::from_uuid(id),
            occurred_at: if unattributed { hour_of(at) } else { at },
            organization: organization.or(self.ctx.scope.organization()),
            subject,
            actor: if unattributed { nobody() } else { acting(&self.ctx.actor) },
            action: action.to_owned(),
            outcome: Outcome::Success,
            reason: None,
            target: EventTarget { kind: target.kind.to_owned(), id: Some(target.id), version },
            difference: Difference::from_canonical(text(canonical(&plain)?)?),
            secrets,
            personal,
            address,
            origin: if unattributed { RequestOrigin::default() } else { origin(self.ctx) },
            schema: SCHEMA,
            salt: random.bytes(),
        })
    }

    /// The address belongs to whoever acts; of someone unknown, to the person acted on.
    fn address(
        &mut self,
        event: Uuid,
        subject: Option<Uuid>,
        at: Timestamp,
    ) -> Result<Option<Sealed>, StoreError> {
        let Some(address) = self.ctx.address else { return Ok(None) };
        let owner = self.ctx.actor.id().or(subject);
        self.seal(owner, at, &address_of(event), address.to_string().as_bytes()).map(Some)
    }

    fn seal(
        &mut self,
        subject: Option<Uuid>,
        at: Timestamp,
        context: &str,
        plain: &[u8],
    ) -> Result<Sealed, StoreError> {
        let key = self.key(subject, at);
        let sealed = self.recorder.sealer.seal(key.id, &key.wrapped, context, plain);
        let sealed =
            sealed.map_err(|_| StoreError::Fault("a key of the audit trail does not seal".into()))?;
        Ok(Sealed { key: key.id, sealed })
    }

    fn key(&mut self, subject: Option<Uuid>, at: Timestamp) -> Arc<SubjectKey> {
        if let Some(key) = self.fresh.get(&subject) {
            return key.clone();
        }
        let held = self.recorder.held().get(&subject).cloned();
        let usable = held.filter(|key| !self.is_forgotten(subject) && at.since(key.made_at) < KEY_LIFE);
        usable.unwrap_or_else(|| {
            let id = self.recorder.ids.opaque();
            let wrapped = self.recorder.sealer.new_key(id);
            let key = Arc::new(SubjectKey { id, subject, wrapped, made_at: at });
            self.fresh.insert(subject, key.clone());
            key
        })
    }

    fn is_forgotten(&self, subject: Option<Uuid>) -> bool {
        subject.is_some_and(|subject| self.forgotten.contains(&subject))
    }

    /// What the erasure itself says of the erased is sealed with a key that is kept nowhere.
    fn finish(self, events: Vec<Event>) -> Record {
        let keys = self.fresh.values().filter(|key| !self.is_forgotten(key.subject));
        Record { events, keys: keys.map(|key| SubjectKey::clone(key)).collect() }
    }
}

/// The fields of a change by their class.
#[derive(Default)]
struct Sorted {
    plain: Vec<Value>,
    personal: Vec<Value>,
    secrets: Vec<String>,
}

impl Sorted {
    fn of(fields: Vec<FieldChange>) -> Self {
        let mut sorted = Self::default();
        for FieldChange { path, before, after, class } in fields {
            let (before, after) = (exact(before), exact(after));
            let path = format!("/{path}");
            match class {
                Class::Plain => push(&mut sorted.plain, &path, &before, &after),
                Class::Personal => push(&mut sorted.personal, &path, &before, &after),
                Class::Secret => sorted.secrets.push(path),
            }
        }
        sorted
    }
}

/// Canonical JSON has the integers of a double: larger ones are told as text rather than rounded.
fn exact(value: Value) -> Value {
    const LARGEST: u64 = 1 << 53;
    match value {
        Value::Number(number) => {
            let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if whole.is_some_and(|whole| whole > LARGEST) { number.to_string().into() } else { number.into() }
        }
        Value::Array(items) => items.into_iter().map(exact).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, exact(value))).collect(),
        value => value,
    }
}

/// The operations that lead from one value to the other (RFC 6902, section 4).
fn push(patch: &mut Vec<Value>, path: &str, before: &Value, after: &Value) {
    let was_there = !before.is_null();
    if was_there {
        patch.push(json!({ "op": "test", "path": path, "value": before }));
    }
    patch.push(match (was_there, after) {
        (_, Value::Null) => json!({ "op": "remove", "path": path }),
        (true, after) => json!({ "op": "replace", "path": path, "value": after }),
        (false, after) => json!({ "op": "add", "path": path, "value": after }),
    });
}

fn canonical(patch: &[Value]) -> Result<Vec<u8>, StoreError> {
    let fault = |error| StoreError::Fault(format!("a difference cannot be written: {error}"));
    serde_json_canonicalizer::to_vec(&patch).map_err(fault)
}

fn text(json: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(json).map_err(|error| StoreError::Fault(error.to_string()))
}

fn acting(actor: &Actor) -> EventActor {
    let session = match actor {
        Actor::Account { session, .. } | Actor::Newcomer { session, .. } => Some(session.uuid()),
        _ => None,
    };
    EventActor { kind: actor.kind().to_owned(), id: actor.id(), session }
}

fn nobody() -> EventActor {
    EventActor { kind: WITHHELD.to_owned(), id: None, session: None }
}

fn origin(ctx: &Ctx) -> RequestOrigin {
    RequestOrigin {
        request: ctx.request.map(|request| request.0),
        route: ctx.route.as_ref().map(ToString::to_string),
        idempotency_key: ctx.idempotency.map(|key| key.0),
    }
}

fn hour_of(at: Timestamp) -> Timestamp {
    let at = at.to_offset_date_time();
    let hour = Time::from_hms(at.hour(), 0, 0).unwrap_or(Time::MIDNIGHT);
    Timestamp::new(at.replace_time(hour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_what_was_there_before_and_what_is_now() {
        let field = |path, class, before, after| FieldChange { path, before, after, class };
        let Sorted { plain, personal, secrets } = Sorted::of(vec![
            field("role", Class::Plain, json!("user"), json!("admin")),
            field("until", Class::Plain, Value::Null, json!(7)),
            field("reason", Class::Plain, json!("none"), Value::Null),
            field("name", Class::Personal, json!("Ann"), json!("Anna")),
            field("password", Class::Secret, Value::Null, Value::Null),
        ]);
        let expected = json!([
            { "op": "test", "path": "/role", "value": "user" },
            { "op": "replace", "path": "/role", "value": "admin" },
            { "op": "add", "path": "/until", "value": 7 },
            { "op": "test", "path": "/reason", "value": "none" },
            { "op": "remove", "path": "/reason" },
        ]);
        assert_eq!(Value::Array(plain), expected);
        assert_eq!(personal.len(), 2);
        assert_eq!(secrets, ["/password"]);
    }

    #[test]
    fn integers_beyond_a_double_are_told_as_text() {
        let told = exact(json!({ "ids": [u64::MAX, i64::MIN, 1_u64 << 53, -3, 0.5] }));
        assert_eq!(
            told,
            json!({ "ids": ["18446744073709551615", "-9223372036854775808", 1_u64 << 53, -3, 0.5] })
        );
    }

    #[test]
    fn an_hour_tells_no_minute() {
        let at: Timestamp = "2026-11-21T13:59:59.999999Z".parse().unwrap();
        assert_eq!(hour_of(at).to_string(), "2026-11-21T13:00:00Z");
    }
}
