//! Who may read the trail: the matrix of this domain, whole.

use kernel::{KeyScope, PlatformRole, Reach, Role, Rule};

/// The key scope for reading the trail of an organisation.
pub const AUDIT_READ: KeyScope = KeyScope::new("audit.read");

/// What can be done with the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read and export the trail of an organisation.
    ReadOrganization,
    /// Read and export the trail of the whole platform.
    ReadPlatform,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ReadOrganization, Self::ReadPlatform];
}

impl Rule for Action {
    fn name(&self) -> &'static str {
        "audit.read"
    }

    fn reach(&self, role: Role) -> Reach {
        match (self, role) {
            (Self::ReadOrganization, Role::Owner | Role::Admin) => Reach::Tenant,
            _ => Reach::None,
        }
    }

    fn platform_reach(&self, role: PlatformRole) -> Reach {
        match (self, role) {
            (Self::ReadPlatform, PlatformRole::SuperAdmin) => Reach::Platform,
            _ => Reach::None,
        }
    }

    fn key_scope(&self) -> Option<KeyScope> {
        match self {
            Self::ReadOrganization => Some(AUDIT_READ),
            Self::ReadPlatform => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_admins_read_their_organisation_and_super_admins_the_platform() {
        for role in Role::ALL {
            let may = matches!(role, Role::Owner | Role::Admin);
            assert_eq!(Action::ReadOrganization.reach(role) == Reach::Tenant, may, "{role:?}");
            assert_eq!(Action::ReadPlatform.reach(role), Reach::None);
        }
        assert_eq!(Action::ReadPlatform.platform_reach(PlatformRole::SuperAdmin), Reach::Platform);
        assert_eq!(Action::ReadOrganization.platform_reach(PlatformRole::SuperAdmin), Reach::None);
        assert_eq!(Action::ReadPlatform.platform_reach(PlatformRole::User), Reach::None);
    }
}
