//! Scoring runs: the newest stands in the result, those before it beside.

use assessment_engine::{AssessmentResultId, PublishedVersionId, Run};
use kernel::{StoreError, Timestamp};
use serde_json::Value;
use sqlx::postgres::PgRow;
use time::OffsetDateTime;
use uuid::Uuid;

use super::value::{Scores, fitting, instant, outcome, small, version as parsed_version};
use crate::tx::Tx;

/// Results are locked in the order of their ids, so that two batches never wait for each other; of what is locked, only
/// results whose current run is the one before are replaced.
const REPLACE: &str = "
WITH new AS (
  SELECT * FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::smallint[], $5::text[], $6::smallint[], $7::text[],
      $8::integer[], $9::smallint[], $10::jsonb[], $11::text[], $12::jsonb[], $13::timestamptz[])
    AS new (id, run, version_id, major, assessment_version, scorer_version, dimension_hundredths, overall_hundredths,
      category_place, dimension_scores, matched_category, matched_category_data, scored_at)
), old AS (
  SELECT r.id, r.organization_id, r.run, r.version_id, r.assessment_version, r.scorer_version, r.dimension_hundredths,
    r.overall_hundredths, r.category_place, r.dimension_scores, r.matched_category, r.matched_category_data, r.scored_at
  FROM new JOIN assessment.custom_assessment_results r ON r.id = new.id AND r.run = new.run - 1
  ORDER BY r.id FOR UPDATE OF r
), kept AS (
  INSERT INTO assessment.scoring_runs (result_id, organization_id, run, version_id, assessment_version, scorer_version,
    dimension_hundredths, overall_hundredths, category_place, dimension_scores, matched_category,
    matched_category_data, scored_at)
  SELECT * FROM old
)
UPDATE assessment.custom_assessment_results r SET run = new.run, version_id = new.version_id, major = new.major,
  assessment_version = new.assessment_version, scorer_version = new.scorer_version,
  dimension_hundredths = new.dimension_hundredths::integer[], overall_hundredths = new.overall_hundredths,
  category_place = new.category_place, dimension_scores = new.dimension_scores, matched_category = new.matched_category,
  matched_category_data = new.matched_category_data, scored_at = new.scored_at, version = r.version + 1
FROM new JOIN old ON old.id = new.id
WHERE r.id = old.id";

const OLDER: &str = "
SELECT run, version_id, assessment_version, scorer_version, dimension_hundredths, overall_hundredths, category_place,
  dimension_scores, matched_category, matched_category_data, scored_at
FROM assessment.scoring_runs WHERE result_id = $1 ORDER BY run";

/// A column for each field of the new runs.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    numbers: Vec<i32>,
    published: Vec<Uuid>,
    majors: Vec<i16>,
    versions: Vec<String>,
    scorers: Vec<i16>,
    dimensions: Vec<String>,
    overall: Vec<Option<i32>>,
    categories: Vec<Option<i16>>,
    scores: Vec<Value>,
    matched: Vec<Option<String>>,
    matched_data: Vec<Option<Value>>,
    times: Vec<OffsetDateTime>,
}

impl Columns {
    fn push(&mut self, id: AssessmentResultId, run: &Run) {
        let Run {
            number,
            published,
            version,
            scorer_version,
            outcome,
            dimension_scores,
            matched_category,
            matched_category_data,
            scored_at,
        } = run;
        let Scores { dimensions, overall, category } = Scores::of(outcome);
        self.ids.push(id.uuid());
        self.numbers.push(i32::try_from(*number).unwrap_or(i32::MAX));
        self.published.push(published.uuid());
        self.majors.push(small(version.major()));
        self.versions.push(version.to_string());
        self.scorers.push(small(*scorer_version));
        // An array of arrays would have to be rectangular.
        self.dimensions.push(dimensions);
        self.overall.push(overall);
        self.categories.push(category);
        self.scores.push(dimension_scores.clone());
        self.matched.push(matched_category.clone());
        self.matched_data.push(matched_category_data.clone());
        self.times.push(instant(*scored_at));
    }
}

/// Puts new runs in place of those before; tells how many.
pub(super) async fn replace(tx: &Tx, runs: &[(AssessmentResultId, Run)]) -> Result<u64, StoreError> {
    tx.ensure_open()?;
    if runs.is_empty() {
        return Ok(0);
    }
    let mut columns = Columns::default();
    for (id, run) in runs {
        columns.push(*id, run);
    }
    let query = sqlx::query(REPLACE)
        .bind(columns.ids)
        .bind(columns.numbers)
        .bind(columns.published)
        .bind(columns.majors)
        .bind(columns.versions)
        .bind(columns.scorers)
        .bind(columns.dimensions)
        .bind(columns.overall)
        .bind(columns.categories)
        .bind(columns.scores)
        .bind(columns.matched)
        .bind(columns.matched_data)
        .bind(columns.times);
    Ok(tx.execute(query).await?.rows_affected())
}

/// The runs before the newest, oldest first.
pub(super) async fn older(tx: &Tx, id: AssessmentResultId) -> Result<Vec<Run>, StoreError> {
    if !tx.can_read_table("scoring_runs")? {
        return Ok(Vec::new());
    }
    let rows = tx.fetch_all(sqlx::query(OLDER).bind(id.uuid())).await?;
    rows.iter().map(|row| read(tx, row)).collect()
}

fn read(tx: &Tx, row: &PgRow) -> Result<Run, StoreError> {
    let dimensions = tx.get(row, "dimension_hundredths")?;
    Ok(Run {
        number: fitting("run", tx.get::<i32>(row, "run")?)?,
        published: PublishedVersionId::from_uuid(tx.get(row, "version_id")?),
        version: parsed_version("assessment_version", tx.get(row, "assessment_version")?)?,
        scorer_version: fitting("scorer_version", tx.get::<i16>(row, "scorer_version")?)?,
        outcome: outcome(dimensions, tx.get(row, "overall_hundredths")?, tx.get(row, "category_place")?)?,
        dimension_scores: tx.get(row, "dimension_scores")?,
        matched_category: tx.get(row, "matched_category")?,
        matched_category_data: tx.get(row, "matched_category_data")?,
        scored_at: Timestamp::new(tx.get::<OffsetDateTime>(row, "scored_at")?),
    })
}
