//! Many results at once, by their typed columns alone: for scoring them anew, for summaries, and for files.

use std::collections::HashMap;

use assessment_engine::{
    AssessmentResultId, InterviewSessionId, PublishedVersionId,
    reading::{Responses, ResultFilter, ScoringInput, TallyFilter},
};
use assessment_format::{
    Answers, Rater, Rating, Ratings, Reply, Score, Slug, Transcript, interview::Turn, rating::Target,
    scoring::Outcome, session::StoredAnswer, summary::Tally,
};
use kernel::{StoreError, Timestamp};
use sea_orm::{DerivePartialModel, QueryOrder as _, QuerySelect as _, entity::prelude::*, sea_query::Expr};
use time::OffsetDateTime;
use tokio_postgres::{Row, types::Json};

use super::{
    formats::{SmallInt, unreadable},
    responses::{ratings, turns},
    results::{Column, Entity, counted},
    sessions,
};
use crate::{
    col::{Col, Format as _, Plain, Unreadable},
    driver::{Query, query},
    read::FromRow,
    tx::Tx,
};

/// A row for each session, because reading rows costs more than reading their columns; and one session after the other,
/// because an aggregate over all of them would not fit into memory.
const ANSWERS: &str = "
SELECT session.id, answers.*
FROM unnest($1::uuid[]) AS session (id) CROSS JOIN LATERAL (
  SELECT array_agg(item) AS items, array_agg(sequence) AS sequences, array_agg(reply) AS replies,
    array_agg(answered_at) AS times
  FROM assessment.session_answers WHERE organization_id = $2 AND session_id = session.id
) answers
WHERE answers.items IS NOT NULL";

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Scored {
    id: Col<AssessmentResultId>,
    interview_session_id: Col<InterviewSessionId>,
    version_id: Col<PublishedVersionId>,
    run: Col<u32>,
    scorer_version: SmallInt<u16>,
    dimension_hundredths: Col<Vec<Option<Score>>>,
    overall_hundredths: Option<Col<Score>>,
    category_place: Option<SmallInt<usize>>,
}

/// Results with what they were computed from, in the order of their ids.
pub(super) async fn batch(
    tx: &Tx,
    filter: &ResultFilter,
    after: Option<AssessmentResultId>,
    most: u32,
) -> Result<Vec<ScoringInput>, StoreError> {
    let mut of = counted(filter);
    if let Some(after) = after {
        of = of.filter(Column::Id.gt(after.uuid()));
    }
    let of = of.order_by_asc(Column::Id).limit(u64::from(most));
    let found = tx.find_partial::<_, Scored, Scored>(of).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let sessions: Vec<Uuid> = found.iter().map(|row| row.interview_session_id.0.uuid()).collect();
    let mut answers = answers(tx, &sessions).await?;
    let mut ratings = ratings(tx, &sessions).await?;
    let input = |row: Scored| {
        let session = row.interview_session_id.0;
        let outcome = Outcome {
            dimensions: row.dimension_hundredths.0,
            overall: row.overall_hundredths.map(Col::into_inner),
            category: row.category_place.map(Col::into_inner),
        };
        ScoringInput {
            id: row.id.0,
            session,
            published: row.version_id.0,
            run: row.run.0,
            scorer_version: row.scorer_version.0,
            outcome,
            answers: answers.remove(&session.uuid()).unwrap_or_default(),
            ratings: ratings.remove(&session.uuid()).unwrap_or_default(),
        }
    };
    Ok(found.into_iter().map(input).collect())
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "sessions::Entity")]
struct Asked {
    id: Col<InterviewSessionId>,
    version_id: Col<PublishedVersionId>,
}

/// What was answered and said in these sessions: three statements, however many they are.
pub(super) async fn responses(tx: &Tx, of: &[InterviewSessionId]) -> Result<Vec<Responses>, StoreError> {
    if tx.tenant().is_none() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = of.iter().map(|session| session.uuid()).collect();
    let asked = sessions::Entity::find().filter(sessions::Column::Id.eq_any(ids.clone()));
    let asked = tx.find_partial::<_, Asked, Asked>(asked).await?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut answers = answers(tx, &ids).await?;
    let said = turns::Entity::find().filter(turns::Column::SessionId.eq_any(ids));
    let said: Vec<turns::Model> = tx.find_all(said.order_by_asc(turns::Column::Number)).await?;
    let mut turns: HashMap<Uuid, Vec<Turn>> = HashMap::new();
    for row in said {
        let session = row.session_id.0.uuid();
        turns.entry(session).or_default().push(FromRow::from_row(row).map_err(|error| tx.fail(error))?);
    }
    let responses = |row: Asked| {
        let session = row.id.0;
        Responses {
            session,
            published: row.version_id.0,
            answers: answers.remove(&session.uuid()).unwrap_or_default(),
            transcript: Transcript::restore(turns.remove(&session.uuid()).unwrap_or_default()),
        }
    };
    Ok(asked.into_iter().map(responses).collect())
}

