//! When a delivery is tried again: ten attempts within three days.

use std::time::Duration;

use kernel::{Random, Timestamp};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// How long before each attempt, 75 h 35 min and 5 s in all: the example of Standard Webhooks 1.0.0.
const PAUSES: [Duration; 10] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(5 * HOUR),
    Duration::from_secs(10 * HOUR),
    Duration::from_secs(14 * HOUR),
    Duration::from_secs(20 * HOUR),
    Duration::from_secs(24 * HOUR),
];

/// A pause is longer by a random part of it, up to one in so many: what failed together is not tried together.
const JITTER: u32 = 5;

/// An endpoint has as much say in when it is tried again.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(HOUR);

/// How often a delivery is tried before it is given up.
pub const MOST_ATTEMPTS: u32 = 10;

/// When a delivery is tried again after so many attempts, not before the endpoint asks; `None` once it is given up.
pub(crate) fn next_attempt(
    made: u32,
    retry_after: Option<Duration>,
    now: Timestamp,
    random: &dyn Random,
) -> Option<Timestamp> {
    let pause = PAUSES.get(usize::try_from(made).ok()?)?;
    let share = f64::from(u32::from_be_bytes(random.bytes())) / f64::from(u32::MAX);
    let pause = *pause + (*pause / JITTER).mul_f64(share);
    Some(now.plus(pause.max(retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER))))
}

/// What a `Retry-After` header asks for: seconds, or a time in the form that RFC 9110, section 5.6.7, has senders use.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let date = || OffsetDateTime::parse(header, &Rfc2822).ok().map(|at| Timestamp::from(at).since(now));
    header.parse().ok().map(Duration::from_secs).or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills with one byte.
    struct Same(u8);

    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn pause(made: u32, retry_after: Option<u64>, random: u8) -> Option<Duration> {
        let now = Timestamp::EPOCH;
        let asked = retry_after.map(Duration::from_secs);
        next_attempt(made, asked, now, &Same(random)).map(|at| at.since(now))
    }

    #[test]
    fn ten_attempts_are_made_within_the_hours_that_the_standard_shows() {
        let pauses: Vec<Duration> = (0..).map_while(|made| pause(made, None, 0)).collect();
        assert_eq!(pauses.len(), usize::try_from(MOST_ATTEMPTS).unwrap());
        assert_eq!(pauses.iter().sum::<Duration>(), Duration::from_secs(75 * 3600 + 35 * 60 + 5));
        assert_eq!(pauses[0], Duration::ZERO, "the first is made at once");
    }

    #[test]
    fn a_pause_is_longer_by_up_to_a_fifth() {
        for made in 0..MOST_ATTEMPTS {
            let [least, most] = [0, 255].map(|random| pause(made, None, random).unwrap());
            assert_eq!(most, least + least / 5, "{made}");
            let between = pause(made, None, 100).unwrap();
            assert!(least <= between && between <= most);
        }
    }

    #[test]
    fn an_endpoint_puts_an_attempt_off_by_an_hour_at_most_and_never_hastens_it() {
        assert_eq!(pause(1, Some(120), 0), Some(Duration::from_secs(120)));
        assert_eq!(pause(1, Some(86_400), 0), Some(Duration::from_secs(3600)));
        assert_eq!(pause(3, Some(1), 0), Some(Duration::from_secs(1800)));
        assert_eq!(pause(10, Some(1), 0), None);
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        // The date of RFC 9110, section 5.6.7.
        let now = Timestamp::from_unix_seconds(784_111_777 - 90).unwrap();
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:40:00 GMT", now), Some(Duration::ZERO), "it has passed");
        assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
        for other in ["", "-1", "soon", "1.5", "Sun, 06 Nov"] {
            assert_eq!(retry_after(other, now), None, "{other}");
        }
    }
}
