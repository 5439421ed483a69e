//! The ports of webhooks: endpoints, and the queues of what is sent to them.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod deliveries;
mod endpoints;
mod queues;
mod statements;
mod tables;

use ::webhook::Unit;
use async_trait::async_trait;
use kernel::{Ctx, Store, StoreError};

pub(crate) use self::tables::TABLES;
use crate::{PostgresStorage, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}
