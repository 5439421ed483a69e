//! Many results at once, by their typed columns alone: for scoring them anew, and for summaries.

use std::collections::HashMap;

use assessment_engine::{
    AssessmentResultId, InterviewSessionId, PublishedVersionId,
    reading::{ResultFilter, ScoringInput, TallyFilter},
};
use assessment_format::{Answers, Ratings, Reply, rating::Quote, session::StoredAnswer, summary::Tally};
use kernel::{StoreError, Timestamp};
use sqlx::{Postgres, QueryBuilder, Row as _, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    responses::{RatingColumns, rating},
    value::{fitting, outcome, slug, small, unreadable, unsigned},
};
use crate::tx::Tx;

/// A row for each session, because reading rows costs more than reading their columns; and one session after the other,
/// because an aggregate over all of them would not fit into memory.
const ANSWERS: &str = "
SELECT session.id, answers.*
FROM unnest($1::uuid[]) AS session (id) CROSS JOIN LATERAL (
  SELECT array_agg(item) AS items, array_agg(sequence) AS sequences, array_agg(reply) AS replies,
    array_agg(answered_at) AS times
  FROM assessment.session_answers WHERE session_id = session.id
) answers
WHERE answers.items IS NOT NULL";

const RATINGS: &str = "
SELECT session_id, dimension, item, rater_kind, rater, score_hundredths, evidence
FROM assessment.session_ratings WHERE session_id = ANY($1)";

/// What was voided does not count. There is little of it: an index of its own holds it.
pub(super) const COUNTS: &str = "NOT EXISTS (SELECT FROM assessment.interview_sessions voided \
                                 WHERE voided.id = interview_session_id AND voided.status = 'voided')";

/// One statement for each set of filters: conditions that may be absent would hide the indexes from generic plans.
fn select(columns: &'static str, filter: &ResultFilter) -> QueryBuilder<Postgres> {
    let ResultFilter { assessment, campaign, run_by } = filter;
    let mut select = QueryBuilder::new("SELECT ");
    select.push(columns).push(" FROM assessment.custom_assessment_results WHERE assessment_id = ");
    select.push_bind(assessment.uuid());
    if let Some(campaign) = campaign {
        select.push(" AND campaign_id = ").push_bind(campaign.uuid());
    }
    if let Some(by) = run_by {
        select.push(" AND run_by = ").push_bind(by.uuid());
    }
    select.push(" AND ").push(COUNTS);
    select
}

/// Results with what they were computed from, in the order of their ids.
pub(super) async fn batch(
    tx: &Tx,
    filter: &ResultFilter,
    after: Option<AssessmentResultId>,
    most: u32,
) -> Result<Vec<ScoringInput>, StoreError> {
    const COLUMNS: &str = "id, interview_session_id, version_id, run, scorer_version, dimension_hundredths, \
                           overall_hundredths, category_place";
    if !tx.can_read_table("custom_assessment_results")? {
        return Ok(Vec::new());
    }
    let mut select = select(COLUMNS, filter);
    if let Some(after) = after {
        select.push(" AND id > ").push_bind(after.uuid());
    }
    select.push(" ORDER BY id LIMIT ").push_bind(i64::from(most));
    let rows = tx.fetch_all(select.build()).await?;
    let sessions: Vec<Uuid> =
        rows.iter().map(|row| tx.get(row, "interview_session_id")).collect::<Result<_, _>>()?;
    let mut answers = answers(tx, &sessions).await?;
    let mut ratings = ratings(tx, &sessions).await?;
    let result = |(row, session): (_, &Uuid)| {
        let dimensions = tx.get(row, "dimension_hundredths")?;
        let (overall, category) = (tx.get(row, "overall_hundredths")?, tx.get(row, "category_place")?);
        Ok(ScoringInput {
            id: AssessmentResultId::from_uuid(tx.get(row, "id")?),
            session: InterviewSessionId::from_uuid(*session),
            published: PublishedVersionId::from_uuid(tx.get(row, "version_id")?),
            run: fitting("run", tx.get::<i32>(row, "run")?)?,
            scorer_version: fitting("scorer_version", tx.get::<i16>(row, "scorer_version")?)?,
            outcome: outcome(dimensions, overall, category)?,
            answers: answers.remove(session).unwrap_or_default(),
            ratings: ratings.remove(session).unwrap_or_default(),
        })
    };
    rows.iter().zip(&sessions).map(result).collect()
}

