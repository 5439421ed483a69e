//! How much an account or an organisation may have, so that none fills an installation.

use kernel::{AccountId, OrganizationId, Quota, Timestamp};

use crate::{Refused, Role, Unit};

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
    /// Invitations of an organisation that can be accepted; 1,000.
    pub open_invitations: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { organizations: 50, api_keys: 100, open_invitations: 1_000 }
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
        of: OrganizationId,
        now: Timestamp,
    ) -> Result<(), Refused> {
        unit.take_turn(&INVITATIONS, of.uuid()).await?;
        Ok(INVITATIONS.admit(self.open_invitations, unit.open_invitations(of, now).await?, 1)?)
    }
}
