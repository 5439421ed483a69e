//! Rules of webhooks: endpoints, what is delivered to them, and the queues it waits in.

mod aggregate;
mod deliveries;
mod endpoints;
mod queue_fixture;
mod queues;
mod replays;
mod settling;
mod suite;
mod turns;
mod waiting;

pub(crate) use self::aggregate::each_aggregate;
pub use self::{deliveries::*, endpoints::*, queues::*, replays::*, settling::*, turns::*, waiting::*};
