//! Who may do what with endpoints: the matrix of this domain, whole.

use kernel::{KeyScope, PlatformRole, Reach, Role, Rule};

/// The key scope for everything that can be done with webhooks, reading included: whoever reads deliveries learns what
/// goes on in all of the organisation.
pub const WEBHOOKS_WRITE: KeyScope = KeyScope::new("webhooks.write");

kernel::named! {
    /// What can be done with endpoints.
    pub enum Action {
        /// Read endpoints and their deliveries.
        View = "webhook_endpoint.view",
        /// Make one.
        Create = "webhook_endpoint.create",
        /// Change, pause and enable one.
        Edit = "webhook_endpoint.edit",
        /// Have its requests signed with another key.
        RotateSecret = "webhook_endpoint.rotate_secret",
        /// Delete one.
        Delete = "webhook_endpoint.delete",
        /// Send it a ping.
        Test = "webhook_endpoint.test",
        /// Send once more what it did not receive.
        Recover = "webhook_endpoint.recover",
        /// Send one delivery once more.
        Replay = "webhook_delivery.replay",
    }
}

impl Rule for Action {
    fn name(&self) -> &'static str {
        (*self).name()
    }

    fn reach(&self, role: Role) -> Reach {
        match role {
            Role::Owner | Role::Admin => Reach::Tenant,
            _ => Reach::None,
        }
    }

    fn platform_reach(&self, _: PlatformRole) -> Reach {
        Reach::None
    }

    fn key_scope(&self) -> Option<KeyScope> {
        Some(WEBHOOKS_WRITE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::ACTIONS;

    #[test]
    fn owners_and_admins_do_everything_and_nobody_else_anything() {
        for action in Action::ALL {
            for role in Role::ALL {
                let may = matches!(role, Role::Owner | Role::Admin);
                assert_eq!(action.reach(role) == Reach::Tenant, may, "{action:?} {role:?}");
            }
            assert!(PlatformRole::ALL.iter().all(|role| action.platform_reach(*role) == Reach::None));
            assert_eq!(action.key_scope(), Some(WEBHOOKS_WRITE));
            assert!(
                ACTIONS.iter().any(|note| note.action == action.name()),
                "{action:?} is denied under a name"
            );
        }
    }
}
