//! What a unit leaves behind beside its rows, written in one statement right before COMMIT: outbox rows, audit events,
//! the keys these are sealed with, and the mark on the claim of the request.

mod columns;
mod statements;

use audit::{Event, Record, SubjectKey};
use kernel::{ClaimTarget, IdempotencyKey, Scope, StoreError};
use sqlx::Row as _;

pub(crate) use self::{columns::Query, statements::FORGET};
use self::{
    columns::{Events, Keys, Shape, Told},
    statements::{NOTE, TELL, TELL_ALL, TELL_ALL_AND_MARK, TELL_AND_MARK},
};
use crate::unit::PostgresUnit;

impl PostgresUnit {
    /// Writes the record. Returns the keys in it, for when it is committed.
    pub(crate) async fn write_record(&mut self) -> Result<Vec<SubjectKey>, StoreError> {
        if !self.forgotten.is_empty() && self.ctx.scope != Scope::Identity {
            return Err(self.tx.fail(StoreError::OutOfScope));
        }
        let mut noted = std::mem::take(&mut self.noted);
        let told = Told::of(&mut noted, self.ctx.scope);
        let record = self.scribe.record(&self.ctx, noted, &self.forgotten);
        let Record { events, keys } = record.map_err(|error| self.tx.fail(error))?;
        match self.ctx.idempotency {
            Some(claim) => self.write_and_mark(told, events, &keys, claim).await?,
            None if events.is_empty() => {}
            None => {
                let shape = shape(&events, &told, &keys);
                let sql = if shape == Shape::One { TELL } else { TELL_ALL };
                self.tx.execute(bind(sql, shape, told, events, &keys)).await?;
            }
        }
        if !self.forgotten.is_empty() {
            self.tx.execute(sqlx::query(FORGET).bind(&self.forgotten)).await?;
        }
        Ok(keys)
    }

    async fn write_and_mark(
        &mut self,
        told: Told,
        events: Vec<Event>,
        keys: &[SubjectKey],
        claim: IdempotencyKey,
    ) -> Result<(), StoreError> {
        let (kind, id, version) = match self.first_saved.take() {
            Some(ClaimTarget { kind, id, version }) => (Some(kind), Some(id), Some(version)),
            None => (None, None, None),
        };
        let shape = shape(&events, &told, keys);
        let sql = if shape == Shape::One { TELL_AND_MARK } else { TELL_ALL_AND_MARK };
        let query = bind(sql, shape, told, events, keys).bind(claim.0).bind(kind).bind(id).bind(version);
        let row = self.tx.fetch_optional(query).await?;
        let marked = row.and_then(|row| row.try_get::<i64, _>("marked").ok());
        // The claim was given to another: the same request runs again elsewhere, and this unit comes too late.
        if marked == Some(1) { Ok(()) } else { Err(self.tx.fail(StoreError::Stale)) }
    }
}

/// Writes an event that no unit stands behind.
pub(crate) fn note(events: Vec<Event>, keys: &[SubjectKey]) -> Query<'static> {
    match shape(&events, &Told::default(), keys) {
        Shape::One => Events::of(events).bind(sqlx::query(NOTE), Shape::One),
        Shape::All => bind(TELL_ALL, Shape::All, Told::default(), events, keys),
    }
}

/// Most units leave one event, and once in an hour a key with it.
fn shape(events: &[Event], told: &Told, keys: &[SubjectKey]) -> Shape {
    if events.len() == 1 && told.len() <= 1 && keys.is_empty() { Shape::One } else { Shape::All }
}

fn bind(
    sql: &'static str,
    shape: Shape,
    told: Told,
    events: Vec<Event>,
    keys: &[SubjectKey],
) -> Query<'static> {
    let query = told.bind(Events::of(events).bind(sqlx::query(sql), shape), shape);
    match shape {
        Shape::One => query,
        Shape::All => Keys::of(keys).bind(query),
    }
}
