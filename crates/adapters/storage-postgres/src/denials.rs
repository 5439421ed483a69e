//! Attempts that came to nothing, each in a transaction of its own.

use async_trait::async_trait;
use audit::Record;
use kernel::{Ctx, Denial, Denials, Scope, StoreError};

use crate::{PostgresStorage, record::insert_event};

#[async_trait]
impl Denials for PostgresStorage {
    async fn record_denial(&self, ctx: &Ctx, denial: Denial) -> Result<(), StoreError> {
        let Record { events, keys } = self.recorder.denial(ctx, &denial)?;
        // Whoever is denied may have no scope that reaches the organisation whose trail this is.
        let tx = self.internal(Scope::Worker).await?;
        tx.execute(insert_event(events, &keys)).await?;
        tx.commit().await?;
        self.recorder.committed(keys);
        Ok(())
    }
}
