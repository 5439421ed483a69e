//! A world that is the same at each run: its clock moves when told, its ids and secrets follow one another.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::{Clock, Ids, Random, Timestamp};
use uuid::{Builder, Uuid};

/// When the fixture's time begins, in seconds since the Unix epoch: noon on 1 March 2030. It lies ahead of the
/// machine's clock, so that a row which took its time from the machine is due in the fixture's time too.
pub const BEGIN: i64 = 1_898_596_800;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl Default for FixedClock {
    /// Stands at [`BEGIN`], with a fraction of a second that only microseconds hold.
    fn default() -> Self {
        let begin = Timestamp::from_unix_seconds(BEGIN).unwrap_or(Timestamp::EPOCH);
        Self(Mutex::new(begin.plus(Duration::from_micros(123_456))))
    }
}

impl FixedClock {
    /// Moves on, and tells the new time.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.plus(by);
        *now
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids in the order they were asked for; those of another `series` never meet them.
#[derive(Debug, Default)]
pub struct SequentialIds {
    series: u16,
    last: AtomicU64,
}

impl SequentialIds {
    /// Ids of their own.
    pub fn series(series: u16) -> Self {
        Self { series, last: AtomicU64::new(0) }
    }

    fn count(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Ids for SequentialIds {
    fn ordered(&self) -> Uuid {
        let count = self.count();
        let millis = u64::try_from(BEGIN).unwrap_or(0) * 1000 + count;
        let mut rest = [0; 10];
        rest[..2].copy_from_slice(&self.series.to_be_bytes());
        rest[2..].copy_from_slice(&count.to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }

    fn opaque(&self) -> Uuid {
        let mut bytes = [0xA5; 16];
        bytes[..2].copy_from_slice(&self.series.to_be_bytes());
        bytes[8..].copy_from_slice(&self.count().to_be_bytes());
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// Bytes that differ at each call and look like none anyone would mistake for a secret.
#[derive(Debug, Default)]
pub struct CountedRandom(AtomicU64);

impl Random for CountedRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (byte, pattern) in bytes.iter_mut().zip(count.iter().cycle()) {
            *byte = *pattern;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_one_another_and_differ_between_series() {
        let (first, second) = (SequentialIds::series(1), SequentialIds::series(2));
        let ids: Vec<Uuid> = (0..300).map(|_| first.ordered()).collect();
        assert!(ids.is_sorted());
        assert!(!ids.contains(&second.ordered()));
        assert_ne!(first.opaque(), first.opaque());
    }
}
