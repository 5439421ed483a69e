//! What a unit leaves behind beside its rows, written in one statement right before COMMIT: outbox rows, audit events,
//! the keys these are sealed with, and the mark on the idempotency key of the request.

mod columns;
mod statements;
mod tables;

use audit::{Event, Record, SubjectKey};
use kernel::{IdempotencyKey, SavedTarget, Scope, StoreError};
use sqlx::Row as _;

pub(crate) use self::{columns::Query, statements::DELETE_SUBJECT_KEYS, tables::TABLES};
use self::{
    columns::{Binding, EventRows, KeyRows, OutboxRows},
    statements::{
        INSERT_CHANGE, INSERT_CHANGE_AND_MARK, INSERT_CHANGES, INSERT_CHANGES_AND_MARK, INSERT_EVENT,
    },
};
use crate::unit::PostgresUnit;

impl PostgresUnit {
    /// Writes the record. Returns the keys in it, for when it is committed.
    pub(crate) async fn write_record(&mut self) -> Result<Vec<SubjectKey>, StoreError> {
        if !self.forgotten.is_empty() && self.ctx.scope != Scope::Identity {
            return Err(self.tx.fail(StoreError::OutOfScope));
        }
        let mut recorded = std::mem::take(&mut self.recorded);
        let outbox_rows = OutboxRows::of(&mut recorded, self.ctx.scope);
        let record = self.recorder.record(&self.ctx, recorded, &self.forgotten);
        let Record { events, keys } = record.map_err(|error| self.tx.fail(error))?;
        match self.ctx.idempotency {
            Some(idempotency_key) => self.write_and_mark(outbox_rows, events, &keys, idempotency_key).await?,
            None if events.is_empty() => {}
            None => {
                let binding = binding(&events, &outbox_rows, &keys);
                let sql = if binding == Binding::Values { INSERT_CHANGE } else { INSERT_CHANGES };
                self.tx.execute(bind(sql, binding, outbox_rows, events, &keys)).await?;
            }
        }
        if !self.forgotten.is_empty() {
            self.tx.execute(sqlx::query(DELETE_SUBJECT_KEYS).bind(&self.forgotten)).await?;
        }
        Ok(keys)
    }

    async fn write_and_mark(
        &mut self,
        outbox_rows: OutboxRows,
        events: Vec<Event>,
        keys: &[SubjectKey],
        idempotency_key: IdempotencyKey,
    ) -> Result<(), StoreError> {
        let (kind, id, version) = match self.first_saved.take() {
            Some(SavedTarget { kind, id, version }) => (Some(kind), Some(id), Some(version)),
            None => (None, None, None),
        };
        let binding = binding(&events, &outbox_rows, keys);
        let sql = if binding == Binding::Values { INSERT_CHANGE_AND_MARK } else { INSERT_CHANGES_AND_MARK };
        let query = bind(sql, binding, outbox_rows, events, keys)
            .bind(idempotency_key.0)
            .bind(kind)
            .bind(id)
            .bind(version);
        let row = self.tx.fetch_optional(query).await?;
        let marked = row.and_then(|row| row.try_get::<i64, _>("marked").ok());
        // The key was given to another: the same request runs again elsewhere, and this unit comes too late.
        if marked == Some(1) { Ok(()) } else { Err(self.tx.fail(StoreError::Stale)) }
    }
}

/// Writes an event that no unit stands behind.
pub(crate) fn insert_event(events: Vec<Event>, keys: &[SubjectKey]) -> Query<'static> {
    match binding(&events, &OutboxRows::default(), keys) {
        Binding::Values => EventRows::of(events).bind(sqlx::query(INSERT_EVENT), Binding::Values),
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
    let query = outbox_rows.bind(EventRows::of(events).bind(sqlx::query(sql), binding), binding);
    match binding {
        Binding::Values => query,
        Binding::Arrays => KeyRows::of(keys).bind(query),
    }
}
