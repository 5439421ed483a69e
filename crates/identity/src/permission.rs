//! Who may do what: the matrix of roles and actions, whole, in one place.

use kernel::{Domain, KeyScope, PlatformRole, Reach, Role, Roles, Rule};

use crate::DOMAIN;

/// The key scope for reading the organisation.
pub const ORGANIZATION_READ: KeyScope = KeyScope::new("organization.read");
/// The key scope for reading its members.
pub const MEMBERS_READ: KeyScope = KeyScope::new("members.read");
/// The key scope for changing job titles and departments.
pub const MEMBERS_WRITE: KeyScope = KeyScope::new("members.write");
/// The key scope for reading open invitations.
pub const INVITATIONS_READ: KeyScope = KeyScope::new("invitations.read");
/// The key scope for inviting, taking back and sending again.
pub const INVITATIONS_WRITE: KeyScope = KeyScope::new("invitations.write");

kernel::named! {
    /// What can be done in an organisation or on the platform.
    pub enum Action {
        /// Read the organisation itself.
        ViewOrganization = "organization.view",
        /// Change its name, slug or settings.
        UpdateOrganization = "organization.edit",
        /// Close it for good.
        CloseOrganization = "organization.close",
        /// Hand ownership on.
        TransferOwnership = "organization.transfer",
        /// Read who belongs to it.
        ViewMembers = "membership.view",
        /// Change a member's job title or department.
        UpdateMembers = "membership.describe",
        /// Change a member's roles.
        GrantRoles = "membership.grant",
        /// End a membership.
        RemoveMembers = "membership.remove",
        /// Leave.
        Leave = "membership.leave",
        /// Invite people.
        Invite = "invitation.send",
        /// Read open invitations.
        ViewInvitations = "invitation.view",
        /// Take invitations back or send them again.
        ManageInvitations = "invitation.manage",
        /// Read, make and revoke API keys.
        ManageApiKeys = "api_key.manage",
        /// Search accounts of the platform.
        ViewAccounts = "account.view",
        /// Suspend accounts, reinstate them, start resets.
        AdministrateAccounts = "account.administrate",
    }
}

