//! What follows from commands about endpoints: deliveries are sent once more, or wait no more.

use async_trait::async_trait;
use kernel::{Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Scope, StoreError};
use serde::{Deserialize, Serialize};

use crate::{EndpointId, Ports, actions, ports::RecoveryPeriod};

/// So many deliveries are changed at a time.
const AT_A_TIME: u32 = 500;

/// What the command to replay a delivery tells beside the delivery.
#[derive(Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) endpoint: EndpointId,
}

/// What the command to recover an endpoint tells beside the endpoint.
#[derive(Serialize, Deserialize)]
pub(crate) struct Recover {
    pub(crate) since: kernel::Timestamp,
}

/// Does what commands about endpoints asked for, after they were committed. Called again, it does nothing twice.
#[derive(Debug, Clone)]
pub struct EndpointReactions {
    ports: Ports,
}

impl EndpointReactions {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn replay(&self, ctx: &Ctx, told: &Delivery) -> Result<(), EventHandlerError> {
        let Replay { endpoint } = read(told)?;
        let (id, now) = (Id::from_uuid(told.target_id), self.ports.clock.now());
        Ok(self.ports.deliveries.replay(ctx, endpoint, id, told.occurred_at, now).await?)
    }

    async fn recover(&self, ctx: &Ctx, told: &Delivery) -> Result<(), EventHandlerError> {
        let Recover { since } = read(told)?;
        let period = RecoveryPeriod { since, asked_at: told.occurred_at };
        let (endpoint, deliveries) = (Id::from_uuid(told.target_id), &self.ports.deliveries);
        let more = |recovered| recovered >= u64::from(AT_A_TIME);
        while more(deliveries.recover(ctx, endpoint, period, self.ports.clock.now(), AT_A_TIME).await?) {}
        Ok(())
    }

    /// Nothing waits for an endpoint to which nothing is sent. It may have been enabled again meanwhile.
    async fn drop_waiting(&self, ctx: &Ctx, endpoint: EndpointId) -> Result<(), StoreError> {
        let found = self.ports.store.begin(ctx).await?.webhook_endpoint(endpoint).await?;
        if found.is_some_and(|endpoint| endpoint.is_enabled()) {
            return Ok(());
        }
        while self.ports.deliveries.drop_waiting(ctx, endpoint, AT_A_TIME).await? >= AT_A_TIME.into() {}
        Ok(())
    }
}

fn read<'a, T: Deserialize<'a>>(told: &'a Delivery) -> Result<T, EventHandlerError> {
    let unread = |error| EventHandlerError::GiveUp(format!("{} cannot be read: {error}", told.topic));
    T::deserialize(&told.data).map_err(unread)
}

#[async_trait]
impl EventHandler for EndpointReactions {
    fn topics(&self) -> &'static [&'static str] {
        &[actions::REPLAY, actions::RECOVER, actions::EDIT, actions::DISABLE, actions::DELETE]
    }

    async fn handle(&self, told: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = told.organization else { return Ok(()) };
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        match told.topic.as_str() {
            actions::REPLAY => self.replay(&ctx, told).await?,
            actions::RECOVER => self.recover(&ctx, told).await?,
            _ => return Ok(self.drop_waiting(&ctx, Id::from_uuid(told.target_id)).await?),
        }
        self.ports.wakeup.wake();
        Ok(())
    }
}
