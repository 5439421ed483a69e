//! The ports of notifications: inboxes, preferences, and word of what came.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod announcements;
mod inboxes;
mod preferences;
mod rows;
mod tables;

use async_trait::async_trait;
use kernel::{Ctx, Store, StoreError};
use notification::Unit;

pub(crate) use self::{announcements::Accounts, tables::TABLES};
use crate::{PostgresStorage, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}
