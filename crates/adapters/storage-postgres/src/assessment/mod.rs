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

use assessment_engine::Unit;
use async_trait::async_trait;
use kernel::{Ctx, OrganizationId, Store, StoreError};

pub(crate) use self::tables::TABLES;
use crate::{PostgresStorage, page::empty_page, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}

impl PostgresUnit {
    /// The organisation in scope.
    fn tenant(&self) -> Result<OrganizationId, StoreError> {
        self.tx.ensure_open()?;
        self.ctx.scope.organization().ok_or_else(|| self.tx.fail(StoreError::OutOfScope))
    }
}
