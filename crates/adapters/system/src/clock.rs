//! The machine's clock.

use kernel::{Clock, Timestamp};
use time::OffsetDateTime;

/// Tells the machine's time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is what `kernel::Clock` stands for")]
    fn now(&self) -> Timestamp {
        OffsetDateTime::now_utc().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_after_this_was_written() {
        let written: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        assert!(SystemClock.now() > written);
    }
}
