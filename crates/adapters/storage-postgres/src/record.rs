//! What a unit leaves behind beside its rows, written in one statement right before COMMIT.

use kernel::{Change, ClaimTarget, StoreError};
use sqlx::Row as _;

use crate::unit::PostgresUnit;

/// One array for each column, so that the statement is the same for any number of changes.
const TELL: &str = "
INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at)
SELECT organization_id, topic, target_kind, target_id, data, occurred_at, occurred_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::jsonb[], $6::timestamptz[])
  WITH ORDINALITY AS change (organization_id, topic, target_kind, target_id, data, occurred_at, place)
ORDER BY place";

/// The same, marking the claim of the request as done. The first unit of a claim that saved something names its target.
const TELL_AND_MARK: &str = "
WITH told AS (
  INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at)
  SELECT organization_id, topic, target_kind, target_id, data, occurred_at, occurred_at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::jsonb[], $6::timestamptz[])
    WITH ORDINALITY AS change (organization_id, topic, target_kind, target_id, data, occurred_at, place)
  ORDER BY place
), marked AS (
  UPDATE platform.idempotency_keys
  SET committed_at = coalesce(committed_at, now()),
      target_kind = CASE WHEN target_kind IS NULL THEN $8::text ELSE target_kind END,
      target_id = CASE WHEN target_kind IS NULL THEN $9::uuid ELSE target_id END,
      target_version = CASE WHEN target_kind IS NULL THEN $10::bigint ELSE target_version END
  WHERE id = $7
  RETURNING id
)
SELECT count(*) AS marked FROM marked";

impl PostgresUnit {
    /// Writes the change records, and marks the claim of the request.
    ///
    /// The audit trail will be written HERE, as one more part of the same statement.
    pub(crate) async fn write_record(&mut self) -> Result<(), StoreError> {
        let columns = Columns::of(std::mem::take(&mut self.changes), self.scope);
        let Some(claim) = self.claim else {
            return if columns.topics.is_empty() {
                Ok(())
            } else {
                self.tx.execute(columns.bind(sqlx::query(TELL))).await.map(|_| ())
            };
        };
        let (kind, id, version) = match self.first_saved.take() {
            Some(ClaimTarget { kind, id, version }) => (Some(kind), Some(id), Some(version)),
            None => (None, None, None),
        };
        let query = columns.bind(sqlx::query(TELL_AND_MARK)).bind(claim.0).bind(kind).bind(id).bind(version);
        let row = self.tx.fetch_optional(query).await?;
        let marked = row.and_then(|row| row.try_get::<i64, _>("marked").ok());
        // The claim was given to another: the same request runs again elsewhere, and this unit comes too late.
        if marked == Some(1) { Ok(()) } else { Err(self.tx.fail(StoreError::Stale)) }
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

#[derive(Default)]
struct Columns {
    organizations: Vec<Option<uuid::Uuid>>,
    topics: Vec<&'static str>,
    target_kinds: Vec<&'static str>,
    target_ids: Vec<uuid::Uuid>,
    data: Vec<serde_json::Value>,
    times: Vec<time::OffsetDateTime>,
}

impl Columns {
    /// What happens in a tenant's unit belongs to the tenant.
    fn of(changes: Vec<Change>, scope: kernel::Scope) -> Self {
        let mut columns = Self::default();
        for change in changes {
            let Change { action, target, organization, at, fields: _, data } = change;
            columns.organizations.push(organization.or(scope.organization()).map(kernel::Id::uuid));
            columns.topics.push(action);
            columns.target_kinds.push(target.kind);
            columns.target_ids.push(target.id);
            columns.data.push(data);
            columns.times.push(at.to_offset_date_time());
        }
        columns
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query
            .bind(self.organizations)
            .bind(self.topics)
            .bind(self.target_kinds)
            .bind(self.target_ids)
            .bind(self.data)
            .bind(self.times)
    }
}
