//! From what the outbox tells to a delivery for each endpoint that asks for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Delivery, EventHandler, EventHandlerError, OrganizationId, Scope, StoreError, Timestamp,
};

use crate::{Endpoint, Ports, WebhookDelivery, WebhookEvent, event::PING};

/// To so many endpoints an event is put at a time: as long as that takes nothing is settled of theirs.
const AT_A_TIME: usize = 100;
/// So many organisations are remembered to have had no endpoint that listens.
const MOST_REMEMBERED: usize = 10_000;

/// Puts public events into the queues of the endpoints that ask for them. Called again, it puts none twice.
#[derive(Debug, Clone)]
pub struct EventPublisher {
    ports: Ports,
    /// When an organisation was last found to have no endpoint that listens. What happened before is told to nobody, so
    /// that where there are no endpoints, of many events at a time few are looked after.
    no_listeners: Arc<Mutex<HashMap<OrganizationId, Timestamp>>>,
}

impl EventPublisher {
    /// Over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports, no_listeners: Arc::default() }
    }

    fn no_listeners(&self) -> MutexGuard<'_, HashMap<OrganizationId, Timestamp>> {
        self.no_listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn publish(&self, event: WebhookEvent) -> Result<(), StoreError> {
        if self.no_listeners().get(&event.organization).is_some_and(|at| event.occurred_at < *at) {
            return Ok(());
        }
        let ctx = Ctx::new(Actor::System, Scope::Tenant(event.organization));
        let now = self.ports.clock.now();
        let listening = self.ports.store.begin(&ctx).await?.listening_webhook_endpoints().await?;
        if listening.is_empty() {
            self.remember_no_listeners(event.organization, now);
        }
        let asking = listening.iter().filter(|endpoint| asks(endpoint, &event));
        let new: Vec<_> = asking
            .map(|endpoint| WebhookDelivery::new(self.ports.ids.next(), endpoint, event.clone(), now))
            .collect();
        for some in new.chunks(AT_A_TIME) {
            if self.ports.deliveries.add(&ctx, some).await? > 0 {
                self.ports.wakeup.wake();
            }
        }
        Ok(())
    }

    fn remember_no_listeners(&self, organization: OrganizationId, at: Timestamp) {
        let mut no_listeners = self.no_listeners();
        if no_listeners.len() >= MOST_REMEMBERED {
            no_listeners.clear();
        }
        no_listeners.insert(organization, at);
    }
}

/// Whether the endpoint is told of it: what it asks for and happened since it is there, and pings to itself.
fn asks(endpoint: &Endpoint, event: &WebhookEvent) -> bool {
    if event.event_type == PING.name {
        return event.target_id == endpoint.id.uuid();
    }
    endpoint.events.ask_for(&event.event_type) && endpoint.created_at <= event.occurred_at
}

#[async_trait]
impl EventHandler for EventPublisher {
    fn topics(&self) -> &'static [&'static str] {
        self.ports.catalogue.topics()
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let event = if delivery.topic == PING.action {
            Some(&PING)
        } else {
            self.ports.catalogue.of_action(&delivery.topic)
        };
        match event.and_then(|event| WebhookEvent::of(delivery, event)) {
            Some(event) => Ok(self.publish(event).await?),
            None => Ok(()),
        }
    }
}
