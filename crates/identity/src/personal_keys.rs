//! The data keys of accounts, for whoever keeps what is a person's own.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{AccountId, Actor, Ctx, PersonalKey, PersonalKeys, Scope, Store, StoreError};

use crate::{Unit, credentials::Vault};

/// Personal keys over the identity domain's storage and vault. Each is read in the scope of its own person.
pub struct IdentityPersonalKeys {
    store: Arc<dyn Store<Unit>>,
    vault: Arc<dyn Vault>,
}

impl IdentityPersonalKeys {
    /// Personal keys over these ports.
    pub fn new(store: Arc<dyn Store<Unit>>, vault: Arc<dyn Vault>) -> Self {
        Self { store, vault }
    }
}

impl std::fmt::Debug for IdentityPersonalKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityPersonalKeys")
    }
}

#[async_trait]
impl PersonalKeys for IdentityPersonalKeys {
    async fn key(&self, account: AccountId) -> Result<Option<Box<dyn PersonalKey>>, StoreError> {
        let own = Ctx::new(Actor::System, Scope::Account(account));
        let Some(wrapped) = self.store.begin(&own).await?.data_key(account).await? else { return Ok(None) };
        let key = self.vault.personal_key(account, &wrapped);
        key.map(Some).map_err(|error| StoreError::Fault(format!("data key of account {account}: {error}")))
    }
}
