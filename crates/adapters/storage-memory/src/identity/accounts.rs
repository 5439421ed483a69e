//! Accounts and what stands and falls with them: data keys, registrations, administrators' settings.

use async_trait::async_trait;
use identity::{
    Account, AdminSettings, EmailAddress, Membership, MembershipState, OneTimeToken, Purpose, Registration,
    RegistrationId, Session, SessionState,
    unit::{Accounts, AdminSettingsDocuments, DataKeys, Registrations},
};
use kernel::{AccountId, StoreError, Timestamp};

use super::rows::{DataKey, account_email, account_read_only, identity_only, personal, unused_tokens};
use crate::{
    key::{Key, RowId},
    unit::MemoryUnit,
};

#[async_trait]
impl Accounts for MemoryUnit {
    async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        self.get_unique(&account_email(email))
    }

    async fn save_account(&mut self, account: &mut Account) -> Result<(), StoreError> {
        self.save(account)
    }

    async fn forget_traces(&mut self, account: AccountId) -> Result<(), StoreError> {
        let own = Key::account(account);
        for session in self.list(&own, |_: &Session| true)? {
            let state = SessionState { user_agent: None, address: None, ..session.state().clone() };
            self.put(Session::restore(state, session.version()))?;
        }
        for membership in self.list(&own, |_: &Membership| true)? {
            let state = MembershipState { job_title: None, department: None, ..membership.state().clone() };
            self.put(Membership::restore(state, membership.version()))?;
        }
        for purpose in Purpose::ALL {
            let key = unused_tokens(purpose, account.uuid());
            self.remove_all::<OneTimeToken>(identity_only(self.scope()), &key)?;
        }
        Ok(())
    }
}

#[async_trait]
impl DataKeys for MemoryUnit {
    async fn data_key(&mut self, account: AccountId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get::<DataKey>(RowId::of(account))?.map(|key| key.wrapped))
    }

    async fn put_data_key(&mut self, account: AccountId, wrapped: &[u8]) -> Result<(), StoreError> {
        self.put(DataKey { account, wrapped: wrapped.to_vec() })
    }

    async fn destroy_data_key(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.remove::<DataKey>(account_read_only(self.scope(), account), RowId::of(account))
    }
}

#[async_trait]
impl Registrations for MemoryUnit {
    async fn registration(&mut self, id: RegistrationId) -> Result<Option<Registration>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn open_registration(
        &mut self,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Option<Registration>, StoreError> {
        let open = self.list(&Key::email(email), |row: &Registration| row.is_open(now))?;
        Ok(open.into_iter().next_back())
    }

    async fn save_registration(&mut self, registration: &mut Registration) -> Result<(), StoreError> {
        self.save(registration)
    }

    async fn purge_registrations(&mut self, email: &EmailAddress) -> Result<Vec<RegistrationId>, StoreError> {
        let (access, key) = (identity_only(self.scope()), Key::email(email));
        let purged = self.list(&key, |_: &Registration| true)?;
        self.remove_all::<Registration>(access, &key)?;
        Ok(purged.into_iter().map(|registration| registration.id).collect())
    }
}

#[async_trait]
impl AdminSettingsDocuments for MemoryUnit {
    async fn admin_settings(&mut self, account: AccountId) -> Result<Option<AdminSettings>, StoreError> {
        self.get(RowId::of(account))
    }

    async fn save_admin_settings(&mut self, document: &mut AdminSettings) -> Result<(), StoreError> {
        self.save(document)
    }

    async fn forget_admin_settings(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.remove::<AdminSettings>(personal(self.scope(), account), RowId::of(account))
    }
}
