//! Answers: the newest reply to each item.

use assessment_engine::{InterviewSession, InterviewSessionId};
use assessment_format::{Answers, Reply, Slug, session::StoredAnswer};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::of_session;
use crate::{
    assessment::formats::Text,
    col::{Col, Doc},
    driver::query,
    read::FromRow,
    tx::Tx,
    upsert::replace,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "session_answers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Col<InterviewSessionId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item: Text<Slug>,
    pub account_id: Option<Col<AccountId>>,
    pub sequence: Col<u64>,
    pub reply: Option<Doc<Reply>>,
    pub answered_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for (Slug, StoredAnswer) {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let (sequence, reply) = (row.sequence.0, row.reply.map(Col::into_inner));
        Ok((row.item.0, StoredAnswer { sequence, reply, at: row.answered_at.0 }))
    }
}

pub(in crate::assessment) async fn all(tx: &Tx, session: InterviewSessionId) -> Result<Answers, StoreError> {
    let answers: Vec<(Slug, StoredAnswer)> = tx.find_all(Entity::find().filter(of_session(session))).await?;
    Ok(answers.into_iter().collect())
}

/// The session is locked as a unit locks it, and the answer is kept as [`save`] keeps it.
const KEEP: &str = "
WITH seen AS (
  SELECT organization_id, id, account_id FROM assessment.interview_sessions
  WHERE organization_id = $1 AND id = $2 AND version = $3 FOR SHARE
)
INSERT INTO assessment.session_answers AS kept
  (organization_id, session_id, item, account_id, sequence, reply, answered_at, version)
SELECT organization_id, id, $4, account_id, $5, $6, $7, 1 FROM seen
ON CONFLICT (organization_id, session_id, item) DO UPDATE
SET sequence = excluded.sequence, reply = excluded.reply, answered_at = excluded.answered_at, version = kept.version + 1
WHERE kept.sequence < excluded.sequence";

/// Keeps an answer where the session is as it was seen and no newer answer is there; tells whether it did.
pub(in crate::assessment) async fn keep(
    tx: Tx,
    session: &InterviewSession,
    item: &Slug,
    answer: &StoredAnswer,
) -> Result<bool, StoreError> {
    let StoredAnswer { sequence, reply, at } = answer;
    let reply = reply.as_ref().map(|reply| serde_json::to_value(reply).unwrap_or_default());
    let keep = query(KEEP)
        .bind(session.organization.uuid())
        .bind(session.id.uuid())
        .bind(session.version())
        .bind(item.as_str())
        .bind(i64::try_from(*sequence).unwrap_or(i64::MAX))
        .bind(reply)
        .bind(at.to_offset_date_time());
    match tx.execute_alone(keep).await {
        Err(StoreError::Stale) => Ok(false),
        kept => Ok(kept? == 1),
    }
}

/// Keeps an answer, or tells the one that stays: whatever comes at once, the highest sequence number does.
pub(in crate::assessment) async fn save(
    tx: &Tx,
    session: &InterviewSession,
    item: &Slug,
    answer: &StoredAnswer,
) -> Result<Option<StoredAnswer>, StoreError> {
    use Column as C;
    let StoredAnswer { sequence, reply, at } = answer.clone();
    let row = Model {
        organization_id: Col::of(session.organization),
        session_id: Col::of(session.id),
        item: Col::of(item.clone()),
        account_id: session.account.map(Col::of),
        sequence: Col::of(sequence),
        reply: reply.map(Col::of),
        answered_at: Col::of(at),
        version: 1,
    };
    let key = (row.organization_id.clone(), row.session_id.clone(), row.item.clone());
    let columns = [C::OrganizationId, C::SessionId, C::Item];
    let newer = Expr::col((Entity, C::Sequence)).lt(Expr::cust("excluded.sequence"));
    let newest = replace(columns, [C::Sequence, C::Reply, C::AnsweredAt], C::Version)
        .action_and_where(newer)
        .to_owned();
    if tx.put(row, newest).await? {
        return Ok(None);
    }
    // In a statement of its own, which sees what the one before ran into.
    let stays: Option<(Slug, StoredAnswer)> = tx.find_one(Entity::find_by_id(key)).await?;
    // Neither kept nor there: an erasure came in between.
    stays.map_or_else(|| Err(tx.fail(StoreError::Stale)), |(_, stays)| Ok(Some(stays)))
}
