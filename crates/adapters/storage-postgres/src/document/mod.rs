//! The ports of documents: rows alone, for their content lies in an object store.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod documents;
mod index;
mod tables;

use ::document::Unit;
use async_trait::async_trait;
use kernel::{
    Ctx, Store, StoreError, Target, Timestamp,
    document::{Attachments, DocumentId},
};

pub(crate) use self::tables::TABLES;
use crate::{PostgresStorage, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin(self, ctx).await?))
    }
}

#[async_trait]
impl Attachments for PostgresUnit {
    async fn attach(&mut self, id: DocumentId, to: &Target, now: Timestamp) -> Result<bool, StoreError> {
        ::document::attach(self, id, to, now).await
    }

    async fn detach(&mut self, id: DocumentId, now: Timestamp) -> Result<(), StoreError> {
        ::document::detach(self, id, now).await
    }
}
