//! The ports of custom assessments: a file for each aggregate, with its row and what the row means.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod assessments;
mod assignments;
mod campaigns;
mod coaching;
mod disclosed;
mod listings;
mod lists;
mod people;
mod reading;
mod responses;
mod results;
mod runs;
mod scoring_inputs;
mod sessions;
mod value;
mod versions;

use assessment_engine::Unit;
use async_trait::async_trait;
use kernel::{Ctx, OrganizationId, Store, StoreError};

use crate::{PostgresStorage, page::empty_page, tx::Tx, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}

impl Tx {
    /// Whether the role may read a table of this schema; an error where the transaction failed before.
    fn can_read_table(&self, table: &str) -> Result<bool, StoreError> {
        self.ensure_open()?;
        Ok(self.can_read("assessment", table))
    }
}

impl PostgresUnit {
    /// The organisation in scope.
    fn tenant(&self) -> Result<OrganizationId, StoreError> {
        self.tx.ensure_open()?;
        self.ctx.scope.organization().ok_or_else(|| self.tx.fail(StoreError::OutOfScope))
    }
}
