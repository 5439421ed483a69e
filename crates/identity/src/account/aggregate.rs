//! The account: one person, with profile, password and role on the platform.

use std::time::Duration;

use kernel::{AccountId, Change, Lane, Owner, PlatformRole, Target, Timestamp};
use serde_json::{Value, json};
use time::Date;

use crate::{
    account::{Profile, Streak},
    email::EmailAddress,
    one_time_token::Purpose,
};

kernel::named! {
    /// Whether an account can be used.
    pub enum AccountStatus {
        /// The account can be used.
        Active = "active",
        /// An administrator locked it.
        Suspended = "suspended",
        /// Its owner had it erased; only the id is left.
        Erased = "erased",
    }
}

/// A password as it is stored: an Argon2 PHC string. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[password hash]")
    }
}

/// All an account consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// Identifies it.
    pub id: AccountId,
    /// Its address; `None` once erased.
    pub email: Option<EmailAddress>,
    /// The address it is about to change to.
    pub pending_email: Option<EmailAddress>,
    /// When the address was proved.
    pub email_verified_at: Option<Timestamp>,
    /// `None` once erased.
    pub password_hash: Option<PasswordHash>,
    /// When the password was last set.
    pub password_changed_at: Timestamp,
    /// Until when the password works, which is temporary: somebody else chose it. `None` for one its owner chose.
    pub password_expires_at: Option<Timestamp>,
    /// Whether it can be used.
    pub status: AccountStatus,
    /// Its role on the platform.
    pub platform_role: PlatformRole,
    /// What the person tells about themselves.
    pub profile: Profile,
    /// Days in a row with a login.
    pub login_streak: Streak,
    /// Days in a row with a quiz; fed by other domains.
    pub quiz_streak: Streak,
    /// The last login.
    pub last_login_at: Option<Timestamp>,
    /// Access tokens of an earlier epoch are refused.
    pub epoch: i64,
    /// When it was opened.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// A person's account.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Account(AccountState) as "account" of |account| Owner::Account(account.id)
}

impl Account {
    /// How long a temporary password works: 24 hours (OWASP ASVS 5.0, 6.4.1).
    pub const TEMPORARY_PASSWORD_LIFE: Duration = Duration::from_hours(24);

    /// Opens an account whose address was proved.
    pub fn open(
        id: AccountId,
        email: EmailAddress,
        password_hash: PasswordHash,
        profile: Profile,
        platform_role: PlatformRole,
        now: Timestamp,
    ) -> Self {
        let state = AccountState {
            id,
            email: Some(email),
            pending_email: None,
            email_verified_at: Some(now),
            password_hash: Some(password_hash),
            password_changed_at: now,
            password_expires_at: None,
            status: AccountStatus::Active,
            platform_role,
            profile,
            login_streak: Streak::default(),
            quiz_streak: Streak::default(),
            last_login_at: None,
            epoch: 0,
            created_at: now,
        };
        let mut account = Self::restore(state, 0);
        let profile = &account.state.profile;
        let opened = account
            .change("account.open", now)
            .personal("email", &Value::Null, &account.state.email)
            .personal("full_name", &Value::Null, &profile.full_name)
            .personal("timezone", &Value::Null, &profile.timezone)
            .secret("password_hash")
            .plain("status", &Value::Null, &AccountStatus::Active.name())
            .plain("platform_role", &Value::Null, &platform_role);
        account.record(opened);
        account
    }

    /// Takes over a changed profile; nothing happens when it is the same.
    pub fn edit_profile(&mut self, profile: Profile, now: Timestamp) {
        let (old, new) = (&self.state.profile, &profile);
        let change = self
            .change("account.edit_profile", now)
            .personal("full_name", &old.full_name, &new.full_name)
            .personal("display_name", &old.display_name, &new.display_name)
            .personal("avatar_url", &old.avatar_url, &new.avatar_url)
            .personal("profession", &old.profession, &new.profession)
            .personal("timezone", &old.timezone, &new.timezone)
            .personal("preferences", &old.preferences.to_json(), &new.preferences.to_json());
        if !change.fields.is_empty() {
            self.state.profile = profile;
            self.record(change);
        }
    }

    /// Remembers a login; `today` is the date in the account's time zone.
    pub fn logged_in(&mut self, today: Date, now: Timestamp) {
        let (streak, last) = (self.state.login_streak.current, self.state.last_login_at);
        self.state.login_streak.mark(today);
        self.state.last_login_at = Some(now);
        let change = self.change("account.log_in", now).plain("last_login_at", &last, &Some(now)).personal(
            "login_streak",
            &streak,
            &self.state.login_streak.current,
        );
        self.record(change);
    }

