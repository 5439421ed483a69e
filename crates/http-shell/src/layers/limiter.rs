//! How often one client may call: a bucket each, in bounded memory.
//!
//! Whoever is known has a bucket of their own. An address has one for all who are not, and may stand for a school:
//! what is under way and what counts are told apart. A request takes a place while it is answered, and counts once the
//! answer has proved nobody. One that proved its sender, by a password or the link of a letter, goes to a bucket of
//! the sender's, so that a class that begins at once holds nobody back, and forged secrets count all the same.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kernel::Ctx;
use uuid::Uuid;

use super::super::settings::Rates;

/// After so many requests, buckets that are empty again are forgotten.
const SWEEP_EVERY: usize = 4096;
/// With so many buckets, newcomers share a few.
const MOST_BUCKETS: usize = 100_000;
const SHARED_BUCKETS: u64 = 1024;
const MINUTE: Duration = Duration::from_secs(60);

/// Buckets for addresses and for whoever is known.
pub(crate) struct Limiter {
    addresses: Buckets<IpAddr>,
    known: Buckets<Uuid>,
}

impl Limiter {
    pub(crate) fn new(rates: Rates) -> Self {
        Self { addresses: Buckets::new(rates.anonymous), known: Buckets::new(rates.account) }
    }

    /// Lets a request in, of a known caller or of an address; or tells in how many seconds the next may come. What is
    /// given for one of an address counts against the address when it is dropped.
    pub(crate) fn admit(self: &Arc<Self>, caller: &Ctx) -> Result<Option<Admission>, u64> {
        let Some(id) = caller.actor.id() else {
            let place = self.addresses.enter(network(caller.address), Instant::now())?;
            return Ok(Some(Admission { limiter: self.clone(), place, counts: true }));
        };
        self.known.count(id, Instant::now())?;
        Ok(None)
    }
}

/// The place of a request among those of its address that are under way.
pub(crate) struct Admission {
    limiter: Arc<Limiter>,
    place: Key<IpAddr>,
    counts: bool,
}

impl Admission {
    /// The request proved who sent it: it goes to the sender's bucket, if that has room.
    pub(crate) fn proved(mut self, sender: Uuid) {
        self.counts = self.limiter.known.count(sender, Instant::now()).is_err();
    }

    /// There was no room to look at the request: it counts for nobody, or whoever is told to come back would use up the
    /// address by coming.
    pub(crate) fn undecided(mut self) {
        self.counts = false;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.limiter.addresses.leave(self.place, self.counts, Instant::now());
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

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<K> {
    Own(K),
    Shared(u64),
}

/// Leaks one request an interval, and holds a minute's worth (the generic cell rate algorithm).
#[derive(Clone, Copy)]
struct Bucket {
    /// When it is empty again.
    empty_at: Instant,
    under_way: u32,
}

struct Buckets<K: Copy + Eq + Hash> {
    rate: NonZeroU32,
    state: Mutex<State<K>>,
    hasher: RandomState,
}

struct State<K> {
    buckets: HashMap<Key<K>, Bucket>,
    requests: usize,
    is_crowded: bool,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn new(rate: NonZeroU32) -> Self {
        let state = State { buckets: HashMap::new(), requests: 0, is_crowded: false };
        Self { rate, state: Mutex::new(state), hasher: RandomState::new() }
    }

    /// Takes a place: as many may be under way as may count in a minute.
    fn enter(&self, key: K, now: Instant) -> Result<Key<K>, u64> {
        let mut state = self.state();
        if state.requests.is_multiple_of(SWEEP_EVERY) {
            state.buckets.retain(|_, bucket| bucket.under_way > 0 || bucket.empty_at > now);
            state.buckets.shrink_to(SWEEP_EVERY);
            state.is_crowded = state.buckets.len() > MOST_BUCKETS;
        }
        state.requests = state.requests.wrapping_add(1);
        let shared = || Key::Shared(self.hasher.hash_one(key) % SHARED_BUCKETS);
        let key = if state.is_crowded { shared() } else { Key::Own(key) };
        let bucket = state.buckets.entry(key).or_insert(Bucket { empty_at: now, under_way: 0 });
        let full_for = (bucket.empty_at + self.interval()).saturating_duration_since(now + MINUTE);
        if !full_for.is_zero() {
            return Err(full_for.as_secs() + u64::from(full_for.subsec_nanos() > 0));
        }
        if bucket.under_way >= self.rate.get() {
            return Err(1);
        }
        bucket.under_way += 1;
        Ok(key)
    }

    /// Gives the place back.
    fn leave(&self, place: Key<K>, counts: bool, now: Instant) {
        let interval = self.interval();
        if let Some(bucket) = self.state().buckets.get_mut(&place) {
            bucket.under_way = bucket.under_way.saturating_sub(1);
            if counts {
                bucket.empty_at = bucket.empty_at.max(now) + interval;
            }
        }
    }

    /// Counts a request at once, if there is room.
    fn count(&self, key: K, now: Instant) -> Result<(), u64> {
        let place = self.enter(key, now)?;
        self.leave(place, true, now);
        Ok(())
    }

    fn interval(&self) -> Duration {
        MINUTE / self.rate.get()
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(rate: u32) -> Buckets<usize> {
        Buckets::new(NonZeroU32::new(rate).unwrap())
    }

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_one_an_interval() {
        let (buckets, begin) = (buckets(3), Instant::now());
        let request = |seconds: u64| {
            let now = begin + Duration::from_secs(seconds);
            buckets.count(1, now)
        };
        for _ in 0..3 {
            assert_eq!(request(0), Ok(()));
        }
        assert_eq!([request(0), request(19), request(20), request(20)], [Err(20), Err(1), Ok(()), Err(20)]);
    }

    #[test]
    fn what_does_not_count_takes_a_place_while_it_is_under_way() {
        let (buckets, now) = (buckets(3), Instant::now());
        for _ in 0..100 {
            let places: Vec<_> = (0..3).map(|_| buckets.enter(1, now).unwrap_or_else(|_| panic!())).collect();
            assert!(matches!(buckets.enter(1, now), Err(1)), "three are under way");
            for place in places {
                buckets.leave(place, false, now);
            }
        }
    }

    #[test]
    fn parallel_requests_that_count_are_paid_for() {
        let (buckets, now) = (buckets(3), Instant::now());
        let places: Vec<_> = (0..5).filter_map(|_| buckets.enter(1, now).ok()).collect();
        assert_eq!(places.len(), 3);
        for place in places {
            buckets.leave(place, true, now);
        }
        assert!(matches!(buckets.enter(1, now), Err(20)));
    }

    #[test]
    fn memory_stays_bounded_under_many_addresses() {
        let (buckets, now) = (buckets(1), Instant::now());
        for n in 0..MOST_BUCKETS + 20 * SWEEP_EVERY {
            let _ = buckets.count(n, now);
        }
        let kept = buckets.state().buckets.len();
        assert!(kept <= MOST_BUCKETS + SWEEP_EVERY + 1024, "{kept}");
    }

    #[test]
    fn an_ipv6_client_cannot_hop_within_its_network() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
