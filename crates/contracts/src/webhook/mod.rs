//! Rules of webhooks: endpoints, what is delivered to them, and the queues it waits in.

mod aggregate;
mod deliveries;
mod endpoints;
mod queue_fixture;
mod queues;
mod replays;
mod suite;
mod turns;

pub(crate) use self::aggregate::each_aggregate;
pub use self::{deliveries::*, endpoints::*, queues::*, replays::*, turns::*};
