//! What aggregates and services may not take from the machine themselves.

use time::Date;
use uuid::Uuid;

use crate::{Id, Offsets, Timestamp};

/// The time. Held by services; aggregates receive values.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// New identifiers.
pub trait Ids: Send + Sync {
    /// A UUIDv7: its order is that of creation, so that indexes stay compact.
    fn ordered(&self) -> Uuid;
    /// A UUIDv4: tells nothing, for whatever a stranger may see.
    fn opaque(&self) -> Uuid;
}

impl dyn Ids + '_ {
    /// A typed UUIDv7.
    pub fn next<T>(&self) -> Id<T> {
        Id::from_uuid(self.ordered())
    }
}

/// Randomness fit for secrets.
pub trait Random: Send + Sync {
    /// Fills `bytes`; MUST come from a cryptographically secure source outside tests.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The world's time zones, by the names of the IANA database.
pub trait TimeZones: Send + Sync {
    /// Whether the zone exists.
    fn knows(&self, zone: &str) -> bool;
    /// The calendar day in `zone` at that moment; UTC's day for an unknown zone.
    fn local_date(&self, zone: &str, at: Timestamp) -> Date;
    /// The offsets of `zone` around the moments from `from` to `until`, by which each of these has its civil time and
    /// each civil time that stands for one of them resolves; `None` for an unknown zone.
    fn offsets(&self, zone: &str, from: Timestamp, until: Timestamp) -> Option<Offsets>;
    /// The edition of the database, such as `2026f`: kept beside what was resolved, it tells which rules that was by.
    fn edition(&self) -> String;
}
