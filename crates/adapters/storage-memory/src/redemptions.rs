//! Uses of grants. No grants are kept, so there is none that has a use left.

use async_trait::async_trait;
use kernel::{
    StoreError, Target, Timestamp,
    entitlement::{GrantId, Redemptions},
};

use crate::unit::MemoryUnit;

#[async_trait]
impl Redemptions for MemoryUnit {
    async fn consume(&mut self, _: GrantId, _: &Target, _: Timestamp) -> Result<(), StoreError> {
        self.run(|_| Err(StoreError::Stale))
    }

    async fn give_back(&mut self, _: &Target) -> Result<(), StoreError> {
        self.run(|_| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use contracts::fixture::{FixedClock, SequentialIds, recorder};
    use kernel::{Actor, Ctx, Id, Scope};
    use uuid::Uuid;

    use super::*;
    use crate::MemoryStorage;

    #[tokio::test]
    async fn a_grant_that_is_not_there_is_stale() {
        let clock = Arc::new(FixedClock::default());
        let storage = MemoryStorage::new(clock, Arc::new(SequentialIds::series(1)), recorder());
        let ctx = Ctx::new(Actor::System, Scope::Tenant(Id::from_uuid(Uuid::nil())));
        let mut unit = MemoryUnit::begin(storage.shared, &ctx);
        let by = Target { kind: "booking", id: Uuid::nil() };
        unit.give_back(&by).await.expect("nothing was taken");
        let taken = unit.consume(Id::from_uuid(Uuid::nil()), &by, Timestamp::EPOCH).await;
        assert!(matches!(taken, Err(StoreError::Stale)));
        assert!(matches!(unit.give_back(&by).await, Err(StoreError::Failed)), "the unit takes no more work");
    }
}
