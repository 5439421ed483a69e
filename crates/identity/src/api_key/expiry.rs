//! What time does to API keys: those concerned are warned before one expires.

use async_trait::async_trait;
use kernel::{Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Scope};

use crate::{Refused, api_key::aggregate::EXPIRES_SOON, ports::Ports};

/// Warns before a key expires, unless it was revoked.
#[derive(Debug, Clone)]
pub struct ApiKeyExpiry {
    ports: Ports,
}

impl ApiKeyExpiry {
    pub(crate) const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn warn(&self, delivery: &Delivery) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin(&Ctx::new(Actor::System, Scope::Identity)).await?;
        let key = unit.api_key(Id::from_uuid(delivery.target_id)).await?;
        if let Some(key) = key.filter(|key| key.is_live(now)) {
            unit.record(key.warn(now));
            unit.commit().await?;
        }
        Ok(())
    }
}

#[async_trait]
impl EventHandler for ApiKeyExpiry {
    fn topics(&self) -> &'static [&'static str] {
        &[EXPIRES_SOON]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        Ok(self.warn(delivery).await?)
    }
}