async fn answers(tx: &Tx, sessions: &[Uuid]) -> Result<HashMap<Uuid, Answers>, StoreError> {
    let rows = tx.fetch_all(sqlx::query(ANSWERS).bind(sessions)).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let items: Vec<String> = tx.get(row, "items")?;
        let sequences: Vec<i64> = tx.get(row, "sequences")?;
        let replies: Vec<Option<Json<Reply>>> = tx.get(row, "replies")?;
        let times: Vec<OffsetDateTime> = tx.get(row, "times")?;
        let kept = |(((item, sequence), reply), at): (((&String, _), Option<Json<Reply>>), _)| {
            let reply = reply.map(|Json(reply)| reply);
            let kept = StoredAnswer { sequence: unsigned(sequence), reply, at: Timestamp::new(at) };
            Ok((slug("item", item)?, kept))
        };
        let answers = items.iter().zip(sequences).zip(replies).zip(times).map(kept);
        found.insert(tx.get(row, "id")?, answers.collect::<Result<_, StoreError>>()?);
    }
    Ok(found)
}

async fn ratings(tx: &Tx, sessions: &[Uuid]) -> Result<HashMap<Uuid, Ratings>, StoreError> {
    let rows = tx.fetch_all(sqlx::query(RATINGS).bind(sessions)).await?;
    let mut found: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in &rows {
        let Json(evidence): Json<Vec<Quote>> = tx.get(row, "evidence")?;
        let columns = RatingColumns {
            dimension: tx.get(row, "dimension")?,
            item: tx.get(row, "item")?,
            kind: tx.get(row, "rater_kind")?,
            rater: tx.get(row, "rater")?,
            score: tx.get(row, "score_hundredths")?,
            evidence,
        };
        found.entry(tx.get(row, "session_id")?).or_default().push(rating(columns)?);
    }
    Ok(found.into_iter().map(|(session, ratings)| (session, ratings.into_iter().collect())).collect())
}

/// How many results there are.
pub(super) async fn count(tx: &Tx, filter: &ResultFilter) -> Result<u64, StoreError> {
    if !tx.can_read_table("custom_assessment_results")? {
        return Ok(0);
    }
    let row = tx.fetch_optional(select("count(*) AS results", filter).build()).await?;
    row.map_or(Ok(0), |row| tx.get(&row, "results").map(unsigned))
}

/// Counts results one by one: of several dimensions few come out alike, so that grouping them costs more than it saves.
pub(super) async fn tally(tx: &Tx, filter: &TallyFilter, tally: &mut Tally) -> Result<(), StoreError> {
    const COLUMNS: &str = "dimension_hundredths, overall_hundredths, category_place, campaign_id";
    if !tx.can_read_table("custom_assessment_results")? {
        return Ok(());
    }
    let mut select = select(COLUMNS, &filter.results);
    select.push(" AND major = ").push_bind(small(filter.major));
    let (nothing, mut groups) = (tally.emptied(), HashMap::<Option<Uuid>, Tally>::new());
    tx.for_each(select.build(), |row| {
        // By their places: looking up names would take longer than the rest.
        let read = |error| unreadable("scores", error);
        let dimensions = row.try_get(0).map_err(read)?;
        let (overall, category) = (row.try_get(1).map_err(read)?, row.try_get(2).map_err(read)?);
        let group = groups.entry(row.try_get(3).map_err(read)?).or_insert_with(|| nothing.clone());
        group.add(&outcome(dimensions, overall, category)?);
        Ok(())
    })
    .await?;
    filter.merge(groups.into_values(), tally);
    Ok(())
}
