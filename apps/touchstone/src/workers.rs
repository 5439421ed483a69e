//! Background work: what the outbox holds is told to whoever reacts to it, the audit trail is numbered and signed, and
//! what is old is swept away.

mod audit;
mod backoff;
mod dispatcher;
mod housekeeping;

pub use self::audit::{TrailWorkerSettings, run_trail_workers};
pub use backoff::{ATTEMPTS, retry_after};
pub use dispatcher::{Dispatcher, DispatcherSettings};
pub use housekeeping::sweep;
