//! What a unit leaves behind beside its rows, written in one statement right before COMMIT: outbox rows, audit events,
//! the keys these are sealed with, and the mark on the idempotency key of the request.

mod columns;
mod statements;
mod tables;

use audit::{Event, Record, SubjectKey};
use kernel::{IdempotencyKey, SavedTarget, Scope, StoreError};

use self::{
    columns::{Binding, EventRows, KeyRows, OutboxRows},
    statements::{
        INSERT_CHANGE, INSERT_CHANGE_AND_MARK, INSERT_CHANGES, INSERT_CHANGES_AND_MARK, INSERT_EVENT,
    },
};
pub(crate) use self::{statements::DELETE_SUBJECT_KEYS, tables::TABLES};
use crate::{
    driver::{Query, query},
    unit::PostgresUnit,
};

impl PostgresUnit {
    /// The statements that write the record, for the last flight, and the keys in it, for when it is committed.
    pub(crate) fn take_record(&mut self) -> Result<(Vec<Query<'static>>, Vec<SubjectKey>), StoreError> {
        let scope = self.ctx.scope;
        let may_forget = self.forgotten.is_empty() || scope == Scope::Identity;
        if !may_forget || !self.recorded.is_empty() && !scope.records() {
            return Err(self.tx.fail(StoreError::OutOfScope));
        }
        let mut recorded = std::mem::take(&mut self.recorded);
        let outbox_rows = OutboxRows::of(&mut recorded, &self.ctx);
        let record = self.recorder.record(&self.ctx, recorded, &self.forgotten);
        let Record { events, keys } = record.map_err(|error| self.tx.fail(error))?;
        let mut statements = Vec::new();
        let binding = binding(&events, &outbox_rows, &keys);
        let is_one = binding == Binding::Values;
        if let Some(idempotency_key) = self.ctx.idempotency {
            let sql = if is_one { INSERT_CHANGE_AND_MARK } else { INSERT_CHANGES_AND_MARK };
            let insert = bind(sql, binding, outbox_rows, events, &keys);
            statements.push(bind_mark(insert, idempotency_key, self.first_saved.take()));
        } else if !events.is_empty() {
            let sql = if is_one { INSERT_CHANGE } else { INSERT_CHANGES };
            statements.push(bind(sql, binding, outbox_rows, events, &keys));
        }
        if !self.forgotten.is_empty() {
            statements.push(query(DELETE_SUBJECT_KEYS).bind(std::mem::take(&mut self.forgotten)));
        }
        Ok((statements, keys))
    }
}

fn bind_mark(
    insert: Query<'static>,
    idempotency_key: IdempotencyKey,
    saved: Option<SavedTarget>,
) -> Query<'static> {
    let (kind, id, version) = match saved {
        Some(SavedTarget { kind, id, version }) => (Some(kind), Some(id), Some(version)),
        None => (None, None, None),
    };
    insert.bind(idempotency_key.0).bind(kind).bind(id).bind(version)
}

/// Writes an event that no unit stands behind.
pub(crate) fn insert_event(events: Vec<Event>, keys: &[SubjectKey]) -> Query<'static> {
    match binding(&events, &OutboxRows::default(), keys) {
        Binding::Values => EventRows::of(events).bind(query(INSERT_EVENT), Binding::Values),
        Binding::Arrays => bind(INSERT_CHANGES, Binding::Arrays, OutboxRows::default(), events, keys),
    }
}

/// Most units leave one event, and once in an hour a key with it.
fn binding(events: &[Event], outbox_rows: &OutboxRows, keys: &[SubjectKey]) -> Binding {
    if events.len() == 1 && outbox_rows.len() <= 1 && keys.is_empty() {
        Binding::Values
    } else {
        Binding::Arrays
    }
}

fn bind(
    sql: &'static str,
    binding: Binding,
    outbox_rows: OutboxRows,
    events: Vec<Event>,
    keys: &[SubjectKey],
) -> Query<'static> {
    let query = outbox_rows.bind(EventRows::of(events).bind(query(sql), binding), binding);
    match binding {
        Binding::Values => query,
        Binding::Arrays => KeyRows::of(keys).bind(query),
    }
}
