//! Sessions and what proves who begins one: devices, second factors, one-time tokens.

use async_trait::async_trait;
use identity::{
    Digest, FactorStatus, OneTimeToken, Purpose, SecondFactor, Session,
    unit::{KnownDevices, OneTimeTokens, SecondFactors, Sessions},
};
use kernel::{AccountId, SessionId, StoreError, Timestamp};

use super::rows::{KnownDevice, identity_only, personal, second_factor, token, unused_tokens};
use crate::{
    key::{Key, RowId},
    unit::MemoryUnit,
};

#[async_trait]
impl Sessions for MemoryUnit {
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn live_sessions(
        &mut self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.list(&Key::account(account), |session: &Session| session.is_live(now))
    }

    async fn save_session(&mut self, session: &mut Session) -> Result<(), StoreError> {
        self.save(session)
    }
}

#[async_trait]
impl KnownDevices for MemoryUnit {
    async fn knows_device(&mut self, account: AccountId, device: &Digest) -> Result<bool, StoreError> {
        let known = self.list(&Key::account(account), |_: &KnownDevice| true)?;
        Ok(known.is_empty() || known.iter().any(|row| row.digest == *device))
    }

    async fn remember_device(
        &mut self,
        account: AccountId,
        device: &Digest,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(KnownDevice { account, digest: *device })
    }

    async fn forget_devices(&mut self, account: AccountId) -> Result<(), StoreError> {
        let (access, key) = (personal(self.scope(), account), Key::account(account));
        self.remove_all::<KnownDevice>(access, &key)
    }
}

#[async_trait]
impl SecondFactors for MemoryUnit {
    async fn second_factor(&mut self, account: AccountId) -> Result<Option<SecondFactor>, StoreError> {
        self.get_unique(&second_factor(account))
    }

    async fn save_second_factor(&mut self, factor: &mut SecondFactor) -> Result<(), StoreError> {
        if factor.status == FactorStatus::Removed { self.save_removed(factor) } else { self.save(factor) }
    }
}

#[async_trait]
impl OneTimeTokens for MemoryUnit {
    async fn one_time_token(
        &mut self,
        purpose: Purpose,
        digest: &Digest,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let found = self.list(&token(digest), |token: &OneTimeToken| token.purpose == purpose)?;
        Ok(found.into_iter().next())
    }

    async fn save_one_time_token(&mut self, token: &mut OneTimeToken) -> Result<(), StoreError> {
        self.save(token)
    }

    /// One that is used up meanwhile stays as it is, as it would for an UPDATE that waits for its user.
    async fn replace_earlier_tokens(
        &mut self,
        token: &OneTimeToken,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = unused_tokens(token.purpose, token.subject);
        self.amend_unchanged(identity_only(self.scope()), &key, |earlier: &mut OneTimeToken| {
            if earlier.created_at < token.created_at {
                earlier.replace(at);
            }
        })
    }
}
