//! Scoring runs: the newest stands in the result, those before it beside.

use assessment_engine::{AssessmentResultId, PublishedVersionId, Run};
use assessment_format::{Score, Version, scoring::Outcome};
use kernel::{StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*};
use time::OffsetDateTime;

use super::formats::{Sent, SmallInt, Text};
use crate::{
    col::{Col, Format as _, Plain},
    driver::query,
    read::FromRow,
    tx::Tx,
};

/// One statement for thousands of results, whose columns go as arrays.
///
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
  FROM new JOIN assessment.custom_assessment_results r
    ON r.organization_id = $14 AND r.id = new.id AND r.run = new.run - 1
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
WHERE r.organization_id = old.organization_id AND r.id = old.id";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "scoring_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub result_id: Col<AssessmentResultId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Col<u32>,
    pub version_id: Col<PublishedVersionId>,
    pub assessment_version: Text<Version>,
    pub scorer_version: SmallInt<u16>,
    #[sea_orm(select_as = "text")]
    pub dimension_hundredths: Col<Vec<Option<Score>>>,
    pub overall_hundredths: Option<Col<Score>>,
    pub category_place: Option<SmallInt<usize>>,
    pub dimension_scores: Json,
    pub matched_category: Option<String>,
    pub matched_category_data: Option<Json>,
    pub scored_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Run {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let outcome = Outcome {
            dimensions: row.dimension_hundredths.0,
            overall: row.overall_hundredths.map(Col::into_inner),
            category: row.category_place.map(Col::into_inner),
        };
        Ok(Self {
            number: row.run.0,
            published: row.version_id.0,
            version: row.assessment_version.0,
            scorer_version: row.scorer_version.0,
            outcome,
            dimension_scores: row.dimension_scores,
            matched_category: row.matched_category,
            matched_category_data: row.matched_category_data,
            scored_at: row.scored_at.0,
        })
    }
}

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
    scores: Vec<Json>,
    matched: Vec<Option<String>>,
    matched_data: Vec<Option<Json>>,
    times: Vec<OffsetDateTime>,
}

impl Columns {
    fn push(&mut self, id: AssessmentResultId, run: &Run) {
        let Run {
            number,
            published,
            version,
            scorer_version,
            outcome: Outcome { dimensions, overall, category },
            dimension_scores,
            matched_category,
            matched_category_data,
            scored_at,
        } = run.clone();
        self.ids.push(id.uuid());
        self.numbers.push(Plain::to_raw(number));
        self.published.push(published.uuid());
        self.majors.push(Sent::to_raw(version.major()));
        self.versions.push(version.to_string());
        self.scorers.push(Sent::to_raw(scorer_version));
        // An array of arrays would have to be rectangular.
        self.dimensions.push(Plain::to_raw(dimensions));
        self.overall.push(overall.map(Score::hundredths));
        self.categories.push(category.map(Sent::to_raw));
        self.scores.push(dimension_scores);
        self.matched.push(matched_category);
        self.matched_data.push(matched_category_data);
        self.times.push(scored_at.to_offset_date_time());
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
    let query = query(REPLACE)
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
        .bind(columns.times)
        .bind(tx.tenant());
    tx.execute(query).await
}

/// The runs before the newest, oldest first.
pub(super) async fn older(tx: &Tx, id: AssessmentResultId) -> Result<Vec<Run>, StoreError> {
    tx.find_all(Entity::find().filter(Column::ResultId.eq(id.uuid())).order_by_asc(Column::Run)).await
}
