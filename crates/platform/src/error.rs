//! Why a platform cannot be put together, or does not find its keys.

use credentials::KeySetError;
use identity::credentials::HashingError;
use kernel::StoreError;

/// What went wrong. It never holds secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings ask for a way of hashing that there is not.
    #[error("passwords cannot be hashed as set: {0}")]
    Hashing(#[from] HashingError),
    /// A signing key does not open with the key-encryption keys at hand, or there is none.
    #[error(transparent)]
    SigningKeys(#[from] KeySetError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something nobody expected.
    #[error("{0}")]
    Fault(String),
}
