//! Background work: what the outbox holds is told to whoever reacts to it, the audit trail is numbered and signed, and
//! what is old is swept away.

#[cfg(feature = "audit")]
mod audit;
mod backoff;
mod dispatcher;
mod housekeeping;

#[cfg(feature = "audit")]
pub use self::audit::TrailWorkerSettings;
#[cfg(feature = "audit")]
pub(crate) use self::audit::run_trail_workers;
pub use backoff::{ATTEMPTS, retry_after};
pub use dispatcher::{Dispatcher, DispatcherSettings};
#[cfg(feature = "documents")]
pub(crate) use housekeeping::log_purged;
pub(crate) use housekeeping::sweep;
#[cfg(any(feature = "notifications", feature = "webhooks"))]
pub(crate) use housekeeping::{FORGOTTEN_AT_A_TIME, pause_after};
