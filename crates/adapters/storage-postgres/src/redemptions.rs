//! Uses of grants. No grants are kept, so there is none that has a use left.

use async_trait::async_trait;
use kernel::{
    StoreError, Target, Timestamp,
    entitlement::{GrantId, Redemptions},
};

use crate::unit::PostgresUnit;

#[async_trait]
impl Redemptions for PostgresUnit {
    async fn consume(&mut self, _: GrantId, _: &Target, _: Timestamp) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        Err(self.tx.fail(StoreError::Stale))
    }

    async fn give_back(&mut self, _: &Target) -> Result<(), StoreError> {
        self.tx.ensure_open()
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use kernel::{Actor, Ctx, Id, Scope};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_grant_that_is_not_there_is_stale() {
        let database = crate::testing::fresh_database().await;
        let storage = database.storage(contracts::fixture::recorder()).await;
        let ctx = Ctx::new(Actor::System, Scope::Tenant(Id::from_uuid(Uuid::nil())));
        let mut unit = PostgresUnit::begin(&storage, &ctx).await.expect("a unit");
        let by = Target { kind: "booking", id: Uuid::nil() };
        unit.give_back(&by).await.expect("nothing was taken");
        let taken = unit.consume(Id::from_uuid(Uuid::nil()), &by, Timestamp::EPOCH).await;
        assert!(matches!(taken, Err(StoreError::Stale)));
        assert!(matches!(unit.give_back(&by).await, Err(StoreError::Failed)), "the unit takes no more work");
    }
}
