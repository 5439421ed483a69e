//! How often one client may call: a bucket each, in bounded memory.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::atomic::{AtomicUsize, Ordering},
};

use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock as _, DefaultClock},
};
use kernel::Ctx;
use uuid::Uuid;

use super::super::settings::Rates;

/// After so many checks, buckets that are full again are forgotten.
const SWEEP_EVERY: usize = 4096;
/// With so many buckets, newcomers share a few.
const MOST_BUCKETS: usize = 100_000;
const SHARED_BUCKETS: u64 = 1024;

/// Buckets for addresses and for accounts.
pub(crate) struct Limiter {
    addresses: Buckets<IpAddr>,
    accounts: Buckets<Uuid>,
}

impl Limiter {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            addresses: Buckets::new(Quota::per_minute(rates.anonymous)),
            accounts: Buckets::new(Quota::per_minute(rates.account)),
        }
    }

    /// Counts a request of a known caller, or of an address: in how many seconds the next may come, if this one
    /// is one too many.
    pub(crate) fn count(&self, caller: &Ctx) -> Option<u64> {
        match (caller.actor.id(), caller.address) {
            (Some(id), _) => self.accounts.count(id),
            (None, address) => self.addresses.count(network(address)),
        }
    }
}

/// One client has a whole IPv6 network of 64 bits to call from.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address {
        Some(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        Some(address) => address,
        None => Ipv6Addr::UNSPECIFIED.into(),
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key<K> {
    Own(K),
    Shared(u64),
}

struct Buckets<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<Key<K>>,
    checks: AtomicUsize,
    crowded: AtomicUsize,
    hasher: RandomState,
    clock: DefaultClock,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    fn new(quota: Quota) -> Self {
        Self {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            checks: AtomicUsize::new(0),
            crowded: AtomicUsize::new(0),
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
        }
    }

    fn count(&self, key: K) -> Option<u64> {
        self.sweep();
        let crowded = self.crowded.load(Ordering::Relaxed) > 0;
        let key =
            if crowded { Key::Shared(self.hasher.hash_one(&key) % SHARED_BUCKETS) } else { Key::Own(key) };
        let refused = self.limiter.check_key(&key).err()?;
        let wait = refused.wait_time_from(self.clock.now());
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    fn sweep(&self) {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
            self.crowded.store(self.limiter.len().saturating_sub(MOST_BUCKETS), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn memory_stays_bounded_under_many_addresses() {
        let buckets = Buckets::new(Quota::per_minute(NonZeroU32::MIN));
        for n in 0..MOST_BUCKETS + 20 * SWEEP_EVERY {
            buckets.count(n);
        }
        assert!(buckets.limiter.len() <= MOST_BUCKETS + SWEEP_EVERY + 1024, "{}", buckets.limiter.len());
    }

    #[test]
    fn an_ipv6_client_cannot_hop_within_its_network() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
