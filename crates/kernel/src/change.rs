//! What a change leaves behind: the record that `commit` hands to the outbox and the audit trail.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{Actor, Id, Lane, Notice, OrganizationId, Timestamp};

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The kind of thing, such as `account`.
    pub kind: &'static str,
    /// Which one.
    pub id: Uuid,
}

impl Target {
    /// Names a thing.
    pub fn new<T>(kind: &'static str, id: Id<T>) -> Self {
        Self { kind, id: id.uuid() }
    }
}

/// How a changed field may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// May be read by whoever may read the record.
    Plain,
    /// Personal: an audit trail seals it with the person's key.
    Personal,
    /// Secret: only that it changed is kept.
    Secret,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The field, as a JSON Pointer without the leading slash.
    pub path: &'static str,
    /// Its value before; `Null` when it was not there or is secret.
    pub before: Value,
    /// Its value after; `Null` when it is gone or is secret.
    pub after: Value,
    /// How it may be kept.
    pub class: Class,
}

/// Something to be told at a later time, such as that a deadline has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// The topic outbox handlers subscribe to.
    pub topic: &'static str,
    /// Not before this time.
    pub at: Timestamp,
}

/// What a committed change puts into the outbox: its own entry, and one for each timer and notice.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxChangeEntry {
    /// The topic outbox handlers subscribe to.
    pub topic: &'static str,
    /// What it is about.
    pub target: Target,
    /// What handlers need beyond the target.
    pub data: Value,
    /// Not before this time; as soon as its lane allows without one.
    pub at: Option<Timestamp>,
}

/// What happened, to what, with which difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The action, such as `account.suspend`: the topic outbox handlers subscribe to.
    pub action: &'static str,
    /// What was changed.
    pub target: Target,
    /// The organisation it belongs to, if any.
    pub organization: Option<OrganizationId>,
    /// When.
    pub at: Timestamp,
    /// The difference, field by field.
    pub fields: Vec<FieldChange>,
    /// What handlers need beyond the target: an object of ids and plain words, never a secret; or null.
    pub data: Value,
    /// Whom the personal fields are about: an account, or what stands for a person who has none, such as an
    /// invitation. Personal fields are sealed with the keys of this subject and die with them.
    pub subject: Option<Uuid>,
    /// Whether the record must not tell who did it, from where, or when beyond the hour.
    pub unattributed: bool,
    /// How soon handlers are to be told of it, and of its timers once they are due.
    pub lane: Lane,
    /// What is to be told of the target later. It leaves no event of its own: whatever is then done does.
    pub timers: Vec<Timer>,
    /// What people are to be told of it. They leave no events of their own.
    pub notices: Vec<Notice>,
}

