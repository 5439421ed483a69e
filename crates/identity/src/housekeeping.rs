//! Housekeeping: what has outlived its use is forgotten, so that tables of passing things stay small.

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

/// Forgets what is over.
#[async_trait]
pub trait Housekeeping: Send + Sync {
    /// Deletes registrations and one-time tokens that expired before `before`, and throttle counters whose last
    /// step was before it, and tells how many. MUST leave everything else
    /// (`housekeeping::only_what_is_over_is_forgotten`), and MUST destroy the keys the trail sealed an expired
    /// registration with (`audit::what_is_sealed_of_an_expired_registration_is_forgotten`)
    /// or a person who was erased within two days, because one may have been made in that very moment
    /// (`audit::what_is_sealed_of_an_erased_person_is_forgotten_again`).
    async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError>;
}
