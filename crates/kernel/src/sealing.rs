//! Sealing: what is kept so that whoever holds the database alone can neither read nor forge it.

use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{AccountId, StoreError};

/// Sealed bytes that do not open: sealed with another key, for another purpose or place, or altered since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed data does not open")]
pub struct Unsealable;

/// Seals and authenticates what belongs to no account, with keys that never leave it. Each purpose has a key of its
/// own, derived from the key-encryption key; its name never changes, or what is stored under it is lost.
pub trait Sealing: Send + Sync {
    /// Seals for `purpose`; MUST never give the same bytes twice.
    fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8>;

    /// Opens what `seal` made for the same purpose, under the current key-encryption key and those before it.
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable>;

    /// The same sealed anew, under the current key-encryption key; `None` where it is under that already.
    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Unsealable>;

    /// HMAC-SHA-256 (RFC 2104) of `message`, under a key derived for `purpose` (HKDF, RFC 5869).
    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32];

    /// Checks a MAC in constant time, under the current key-encryption key and those before it.
    fn verify_mac(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool;
}

/// What became of something that is to be under the current key-encryption key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resealed {
    /// It is so already, or is gone.
    Current,
    /// It was sealed anew.
    Anew,
    /// It opens with no key there is, and stays as it is.
    Unsealable,
    /// It was changed at the same time, and stays as it is.
    Changed,
}

impl Resealed {
    /// What was changed at the same time stays as it is; any other error is one.
    pub fn unless_stale(error: StoreError) -> Result<Self, StoreError> {
        if matches!(error, StoreError::Stale) { Ok(Self::Changed) } else { Err(error) }
    }
}

/// Where sealed bytes are kept, and the one place where they open again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The table with its schema, such as `wellbeing.journals`; or a name of its own for what an account has once.
    pub table: &'static str,
    /// The row, where an account has many.
    pub row: Option<Uuid>,
}

impl Place {
    /// A row of a table.
    pub const fn row(table: &'static str, row: Uuid) -> Self {
        Self { table, row: Some(row) }
    }
}

/// The data key of one account, ready to use: it seals what is the person's own. Whoever holds it can read all of
/// that, so it lives no longer than the request or step of work it was asked for. `Debug` shows nothing of it.
pub trait PersonalKey: Send + Sync {
    /// Seals for this place; MUST bind account and place to the result, and never give the same bytes twice.
    fn seal(&self, place: Place, plain: &[u8]) -> Vec<u8>;

    /// Opens what `seal` made for the same account and place.
    fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable>;
}

impl fmt::Debug for dyn PersonalKey + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalKey")
    }
}

/// Gives people's data keys. The identity domain keeps them; every other domain asks, once for all rows it reads.
#[async_trait]
pub trait PersonalKeys: Send + Sync {
    /// The account's key; `None` for an unknown account and once an account was erased, when nothing that its key
    /// sealed can be read again.
    async fn key(&self, account: AccountId) -> Result<Option<Box<dyn PersonalKey>>, StoreError>;
}
