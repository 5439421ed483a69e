//! Webhooks, put together: endpoints, and the sender that goes on beside requests.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_trait::async_trait;
use credentials::KeyVault;
use identity::Identity;
use kernel::{Clock, EventHandler, Ids, Random, Store, StoreError, outbound::Outbound};
use metrics::{counter, describe_counter};
use tokio::sync::Notify;
use tracing::{debug, warn};
use webhook::{
    Attempt, EndpointReactions, EndpointService, EndpointUpkeep, EventCatalogue, EventPublisher, Ports,
    Quotas, Sender, SenderSettings, Unit, WebhookDelivery,
    ports::{Deliveries, SenderObserver, Wakeup},
};

use super::DOMAINS;
use crate::{
    shutdown::Stopping,
    workers::{FORGOTTEN_AT_A_TIME, pause_after},
};

storage! {
    /// What webhooks ask of storage.
    pub(super) WebhookStorage: Store<Unit>, Deliveries
}

/// Old deliveries are looked for a while after the start, and after old notifications.
const FIRST_SWEEP: Duration = Duration::from_secs(120);

/// All public events there are.
pub static EVENTS: LazyLock<Arc<EventCatalogue>> = LazyLock::new(|| Arc::new(EventCatalogue::of(DOMAINS)));

const ATTEMPTS: &str = "webhook_attempts_total";

/// The services of webhooks.
#[derive(Clone)]
pub struct Webhooks {
    /// What is done with endpoints.
    pub endpoints: EndpointService,
    /// What is done to those of all organisations.
    pub upkeep: EndpointUpkeep,
    ports: Ports,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhooks")
    }
}

/// Waits on the runtime.
#[derive(Default)]
struct TokioWakeup(Notify);

#[async_trait]
impl Wakeup for TokioWakeup {
    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }

    fn wake(&self) {
        self.0.notify_one();
    }

    async fn woken(&self) {
        self.0.notified().await;
    }
}

/// Counts attempts, and logs what cannot be helped. No log has a URL, which is often a secret by itself.
struct Telemetry;

impl SenderObserver for Telemetry {
    fn attempted(&self, delivery: &WebhookDelivery, attempt: &Attempt) {
        let outcome = if attempt.error.is_none() { "received" } else { "failed" };
        counter!(ATTEMPTS, "outcome" => outcome).increment(1);
        debug!(
            organization = %delivery.organization(),
            endpoint = %delivery.endpoint,
            delivery = %delivery.id,
            status = attempt.status_code,
            milliseconds = attempt.duration_ms,
            outcome,
            "sent a webhook"
        );
    }

    fn store_failed(&self, error: &StoreError) {
        warn!(%error, "webhooks wait: storage failed; it is tried again");
    }
}

/// The services over this storage.
pub(super) fn on<S: WebhookStorage>(
    storage: &Arc<S>,
    identity: &Identity,
    vault: &Arc<KeyVault>,
    (quotas, outbound): (Quotas, Arc<dyn Outbound>),
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
    random: &Arc<dyn Random>,
) -> Webhooks {
    describe_counter!(ATTEMPTS, "Attempts to send a webhook, by what came of them");
    let ports = Ports {
        store: storage.clone(),
        deliveries: storage.clone(),
        outbound,
        wakeup: Arc::new(TokioWakeup::default()),
        observer: Arc::new(Telemetry),
        gate: identity.gate(),
        sealing: vault.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        random: random.clone(),
        catalogue: EVENTS.clone(),
        quotas,
    };
    let (endpoints, upkeep) = (EndpointService::new(ports.clone()), EndpointUpkeep::new(ports.clone()));
    Webhooks { endpoints, upkeep, ports }
}

impl Webhooks {
    /// What puts events into queues and does what commands ask for, for the outbox worker.
    pub(super) fn event_handlers(&self) -> [Arc<dyn EventHandler>; 2] {
        [
            Arc::new(EventPublisher::new(self.ports.clone())),
            Arc::new(EndpointReactions::new(self.ports.clone())),
        ]
    }

    /// Sends, until it is told to stop.
    pub(super) async fn send(self, mut stopping: Stopping) {
        Sender::new(self.ports, SenderSettings::default()).run(stopping.stopped()).await;
    }

    /// Forgets what is old, every hour.
    pub(super) async fn sweep(self, mut stopping: Stopping) {
        let mut pause = FIRST_SWEEP;
        while stopping.sleep(pause).await {
            let before = self.ports.clock.now().minus(WebhookDelivery::KEPT);
            let forgotten = self.ports.deliveries.forget_old(before, FORGOTTEN_AT_A_TIME).await;
            pause = pause_after("deliveries of webhooks", forgotten);
        }
    }
}
