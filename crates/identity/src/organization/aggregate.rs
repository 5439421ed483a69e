//! An organisation: the tenant everything shared belongs to.

use kernel::{AccountId, Change, OrganizationId, Owner, Target, Timestamp};
use serde_json::Value;

use crate::{
    preferences::Preferences,
    text::{Name, Slug},
};

kernel::named! {
    /// Whether an organisation can be used.
    pub enum OrganizationStatus {
        /// The organisation can be used.
        Active = "active",
        /// Its owner closed it; history stays.
        Closed = "closed",
    }
}

/// All an organisation consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationState {
    /// Identifies it.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its place in addresses, if it has one.
    pub slug: Option<Slug>,
    /// Whether all members need a second factor.
    pub requires_second_factor: bool,
    /// What clients keep for it.
    pub settings: Preferences,
    /// Whether it can be used.
    pub status: OrganizationStatus,
    /// When it was founded.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// A tenant.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Organization(OrganizationState) as "organization" of |organization| Owner::Organization(organization.id)
}

/// What can be changed about an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationProfile {
    /// Its name.
    pub name: Name,
    /// Its place in addresses.
    pub slug: Option<Slug>,
    /// Whether all members need a second factor.
    pub requires_second_factor: bool,
    /// What clients keep for it.
    pub settings: Preferences,
}

impl Organization {
    /// Founds one.
    pub fn found(id: OrganizationId, profile: OrganizationProfile, now: Timestamp) -> Self {
        let OrganizationProfile { name, slug, requires_second_factor, settings } = profile;
        let status = OrganizationStatus::Active;
        let state =
            OrganizationState { id, name, slug, requires_second_factor, settings, status, created_at: now };
        let mut organization = Self::restore(state, 0);
        let OrganizationState { name, slug, requires_second_factor, settings, .. } = &organization.state;
        let change = organization
            .change("organization.found", now)
            .plain("name", &Value::Null, name)
            .plain("slug", &Value::Null, slug)
            .plain("requires_second_factor", &Value::Null, requires_second_factor)
            .personal("settings", &Value::Null, &settings.to_json())
            .plain("status", &Value::Null, &status.name());
        organization.record(change);
        organization
    }

    /// What can be changed about it, as it is.
    pub fn profile(&self) -> OrganizationProfile {
        OrganizationProfile {
            name: self.state.name.clone(),
            slug: self.state.slug.clone(),
            requires_second_factor: self.state.requires_second_factor,
            settings: self.state.settings.clone(),
        }
    }

    /// Takes over a changed profile; nothing happens when it is the same.
    pub fn edit(&mut self, profile: OrganizationProfile, now: Timestamp) {
        let old = &self.state;
        let change = self
            .change("organization.edit", now)
            .plain("name", &old.name, &profile.name)
            .plain("slug", &old.slug, &profile.slug)
            .plain("requires_second_factor", &old.requires_second_factor, &profile.requires_second_factor)
            .personal("settings", &old.settings.to_json(), &profile.settings.to_json());
        if !change.fields.is_empty() {
            let OrganizationProfile { name, slug, requires_second_factor, settings } = profile;
            self.state.name = name;
            self.state.slug = slug;
            self.state.requires_second_factor = requires_second_factor;
            self.state.settings = settings;
            self.record(change);
        }
    }

    /// Closes it for good.
    pub fn close(&mut self, now: Timestamp) {
        if self.state.status == OrganizationStatus::Active {
            let before = std::mem::replace(&mut self.state.status, OrganizationStatus::Closed);
            let change = self.change("organization.close", now).plain(
                "status",
                &before.name(),
                &self.state.status.name(),
            );
            self.record(change);
        }
    }

    /// Whether it can be used.
    pub fn is_active(&self) -> bool {
        self.state.status == OrganizationStatus::Active
    }

    /// Ownership went from one member to another: what happened behind the roles that changed.
    pub fn transferred(id: OrganizationId, from: AccountId, to: AccountId, now: Timestamp) -> Change {
        Change::new("organization.transfer", Target::new(Self::KIND, id), now)
            .of(id)
            .plain("owner", &from, &to)
    }

    /// It is about the organisation itself, which stands for whoever its settings document tells of: the document
    /// can hold anything, so it is sealed like what is personal, with keys of the organisation's own.
    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.id)
            .about(self.state.id.uuid())
    }
}
