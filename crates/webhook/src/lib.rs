//! Telling other programs what happened.
//!
//! An organisation has [`Endpoint`]s: URLs of its own, each with the public events it asks for. [`EventPublisher`]
//! turns what the outbox tells into [`WebhookDelivery`]s, one for each endpoint that asks; [`Sender`] sends them,
//! signed as [Standard Webhooks] says, and tries again for three days what is not received. [`EndpointService`] is what
//! owners and administrators do with endpoints; [`EndpointReactions`] does what follows from that.
//!
//! A delivery is thin: it says what happened to which thing. Whoever wants more reads it with a key of their own, under
//! their own permissions. It comes at least once, and carries the same `webhook-id` whenever it comes.
//!
//! [Standard Webhooks]: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
#![deny(missing_docs)]

mod actions;
mod catalogue;
mod delivery;
mod domain;
mod endpoint;
mod event;
mod event_filter;
pub mod ports;
mod publishing;
mod reactions;
mod refusal;
mod rule;
mod schedule;
mod sender;
mod sending;
mod service;
pub mod signing;
#[cfg(test)]
mod testing;
mod upkeep;

pub use catalogue::EventCatalogue;
pub use delivery::{Attempt, DeliveryStatus, WebhookDelivery, WebhookDeliveryId, WebhookDeliveryTag};
pub use domain::DOMAIN;
pub use endpoint::{
    Description, DisabledReason, Endpoint, EndpointId, EndpointSecret, EndpointState, EndpointStatus,
};
pub use event::{PING, WebhookEvent};
pub use event_filter::{EventFilters, UnknownEvent};
pub use ports::{Ports, Quotas, Unit};
pub use publishing::EventPublisher;
pub use reactions::EndpointReactions;
pub use refusal::{Fault, Refused};
pub use rule::{Action, WEBHOOKS_WRITE};
pub use schedule::MOST_ATTEMPTS;
pub use sender::{Sender, SenderSettings};
pub use service::{EndpointEdit, EndpointOverview, EndpointService, NewEndpoint};
pub use upkeep::EndpointUpkeep;
