//! What is answered, said and concluded in a session: rows of their own, so that keeping one touches nothing else.

use assessment_engine::{InterviewSession, InterviewSessionId};
use assessment_format::{
    Answers, Rater, Rating, Ratings, Reply, Score, Slug, Transcript,
    interview::Turn,
    rating::{Quote, Target},
    session::StoredAnswer,
};
use kernel::{AccountId, Id, StoreError, Timestamp};
use sqlx::{postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::value::{fitting, instant, score, signed, slug, unreadable, unsigned};
use crate::tx::Tx;

/// Rows are found by the organisation first; a person's scope does not know it, and asks the session.
macro_rules! of_session {
    () => {
        "session_id = $1
  AND organization_id = (SELECT organization_id FROM assessment.interview_sessions WHERE id = $1)"
    };
}

const ANSWERS: &str = concat!(
    "SELECT item, sequence, reply, answered_at FROM assessment.session_answers WHERE ",
    of_session!()
);

/// Whatever comes at once, the highest sequence number stays.
const KEEP: &str = "
INSERT INTO assessment.session_answers AS held (organization_id, session_id, item, account_id, sequence, reply,
  answered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (organization_id, session_id, item) DO UPDATE SET sequence = excluded.sequence, reply = excluded.reply,
  answered_at = excluded.answered_at, version = held.version + 1
WHERE held.sequence < excluded.sequence";

/// In a statement of its own, which sees what the one before ran into.
const STAYS: &str = "
SELECT sequence, reply, answered_at FROM assessment.session_answers
WHERE organization_id = $1 AND session_id = $2 AND item = $3";

const TURNS: &str = concat!(
    "SELECT number, speaker, said, said_at FROM assessment.session_turns WHERE ",
    of_session!(),
    " ORDER BY number"
);

const SAY: &str = "
INSERT INTO assessment.session_turns (organization_id, session_id, number, account_id, speaker, said, said_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const RATINGS: &str = concat!(
    "SELECT dimension, item, rater_kind, rater, score_hundredths, evidence FROM assessment.session_ratings WHERE ",
    of_session!()
);

const RATE: &str = "
INSERT INTO assessment.session_ratings AS held (organization_id, session_id, dimension, item, rater_kind, rater,
  score_hundredths, evidence, rated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (organization_id, session_id, dimension, item, rater_kind, rater) DO UPDATE SET
  score_hundredths = excluded.score_hundredths, evidence = excluded.evidence, rated_at = excluded.rated_at,
  version = held.version + 1";

const FORGET: &str = concat!(
    "WITH answers AS (DELETE FROM assessment.session_answers WHERE ",
    of_session!(),
    "), turns AS (DELETE FROM assessment.session_turns WHERE ",
    of_session!(),
    ") DELETE FROM assessment.session_ratings WHERE ",
    of_session!()
);

pub(super) async fn answers(tx: &Tx, session: InterviewSessionId) -> Result<Answers, StoreError> {
    if !tx.can_read_table("session_answers")? {
        return Ok(Answers::default());
    }
    let rows = tx.fetch_all(sqlx::query(ANSWERS).bind(session.uuid())).await?;
    rows.iter().map(|row| Ok((slug("item", tx.get(row, "item")?)?, kept(tx, row)?))).collect()
}

/// Keeps an answer, or tells the one that stays.
pub(super) async fn save_answer(
    tx: &Tx,
    session: &InterviewSession,
    item: &Slug,
    answer: &StoredAnswer,
) -> Result<Option<StoredAnswer>, StoreError> {
    let StoredAnswer { sequence, reply, at } = answer;
    let (organization, id) = (session.organization.uuid(), session.id.uuid());
    let keep = sqlx::query(KEEP)
        .bind(organization)
        .bind(id)
        .bind(item.as_str())
        .bind(session.account.map(Id::uuid))
        .bind(signed(*sequence))
        .bind(reply.as_ref().map(Json))
        .bind(instant(*at));
    if tx.execute(keep).await?.rows_affected() == 1 {
        return Ok(None);
    }
    let stays = sqlx::query(STAYS).bind(organization).bind(id).bind(item.as_str());
    let stays = tx.fetch_optional(stays).await?.map(|row| kept(tx, &row)).transpose()?;
    // Neither kept nor there: an erasure came in between.
    stays.map_or_else(|| Err(tx.fail(StoreError::Stale)), |stays| Ok(Some(stays)))
}

fn kept(tx: &Tx, row: &PgRow) -> Result<StoredAnswer, StoreError> {
    let reply: Option<Json<Reply>> = tx.get(row, "reply")?;
    Ok(StoredAnswer {
        sequence: unsigned(tx.get(row, "sequence")?),
        reply: reply.map(|Json(reply)| reply),
        at: Timestamp::new(tx.get::<OffsetDateTime>(row, "answered_at")?),
    })
}

pub(super) async fn transcript(tx: &Tx, session: InterviewSessionId) -> Result<Transcript, StoreError> {
    if !tx.can_read_table("session_turns")? {
        return Ok(Transcript::default());
    }
    let rows = tx.fetch_all(sqlx::query(TURNS).bind(session.uuid())).await?;
    let turn = |row| {
        let Json(by) = tx.get(row, "speaker")?;
        Ok(Turn {
            number: fitting("number", tx.get::<i32>(row, "number")?)?,
            by,
            text: tx.get(row, "said")?,
            at: Timestamp::new(tx.get::<OffsetDateTime>(row, "said_at")?),
        })
    };
    rows.iter().map(turn).collect::<Result<_, _>>().map(Transcript::restore)
}

/// Keeps a turn for good; the primary key refuses a second of its number.
pub(super) async fn put_turn(tx: &Tx, session: &InterviewSession, turn: &Turn) -> Result<(), StoreError> {
    let Turn { number, by, text, at } = turn;
    let query = sqlx::query(SAY)
        .bind(session.organization.uuid())
        .bind(session.id.uuid())
        .bind(fitting::<_, i32>("number", *number)?)
        .bind(session.account.map(Id::uuid))
        .bind(Json(by))
        .bind(text)
        .bind(instant(*at));
    tx.execute(query).await.map(drop)
}

pub(super) async fn ratings(tx: &Tx, session: InterviewSessionId) -> Result<Ratings, StoreError> {
    if !tx.can_read_table("session_ratings")? {
        return Ok(Ratings::default());
    }
    let rows = tx.fetch_all(sqlx::query(RATINGS).bind(session.uuid())).await?;
    let rating = |row| {
        let kind: &str = tx.get(row, "rater_kind")?;
        let Json(evidence) = tx.get(row, "evidence")?;
        rating(RatingColumns {
            dimension: tx.get(row, "dimension")?,
            item: tx.get(row, "item")?,
            kind,
            rater: tx.get(row, "rater")?,
            score: tx.get(row, "score_hundredths")?,
            evidence,
        })
    };
    rows.iter().map(rating).collect()
}

/// A rating as its columns hold it.
pub(super) struct RatingColumns<'r> {
    pub(super) dimension: &'r str,
    pub(super) item: Option<&'r str>,
    pub(super) kind: &'r str,
    pub(super) rater: String,
    pub(super) score: Option<i32>,
    pub(super) evidence: Vec<Quote>,
}

pub(super) fn rating(columns: RatingColumns<'_>) -> Result<(Target, Rater, Rating), StoreError> {
    let RatingColumns { dimension, item, kind, rater, score: hundredths, evidence } = columns;
    let dimension = slug("dimension", dimension)?;
    let target = Target { dimension, item: item.map(|item| slug("item", item)).transpose()? };
    let rater = match kind {
        "person" => {
            let id: Uuid = rater.parse().map_err(|error| unreadable("rater", error))?;
            Rater::Person(AccountId::from_uuid(id))
        }
        _ => Rater::Model(rater),
    };
    let score = hundredths.map(|of| score("score_hundredths", of)).transpose()?;
    Ok((target, rater, Rating { score, evidence }))
}

pub(super) async fn save_rating(
    tx: &Tx,
    session: &InterviewSession,
    (target, rater, rating): (&Target, &Rater, &Rating),
    now: Timestamp,
) -> Result<(), StoreError> {
    let (kind, rater) = match rater {
        Rater::Person(account) => ("person", account.to_string()),
        Rater::Model(name) => ("model", name.clone()),
    };
    let Rating { score, evidence } = rating;
    let query = sqlx::query(RATE)
        .bind(session.organization.uuid())
        .bind(session.id.uuid())
        .bind(target.dimension.as_str())
        .bind(target.item.as_ref().map(Slug::as_str))
        .bind(kind)
        .bind(rater)
        .bind(score.map(Score::hundredths))
        .bind(Json(evidence))
        .bind(instant(now));
    tx.execute(query).await.map(drop)
}

pub(super) async fn forget(tx: &Tx, session: InterviewSessionId) -> Result<(), StoreError> {
    tx.execute(sqlx::query(FORGET).bind(session.uuid())).await.map(drop)
}
