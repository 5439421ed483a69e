//! What domains keep of people: each gives it out whole, and forgets it.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::{AccountId, Delivery, EmailAddress, EventHandler, EventHandlerError, Id, StoreError};

/// What one domain keeps of people. Every domain that keeps anything has one, so that what a person is given and what
/// is forgotten with them is never less than what is kept.
#[async_trait]
pub trait PersonalData: Send + Sync {
    /// The domain's name: what its part of an export is called.
    fn domain(&self) -> &'static str;

    /// Everything kept of the person, for their eyes: a JSON object. What they said themselves is in it whole, what
    /// others judged as far as they may see it.
    async fn export(&self, account: AccountId) -> Result<Value, StoreError>;

    /// Forgets the person, who had this address until now. Called at least once: MUST bear being called again.
    async fn erase(&self, account: AccountId, email: Option<&EmailAddress>) -> Result<(), EventHandlerError>;
}

/// Tells domains, one after the other, that a person had their account erased. Where one fails all are told again.
pub struct Erasure(pub Vec<Arc<dyn PersonalData>>);

#[async_trait]
impl EventHandler for Erasure {
    fn topics(&self) -> &'static [&'static str] {
        &["account.erase"]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let email = delivery.data.get("to").and_then(|to| EmailAddress::new(to.as_str()?).ok());
        for domain in &self.0 {
            domain.erase(Id::from_uuid(delivery.target_id), email.as_ref()).await?;
        }
        Ok(())
    }
}
