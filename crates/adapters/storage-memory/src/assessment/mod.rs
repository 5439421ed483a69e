//! The ports of assessments: definitions, campaigns, sessions, results and the marketplace.

mod assessments;
mod campaigns;
mod marketplace;
mod reading;
mod responses;
mod results;
mod rows;
mod sessions;

use assessment_engine::{Unit, unit::AnswerStore};
use async_trait::async_trait;
use kernel::{Ctx, Store, StoreError};

use crate::{MemoryStorage, unit::MemoryUnit};

#[async_trait]
impl Store<Unit> for MemoryStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(MemoryUnit::begin(self.shared.clone(), ctx)))
    }
}

impl AnswerStore for MemoryStorage {}
