//! Background work: what the outbox holds is told to whoever reacts to it, the audit trail is numbered and signed, and
//! what is old is swept away.

mod audit;
mod backoff;
mod dispatcher;
mod housekeeping;

pub use self::audit::{TrailPace, keep_trail};
pub use backoff::{ATTEMPTS, retry_after};
pub use dispatcher::{Dispatcher, Pace};
pub use housekeeping::sweep;