    /// Remembers a finished quiz; `today` is the date in the account's time zone.
    pub fn finished_quiz(&mut self, today: Date, now: Timestamp) {
        let before = self.state.quiz_streak.current;
        self.state.quiz_streak.mark(today);
        let after = self.state.quiz_streak.current;
        let change = self.change("account.extend_quiz_streak", now).personal("quiz_streak", &before, &after);
        self.record(change);
    }

    /// Rewrites the same password's hash with today's parameters.
    pub fn rehash(&mut self, hash: PasswordHash, now: Timestamp) {
        let change = self.change("account.rehash_password", now).secret("password_hash");
        self.state.password_hash = Some(hash);
        self.record(change);
    }

    /// Sets another password. Access tokens issued before end.
    pub fn change_password(&mut self, hash: PasswordHash, now: Timestamp) {
        let change = self
            .change("account.change_password", now)
            .lane(Lane::Now)
            .secret("password_hash")
            .plain("password_changed_at", &self.state.password_changed_at, &now)
            .plain("password_expires_at", &self.state.password_expires_at, &Value::Null)
            .personal("pending_email", &self.state.pending_email, &Value::Null);
        self.state.password_hash = Some(hash);
        self.state.password_changed_at = now;
        self.state.password_expires_at = None;
        self.state.pending_email = None;
        self.record_with_epoch(change);
    }

    /// Somebody else chose the password: it is temporary, opens one thing, changing it, and after
    /// [`Account::TEMPORARY_PASSWORD_LIFE`] nothing.
    pub fn issue_temporary_password(&mut self, now: Timestamp) {
        let until = now.plus(Self::TEMPORARY_PASSWORD_LIFE);
        let change = self.change("account.issue_temporary_password", now).plain(
            "password_expires_at",
            &self.state.password_expires_at,
            &Some(until),
        );
        self.state.password_expires_at = Some(until);
        self.record_with_epoch(change);
    }

    /// Whether the password is temporary: somebody else chose it, and its owner did not change it yet.
    pub fn has_temporary_password(&self) -> bool {
        self.state.password_expires_at.is_some()
    }

    /// What a password is compared with; `None` once erased, or once a temporary password has expired.
    pub fn password_at(&self, now: Timestamp) -> Option<&PasswordHash> {
        let expired = self.state.password_expires_at.is_some_and(|until| until <= now);
        self.state.password_hash.as_ref().filter(|_| !expired)
    }

    /// Asks for another address; it changes once the new one is proved. `mail` says whether letters may be sent.
    pub fn request_email_change(&mut self, to: EmailAddress, mail: bool, now: Timestamp) {
        let change = self
            .change("account.request_email_change", now)
            .lane(Lane::Now)
            .personal("pending_email", &self.state.pending_email, &Some(&to))
            .with(json!({ "mail": mail }));
        self.state.pending_email = Some(to);
        self.record(change);
    }

    /// The new address was proved: it becomes the account's. `None` when no change is pending.
    pub fn confirm_email_change(&mut self, now: Timestamp) -> Option<()> {
        let new = self.state.pending_email.take()?;
        let change = self
            .change("account.change_email", now)
            .lane(Lane::Now)
            .personal("email", &self.state.email, &new)
            .personal("pending_email", &new, &Value::Null)
            .plain("email_verified_at", &self.state.email_verified_at, &Some(now))
            .with(json!({ "old": self.state.email }));
        self.state.email = Some(new);
        self.state.email_verified_at = Some(now);
        self.record_with_epoch(change);
        Some(())
    }

    /// What must still hold for a link of this purpose: any change of password, address or status since it was
    /// minted makes it worthless, and so does another address in place of the one it was sent to.
    pub fn link_binding(&self, purpose: Purpose) -> String {
        let address = match purpose {
            Purpose::ChangeEmail => self.state.pending_email.as_ref(),
            _ => self.state.email.as_ref(),
        };
        format!("{}:{}", self.state.epoch, address.map(EmailAddress::fingerprint).unwrap_or_default())
    }

    /// Makes access tokens issued so far invalid, because `reason`.
    pub fn raise_epoch(&mut self, reason: &'static str, now: Timestamp) {
        let change = self
            .change("account.raise_epoch", now)
            .plain("reason", &Value::Null, &reason)
            .with(json!({ "reason": reason }));
        self.record_with_epoch(change);
    }

