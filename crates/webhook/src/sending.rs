//! Sending: a round of attempts at one endpoint, and what follows from each.

use std::{
    pin::pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use kernel::{
    Actor, Ctx, Scope, StoreError, Timestamp, Unsealable,
    outbound::{Incoming, Method, OutboundError, Outgoing, Policy},
};

use crate::{
    Attempt, DeliveryStatus, DisabledReason, Endpoint, EndpointId, Ports, WebhookDelivery,
    delivery::Next,
    ports::{DueQueue, QueueLease, TakenQueue},
    schedule::{next_attempt, retry_after},
    signing::{Message, SigningKey},
};

/// How far an attempt goes: no further than to the URL that was given, and it waits 15 seconds.
const POLICY: Policy =
    Policy { redirects: 0, most_bytes: Attempt::MOST_ANSWERED, timeout: Duration::from_secs(15) };
/// For so long a queue is held: some times as long as its attempts may take.
const LEASE: Duration = Duration::from_secs(60);
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

/// What came of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoundOutcome {
    /// Nothing was taken: somebody else has the queue, or had it.
    Nothing,
    /// All that was sent was received.
    Received,
    /// Some of it was not.
    Failed,
}

/// Sends what is due.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    pub(crate) ports: Ports,
}

/// What an attempt left.
struct Attempted {
    delivery: WebhookDelivery,
    verdict: Option<Verdict>,
}

impl Sending {
    /// Takes a queue, makes an attempt at up to `most` of its deliveries at once, and settles each soon after it ended.
    /// `in_flight` tells how many attempts go on.
    pub(crate) async fn round(
        &self,
        queue: DueQueue,
        most: u32,
        in_flight: &AtomicU32,
    ) -> Result<RoundOutcome, StoreError> {
        let ctx = Ctx::new(Actor::System, Scope::Tenant(queue.organization));
        let (deliveries, now) = (&self.ports.deliveries, self.ports.clock.now());
        let taken = deliveries.take(&ctx, queue.endpoint, now, now.plus(LEASE), most).await?;
        let Some(TakenQueue { mut lease, endpoint, deliveries: due }) = taken else {
            in_flight.store(0, Ordering::Relaxed);
            return Ok(RoundOutcome::Nothing);
        };
        in_flight.store(count(due.len()), Ordering::Relaxed);
        let (mut left, mut outcome) = (due.len(), RoundOutcome::Received);
        let keys = endpoint.as_ref().map(|endpoint| endpoint.keys(&*self.ports.sealing, now));
        let sendable = endpoint.as_ref().zip(keys.as_ref());
        let attempts = stream::iter(due).map(|delivery| self.attempt(sendable, delivery));
        let mut ended = pin!(attempts.buffer_unordered(left).ready_chunks(left));
        while let Some(ended) = ended.next().await {
            left -= ended.len();
            in_flight.fetch_sub(count(ended.len()), Ordering::Relaxed);
            if ended.iter().any(|attempted| attempted.verdict != Some(Verdict::Received)) {
                outcome = RoundOutcome::Failed;
            }
            self.settle(&ctx, (&mut lease, endpoint.as_ref()), ended, left == 0).await?;
        }
        Ok(outcome)
    }

    /// Signs, sends and judges, unless nothing is sent to the endpoint.
    async fn attempt(
        &self,
        to: Option<(&Endpoint, &Result<Vec<SigningKey>, Unsealable>)>,
        mut delivery: WebhookDelivery,
    ) -> Attempted {
        let Some((endpoint, keys)) = to.filter(|(endpoint, _)| endpoint.takes(&delivery)) else {
            delivery.abandon();
            return Attempted { delivery, verdict: None };
        };
        let at = self.ports.clock.now();
        let (verdict, (status_code, error, answer)) = if let Ok(keys) = keys {
            let answer = self.ports.outbound.send(&request(endpoint, keys, &delivery, at), &POLICY).await;
            (judge(&answer, self.ports.clock.now()), recorded(answer))
        } else {
            let error = "the key cannot be read; rotate the endpoint's secret".to_owned();
            (Verdict::Failed(None), (None, Some(error), None))
        };
        let now = self.ports.clock.now();
        let duration_ms = u32::try_from(now.since(at).as_millis()).unwrap_or(u32::MAX);
        let attempt = Attempt { at, status_code, duration_ms, error, answer };
        self.ports.observer.attempted(&delivery, &attempt);
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
        Attempted { delivery, verdict: Some(verdict) }
    }

    /// Disables the endpoint where that follows, and keeps what became of the deliveries.
    async fn settle(
        &self,
        ctx: &Ctx,
        (lease, endpoint): (&mut QueueLease, Option<&Endpoint>),
        ended: Vec<Attempted>,
        is_last: bool,
    ) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let is = |of: Verdict| ended.iter().any(|attempted| attempted.verdict == Some(of));
        if is(Verdict::Received) {
            lease.failing_since = None;
        } else if ended.iter().any(|attempted| attempted.verdict.is_some()) {
            lease.failing_since.get_or_insert(now);
        }
        let given_up = ended.iter().any(|attempted| attempted.delivery.status == DeliveryStatus::GivenUp);
        let fails_for_days = endpoint.zip(lease.failing_since).is_some_and(|(endpoint, since)| {
            now.since(since.max(endpoint.enabled_at)) >= Endpoint::LONGEST_FAILING
        });
        let reason = if is(Verdict::Gone) {
            Some(DisabledReason::Gone)
        } else {
            (given_up || fails_for_days).then_some(DisabledReason::Failing)
        };
        let disabled = match reason {
            Some(reason) => self.disable(ctx, lease.endpoint, reason).await,
            None => Ok(()),
        };
        let settled: Vec<_> = ended.into_iter().map(|attempted| attempted.delivery).collect();
        self.ports.deliveries.settle(ctx, lease, &settled, now, is_last).await?;
        disabled
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

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
