//! How much an account or an organisation may have, so that none fills an installation.

use std::time::Duration;

use kernel::{AccountId, Allotment, OrganizationId, Quota, Timestamp};

use crate::{Organization, Refused, Role, Unit};

const ORGANIZATIONS: Quota = Quota {
    setting: "organizations",
    of: "organisations that an account owns",
    mend: "close one or make somebody else its owner",
};
const API_KEYS: Quota =
    Quota { setting: "api_keys", of: "API keys of an organisation that work", mend: "revoke one" };
const INVITATIONS: Quota = Quota {
    setting: "open_invitations",
    of: "open invitations of an organisation",
    mend: "revoke those that nobody accepts",
};

/// The most of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Active organisations that an account owns; 50.
    pub organizations: u64,
    /// API keys of an organisation that are neither revoked nor expired; 100.
    pub api_keys: u64,
    /// Invitations of an organisation that can be accepted; 1,000, in its first week 100.
    pub open_invitations: Allotment,
}

impl Default for Quotas {
    fn default() -> Self {
        let open_invitations =
            Allotment { usual: 1_000, at_first: 100, new_for: Duration::from_secs(7 * 24 * 3600) };
        Self { organizations: 50, api_keys: 100, open_invitations }
    }
}

impl Quotas {
    /// Lets the unit found an organisation for its owner.
    pub(crate) async fn admit_organization(self, unit: &mut Unit, owner: AccountId) -> Result<(), Refused> {
        unit.take_turn(&ORGANIZATIONS, owner.uuid()).await?;
        let memberships = unit.memberships_of(owner).await?;
        let owned = memberships.iter().filter(|of| of.roles.contains(Role::Owner)).count();
        Ok(ORGANIZATIONS.admit(self.organizations, owned as u64, 1)?)
    }

    /// Lets the unit add an API key.
    pub(crate) async fn admit_api_key(
        self,
        unit: &mut Unit,
        of: OrganizationId,
        now: Timestamp,
    ) -> Result<(), Refused> {
        unit.take_turn(&API_KEYS, of.uuid()).await?;
        Ok(API_KEYS.admit(self.api_keys, unit.live_api_keys(of, now).await?, 1)?)
    }

    /// Lets the unit add an invitation.
    pub(crate) async fn admit_invitation(
        self,
        unit: &mut Unit,
        of: &Organization,
        now: Timestamp,
    ) -> Result<(), Refused> {
        unit.take_turn(&INVITATIONS, of.id.uuid()).await?;
        let decided = unit.organization_limits(of.id).await?.open_invitations;
        let most = self.open_invitations.of(decided, of.created_at, now);
        Ok(INVITATIONS.admit(most, unit.open_invitations(of.id, now).await?, 1)?)
    }
}
