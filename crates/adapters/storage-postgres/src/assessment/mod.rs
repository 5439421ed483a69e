//! The ports of custom assessments and of tasks: a file for each aggregate, with its row and what the row means.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod assessments;
mod assignments;
mod campaigns;
mod coaching;
mod listings;
mod lists;
mod people;
mod reading;
mod results;
mod runs;
mod sessions;
mod shown;
mod stored;
mod tasks;
mod value;
mod versions;
mod words;

use assessment_engine::custom::Unit;
use async_trait::async_trait;
use kernel::{Ctx, OrganizationId, Page, Store, StoreError};

use crate::{PostgresStorage, tx::Tx, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}

impl Tx {
    /// Whether the role may read a table of this schema; an error where the transaction failed before.
    fn reads(&self, table: &str) -> Result<bool, StoreError> {
        self.expect_sound()?;
        Ok(self.sees("assessment", table))
    }
}

impl PostgresUnit {
    /// The organisation in scope.
    fn tenant(&self) -> Result<OrganizationId, StoreError> {
        self.tx.expect_sound()?;
        self.ctx.scope.organization().ok_or_else(|| self.tx.fail(StoreError::OutOfScope))
    }
}

const fn nothing<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}
