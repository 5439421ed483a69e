//! The signed checkpoints and the key that signs them.

use std::ops::Bound;

use async_trait::async_trait;
use audit::ports::{Checkpoints, KeptCheckpoint, KeptSigner};
use kernel::StoreError;
use uuid::Uuid;

use crate::MemoryStorage;

#[async_trait]
impl Checkpoints for MemoryStorage {
    async fn log_id(&self) -> Result<Uuid, StoreError> {
        Ok(self.shared.log)
    }

    async fn signer(&self) -> Result<Option<KeptSigner>, StoreError> {
        Ok(self.shared.read().trail.signer.clone())
    }

    async fn put_signer(&self, signer: &KeptSigner) -> Result<(), StoreError> {
        self.shared.write().trail.signer.get_or_insert_with(|| signer.clone());
        Ok(())
    }

    async fn latest_checkpoint(&self) -> Result<Option<KeptCheckpoint>, StoreError> {
        let state = self.shared.read();
        Ok(state.trail.checkpoints.last_key_value().map(|(_, checkpoint)| checkpoint.clone()))
    }

    async fn checkpoints(&self, after: u64, max: u32) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let state = self.shared.read();
        let later = state.trail.checkpoints.range((Bound::Excluded(after), Bound::Unbounded));
        let later = later.map(|(_, checkpoint)| checkpoint.clone());
        Ok(later.take(usize::try_from(max).unwrap_or(usize::MAX)).collect())
    }

    async fn keep_checkpoint(&self, checkpoint: &KeptCheckpoint) -> Result<(), StoreError> {
        let kept = &mut self.shared.write().trail.checkpoints;
        kept.entry(checkpoint.size).or_insert_with(|| checkpoint.clone());
        Ok(())
    }
}
