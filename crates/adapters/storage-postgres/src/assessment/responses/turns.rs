//! Turns: what was said, and never changes.

use assessment_engine::{InterviewSession, InterviewSessionId};
use assessment_format::{
    Transcript,
    interview::{Speaker, Turn},
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*};

use super::of_session;
use crate::{
    col::{Col, Doc},
    read::FromRow,
    tx::Tx,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "session_turns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Col<InterviewSessionId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: Col<u32>,
    pub account_id: Option<Col<AccountId>>,
    pub speaker: Doc<Speaker>,
    pub said: String,
    pub said_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Turn {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self { number: row.number.0, by: row.speaker.0, text: row.said, at: row.said_at.0 })
    }
}

pub(in crate::assessment) async fn transcript(
    tx: &Tx,
    session: InterviewSessionId,
) -> Result<Transcript, StoreError> {
    let all = Entity::find().filter(of_session(session)).order_by_asc(Column::Number);
    tx.find_all(all).await.map(Transcript::restore)
}

/// Keeps a turn for good; the primary key refuses a second of its number.
pub(in crate::assessment) async fn put(
    tx: &Tx,
    session: &InterviewSession,
    turn: &Turn,
) -> Result<(), StoreError> {
    let Turn { number, by, text, at } = turn.clone();
    let row = Model {
        organization_id: Col::of(session.organization),
        session_id: Col::of(session.id),
        number: Col::of(number),
        account_id: session.account.map(Col::of),
        speaker: Col::of(by),
        said: text,
        said_at: Col::of(at),
    };
    tx.insert(row).await
}
