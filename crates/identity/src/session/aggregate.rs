//! A session: one sign-in on one device, renewed by refresh tokens until it ends.

use std::{net::IpAddr, time::Duration};

use kernel::{AccountId, Assurance, Change, Lane, Owner, PlatformRole, Role, SessionId, Target, Timestamp};
use serde_json::{Value, json};

kernel::named! {
    /// Why a session ended.
    pub enum EndReason {
        /// The person signed out.
        Logout = "logout",
        /// The person ended it from another session.
        Revoked = "revoked",
        /// An old refresh token was used again.
        Reuse = "reuse",
        /// The password was changed or reset.
        PasswordChanged = "password_changed",
        /// A second factor was added or removed, or the e-mail address changed.
        CredentialsChanged = "credentials_changed",
        /// An administrator suspended the account.
        Suspended = "suspended",
        /// The account was erased.
        Erased = "erased",
        /// There were too many sessions; this was the oldest.
        TooMany = "too_many",
    }
}

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// From the sign-in, whatever happens.
    pub absolute: Duration,
    /// From the last refresh.
    pub idle: Duration,
}

impl Lifetime {
    const fn hours(absolute: u64, idle_minutes: u64) -> Self {
        Self { absolute: Duration::from_secs(absolute * 3600), idle: Duration::from_secs(idle_minutes * 60) }
    }

    /// By the mightiest role: platform administrators 12 h and 15 min idle; owners, admins, recruiters and
    /// practitioners 24 h and 1 h; everyone else 30 days and 14 days.
    pub fn of(platform: PlatformRole, roles: impl IntoIterator<Item = Role>) -> Self {
        if platform == PlatformRole::SuperAdmin {
            Self::hours(12, 15)
        } else if roles.into_iter().any(Role::is_sensitive) {
            Self::hours(24, 60)
        } else {
            Self::hours(30 * 24, 14 * 24 * 60)
        }
    }
}

/// All a session consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionState {
    /// Identifies it.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// How often its refresh token was rotated; the token that carries this number is the current one.
    pub counter: i64,
    /// When it was last rotated.
    pub rotated_at: Timestamp,
    /// When its person last proved who they are.
    pub authenticated_at: Timestamp,
    /// How surely.
    pub assurance: Assurance,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it ends unless refreshed.
    pub idle_expires_at: Timestamp,
    /// How long a refresh keeps it, in seconds.
    pub idle_seconds: i64,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Where it was begun from.
    pub address: Option<IpAddr>,
    /// When it was ended, and why.
    pub ended: Option<(Timestamp, EndReason)>,
}

kernel::aggregate! {
    /// One sign-in on one device.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Session(SessionState) as "session" of |session| Owner::Account(session.account)
}

/// What a new session is made of.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Identifies it.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// How surely its person was recognised.
    pub assurance: Assurance,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// Whether the device was not seen before: its owner is told.
    pub on_new_device: bool,
}

impl Session {
    /// The most sessions an account has at a time.
    pub const MOST: usize = 10;

    /// Someone signed in.
    pub fn begin(new: NewSession, now: Timestamp) -> Self {
        let NewSession { id, account, assurance, lifetime, user_agent, address, on_new_device } = new;
        let state = SessionState {
            id,
            account,
            counter: 0,
            rotated_at: now,
            authenticated_at: now,
            assurance,
            created_at: now,
            expires_at: now.plus(lifetime.absolute),
            idle_expires_at: now.plus(lifetime.idle.min(lifetime.absolute)),
            idle_seconds: i64::try_from(lifetime.idle.as_secs()).unwrap_or(i64::MAX),
            user_agent,
            address,
            ended: None,
        };
        let mut session = Self::restore(state, 0);
        let state = &session.state;
        let change = session
            .change("session.begin", now)
            .lane(if on_new_device { Lane::Now } else { Lane::Soon })
            .plain("assurance", &Value::Null, &assurance)
            .plain("expires_at", &Value::Null, &state.expires_at)
            .plain("idle_expires_at", &Value::Null, &state.idle_expires_at)
            .plain("new_device", &Value::Null, &on_new_device)
            .personal("user_agent", &Value::Null, &state.user_agent)
            .personal("address", &Value::Null, &state.address)
            .with(json!({ "account": account, "new_device": on_new_device }));
        session.record(change);
        session
    }

    /// Whether it can be used and refreshed.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state.ended.is_none() && now < self.state.expires_at && now < self.state.idle_expires_at
    }

    /// Its person proved again who they are.
    pub fn stepped_up(&mut self, assurance: Assurance, now: Timestamp) {
        let change = self
            .change("session.step_up", now)
            .plain("authenticated_at", &self.state.authenticated_at, &now)
            .plain("assurance", &self.state.assurance, &assurance);
        self.state.authenticated_at = now;
        self.state.assurance = assurance;
        self.record(change);
    }

    /// The second factor was removed: the session is one of a single factor from now on.
    pub fn lose_second_factor(&mut self, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.assurance, Assurance::Aal1);
        let change =
            self.change("session.lose_second_factor", now).plain("assurance", &before, &Assurance::Aal1);
        self.record(change);
    }

    /// Ends it. Nothing happens when it has ended.
    pub fn end(&mut self, reason: EndReason, now: Timestamp) {
        if self.state.ended.is_none() {
            self.state.ended = Some((now, reason));
            let data = json!({ "account": self.state.account, "reason": reason.name() });
            let change = self
                .change("session.end", now)
                .lane(if reason == EndReason::Reuse { Lane::Now } else { Lane::Soon })
                .plain("ended_at", &Value::Null, &now)
                .plain("reason", &Value::Null, &reason.name())
                .with(data);
            self.record(change);
        }
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now).about(self.state.account.uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mightiest_role_makes_the_shortest_session() {
        let hours = |l: Lifetime| (l.absolute.as_secs() / 3600, l.idle.as_secs() / 60);
        assert_eq!(hours(Lifetime::of(PlatformRole::User, [Role::Member])), (720, 20_160));
        assert_eq!(hours(Lifetime::of(PlatformRole::User, [Role::Member, Role::Recruiter])), (24, 60));
        assert_eq!(hours(Lifetime::of(PlatformRole::SuperAdmin, [])), (12, 15));
    }
}