impl Change {
    /// Something happened. Handlers are told of it soon.
    pub fn new(action: &'static str, target: Target, at: Timestamp) -> Self {
        Self {
            action,
            target,
            organization: None,
            at,
            fields: Vec::new(),
            data: Value::Null,
            subject: None,
            unattributed: false,
            lane: Lane::Soon,
            timers: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Its personal fields are about this person, or what stands for one.
    pub fn about(mut self, subject: Uuid) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The audit trail keeps neither actor nor address, session or request, and of the time the hour alone.
    pub fn unattributed(mut self) -> Self {
        self.unattributed = true;
        self
    }

    /// Handlers are told of it in this lane.
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    /// It belongs to an organisation.
    pub fn of(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Handlers will need this.
    pub fn with(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// Handlers of this topic are told of the target at this time, or right away where it has passed.
    pub fn timer(mut self, topic: &'static str, at: Timestamp) -> Self {
        self.timers.push(Timer { topic, at });
        self
    }

    /// People are told of it, but for whoever does it: what does not happen is not told, and what happens is.
    pub fn notify(mut self, notice: impl Into<Option<Notice>>) -> Self {
        self.notices.extend(notice.into());
        self
    }

    /// Takes what storage puts into the outbox with the change: what handlers alone need does not stay in it.
    pub fn take_outbox_entries(&mut self, actor: &Actor) -> Vec<OutboxChangeEntry> {
        let entry = |topic, data, at| OutboxChangeEntry { topic, target: self.target.clone(), data, at };
        let timers = self.timers.iter().map(|timer| entry(timer.topic, self.data.clone(), Some(timer.at)));
        let mut entries: Vec<_> = timers.collect();
        let mut data = self.data.take();
        for notice in std::mem::take(&mut self.notices) {
            let Some(mut notice) = notice.for_others(actor, !self.unattributed) else { continue };
            if let Some(told) = notice.told() {
                data[Notice::TOLD] = serde_json::to_value(told).unwrap_or(Value::Null);
            }
            let target = notice.related.take().unwrap_or_else(|| self.target.clone());
            let notice = serde_json::to_value(&notice).unwrap_or(Value::Null);
            entries.push(OutboxChangeEntry { topic: Notice::TOPIC, target, data: notice, at: None });
        }
        entries.push(OutboxChangeEntry { topic: self.action, target: self.target.clone(), data, at: None });
        entries
    }

    /// A field whoever may read the record may read went from one value to another. Equal values leave nothing.
    pub fn plain(self, path: &'static str, before: &impl Serialize, after: &impl Serialize) -> Self {
        self.field(path, Class::Plain, before, after)
    }

    /// A personal field went from one value to another. Equal values leave nothing.
    pub fn personal(self, path: &'static str, before: &impl Serialize, after: &impl Serialize) -> Self {
        self.field(path, Class::Personal, before, after)
    }

    /// A secret field changed. Its values are not even passed.
    pub fn secret(mut self, path: &'static str) -> Self {
        let (before, after, class) = (Value::Null, Value::Null, Class::Secret);
        self.fields.push(FieldChange { path, before, after, class });
        self
    }

    /// A field of this class, which is not secret, went from one value to another. Equal values leave nothing.
    pub fn field(
        mut self,
        path: &'static str,
        class: Class,
        before: &impl Serialize,
        after: &impl Serialize,
    ) -> Self {
        let before = serde_json::to_value(before).unwrap_or(Value::Null);
        let after = serde_json::to_value(after).unwrap_or(Value::Null);
        match class {
            _ if before == after => self,
            Class::Secret => self.secret(path),
            Class::Plain | Class::Personal => {
                self.fields.push(FieldChange { path, before, after, class });
                self
            }
        }
    }
}

/// The changes an aggregate has made and not yet handed over.
///
/// Two aggregates with different histories may be equal: the record is not part of the value.
#[derive(Debug, Clone, Default)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// Adds one.
    pub fn record(&mut self, change: Change) {
        self.0.push(change);
    }

    /// Takes all, leaving none.
    pub fn drain(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.0)
    }

    /// Whether nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Changes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Changes {}

/// An aggregate as storage sees it: it carries the changes it made and the version it was read at.
pub trait Recorded {
    /// The name of this kind of thing.
    fn kind(&self) -> &'static str;
    /// The changes not yet handed over.
    fn changes(&mut self) -> &mut Changes;
    /// The version it was read at; 0 when it was never saved.
    fn version(&self) -> i64;
    /// Told by `save`.
    fn set_version(&mut self, version: i64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_field_leaves_only_its_name() {
        let target = Target { kind: "account", id: Uuid::nil() };
        let change = Change::new("account.change_password", target, Timestamp::EPOCH)
            .field("password_hash", Class::Secret, &"old-canary", &"new-canary")
            .secret("recovery_codes")
            .personal("full_name", &"Ann", &"Ann");
        assert_eq!(change.fields.len(), 2);
        assert!(change.fields.iter().all(|field| field.before.is_null() && field.after.is_null()));
        assert!(!format!("{change:?}").contains("canary"));
    }
}
