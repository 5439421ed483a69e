//! The identity domain's ports.

mod accounts;
mod directory;
mod housekeeping;
mod organizations;
mod rotation;
mod rows;
mod sessions;
mod signing_keys;
mod throttle;

pub(crate) use organizations::holds;

use async_trait::async_trait;
use identity::Unit;
use kernel::{Ctx, Store, StoreError};

use crate::{MemoryStorage, unit::MemoryUnit};

#[async_trait]
impl Store<Unit> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}
