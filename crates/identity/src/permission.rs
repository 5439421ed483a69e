//! Who may do what: the matrix of roles and actions, whole, in one place.

use kernel::PlatformRole;
use serde::{Deserialize, Serialize};

use crate::role::{Role, Roles};

/// What can be done in an organisation or on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Read the organisation itself.
    ViewOrganization,
    /// Change its name, slug or settings.
    UpdateOrganization,
    /// Close it for good.
    CloseOrganization,
    /// Hand ownership on.
    TransferOwnership,
    /// Read who belongs to it.
    ViewMembers,
    /// Change a member's job title or department.
    UpdateMembers,
    /// Change a member's roles.
    GrantRoles,
    /// End a membership.
    RemoveMembers,
    /// Leave.
    Leave,
    /// Invite people.
    Invite,
    /// Read open invitations.
    ViewInvitations,
    /// Take invitations back or send them again.
    ManageInvitations,
    /// Read, make and revoke API keys.
    ManageApiKeys,
    /// Search accounts of the platform.
    ViewAccounts,
    /// Suspend accounts, reinstate them, start resets.
    AdministrateAccounts,
}

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    None,
    /// What is one's own.
    Own,
    /// What one was given to look after.
    Assigned,
    /// All of the organisation.
    Tenant,
    /// All of the platform.
    Platform,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::ViewOrganization,
        Self::UpdateOrganization,
        Self::CloseOrganization,
        Self::TransferOwnership,
        Self::ViewMembers,
        Self::UpdateMembers,
        Self::GrantRoles,
        Self::RemoveMembers,
        Self::Leave,
        Self::Invite,
        Self::ViewInvitations,
        Self::ManageInvitations,
        Self::ManageApiKeys,
        Self::ViewAccounts,
        Self::AdministrateAccounts,
    ];

    /// The API key scope that allows it; `None` when no key ever may.
    pub const fn key_scope(self) -> Option<KeyScope> {
        match self {
            Self::ViewOrganization => Some(KeyScope::OrganizationRead),
            Self::ViewMembers => Some(KeyScope::MembersRead),
            Self::UpdateMembers => Some(KeyScope::MembersWrite),
            Self::ViewInvitations => Some(KeyScope::InvitationsRead),
            Self::Invite | Self::ManageInvitations => Some(KeyScope::InvitationsWrite),
            Self::UpdateOrganization
            | Self::CloseOrganization
            | Self::TransferOwnership
            | Self::GrantRoles
            | Self::RemoveMembers
            | Self::Leave
            | Self::ManageApiKeys
            | Self::ViewAccounts
            | Self::AdministrateAccounts => None,
        }
    }

    /// Whether it needs a second factor whoever asks: destructive actions on the platform.
    pub const fn needs_second_factor(self) -> bool {
        matches!(self, Self::AdministrateAccounts)
    }
}

/// How far `role` may go with `action`.
#[expect(clippy::match_same_arms, reason = "one line a rule reads better than one line a reach")]
pub const fn reach(role: Role, action: Action) -> Reach {
    use Action as A;
    use Role as R;
    match (action, role) {
        (A::ViewOrganization, _) => Reach::Tenant,
        (A::Leave, _) => Reach::Own,

        (
            A::UpdateOrganization | A::GrantRoles | A::RemoveMembers | A::ManageApiKeys,
            R::Owner | R::Admin,
        ) => Reach::Tenant,

        (A::CloseOrganization | A::TransferOwnership, R::Owner) => Reach::Tenant,

        (A::ViewMembers, R::Candidate) => Reach::Own,
        (A::ViewMembers, _) => Reach::Tenant,
        (A::UpdateMembers, R::Owner | R::Admin | R::Manager) => Reach::Tenant,

        (A::Invite, R::Owner | R::Admin | R::Manager | R::Recruiter) => Reach::Tenant,
        (A::ViewInvitations | A::ManageInvitations, R::Owner | R::Admin | R::Manager) => Reach::Tenant,
        (A::ViewInvitations | A::ManageInvitations, R::Recruiter) => Reach::Own,

        _ => Reach::None,
    }
}