impl Action {
    /// The API key scope that allows it; `None` when no key ever may.
    pub const fn key_scope(self) -> Option<KeyScope> {
        match self {
            Self::ViewOrganization => Some(ORGANIZATION_READ),
            Self::ViewMembers => Some(MEMBERS_READ),
            Self::UpdateMembers => Some(MEMBERS_WRITE),
            Self::ViewInvitations => Some(INVITATIONS_READ),
            Self::Invite | Self::ManageInvitations => Some(INVITATIONS_WRITE),
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

/// Whether a holder of `granting` may give `granted` to someone: only roles that allow nothing beyond their own, by the
/// rules of this domain and of `domains`.
pub fn may_grant(granting: &Roles, granted: &Roles, domains: &[&'static Domain]) -> bool {
    let within = |rule: &dyn Rule, role| rule.reach(role) <= rule.reach_of(granting);
    granted.iter().all(|role| rules(domains).all(|rule| within(rule, role)))
}

/// Whether a holder of these roles may make an API key with this scope: only when they may do all it allows.
pub(crate) fn may_delegate(roles: &Roles, scope: &KeyScope, domains: &[&'static Domain]) -> bool {
    rules(domains)
        .filter(|rule| rule.key_scope().as_ref() == Some(scope))
        .all(|rule| rule.reach_of(roles) > Reach::None)
}

/// The key scopes there are.
pub(crate) fn key_scopes(domains: &[&'static Domain]) -> impl Iterator<Item = &'static KeyScope> {
    with_own(domains).flat_map(|domain| domain.key_scopes)
}

fn rules(domains: &[&'static Domain]) -> impl Iterator<Item = &'static dyn Rule> {
    with_own(domains).flat_map(|domain| domain.rules.iter().copied())
}

fn with_own(domains: &[&'static Domain]) -> impl Iterator<Item = &'static Domain> {
    let others = domains.iter().copied().filter(|domain| domain.name != DOMAIN.name);
    std::iter::once(&DOMAIN).chain(others)
}

impl Rule for Action {
    fn name(&self) -> &'static str {
        Self::name(*self)
    }

    fn reach(&self, role: Role) -> Reach {
        reach(role, *self)
    }

    fn platform_reach(&self, role: PlatformRole) -> Reach {
        platform_reach(role, *self)
    }

    fn key_scope(&self) -> Option<KeyScope> {
        (*self).key_scope()
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
        assert!(may_grant(&only(Role::Owner), &only(Role::Owner), &[]));
        assert!(!may_grant(&only(Role::Admin), &only(Role::Owner), &[]));
        assert!(may_grant(&only(Role::Admin), &only(Role::Admin), &[]));
        assert!(!may_grant(&only(Role::Manager), &only(Role::Admin), &[]));
        assert!(may_grant(&only(Role::Recruiter), &only(Role::Candidate), &[]));
        assert!(!may_grant(&only(Role::Recruiter), &only(Role::Manager), &[]));
    }

    /// A rule of another domain: notes of consultations are for practitioners.
    #[derive(Debug)]
    struct ReadNotes;

    impl Rule for ReadNotes {
        fn name(&self) -> &'static str {
            "note.view"
        }

        fn reach(&self, role: Role) -> Reach {
            if role == Role::Practitioner { Reach::Assigned } else { Reach::None }
        }

        fn platform_reach(&self, _: PlatformRole) -> Reach {
            Reach::None
        }

        fn key_scope(&self) -> Option<KeyScope> {
            Some(READ_NOTES)
        }
    }

    const READ_NOTES: KeyScope = KeyScope::new("notes.read");
    const NOTES: Domain =
        Domain { name: "notes", rules: &[&ReadNotes], key_scopes: &[READ_NOTES], ..kernel::PLATFORM };

    #[test]
    fn nobody_grants_or_delegates_what_another_domain_keeps_from_him() {
        let notes = &[&NOTES];
        let (owner, practitioner) = (Roles::only(Role::Owner), Roles::only(Role::Practitioner));
        let both = owner.with(Role::Practitioner);
        assert!(may_grant(&owner, &practitioner, &[]));
        assert!(!may_grant(&owner, &practitioner, notes));
        assert!(may_grant(&both, &practitioner, notes));
        assert!(may_grant(&owner, &Roles::only(Role::Admin), notes));
        assert!(!may_delegate(&owner, &READ_NOTES, notes));
        assert!(may_delegate(&both, &READ_NOTES, notes));
        assert!(may_delegate(&owner, &MEMBERS_READ, notes), "other scopes are no matter of theirs");
    }

    #[test]
    fn the_matrix_is_the_rules_domains_are_asked_by() {
        for action in Action::ALL {
            let rule: &dyn Rule = &action;
            for role in Role::ALL {
                assert_eq!(rule.reach(role), reach(role, action));
                assert_eq!(rule.reach_of(&Roles::only(role)), reach_of(&Roles::only(role), action));
            }
            for role in PlatformRole::ALL {
                assert_eq!(rule.platform_reach(role), platform_reach(role, action));
            }
            assert_eq!(rule.key_scope(), action.key_scope());
        }
        let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(Rule::name).collect();
        assert_eq!(names.len(), Action::ALL.len(), "each rule is denied under a name of its own");
    }

    #[test]
    fn no_key_does_what_takes_a_person() {
        for action in [
            Action::UpdateOrganization,
            Action::CloseOrganization,
            Action::TransferOwnership,
            Action::GrantRoles,
            Action::RemoveMembers,
            Action::Leave,
            Action::ManageApiKeys,
            Action::ViewAccounts,
            Action::AdministrateAccounts,
        ] {
            assert_eq!(action.key_scope(), None, "{action:?}");
        }
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
