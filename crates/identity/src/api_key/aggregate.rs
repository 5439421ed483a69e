//! An API key: lets a program act for an organisation, never beyond what its maker may.

use std::{collections::BTreeSet, time::Duration};

use kernel::{
    AccountId, Change, Id, Notice, NoticeKind, NoticePriority, OrganizationId, Owner, Recipients, Role,
    Target, Timestamp,
};
use serde_json::{Value, json};

use crate::{KeyScope, digest::Digest, text::Name};

/// Identifies an API key.
pub type ApiKeyId = Id<ApiKey>;

/// All an API key consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyState {
    /// Identifies it; part of the key itself.
    pub id: ApiKeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it is for.
    pub name: Name,
    /// What it may do.
    pub scopes: BTreeSet<KeyScope>,
    /// SHA-256 of its secret.
    pub digest: Digest,
    /// Who made it; it may never do more than they may now.
    pub created_by: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// A program's key to an organisation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub ApiKey(ApiKeyState) as "api_key" of |key| Owner::Organization(key.organization)
}

/// Told when a key expires soon.
pub(crate) const EXPIRES_SOON: &str = "api_key.expires_soon";

impl ApiKey {
    /// The longest it may work: 365 days.
    pub const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 3600);

    /// So long before it expires those concerned are told.
    pub const WARNING: Duration = Duration::from_secs(7 * 24 * 3600);

    /// Makes one. Who runs the organisation is told.
    pub fn create(state: ApiKeyState, now: Timestamp) -> Self {
        let mut key = Self::restore(state, 0);
        let mut change = key
            .change("api_key.create", now)
            .plain("name", &Value::Null, &key.state.name)
            .plain("scopes", &Value::Null, &key.state.scopes)
            .plain("created_by", &Value::Null, &key.state.created_by)
            .plain("expires_at", &Value::Null, &key.state.expires_at)
            .secret("secret")
            .with(json!({ "created_by": key.state.created_by }))
            .notify(key.notice(key.administrators(), "identity/api-key-created"));
        let warned_at = key.state.expires_at.minus(Self::WARNING);
        if warned_at > now {
            change = change.timer(EXPIRES_SOON, warned_at);
        }
        key.record(change);
        key
    }

    /// It expires soon: its maker is told, and who runs the organisation.
    pub fn warn(&self, now: Timestamp) -> Change {
        let notice = |to| {
            let dedupe = format!("expires:{}", self.state.id);
            self.notice(to, "identity/api-key-expires").dedupe(dedupe)
        };
        self.change("api_key.warn", now)
            .notify(notice(Recipients::Member(self.state.organization, self.state.created_by)))
            .notify(notice(self.administrators()))
    }

    fn administrators(&self) -> Recipients {
        Recipients::Holders(self.state.organization, vec![Role::Owner, Role::Admin])
    }

    fn notice(&self, to: Recipients, template: &'static str) -> Notice {
        Notice::new(to, NoticeKind::System, template)
            .with(json!({ "key_name": self.state.name, "at": self.state.expires_at }))
            .priority(NoticePriority::High)
    }

    /// Whether it works.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state.revoked_at.is_none() && now < self.state.expires_at
    }

    /// Revokes it. Nothing happens when it was.
    pub fn revoke(&mut self, now: Timestamp) {
        if self.state.revoked_at.is_none() {
            self.state.revoked_at = Some(now);
            let change = self.change("api_key.revoke", now).plain("revoked_at", &Value::Null, &now);
            self.record(change);
        }
    }

    /// It is about its maker: what the key does is done on their behalf.
    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(self.state.created_by.uuid())
    }
}
