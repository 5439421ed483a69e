//! Who may do what with documents that no other domain answers for: the matrix of this domain, whole.

use kernel::{KeyScope, PlatformRole, Reach, Role, Rule};

/// The key scope for reading documents.
pub const DOCUMENTS_READ: KeyScope = KeyScope::new("documents.read");

/// The key scope for uploading and deleting documents.
pub const DOCUMENTS_WRITE: KeyScope = KeyScope::new("documents.write");

kernel::named! {
    /// What can be done with documents.
    pub enum Action {
        /// Read documents, their content and their text.
        View = "document.view",
        /// Upload one.
        Upload = "document.upload",
        /// Have a link made to its content.
        Link = "document.link",
        /// Have its text read out again.
        Extract = "document.extract",
        /// Delete one.
        Delete = "document.delete",
        /// Put it under a legal hold.
        Hold = "document.hold",
        /// Release it from a legal hold.
        ReleaseHold = "document.release_hold",
    }
}

impl Rule for Action {
    fn name(&self) -> &'static str {
        (*self).name()
    }

    /// Everybody keeps files of their own; what they belong to decides who else reads them.
    fn reach(&self, role: Role) -> Reach {
        match (role, self) {
            (Role::Owner | Role::Admin, _) => Reach::Tenant,
            (_, Self::Hold | Self::ReleaseHold) => Reach::None,
            _ => Reach::Own,
        }
    }

    fn platform_reach(&self, _: PlatformRole) -> Reach {
        Reach::None
    }

    /// No program decides what a court may want to see.
    fn key_scope(&self) -> Option<KeyScope> {
        match self {
            Self::View | Self::Link => Some(DOCUMENTS_READ),
            Self::Upload | Self::Extract | Self::Delete => Some(DOCUMENTS_WRITE),
            Self::Hold | Self::ReleaseHold => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::ACTIONS;

    #[test]
    fn owners_and_admins_reach_all_documents_and_everybody_their_own_but_holds() {
        for action in Action::ALL {
            for role in Role::ALL {
                let expected = match role {
                    Role::Owner | Role::Admin => Reach::Tenant,
                    _ if matches!(action, Action::Hold | Action::ReleaseHold) => Reach::None,
                    _ => Reach::Own,
                };
                assert_eq!(action.reach(role), expected, "{action:?} {role:?}");
            }
            assert!(PlatformRole::ALL.iter().all(|role| action.platform_reach(*role) == Reach::None));
            assert!(
                ACTIONS.iter().any(|note| note.action == action.name()),
                "{action:?} is denied under a name"
            );
        }
    }
}
