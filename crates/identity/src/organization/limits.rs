//! What whoever runs the installation decided of one organisation, whatever the settings say.

use kernel::{Change, Ctx, OrganizationId, Scope, Target, Timestamp, text::Slug};
use uuid::Uuid;

use crate::{Organization, Refused, ports::Ports};

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationLimits {
    /// Of which organisation.
    pub organization: OrganizationId,
    /// Since when its letters wait; `None` while they are sent.
    pub mail_paused_at: Option<Timestamp>,
    /// How many people it may ask within 24 hours; `None` where the settings say so.
    pub asked_per_day: Option<u64>,
    /// How many of its invitations may be open; `None` where the settings say so.
    pub open_invitations: Option<u64>,
}

impl OrganizationLimits {
    /// Nothing was decided.
    pub const fn none(organization: OrganizationId) -> Self {
        Self { organization, mail_paused_at: None, asked_per_day: None, open_invitations: None }
    }

    /// Its letters wait from now on, if they do not already.
    pub fn pause_mail(&mut self, now: Timestamp) {
        self.mail_paused_at.get_or_insert(now);
    }

    fn change(&self, before: &Self, now: Timestamp) -> Change {
        Change::new("organization.limit", Target::new(Organization::KIND, self.organization), now)
            .of(self.organization)
            .plain("mail_paused_at", &before.mail_paused_at, &self.mail_paused_at)
            .plain("asked_per_day", &before.asked_per_day, &self.asked_per_day)
            .plain("open_invitations", &before.open_invitations, &self.open_invitations)
    }
}

/// Decides for whoever runs the installation: nobody is asked for leave.
#[derive(Debug, Clone)]
pub struct OrganizationLimitService {
    ports: Ports,
}

impl OrganizationLimitService {
    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// The organisation with this id or place in addresses, and what was decided of it.
    pub async fn find(&self, ctx: &Ctx, named: &str) -> Result<(Organization, OrganizationLimits), Refused> {
        let within = ctx.within(Scope::Identity);
        let directory = &self.ports.directory;
        let found = if let Ok(id) = Uuid::parse_str(named) {
            directory.organization(&within, OrganizationId::from_uuid(id)).await?
        } else if let Ok(slug) = Slug::new(named) {
            directory.organization_by_slug(&within, &slug).await?
        } else {
            None
        };
        let organization = found.ok_or(Refused::Missing("organisation"))?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let limits = unit.organization_limits(organization.id).await?;
        Ok((organization, limits))
    }

    /// Decides something of an organisation, for good or until it is decided anew.
    pub async fn decide(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        decide: impl FnOnce(&mut OrganizationLimits, Timestamp),
    ) -> Result<OrganizationLimits, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        unit.organization(organization).await?.ok_or(Refused::Missing("organisation"))?;
        let before = unit.organization_limits(organization).await?;
        let mut limits = before.clone();
        decide(&mut limits, now);
        let change = limits.change(&before, now);
        if !change.fields.is_empty() {
            unit.put_organization_limits(&limits).await?;
            unit.record(change);
            unit.commit().await?;
        }
        Ok(limits)
    }
}