/// How far a role on the platform may go with `action`. It opens no organisation: the tenant floor holds for
/// everyone.
pub const fn platform_reach(role: PlatformRole, action: Action) -> Reach {
    match (role, action) {
        (PlatformRole::SuperAdmin, Action::ViewAccounts | Action::AdministrateAccounts) => Reach::Platform,
        _ => Reach::None,
    }
}

/// The farthest any of the roles may go.
pub fn reach_of(roles: &Roles, action: Action) -> Reach {
    roles.iter().map(|role| reach(role, action)).max().unwrap_or(Reach::None)
}

/// Whether a holder of `granting` may give `granted` to someone: only roles that allow nothing beyond his own.
pub fn may_grant(granting: &Roles, granted: &Roles) -> bool {
    let within =
        |role| Action::ALL.into_iter().all(|action| reach(role, action) <= reach_of(granting, action));
    granted.iter().all(within)
}

/// What an API key may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyScope {
    /// Read the organisation.
    #[serde(rename = "organization.read")]
    OrganizationRead,
    /// Read its members.
    #[serde(rename = "members.read")]
    MembersRead,
    /// Change job titles and departments.
    #[serde(rename = "members.write")]
    MembersWrite,
    /// Read open invitations.
    #[serde(rename = "invitations.read")]
    InvitationsRead,
    /// Invite, take back, send again.
    #[serde(rename = "invitations.write")]
    InvitationsWrite,
}

impl KeyScope {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::OrganizationRead,
        Self::MembersRead,
        Self::MembersWrite,
        Self::InvitationsRead,
        Self::InvitationsWrite,
    ];

    /// The name it is stored and sent under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrganizationRead => "organization.read",
            Self::MembersRead => "members.read",
            Self::MembersWrite => "members.write",
            Self::InvitationsRead => "invitations.read",
            Self::InvitationsWrite => "invitations.write",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line a role, one column an action in the order of `Action::ALL`: N none, O own, T tenant.
    #[test]
    fn the_matrix_is_exactly_this() {
        let expected = [
            (Role::Owner, "TTTTTTTTOTTTTNN"),
            (Role::Admin, "TTNNTTTTOTTTTNN"),
            (Role::Manager, "TNNNTTNNOTTTNNN"),
            (Role::Recruiter, "TNNNTNNNOTOONNN"),
            (Role::Interviewer, "TNNNTNNNONNNNNN"),
            (Role::Practitioner, "TNNNTNNNONNNNNN"),
            (Role::Member, "TNNNTNNNONNNNNN"),
            (Role::Candidate, "TNNNONNNONNNNNN"),
        ];
        for (role, line) in expected {
            let letters: String = Action::ALL
                .into_iter()
                .map(|action| match reach(role, action) {
                    Reach::None => 'N',
                    Reach::Own => 'O',
                    Reach::Assigned => 'A',
                    Reach::Tenant => 'T',
                    Reach::Platform => 'P',
                })
                .collect();
            assert_eq!(letters, line, "{role:?}");
        }
    }

    #[test]
    fn nobody_grants_more_than_he_has() {
        let only = Roles::only;
        assert!(may_grant(&only(Role::Owner), &only(Role::Owner)));
        assert!(!may_grant(&only(Role::Admin), &only(Role::Owner)));
        assert!(may_grant(&only(Role::Admin), &only(Role::Admin)));
        assert!(!may_grant(&only(Role::Manager), &only(Role::Admin)));
        assert!(may_grant(&only(Role::Recruiter), &only(Role::Candidate)));
        assert!(!may_grant(&only(Role::Recruiter), &only(Role::Manager)));
    }

    #[test]
    fn no_platform_role_opens_an_organisation() {
        for action in Action::ALL {
            let expected = matches!(action, Action::ViewAccounts | Action::AdministrateAccounts);
            assert_eq!(platform_reach(PlatformRole::SuperAdmin, action) == Reach::Platform, expected);
            assert_eq!(platform_reach(PlatformRole::User, action), Reach::None);
        }
    }
}
