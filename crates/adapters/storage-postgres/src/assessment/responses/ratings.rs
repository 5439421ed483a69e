//! Ratings: what people or models conclude, one of each rater and target.

use assessment_engine::{InterviewSession, InterviewSessionId};
use assessment_format::{
    Rater, Rating, Ratings, Score, Slug,
    rating::{Quote, Target},
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::of_session;
use crate::{
    assessment::formats::{Text, unreadable},
    col::{Col, Doc},
    read::FromRow,
    tx::Tx,
    upsert::replace,
};

/// The table's key holds the item too, which ratings of the interview lack, and no column of SeaORM's keys may be null.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "session_ratings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Col<InterviewSessionId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub dimension: Text<Slug>,
    pub item: Option<Text<Slug>>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub rater_kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub rater: String,
    pub score_hundredths: Option<Col<Score>>,
    pub evidence: Doc<Vec<Quote>>,
    pub rated_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for (Target, Rater, Rating) {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let target = Target { dimension: row.dimension.0, item: row.item.map(Col::into_inner) };
        let rater = match row.rater_kind.as_str() {
            "person" => {
                let id: Uuid = row.rater.parse().map_err(|error| unreadable("rater", error))?;
                Rater::Person(AccountId::from_uuid(id))
            }
            _ => Rater::Model(row.rater),
        };
        let score = row.score_hundredths.map(Col::into_inner);
        Ok((target, rater, Rating { score, evidence: row.evidence.0 }))
    }
}

pub(in crate::assessment) async fn all(tx: &Tx, session: InterviewSessionId) -> Result<Ratings, StoreError> {
    let ratings: Vec<(Target, Rater, Rating)> =
        tx.find_all(Entity::find().filter(of_session(session))).await?;
    Ok(ratings.into_iter().collect())
}

/// Keeps a rating in place of the one before.
pub(in crate::assessment) async fn save(
    tx: &Tx,
    session: &InterviewSession,
    (target, rater, rating): (&Target, &Rater, &Rating),
    now: Timestamp,
) -> Result<(), StoreError> {
    use Column as C;
    let Target { dimension, item } = target.clone();
    let (rater_kind, rater) = match rater {
        Rater::Person(account) => ("person", account.to_string()),
        Rater::Model(name) => ("model", name.clone()),
    };
    let Rating { score, evidence } = rating.clone();
    let row = Model {
        organization_id: Col::of(session.organization),
        session_id: Col::of(session.id),
        dimension: Col::of(dimension),
        item: item.map(Col::of),
        rater_kind: rater_kind.to_owned(),
        rater,
        score_hundredths: score.map(Col::of),
        evidence: Col::of(evidence),
        rated_at: Col::of(now),
        version: 1,
    };
    let key = [C::OrganizationId, C::SessionId, C::Dimension, C::Item, C::RaterKind, C::Rater];
    tx.put(row, replace(key, [C::ScoreHundredths, C::Evidence, C::RatedAt], C::Version)).await.map(drop)
}
