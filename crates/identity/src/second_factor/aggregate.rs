//! The second factor: a time-based one-time password (RFC 6238) and ten recovery codes.

use kernel::{AccountId, Change, Id, Lane, Owner, Target, Timestamp};
use serde_json::{Value, json};

use crate::digest::Digest;

/// Identifies a second factor.
pub type SecondFactorId = Id<SecondFactor>;

kernel::named! {
    /// How far a second factor has come.
    pub enum FactorStatus {
        /// Its secret was shown; a first code must prove that it arrived.
        Pending = "pending",
        /// It is asked for at each login.
        Confirmed = "confirmed",
        /// It was removed; storage forgets it.
        Removed = "removed",
    }
}

/// A recovery code: works once in place of the one-time password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCode {
    /// SHA-256 of the code.
    pub digest: Digest,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// All a second factor consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactorState {
    /// Identifies it.
    pub id: SecondFactorId,
    /// Whose it is; an account has at most one.
    pub account: AccountId,
    /// The shared secret, sealed with the account's data key.
    pub sealed_secret: Vec<u8>,
    /// How far a second factor has come.
    pub status: FactorStatus,
    /// The last time step a code was taken of: codes of it and before work no more.
    pub last_step: i64,
    /// The recovery codes, children of this aggregate.
    pub recovery_codes: Vec<RecoveryCode>,
    /// When it was begun.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// A person's second factor with its recovery codes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub SecondFactor(SecondFactorState) as "second_factor" of |factor| Owner::Account(factor.account)
}

impl SecondFactor {
    /// How many recovery codes there are.
    pub const RECOVERY_CODES: usize = 10;

    /// Begins one; it counts once confirmed.
    pub fn enrol(id: SecondFactorId, account: AccountId, sealed_secret: Vec<u8>, now: Timestamp) -> Self {
        let status = FactorStatus::Pending;
        let state = SecondFactorState {
            id,
            account,
            sealed_secret,
            status,
            last_step: 0,
            recovery_codes: Vec::new(),
            created_at: now,
        };
        let mut factor = Self::restore(state, 0);
        let change = factor
            .change("second_factor.enrol", now)
            .plain("status", &Value::Null, &status.name())
            .secret("secret");
        factor.record(change);
        factor
    }

    /// Begins anew with another secret, before it was confirmed.
    pub fn restart(&mut self, sealed_secret: Vec<u8>, now: Timestamp) {
        self.state.sealed_secret = sealed_secret;
        self.state.last_step = 0;
        let change = self.change("second_factor.enrol", now).secret("secret");
        self.record(change);
    }

    /// Whether it is asked for.
    pub fn is_confirmed(&self) -> bool {
        self.state.status == FactorStatus::Confirmed
    }

    /// A first code proved that the secret arrived; these recovery codes go with it.
    pub fn confirm(&mut self, step: i64, codes: Vec<Digest>, now: Timestamp) {
        let change = self.change_status(FactorStatus::Confirmed, "second_factor.confirm", now).plain(
            "last_step",
            &self.state.last_step,
            &step,
        );
        self.state.last_step = step;
        let change = self.replace_codes(codes, change);
        self.record(change);
    }

    /// Takes a code of this time step; false when one of it or after was taken before.
    #[must_use]
    pub fn take_step(&mut self, step: i64, now: Timestamp) -> bool {
        if step <= self.state.last_step {
            return false;
        }
        let before = std::mem::replace(&mut self.state.last_step, step);
        let change = self.change("second_factor.use", now).plain("last_step", &before, &step);
        self.record(change);
        true
    }

    /// Takes a recovery code; false when there is no such unused code.
    #[must_use]
    pub fn take_recovery_code(&mut self, digest: &Digest, now: Timestamp) -> bool {
        let before = self.unused_recovery_codes();
        let unused = |code: &&mut RecoveryCode| code.used_at.is_none() && code.digest.matches(digest);
        let Some(code) = self.state.recovery_codes.iter_mut().find(unused) else { return false };
        code.used_at = Some(now);
        let change = self.change("second_factor.use_recovery_code", now);
        let change = self.with_codes_left(before, change);
        self.record(change);
        true
    }

    /// Replaces all recovery codes.
    pub fn renew_recovery_codes(&mut self, codes: Vec<Digest>, now: Timestamp) {
        let change = self.change("second_factor.renew_recovery_codes", now);
        let change = self.replace_codes(codes, change);
        self.record(change);
    }

    /// Removes it.
    pub fn remove(&mut self, now: Timestamp) {
        let change = self.change_status(FactorStatus::Removed, "second_factor.remove", now).secret("secret");
        let before = self.unused_recovery_codes();
        self.state.recovery_codes.clear();
        let change = self.with_codes_left(before, change);
        self.record(change);
    }

    /// How many recovery codes are left.
    pub fn unused_recovery_codes(&self) -> usize {
        self.state.recovery_codes.iter().filter(|code| code.used_at.is_none()).count()
    }

    fn replace_codes(&mut self, codes: Vec<Digest>, change: Change) -> Change {
        let before = self.unused_recovery_codes();
        self.state.recovery_codes =
            codes.into_iter().map(|digest| RecoveryCode { digest, used_at: None }).collect();
        self.with_codes_left(before, change).secret("recovery_codes")
    }

    fn with_codes_left(&self, before: usize, change: Change) -> Change {
        change.plain("recovery_codes_left", &before, &self.unused_recovery_codes())
    }

    fn change_status(&mut self, status: FactorStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.change(action, now).plain("status", &before.name(), &status.name())
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .about(self.state.account.uuid())
            .lane(Lane::Now)
            .with(json!({ "account": self.state.account }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_and_a_recovery_code_work_once() {
        let id = uuid::Uuid::from_u128(1);
        let mut factor = SecondFactor::enrol(Id::from_uuid(id), Id::from_uuid(id), vec![], Timestamp::EPOCH);
        let code = Digest::of(b"one");
        factor.confirm(100, vec![code], Timestamp::EPOCH);
        assert!(!factor.take_step(100, Timestamp::EPOCH), "the confirming code must not work again");
        assert!(factor.take_step(101, Timestamp::EPOCH));
        assert!(!factor.take_step(101, Timestamp::EPOCH));
        assert!(factor.take_recovery_code(&code, Timestamp::EPOCH));
        assert!(!factor.take_recovery_code(&code, Timestamp::EPOCH));
        assert_eq!(factor.unused_recovery_codes(), 0);
    }
}
