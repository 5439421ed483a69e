//! Whether storage can serve.

use async_trait::async_trait;

use crate::StoreError;

/// What storage says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The schema it has, by its newest migration; `none` in memory.
    pub schema: String,
    /// Whether that is newer than this program knows: fine while an upgrade rolls.
    pub newer_schema: bool,
}

/// Asked by readiness checks.
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Fails when storage cannot be reached or lacks migrations.
    async fn health(&self) -> Result<Health, StoreError>;

    /// Fails while nothing can be written, although there may be something to read: on a full disk, on a replica. May
    /// tell what was so two seconds ago.
    async fn ensure_writable(&self) -> Result<(), StoreError>;
}
