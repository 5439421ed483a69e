//! Memberships that were read a moment ago, for leaves that are held against what is true.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hashlink::LruCache;
use identity::directory::MemberOrganization;
use kernel::{AccountId, OrganizationId};

/// How long one counts, where nobody here changed any.
const LIFE: Duration = Duration::from_secs(5);
/// The most that are kept; one is about a kilobyte.
const CAPACITY: usize = 5_000;

type Member = (OrganizationId, AccountId);

struct Recent {
    epoch: u64,
    read_at: Instant,
    found: MemberOrganization,
}

/// By organisation and account; see [`LeaveEpoch`](crate::leaves::LeaveEpoch).
pub(crate) struct RecentMemberships(Mutex<LruCache<Member, Recent>>);

impl Default for RecentMemberships {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CAPACITY)))
    }
}

impl RecentMemberships {
    /// One that was read in this epoch.
    pub(super) fn get(&self, member: Member, epoch: u64) -> Option<MemberOrganization> {
        let mut all = self.all();
        let recent = all.get(&member)?;
        let counts = recent.epoch == epoch && recent.read_at.elapsed() < LIFE;
        counts.then(|| recent.found.clone())
    }

    /// Keeps one; `epoch` is that before it was read.
    pub(super) fn put(&self, member: Member, epoch: u64, found: MemberOrganization) {
        self.all().insert(member, Recent { epoch, read_at: Instant::now(), found });
    }

    fn all(&self) -> MutexGuard<'_, LruCache<Member, Recent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
