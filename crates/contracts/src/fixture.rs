//! A world that is the same at each run: its clock moves when told, its ids and secrets follow one another.

use std::{
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use audit::{EventRecorder, sealing::Sealer};
use identity::credentials::Vault;
use kernel::{AccountId, Clock, Digest, Ids, PersonalKey, Place, Random, Sealing, Timestamp, Unsealable};
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

/// A recorder whose seals anybody opens with [`ClearSealer`]. All recorders of a process take their ids from one
/// series, so that two over the same storage never give the same.
pub fn recorder() -> Arc<EventRecorder> {
    static IDS: LazyLock<Arc<SequentialIds>> = LazyLock::new(|| Arc::new(SequentialIds::series(3)));
    let random = Arc::new(CountedRandom::default());
    Arc::new(EventRecorder::new(IDS.clone(), random, Arc::new(ClearSealer)))
}

/// Keeps nothing secret: what it seals anybody can read. But it binds it to its key and context as a real sealer does,
/// so that it opens in no other place.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClearSealer;

impl ClearSealer {
    /// The words it cannot seal, so that rules can show what happens when sealing fails.
    pub const UNSEALABLE: &str = "what cannot be sealed";

    /// What stands before a key that was wrapped anew.
    const ANEW: &[u8] = b"anew: ";

    /// The account's data key, wrapped by the next key-encryption key.
    pub(crate) fn wrapped_anew(account: AccountId) -> Vec<u8> {
        [Self::ANEW, &Self.new_data_key(account)].concat()
    }

    fn open_label(label: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        sealed.strip_prefix(label).map(<[u8]>::to_vec).ok_or(Unsealable)
    }

    fn label(key: Uuid, context: &str) -> Vec<u8> {
        format!("clear: {key}, {context}: ").into_bytes()
    }

    fn check(self, key: Uuid, wrapped: &[u8]) -> Result<(), Unsealable> {
        if wrapped == self.new_key(key) { Ok(()) } else { Err(Unsealable) }
    }
}

impl Sealer for ClearSealer {
    fn new_key(&self, key: Uuid) -> Vec<u8> {
        [b"the key ", &key.as_bytes()[..]].concat()
    }

    fn seal(&self, key: Uuid, wrapped: &[u8], context: &str, plain: &[u8]) -> Result<Vec<u8>, Unsealable> {
        self.check(key, wrapped)?;
        if String::from_utf8_lossy(plain).contains(Self::UNSEALABLE) {
            return Err(Unsealable);
        }
        Ok([&Self::label(key, context), plain].concat())
    }

    fn open(&self, key: Uuid, wrapped: &[u8], context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        self.check(key, wrapped)?;
        Self::open_label(&Self::label(key, context), sealed)
    }

    fn seal_seed(&self, seed: &[u8; 32]) -> Vec<u8> {
        [b"the seed ", &seed[..]].concat()
    }

    fn open_seed(&self, sealed: &[u8]) -> Result<[u8; 32], Unsealable> {
        let seed = sealed.strip_prefix(b"the seed ").ok_or(Unsealable)?;
        seed.try_into().map_err(|_| Unsealable)
    }
}

impl Sealing for ClearSealer {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        [&Self::label(Uuid::nil(), purpose), plain].concat()
    }

    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        Self::open_label(&Self::label(Uuid::nil(), purpose), sealed)
    }

    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Unsealable> {
        Sealing::open(self, purpose, sealed).map(|_| None)
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        Digest::of(&Sealing::seal(self, purpose, message)).0
    }

    fn verify_mac(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool {
        self.mac(purpose, message) == mac
    }
}

impl Vault for ClearSealer {
    fn new_data_key(&self, account: AccountId) -> Vec<u8> {
        self.new_key(account.uuid())
    }

    fn personal_key(&self, account: AccountId, wrapped: &[u8]) -> Result<Box<dyn PersonalKey>, Unsealable> {
        let wrapped = wrapped.strip_prefix(Self::ANEW).unwrap_or(wrapped);
        self.check(account.uuid(), wrapped).map(|()| Box::new(ClearKey(account)) as Box<dyn PersonalKey>)
    }
}

/// A data key of [`ClearSealer`]'s.
struct ClearKey(AccountId);

impl PersonalKey for ClearKey {
    fn seal(&self, place: Place, plain: &[u8]) -> Vec<u8> {
        [&ClearSealer::label(self.0.uuid(), &format!("{place:?}")), plain].concat()
    }

    fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        ClearSealer::open_label(&ClearSealer::label(self.0.uuid(), &format!("{place:?}")), sealed)
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

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_context_alone() {
        let (sealer, [key, other]): (&dyn Sealer, _) = (&ClearSealer, [1, 2].map(Uuid::from_u128));
        let (wrapped, of_other) = (sealer.new_key(key), sealer.new_key(other));
        let sealed = sealer.seal(key, &wrapped, "here", b"Ann").unwrap();
        assert_eq!(sealer.open(key, &wrapped, "here", &sealed).unwrap(), b"Ann");
        assert_eq!(sealer.open(key, &wrapped, "there", &sealed), Err(Unsealable));
        assert_eq!(sealer.open(other, &of_other, "here", &sealed), Err(Unsealable));
        assert_eq!(sealer.open(key, &of_other, "here", &sealed), Err(Unsealable));
        assert_eq!(sealer.seal(key, &wrapped, "here", ClearSealer::UNSEALABLE.as_bytes()), Err(Unsealable));
        assert_eq!(sealer.open_seed(&sealer.seal_seed(&[7; 32])), Ok([7; 32]));
    }
}