    /// Locks it. Nothing happens when it is not active.
    pub fn suspend(&mut self, now: Timestamp) {
        if self.state.status == AccountStatus::Active {
            let change = self.change_status(AccountStatus::Suspended, "account.suspend", now);
            self.record_with_epoch(change);
        }
    }

    /// Unlocks it. Nothing happens when it is not suspended.
    pub fn reinstate(&mut self, now: Timestamp) {
        if self.state.status == AccountStatus::Suspended {
            let change = self.change_status(AccountStatus::Active, "account.reinstate", now);
            self.record(change);
        }
    }

    /// Sets the role on the platform. Access tokens issued before end.
    pub fn set_platform_role(&mut self, role: PlatformRole, now: Timestamp) {
        let change = self.change("account.set_platform_role", now).plain(
            "platform_role",
            &self.state.platform_role,
            &role,
        );
        if !change.fields.is_empty() {
            self.state.platform_role = role;
            self.record_with_epoch(change);
        }
    }

    /// Removes everything personal; the id stays, so that history stays whole. The trail is told which fields are
    /// gone, and of none what it held.
    pub fn erase(&mut self, now: Timestamp) {
        let farewell = json!({ "to": self.state.email, "name": self.greeting_name() });
        let change = self
            .change_status(AccountStatus::Erased, "account.erase", now)
            .secret("email")
            .secret("password_hash")
            .secret("profile")
            .with(farewell);
        self.state.email = None;
        self.state.pending_email = None;
        self.state.email_verified_at = None;
        self.state.password_hash = None;
        self.state.password_expires_at = None;
        self.state.profile = Profile::default();
        self.state.login_streak = Streak::default();
        self.state.quiz_streak = Streak::default();
        self.state.last_login_at = None;
        self.record_with_epoch(change);
    }

    /// How a letter addresses the person.
    pub fn greeting_name(&self) -> Option<String> {
        let profile = &self.state.profile;
        profile.display_name.as_ref().or(profile.full_name.as_ref()).map(ToString::to_string)
    }

    /// Whether it can be used.
    pub fn is_active(&self) -> bool {
        self.state.status == AccountStatus::Active
    }

    fn change_status(&mut self, status: AccountStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.change(action, now).plain("status", &before.name(), &status.name())
    }

    /// Records what ends the access tokens issued so far.
    fn record_with_epoch(&mut self, change: Change) {
        let before = self.state.epoch;
        self.state.epoch += 1;
        self.changes.record(change.plain("epoch", &before, &self.state.epoch));
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now).about(self.state.id.uuid())
    }
}

#[cfg(test)]
mod tests {
    use kernel::Recorded as _;

    use super::*;
    use crate::Name;

    fn ann() -> Account {
        Account::open(
            AccountId::from_uuid(uuid_of(1)),
            EmailAddress::new("ann@example.org").unwrap(),
            PasswordHash("hash".into()),
            Profile { full_name: Some(Name::new("Ann Lee").unwrap()), ..Profile::default() },
            PlatformRole::User,
            Timestamp::EPOCH,
        )
    }

    fn uuid_of(n: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(n)
    }

    #[test]
    fn an_unchanged_profile_leaves_no_record() {
        let mut ann = ann();
        ann.changes().drain();
        ann.edit_profile(ann.profile.clone(), Timestamp::EPOCH);
        assert!(ann.changes().is_empty());
    }

    #[test]
    fn what_ends_access_raises_the_epoch() {
        let mut ann = ann();
        ann.change_password(PasswordHash("other".into()), Timestamp::EPOCH);
        ann.suspend(Timestamp::EPOCH);
        ann.suspend(Timestamp::EPOCH);
        assert_eq!(ann.epoch, 2);
        ann.reinstate(Timestamp::EPOCH);
        assert!(ann.is_active());
        assert_eq!(ann.epoch, 2);
    }

    #[test]
    fn erasure_leaves_nothing_personal() {
        let mut ann = ann();
        ann.erase(Timestamp::EPOCH);
        let left = AccountState { epoch: 1, status: AccountStatus::Erased, ..ann.state().clone() };
        assert_eq!((left.email, left.password_hash, left.profile), (None, None, Profile::default()));
        assert_eq!(ann.status, AccountStatus::Erased);
    }
}
