//! Sending: queues are taken, attempts made, and what follows from each is kept.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use kernel::{
    Actor, Ctx, OrganizationId, Scope, StoreError, Timestamp, Unsealable,
    outbound::{Incoming, Method, OutboundError, Outgoing, Policy},
};

use crate::{
    Attempt, DeliveryStatus, DisabledReason, Endpoint, EndpointId, Ports, WebhookDelivery,
    delivery::Next,
    ports::{QueueLease, Settlement, TakenQueue, WantedQueue},
    schedule::{next_attempt, retry_after},
    signing::{Message, SigningKey},
};

/// How far an attempt goes: no further than to the URL that was given, and it waits 15 seconds.
const POLICY: Policy =
    Policy { redirects: 0, most_bytes: Attempt::MOST_ANSWERED, timeout: Duration::from_secs(15) };
/// For so long a queue is held: some times as long as its attempts may take.
const LEASE: Duration = Duration::from_secs(60);
/// Of so many organisations outcomes are kept at a time.
const AT_ONCE: usize = 4;
/// How often disabling an endpoint is tried that is changed at the same time.
const CALLS_IN_A_ROW: u32 = 4;

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Received,
    /// It is tried again, not before so long.
    Failed(Option<Duration>),
    /// Nobody wants to be told there any more.
    Gone,
}

fn tenant(organization: OrganizationId) -> Ctx {
    Ctx::new(Actor::System, Scope::Tenant(organization))
}

fn judge(answer: &Result<Incoming, OutboundError>, now: Timestamp) -> Verdict {
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Verdict::Received,
        Ok(answer) if answer.status == 410 => Verdict::Gone,
        Ok(answer) if matches!(answer.status, 429 | 503) => {
            Verdict::Failed(answer.header("retry-after").and_then(|header| retry_after(header, now)))
        }
        Ok(_) | Err(_) => Verdict::Failed(None),
    }
}

/// Where a queue's deliveries go, as it was when they were taken.
#[derive(Debug)]
pub(crate) struct Addressee {
    endpoint: Option<Endpoint>,
    keys: Result<Vec<SigningKey>, Unsealable>,
}

/// What is done to one queue, from when it is taken until all of that is settled.
#[derive(Debug)]
pub(crate) struct Round {
    organization: OrganizationId,
    pub(crate) lease: QueueLease,
    to: Arc<Addressee>,
}

/// What an attempt left.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) delivery: WebhookDelivery,
    verdict: Option<Verdict>,
}

impl Attempted {
    pub(crate) fn is_received(&self) -> bool {
        self.verdict == Some(Verdict::Received)
    }
}

/// What is kept of attempts at one endpoint, and what follows for it.
#[derive(Debug)]
pub(crate) struct Outcome {
    organization: OrganizationId,
    settlement: Settlement,
    disables: Option<DisabledReason>,
}

impl Round {
    /// What follows from attempts that ended. With the last of them, the hold ends.
    pub(crate) fn settling(&mut self, ended: Vec<Attempted>, is_last: bool, now: Timestamp) -> Outcome {
        let is = |of: Verdict| ended.iter().any(|attempted| attempted.verdict == Some(of));
        if is(Verdict::Received) {
            self.lease.failing_since = None;
        } else if ended.iter().any(|attempted| attempted.verdict.is_some()) {
            self.lease.failing_since.get_or_insert(now);
        }
        let given_up = ended.iter().any(|attempted| attempted.delivery.status == DeliveryStatus::GivenUp);
        let fails_for_days =
            self.to.endpoint.as_ref().zip(self.lease.failing_since).is_some_and(|(endpoint, since)| {
                now.since(since.max(endpoint.enabled_at)) >= Endpoint::LONGEST_FAILING
            });
        let disables = if is(Verdict::Gone) {
            Some(DisabledReason::Gone)
        } else {
            (given_up || fails_for_days).then_some(DisabledReason::Failing)
        };
        let deliveries = ended.into_iter().map(|attempted| attempted.delivery).collect();
        let settlement = Settlement { lease: self.lease, deliveries, is_last };
        Outcome { organization: self.organization, settlement, disables }
    }
}

/// Sends what is due.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    pub(crate) ports: Ports,
}

impl Sending {
    /// Takes queues of an organisation: those that somebody else has, or had, are not among them.
    pub(crate) async fn take(
        &self,
        organization: OrganizationId,
        wanted: &[WantedQueue],
    ) -> Result<Vec<(Round, Vec<WebhookDelivery>)>, StoreError> {
        let (ctx, now) = (tenant(organization), self.ports.clock.now());
        let taken = self.ports.deliveries.take(&ctx, wanted, now, now.plus(LEASE)).await?;
        let begun = taken.into_iter().map(|TakenQueue { lease, endpoint, deliveries }| {
            let keys = endpoint.as_ref().map(|endpoint| endpoint.keys(&*self.ports.sealing, now));
            let to = Arc::new(Addressee { endpoint, keys: keys.unwrap_or(Err(Unsealable)) });
            (Round { organization, lease, to }, deliveries)
        });
        Ok(begun.collect())
    }

