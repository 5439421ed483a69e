//! A delivery: one event on its way to one endpoint.

use std::time::Duration;

use kernel::{Id, OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Endpoint, EndpointId, WebhookEvent, event::PING, schedule::MOST_ATTEMPTS};

/// Marks ids of deliveries.
#[derive(Debug)]
pub enum WebhookDeliveryTag {}

/// Identifies a delivery.
pub type WebhookDeliveryId = Id<WebhookDeliveryTag>;

kernel::named! {
    /// How far a delivery has come.
    pub enum DeliveryStatus {
        /// It waits for its first attempt or its next.
        Waiting = "waiting",
        /// It was received.
        Succeeded = "succeeded",
        /// It was tried as often as it is.
        GivenUp = "given_up",
        /// It was not sent, because the endpoint was paused, disabled or deleted.
        Dropped = "dropped",
    }
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was made.
    pub at: Timestamp,
    /// The status of the answer, if there was one.
    pub status_code: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// Why it failed, as a sentence; `None` where it succeeded.
    pub error: Option<String>,
    /// What was answered, as text: the first [`Attempt::MOST_ANSWERED`] bytes.
    pub answer: Option<String>,
}

impl Attempt {
    /// So much of an answer is kept: 1 KiB.
    pub const MOST_ANSWERED: usize = 1024;

    /// An answer as text that every store takes.
    pub(crate) fn text(answer: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(answer).replace('\0', "\u{FFFD}");
        (!text.is_empty()).then_some(text)
    }
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: it was received.
    Done,
    /// Another, then.
    RetryAt(Timestamp),
    /// Nothing: it is given up.
    GiveUp,
}

/// One event on its way to one endpoint. Kept for [`WebhookDelivery::KEPT`] and then forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Identifies it; ids made later are higher.
    pub id: WebhookDeliveryId,
    /// Where it is sent.
    pub endpoint: EndpointId,
    /// What is told.
    pub event: WebhookEvent,
    /// The exact body of its requests.
    pub body: String,
    /// When it was put into the queue.
    pub created_at: Timestamp,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// How many attempts were made, since it was last replayed.
    pub attempts: u32,
    /// When it is tried next; `None` when it is not, or waits behind another of the same thing.
    pub due_at: Option<Timestamp>,
    /// When somebody last wanted it sent once more.
    pub replayed_at: Option<Timestamp>,
    /// What came of the last attempts, oldest first, ten at most.
    pub record: Vec<Attempt>,
}

impl WebhookDelivery {
    /// For so long it is kept: 30 days. What waits still is not forgotten.
    pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

    /// The name by which the audit trail knows deliveries.
    pub const KIND: &'static str = "webhook_delivery";

    /// An event on its way to an endpoint. Where that is paused it is dropped at once, and a recovery finds it.
    pub(crate) fn new(id: WebhookDeliveryId, to: &Endpoint, event: WebhookEvent, now: Timestamp) -> Self {
        let (body, endpoint) = (event.body(), to.id);
        let mut delivery = Self {
            id,
            endpoint,
            event,
            body,
            created_at: now,
            status: DeliveryStatus::Waiting,
            attempts: 0,
            due_at: Some(now),
            replayed_at: None,
            record: Vec::new(),
        };
        if !to.takes(&delivery) {
            delivery.abandon();
        }
        delivery
    }

    /// The organisation it belongs to.
    pub const fn organization(&self) -> OrganizationId {
        self.event.organization
    }

    /// Whether it is a ping, which tells of nothing.
    pub fn is_ping(&self) -> bool {
        self.event.event_type == PING.name
    }

    /// An attempt was made.
    pub(crate) fn attempted(&mut self, attempt: Attempt, next: Next) {
        self.attempts = self.attempts.saturating_add(1);
        self.record.push(attempt);
        let most = usize::try_from(MOST_ATTEMPTS).unwrap_or(usize::MAX);
        self.record.drain(..self.record.len().saturating_sub(most));
        (self.status, self.due_at) = match next {
            Next::Done => (DeliveryStatus::Succeeded, None),
            Next::RetryAt(at) => (DeliveryStatus::Waiting, Some(at)),
            Next::GiveUp => (DeliveryStatus::GivenUp, None),
        };
    }

    /// It is not sent.
    pub(crate) fn abandon(&mut self) {
        (self.status, self.due_at) = (DeliveryStatus::Dropped, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::delivery;

    fn attempt(number: u32) -> Attempt {
        Attempt { at: Timestamp::EPOCH, status_code: None, duration_ms: number, error: None, answer: None }
    }

    #[test]
    fn the_last_ten_attempts_are_kept() {
        let mut delivery = delivery(1, 1);
        for number in 0..12 {
            delivery.attempted(attempt(number), Next::RetryAt(Timestamp::EPOCH));
        }
        assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Waiting, 12));
        assert_eq!((delivery.record[0].duration_ms, delivery.record.len()), (2, 10));
        delivery.attempted(attempt(12), Next::GiveUp);
        assert_eq!((delivery.status, delivery.due_at), (DeliveryStatus::GivenUp, None));
    }

    #[test]
    fn an_answer_is_kept_as_text_whatever_it_is() {
        assert_eq!(Attempt::text(b""), None);
        assert_eq!(Attempt::text(b"a\0\xff"), Some("a\u{FFFD}\u{FFFD}".to_owned()));
    }
}
