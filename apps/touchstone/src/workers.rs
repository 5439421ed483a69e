//! Background work: what the outbox holds is told to whoever reacts to it, and what is old is swept away.

mod backoff;
mod dispatcher;
mod housekeeping;

pub use backoff::{ATTEMPTS, retry_after};
pub use dispatcher::{Dispatcher, Pace};
pub use housekeeping::sweep;