    /// Signs, sends and judges, unless nothing is sent to the endpoint.
    pub(crate) fn attempt(
        &self,
        round: &Round,
        mut delivery: WebhookDelivery,
    ) -> impl Future<Output = Attempted> + Send + use<'_> {
        let to = Arc::clone(&round.to);
        async move {
            let verdict = match &to.endpoint {
                Some(endpoint) if endpoint.takes(&delivery) => {
                    Some(self.send(endpoint, &to.keys, &mut delivery).await)
                }
                _ => {
                    delivery.abandon();
                    None
                }
            };
            Attempted { delivery, verdict }
        }
    }

    async fn send(
        &self,
        endpoint: &Endpoint,
        keys: &Result<Vec<SigningKey>, Unsealable>,
        delivery: &mut WebhookDelivery,
    ) -> Verdict {
        let at = self.ports.clock.now();
        let (verdict, (status_code, error, answer)) = if let Ok(keys) = keys {
            let answer = self.ports.outbound.send(&request(endpoint, keys, delivery, at), &POLICY).await;
            (judge(&answer, self.ports.clock.now()), recorded(answer))
        } else {
            let error = "the key cannot be read; rotate the endpoint's secret".to_owned();
            (Verdict::Failed(None), (None, Some(error), None))
        };
        let now = self.ports.clock.now();
        let duration_ms = u32::try_from(now.since(at).as_millis()).unwrap_or(u32::MAX);
        let attempt = Attempt { at, status_code, duration_ms, error, answer };
        self.ports.observer.attempted(delivery, &attempt);
        let next = match verdict {
            Verdict::Received => Next::Done,
            Verdict::Gone => Next::GiveUp,
            Verdict::Failed(retry_after) => {
                let made = delivery.attempts.saturating_add(1);
                let again = next_attempt(made, retry_after, now, &*self.ports.random);
                again.map_or(Next::GiveUp, Next::RetryAt)
            }
        };
        delivery.attempted(attempt, next);
        verdict
    }

    /// Disables endpoints where that follows, and keeps what became of deliveries, of each organisation all at once.
    /// What fails is told, and left to the lease.
    pub(crate) async fn settle(&self, outcomes: Vec<Outcome>) {
        let mut by_organization: HashMap<_, Vec<Outcome>> = HashMap::new();
        for outcome in outcomes {
            by_organization.entry(outcome.organization).or_default().push(outcome);
        }
        let settling = by_organization.into_iter().map(|(of, outcomes)| self.settle_of(tenant(of), outcomes));
        stream::iter(settling).buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    async fn settle_of(&self, ctx: Ctx, outcomes: Vec<Outcome>) {
        let mut settled = Vec::new();
        for Outcome { settlement, disables, .. } in outcomes {
            if let Some(reason) = disables {
                self.report(self.disable(&ctx, settlement.lease.endpoint, reason).await);
            }
            settled.push(settlement);
        }
        let (deliveries, now) = (&self.ports.deliveries, self.ports.clock.now());
        match deliveries.settle(&ctx, &settled, now).await {
            // One that cannot be kept spoils none of the others.
            Err(error) if settled.len() > 1 && !matches!(error, StoreError::Unavailable(_)) => {
                for alone in settled.chunks(1) {
                    self.report(deliveries.settle(&ctx, alone, now).await);
                }
            }
            done => self.report(done),
        }
    }

    fn report(&self, done: Result<(), StoreError>) {
        if let Err(error) = done {
            self.ports.observer.store_failed(&error);
        }
    }

    async fn disable(&self, ctx: &Ctx, id: EndpointId, reason: DisabledReason) -> Result<(), StoreError> {
        let mut calls = 1;
        loop {
            match self.try_disable(ctx, id, reason).await {
                Err(StoreError::Stale) if calls < CALLS_IN_A_ROW => calls += 1,
                done => return done,
            }
        }
    }

    async fn try_disable(&self, ctx: &Ctx, id: EndpointId, reason: DisabledReason) -> Result<(), StoreError> {
        let mut unit = self.ports.store.begin(ctx).await?;
        let Some(mut endpoint) = unit.webhook_endpoint(id).await? else { return Ok(()) };
        endpoint.disable(reason, self.ports.clock.now());
        if !endpoint.has_changed() {
            return Ok(());
        }
        unit.save_webhook_endpoint(&mut endpoint).await?;
        unit.commit().await
    }
}

fn request(endpoint: &Endpoint, keys: &[SigningKey], of: &WebhookDelivery, at: Timestamp) -> Outgoing {
    let id = of.event.id.to_string();
    let message = Message { id: &id, timestamp: at.unix_seconds(), body: of.body.as_bytes() };
    let mut headers = message.headers(keys);
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    Outgoing { method: Method::Post, url: endpoint.url.clone(), headers, body: of.body.clone().into_bytes() }
}

/// The status, what is wrong with it, and what was answered, as they are kept.
fn recorded(answer: Result<Incoming, OutboundError>) -> (Option<u16>, Option<String>, Option<String>) {
    match answer {
        Ok(answer) => {
            let is_received = (200..300).contains(&answer.status);
            let error = (!is_received)
                .then(|| format!("the answer was {}; only 200 to 299 count as received", answer.status));
            (Some(answer.status), error, Attempt::text(&answer.body))
        }
        Err(error) => (None, Some(error.to_string()), None),
    }
}

#[cfg(test)]
mod tests;
