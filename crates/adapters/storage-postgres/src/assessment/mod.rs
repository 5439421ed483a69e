//! The ports of custom assessments: a file for each aggregate, with its row and what the row means.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod assessments;
mod assignments;
mod campaigns;
mod coaching;
mod disclosed;
mod formats;
mod listings;
mod participations;
mod reading;
mod responses;
mod results;
mod runs;
mod scoring_inputs;
mod sessions;
mod tables;
mod versions;

use assessment_engine::{InterviewSession, Unit, unit::AnswerStore};
use assessment_format::{Slug, session::StoredAnswer};
use async_trait::async_trait;
use kernel::{Ctx, Store, StoreError};

pub(crate) use self::tables::TABLES;
use crate::{PostgresStorage, page::empty_page, scope::Access, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}

#[async_trait]
impl AnswerStore for PostgresStorage {
    async fn keep_answer(
        &self,
        ctx: &Ctx,
        session: &InterviewSession,
        item: &Slug,
        answer: &StoredAnswer,
    ) -> Result<bool, StoreError> {
        let tx = self.acting(ctx, Access::Write).await?;
        if !tx.can_read_entity::<sessions::Entity>() {
            return Ok(false);
        }
        responses::answers::keep(tx, session, item, answer).await
    }
}
