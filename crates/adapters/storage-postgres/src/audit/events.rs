//! The event log, newest first.

use ::audit::{
    Event, SubjectKey,
    ports::{EventLog, Filter},
};
use async_trait::async_trait;
use kernel::{Ctx, Page, PageRequest, Scope, StoreError, Timestamp};
use serde::Serialize;
use sqlx::{Postgres, QueryBuilder, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use super::row::{self, Columns};
use crate::{
    PostgresStorage,
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
        let rows = tx.fetch_all(select(filter, after, fetch_limit(page)).build()).await?;
        let events = rows.iter().map(|row| read(&tx, row)).collect::<Result<_, _>>()?;
        Ok(Page::cut(events, page, &tag, |event: &Event| (event.occurred_at, event.id.uuid())))
    }

    async fn subject_keys(&self, ids: &[Uuid]) -> Result<Vec<SubjectKey>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let rows = tx.fetch_all(sqlx::query(KEYS).bind(ids)).await?;
        let key = |row: &PgRow| {
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
        let query = sqlx::query(FORGET_STRANGERS).bind(before.to_offset_date_time());
        let forgotten = tx.execute(query).await?.rows_affected();
        tx.commit().await?;
        Ok(forgotten)
    }
}

/// A cursor of one organisation's trail is none of another's.
fn reach(scope: Scope) -> impl Serialize {
    (scope.organization(), scope.account())
}

fn read(tx: &Tx, row: &PgRow) -> Result<Event, StoreError> {
    let event = Columns::of(row).event();
    event.map_err(|error| tx.fail(StoreError::Fault(format!("an event cannot be read: {error}"))))
}

/// One statement for each set of filters: conditions that may be absent would hide the indexes from generic plans.
/// What the scope does not see, policies leave out.
fn select(filter: &Filter, after: Option<Key>, limit: u64) -> QueryBuilder<Postgres> {
    let Filter { actor, action, target, subject, outcome, from, until } = filter;
    let all = concat!("SELECT ", row::event!(), " FROM audit.events e WHERE true");
    let mut select = QueryBuilder::new(all);
    for (column, id) in [("actor_id", actor), ("target_id", target), ("subject_id", subject)] {
        if let Some(id) = id {
            select.push(format_args!(" AND e.{column} = ")).push_bind(*id);
        }
    }
    if let Some(action) = action {
        select.push(" AND e.action = ").push_bind(action.clone());
    }
    if let Some(outcome) = outcome {
        select.push(" AND e.outcome = ").push_bind(outcome.name());
    }
    if let Some(from) = from {
        select.push(" AND e.occurred_at >= ").push_bind(from.to_offset_date_time());
    }
    if let Some(until) = until {
        select.push(" AND e.occurred_at < ").push_bind(until.to_offset_date_time());
    }
    if let Some((at, id)) = after {
        select.push(" AND (e.occurred_at, e.id) < (").push_bind(at.to_offset_date_time());
        select.push(", ").push_bind(id).push(")");
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select.push(" ORDER BY e.occurred_at DESC, e.id DESC LIMIT ").push_bind(limit);
    select
}