async fn answers(tx: &Tx, sessions: &[Uuid]) -> Result<HashMap<Uuid, Answers>, StoreError> {
    let rows = tx.fetch_all(query(ANSWERS).bind(sessions).bind(tx.tenant())).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let items: Vec<String> = tx.get(row, "items")?;
        let sequences: Vec<i64> = tx.get(row, "sequences")?;
        let replies: Vec<Option<Json<Reply>>> = tx.get(row, "replies")?;
        let times: Vec<OffsetDateTime> = tx.get(row, "times")?;
        let answer = |(((item, sequence), reply), at): (((String, _), Option<Json<Reply>>), _)| {
            let (sequence, reply) = (Plain::from_raw(sequence)?, reply.map(|Json(reply)| reply));
            Ok((Slug::new(item)?, StoredAnswer { sequence, reply, at: Timestamp::new(at) }))
        };
        let answers = items.into_iter().zip(sequences).zip(replies).zip(times).map(answer);
        let answers: Result<_, Unreadable> = answers.collect();
        found.insert(tx.get(row, "id")?, answers.map_err(|error| tx.fail(unreadable("answers", error)))?);
    }
    Ok(found)
}

async fn ratings(tx: &Tx, sessions: &[Uuid]) -> Result<HashMap<Uuid, Ratings>, StoreError> {
    let of = ratings::Entity::find().filter(ratings::Column::SessionId.eq_any(sessions.to_vec()));
    let rows: Vec<ratings::Model> = tx.find_all(of).await?;
    let mut found: HashMap<Uuid, Vec<(Target, Rater, Rating)>> = HashMap::new();
    for row in rows {
        let session = row.session_id.0.uuid();
        let rating = FromRow::from_row(row).map_err(|error| tx.fail(error))?;
        found.entry(session).or_default().push(rating);
    }
    Ok(found.into_iter().map(|(session, ratings)| (session, ratings.into_iter().collect())).collect())
}

/// How many results there are.
pub(super) async fn count(tx: &Tx, filter: &ResultFilter) -> Result<u64, StoreError> {
    if !tx.can_read_entity::<Entity>() {
        return Ok(0);
    }
    let count =
        tx.of_tenant::<Entity, _>(counted(filter)).select_only().column_as(Column::Id.count(), "results");
    let row = tx.fetch_optional(Query::of(&count)).await?;
    row.map_or(Ok(0), |row| Ok(tx.get::<i64>(&row, "results")?.unsigned_abs()))
}

/// Counts results one by one: of several dimensions few come out alike, so that grouping them costs more than it saves.
pub(super) async fn tally(tx: &Tx, filter: &TallyFilter, tally: &mut Tally) -> Result<(), StoreError> {
    use Column as C;
    if !tx.can_read_entity::<Entity>() {
        return Ok(());
    }
    // As the array that is stored; the entity reads it as text.
    let dimensions = Expr::col((Entity, C::DimensionHundredths));
    let columns = [C::OverallHundredths, C::CategoryPlace, C::CampaignId];
    let of = counted(&filter.results).filter(C::Major.eq(SmallInt::of(filter.major)));
    let scored = tx.of_tenant::<Entity, _>(of).select_only().expr(dimensions).columns(columns);
    let (nothing, mut groups) = (tally.emptied(), HashMap::<Option<Uuid>, Tally>::new());
    tx.for_each(Query::of(&scored), |row| {
        let (outcome, campaign) = scores(row).map_err(|error| unreadable("scores", error))?;
        groups.entry(campaign).or_insert_with(|| nothing.clone()).add(&outcome);
        Ok(())
    })
    .await?;
    filter.merge(groups.into_values(), tally);
    Ok(())
}

/// An outcome and its campaign by their places: looking up names would take longer than the rest.
fn scores(row: &Row) -> Result<(Outcome, Option<Uuid>), Unreadable> {
    let score = |hundredths: Option<i32>| hundredths.map(Plain::from_raw).transpose();
    let dimensions: Vec<Option<i32>> = row.try_get(0)?;
    let outcome = Outcome {
        dimensions: dimensions.into_iter().map(score).collect::<Result<_, _>>()?,
        overall: score(row.try_get(1)?)?,
        category: row.try_get::<_, Option<i16>>(2)?.map(usize::try_from).transpose()?,
    };
    Ok((outcome, row.try_get(3)?))
}
