//! Roles people hold in an organisation.

use std::{collections::BTreeSet, str::FromStr};

use serde::Serialize;

use crate::Named as _;

kernel::named! {
    /// A role in one organisation; the mightiest stands first. A member may hold several.
    pub enum Role {
        /// Owns the organisation; there is always at least one.
        Owner = "owner",
        /// Administrates it.
        Admin = "admin",
        /// Leads people and sees their summaries.
        Manager = "manager",
        /// Hires.
        Recruiter = "recruiter",
        /// Interviews candidates.
        Interviewer = "interviewer",
        /// Gives consultations.
        Practitioner = "practitioner",
        /// Works there.
        Member = "member",
        /// Applies there.
        Candidate = "candidate",
    }
}

impl Role {
    /// Whether sessions of its holders are kept short (24 hours, 1 hour idle).
    pub const fn is_sensitive(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Recruiter | Self::Practitioner)
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of owner, admin, manager, recruiter, interviewer, practitioner, member, candidate")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::from_name(text).ok_or(UnknownRole)
    }
}

/// The roles of one member: at least one, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

/// A member without any role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must name at least one role")]
pub struct NoRole;

impl Roles {
    /// Checks that there is one.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Result<Self, NoRole> {
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        if roles.is_empty() { Err(NoRole) } else { Ok(Self(roles)) }
    }

    /// Just one.
    pub fn only(role: Role) -> Self {
        Self(BTreeSet::from([role]))
    }

    /// Whether the role is among them.
    pub fn contains(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Each of them, the mightiest first.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }

    /// Their names, the mightiest first.
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(Role::name).collect()
    }

    /// With one more.
    pub fn with(&self, role: Role) -> Self {
        let mut roles = self.clone();
        roles.0.insert(role);
        roles
    }

    /// Without owner; a former owner who held nothing else becomes an admin.
    pub fn without_ownership(&self) -> Self {
        let rest = self.iter().filter(|role| *role != Role::Owner);
        Self::new(rest).unwrap_or_else(|_| Self::only(Role::Admin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_its_name() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }

    #[test]
    fn nobody_is_left_without_a_role() {
        assert_eq!(Roles::new([]), Err(NoRole));
        assert_eq!(Roles::only(Role::Owner).without_ownership(), Roles::only(Role::Admin));
    }
}
