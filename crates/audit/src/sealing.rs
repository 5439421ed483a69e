//! Sealing what is personal in the trail, and opening it for whoever may read it.

use kernel::{Timestamp, Unsealable};
use uuid::Uuid;

/// A key the trail seals with: of one subject, or of strangers. It is written once and, when its subject is erased,
/// destroyed.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectKey {
    /// Identifies it.
    pub id: Uuid,
    /// Whose it is; `None` for addresses of people nobody knows.
    pub subject: Option<Uuid>,
    /// The key, wrapped by a key that is not in the database.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub made_at: Timestamp,
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubjectKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Seals with keys that leave it only wrapped.
///
/// An adapter MUST bind what it seals to `key` and `context`, so that nothing opens in another place.
pub trait Sealer: Send + Sync {
    /// A new key of this id, wrapped.
    fn new_key(&self, key: Uuid) -> Vec<u8>;

    /// Seals for one place.
    fn seal(&self, key: Uuid, wrapped: &[u8], context: &str, plain: &[u8]) -> Result<Vec<u8>, Unsealable>;

    /// Opens what `seal` made.
    fn open(&self, key: Uuid, wrapped: &[u8], context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable>;

    /// Seals the seed of the key that signs checkpoints.
    fn seal_seed(&self, seed: &[u8; 32]) -> Vec<u8>;

    /// Opens what `seal_seed` made.
    fn open_seed(&self, sealed: &[u8]) -> Result<[u8; 32], Unsealable>;
}

/// What the sealed personal difference of an event is bound to.
pub(crate) fn personal_of(event: Uuid) -> String {
    format!("personal difference of {event}")
}

/// What the sealed address of an event is bound to.
pub(crate) fn address_of(event: Uuid) -> String {
    format!("address of {event}")
}
