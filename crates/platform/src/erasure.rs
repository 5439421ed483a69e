//! Erasures: once a person had their account erased, every domain forgets them.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Delivery, EmailAddress, EventHandler, EventHandlerError, Id, PersonalData};

/// Tells the domains, one after the other. Where one fails all are told again.
pub(crate) struct Erasure(pub(crate) Vec<Arc<dyn PersonalData>>);

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
