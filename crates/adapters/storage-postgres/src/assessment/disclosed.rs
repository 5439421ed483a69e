//! The summaries that were disclosed last.

use assessment_engine::{
    CustomAssessmentId,
    reading::{ResultFilter, TallyFilter},
};
use kernel::{Id, OrganizationId, StoreError};
use serde_json::Value;

use super::value::{signed, small, unsigned};
use crate::{record::Query, tx::Tx};

const DISCLOSED: &str = "
SELECT results, summary FROM assessment.result_summaries
WHERE assessment_id = $1 AND campaign_id IS NOT DISTINCT FROM $2 AND run_by IS NOT DISTINCT FROM $3 AND major = $4";

const KEEP: &str = "
INSERT INTO assessment.result_summaries AS held (assessment_id, campaign_id, run_by, major, organization_id, results,
  summary)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (organization_id, assessment_id, campaign_id, run_by, major) DO UPDATE SET results = excluded.results,
  summary = excluded.summary, version = held.version + 1";

const FORGET: &str = "DELETE FROM assessment.result_summaries WHERE assessment_id = $1";

fn bind(sql: &'static str, of: &TallyFilter) -> Query<'static> {
    let TallyFilter { results: ResultFilter { assessment, campaign, run_by }, major } = of;
    sqlx::query(sql)
        .bind(assessment.uuid())
        .bind(campaign.map(Id::uuid))
        .bind(run_by.map(Id::uuid))
        .bind(small(*major))
}

/// The summary that was disclosed last, and of how many results it was.
pub(super) async fn summary(tx: &Tx, of: &TallyFilter) -> Result<Option<(u64, Value)>, StoreError> {
    if !tx.can_read_table("result_summaries")? {
        return Ok(None);
    }
    let found = tx.fetch_optional(bind(DISCLOSED, of)).await?;
    found.map(|row| Ok((unsigned(tx.get(&row, "results")?), tx.get(&row, "summary")?))).transpose()
}

/// Keeps the summary that is disclosed from now on.
pub(super) async fn keep(
    tx: &Tx,
    organization: OrganizationId,
    of: &TallyFilter,
    results: u64,
    summary: &Value,
) -> Result<(), StoreError> {
    let query = bind(KEEP, of).bind(organization.uuid()).bind(signed(results)).bind(summary.clone());
    tx.execute(query).await.map(drop)
}

/// Forgets the summaries of an assessment.
pub(super) async fn forget(tx: &Tx, assessment: CustomAssessmentId) -> Result<(), StoreError> {
    tx.execute(sqlx::query(FORGET).bind(assessment.uuid())).await.map(drop)
}
