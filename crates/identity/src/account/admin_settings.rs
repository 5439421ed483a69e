//! The settings an administrator keeps for the administration's own screens: one JSON document an account.

use kernel::{AccountId, Change, Keyed, Owner, Target, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::preferences::Preferences;

/// All a settings document consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSettingsState {
    /// Whose they are.
    pub account: AccountId,
    /// The document.
    pub settings: Preferences,
}

kernel::aggregate! {
    /// One person's settings document.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub AdminSettings(AdminSettingsState) as "admin_settings"
}

impl Keyed for AdminSettings {
    fn id(&self) -> Uuid {
        self.state.account.uuid()
    }

    fn owner(&self) -> Owner {
        Owner::Account(self.state.account)
    }

    fn created_at(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

impl AdminSettings {
    /// A first document.
    pub fn first(account: AccountId, settings: Preferences, now: Timestamp) -> Self {
        let state = AdminSettingsState { account, settings };
        let mut document = Self::restore(state, 0);
        let change = document.change(&Value::Null, now);
        document.record(change);
        document
    }

    /// Another document in its place; nothing happens when it is the same.
    pub fn replace(&mut self, settings: Preferences, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.settings, settings).to_json();
        let change = self.change(&before, now);
        if !change.fields.is_empty() {
            self.record(change);
        }
    }

    fn change(&self, before: &Value, now: Timestamp) -> Change {
        Change::new("admin_settings.replace", Target::new(Self::KIND, self.state.account), now)
            .about(self.state.account.uuid())
            .personal("settings", before, &self.state.settings.to_json())
    }
}
