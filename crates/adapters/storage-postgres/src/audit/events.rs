//! The event log, newest first.

use ::audit::{
    Event, SubjectKey,
    ports::{EventLog, Filter},
};
use async_trait::async_trait;
use kernel::{Ctx, Page, PageRequest, Scope, StoreError, Timestamp};
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::row::{self, Columns};
use crate::{
    PostgresStorage,
    driver::{Query, query},
    page::{Key, fetch_limit},
    tx::Tx,
};

const KEYS: &str = "SELECT id, subject_id, wrapped, made_at FROM audit.subject_keys WHERE id = ANY($1)";

const FORGET_STRANGERS: &str = "DELETE FROM audit.subject_keys WHERE subject_id IS NULL AND made_at < $1";

#[async_trait]
impl EventLog for PostgresStorage {
    async fn events(
        &self,
        ctx: &Ctx,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<Event>, StoreError> {
        let tag = ("events", reach(ctx.scope), filter);
        let after = page.key::<Key>(&tag)?;
        let tx = self.reading(ctx).await?;
        if !tx.can_read("audit", "events") {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let rows = tx.fetch_all(select(filter, after, fetch_limit(page))).await?;
        let events = rows.iter().map(|row| read(&tx, row)).collect::<Result<_, _>>()?;
        Ok(Page::cut(events, page, &tag, |event: &Event| (event.occurred_at, event.id.uuid())))
    }

    async fn subject_keys(&self, ids: &[Uuid]) -> Result<Vec<SubjectKey>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let rows = tx.fetch_all(query(KEYS).bind(ids)).await?;
        let key = |row: &Row| {
            Ok(SubjectKey {
                id: tx.get(row, "id")?,
                subject: tx.get(row, "subject_id")?,
                wrapped: tx.get(row, "wrapped")?,
                made_at: Timestamp::new(tx.get::<OffsetDateTime>(row, "made_at")?),
            })
        };
        rows.iter().map(key).collect()
    }

    async fn forget_strangers(&self, before: Timestamp) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(FORGET_STRANGERS).bind(before.to_offset_date_time());
        let forgotten = tx.execute(query).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}

/// A cursor of one organisation's trail is none of another's.
fn reach(scope: Scope) -> impl Serialize {
    (scope.organization(), scope.account())
}

fn read(tx: &Tx, row: &Row) -> Result<Event, StoreError> {
    let event = Columns::of(row).event();
    event.map_err(|error| tx.fail(StoreError::Fault(format!("an event cannot be read: {error}"))))
}

/// One statement for each set of filters: conditions that may be absent would hide the indexes from generic plans.
/// What the scope does not see, policies leave out.
fn select(filter: &Filter, after: Option<Key>, limit: u64) -> Query<'static> {
    let Filter { actor, action, target, subject, outcome, from, until } = filter;
    let all = concat!("SELECT ", row::event!(), " FROM audit.events e WHERE true");
    let mut select = query(all);
    for (column, id) in [("actor_id", actor), ("target_id", target), ("subject_id", subject)] {
        if let Some(id) = id {
            select.and(&format!(" AND e.{column} = "), *id);
        }
    }
    if let Some(action) = action {
        select.and(" AND e.action = ", action.clone());
    }
    if let Some(outcome) = outcome {
        select.and(" AND e.outcome = ", outcome.name());
    }
    if let Some(from) = from {
        select.and(" AND e.occurred_at >= ", from.to_offset_date_time());
    }
    if let Some(until) = until {
        select.and(" AND e.occurred_at < ", until.to_offset_date_time());
    }
    if let Some((at, id)) = after {
        select.and(" AND (e.occurred_at, e.id) < (", at.to_offset_date_time());
        select.and(", ", id);
        select.push(")");
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select.and(" ORDER BY e.occurred_at DESC, e.id DESC LIMIT ", limit);
    select
}
