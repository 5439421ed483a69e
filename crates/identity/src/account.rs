//! The account: one person, his profile, his password, his role on the platform.

use kernel::{AccountId, Change, Class, PlatformRole, Recorded as _, Target, Timestamp};
use serde_json::{Value, json};
use time::Date;

use crate::{email::EmailAddress, one_time_token::Purpose, profile::Profile, streak::Streak};

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// It can.
    Active,
    /// An administrator locked it.
    Suspended,
    /// Its owner had it erased; only the id is left.
    Erased,
}

impl AccountStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Erased];

    /// The name it is stored and sent under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Erased => "erased",
        }
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
    /// Whether it can be used.
    pub status: AccountStatus,
    /// Its role on the platform.
    pub platform_role: PlatformRole,
    /// What the person tells about himself.
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
    pub Account(AccountState) as "account"
}

impl Account {
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
            .field("email", Class::Personal, &Value::Null, &account.state.email)
            .field("full_name", Class::Personal, &Value::Null, &profile.full_name)
            .field("timezone", Class::Personal, &Value::Null, &profile.timezone)
            .field("password_hash", Class::Secret, &false, &true)
            .field("status", Class::Plain, &Value::Null, &AccountStatus::Active.name())
            .field("platform_role", Class::Plain, &Value::Null, &platform_role);
        account.changes().record(opened);
        account
    }

    /// Takes over a changed profile; nothing happens when it is the same.
    pub fn edit_profile(&mut self, profile: Profile, now: Timestamp) {
        let (old, new) = (&self.state.profile, &profile);
        let change = self
            .change("account.edit_profile", now)
            .field("full_name", Class::Personal, &old.full_name, &new.full_name)
            .field("display_name", Class::Personal, &old.display_name, &new.display_name)
            .field("avatar_url", Class::Personal, &old.avatar_url, &new.avatar_url)
            .field("profession", Class::Personal, &old.profession, &new.profession)
            .field("timezone", Class::Personal, &old.timezone, &new.timezone)
            .field("preferences", Class::Personal, &old.preferences.to_json(), &new.preferences.to_json());
        if !change.fields.is_empty() {
            self.state.profile = profile;
            self.changes().record(change);
        }
    }

    /// Remembers a login; `today` is the date in the account's time zone.
    pub fn logged_in(&mut self, today: Date, now: Timestamp) {
        let (streak, last) = (self.state.login_streak.current, self.state.last_login_at);
        self.state.login_streak.mark(today);
        self.state.last_login_at = Some(now);
        let change = self
            .change("account.log_in", now)
            .field("last_login_at", Class::Plain, &last, &Some(now))
            .field("login_streak", Class::Personal, &streak, &self.state.login_streak.current);
        self.changes().record(change);
    }

    /// Remembers a finished quiz; `today` is the date in the account's time zone.
    pub fn finished_quiz(&mut self, today: Date, now: Timestamp) {
        let before = self.state.quiz_streak.current;
        self.state.quiz_streak.mark(today);
        let after = self.state.quiz_streak.current;
        let change = self.change("account.extend_quiz_streak", now).field(
            "quiz_streak",
            Class::Personal,
            &before,
            &after,
        );
        self.changes().record(change);
    }

    /// Rewrites the same password's hash with today's parameters.
    pub fn rehash(&mut self, hash: PasswordHash, now: Timestamp) {
        let change =
            self.change("account.rehash_password", now).field("password_hash", Class::Secret, &false, &true);
        self.state.password_hash = Some(hash);
        self.changes().record(change);
    }

    /// Sets another password. Access tokens issued before end.
    pub fn change_password(&mut self, hash: PasswordHash, now: Timestamp) {
        let change = self
            .change("account.change_password", now)
            .field("password_hash", Class::Secret, &false, &true)
            .field("password_changed_at", Class::Plain, &self.state.password_changed_at, &now)
            .field("pending_email", Class::Personal, &self.state.pending_email, &Value::Null);
        self.state.password_hash = Some(hash);
        self.state.password_changed_at = now;
        self.state.pending_email = None;
        self.record_with_epoch(change);
    }

    /// Asks for another address; it changes once the new one is proved. `mail` says whether letters may be sent.
    pub fn request_email_change(&mut self, to: EmailAddress, mail: bool, now: Timestamp) {
        let change = self
            .change("account.request_email_change", now)
            .field("pending_email", Class::Personal, &self.state.pending_email, &Some(&to))
            .with(json!({ "mail": mail }));
        self.state.pending_email = Some(to);
        self.changes().record(change);
    }

    /// The new address was proved: it becomes the account's. `None` when no change is pending.
    pub fn confirm_email_change(&mut self, now: Timestamp) -> Option<()> {
        let new = self.state.pending_email.take()?;
        let change = self
            .change("account.change_email", now)
            .field("email", Class::Personal, &self.state.email, &new)
            .field("pending_email", Class::Personal, &new, &Value::Null)
            .field("email_verified_at", Class::Plain, &self.state.email_verified_at, &Some(now))
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
            .field("reason", Class::Plain, &Value::Null, &reason)
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
            self.changes().record(change);
        }
    }

    /// Sets the role on the platform. Access tokens issued before end.
    pub fn set_platform_role(&mut self, role: PlatformRole, now: Timestamp) {
        let change = self.change("account.set_platform_role", now).field(
            "platform_role",
            Class::Plain,
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
            .field("email", Class::Secret, &true, &false)
            .field("password_hash", Class::Secret, &true, &false)
            .field("profile", Class::Secret, &true, &false)
            .with(farewell);
        self.state.email = None;
        self.state.pending_email = None;
        self.state.email_verified_at = None;
        self.state.password_hash = None;
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
        self.change(action, now).field("status", Class::Plain, &before.name(), &status.name())
    }

    /// Records what ends the access tokens issued so far.
    fn record_with_epoch(&mut self, change: Change) {
        let before = self.state.epoch;
        self.state.epoch += 1;
        self.changes.record(change.field("epoch", Class::Plain, &before, &self.state.epoch));
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now).about(self.state.id.uuid())
    }
}

#[cfg(test)]
mod tests {
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
