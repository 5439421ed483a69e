//! Every action the domain puts on record, and the reasons only the record knows.

pub use kernel::{ActionNote, OcsfClass, ReasonNote};

pub(crate) const LOCKED: &str = "identity.locked";
pub(crate) const SUSPENDED: &str = "identity.suspended";
pub(crate) const EXPIRED: &str = "identity.password_expired";
pub(crate) const REUSED: &str = "identity.refresh_token_reused";

/// The reasons of failures beyond [`crate::Refused::CODES`].
pub const REASONS: &[ReasonNote] = &[
    ReasonNote {
        reason: LOCKED,
        meaning: "Too many attempts before this one: whatever was given was not looked at.",
    },
    ReasonNote { reason: SUSPENDED, meaning: "The account is suspended: the right password opens nothing." },
    ReasonNote {
        reason: EXPIRED,
        meaning: "The password was temporary and not changed in time: it opens nothing.",
    },
    ReasonNote {
        reason: REUSED,
        meaning: "A refresh token came that had been exchanged before: one copy is stolen.",
    },
];

const fn account(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::AccountChange }
}

const fn authentication(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::Authentication }
}

const fn access(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::UserAccess }
}

const fn activity(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::ApiActivity }
}

/// All actions, by name. Those that only read, and those of no command of its own, stand in the trail only when they
/// were denied.
pub const ACTIONS: &[ActionNote] = &[
    activity("account.act", "A program tried what only a person can do for themselves."),
    account("account.administrate", "Somebody without leave tried to administrate an account."),
    account("account.change_email", "The account's new address was proved and took the old one's place."),
    account("account.change_password", "The account has another password."),
    account("account.edit_profile", "The person changed what they tell about themselves."),
    account("account.erase", "The person had their account erased."),
    activity("account.export", "The person took out everything that is kept of them."),
    account("account.extend_quiz_streak", "The person finished a quiz."),
    account("account.forget_password", "Somebody asked for a link to set a new password of an address."),
    account(
        "account.issue_temporary_password",
        "Somebody else chose the password: it is temporary, and opens nothing but changing it.",
    ),
    authentication("account.log_in", "The account counts a sign-in."),
    account("account.open", "An account was opened."),
    account("account.raise_epoch", "All access tokens of the account ended."),
    account("account.rehash_password", "The same password was hashed anew with today's parameters."),
    account("account.reinstate", "A suspended account works again."),
    account("account.request_email_change", "The person asked to change their address."),
    access("account.set_platform_role", "The account has another role on the platform."),
    account(
        "account.start_password_reset",
        "An administrator had the person sent a link to set a new password.",
    ),
    account("account.suspend", "An administrator locked the account."),
    activity("account.view", "Accounts were to be read."),
    activity("admin_settings.replace", "The person put another settings document in place."),
    activity("admin_settings.view", "The settings document was to be read."),
    access("api_key.create", "A program was given a key to the organisation."),
    access("api_key.revoke", "A key stopped working."),
    activity("api_key.view", "The keys of an organisation were to be read."),
    access("api_key.warn", "Those concerned were told that a key expires soon."),
    access("invitation.accept", "The invited joined."),
    access("invitation.decline", "The invited declined."),
    access("invitation.forget_address", "The invited had their data erased."),
    access("invitation.revoke", "An invitation was taken back."),
    access("invitation.send", "Somebody was invited, or sent the invitation again."),
    activity("invitation.view", "Invitations were to be read."),
    access("membership.describe", "A member's job title or department was changed."),
    access("membership.grant", "A member was given other roles."),
    access("membership.join", "Somebody became a member."),
    access("membership.leave", "A member left."),
    access("membership.remove", "A member was removed."),
    access("membership.suspend", "A membership ended with its organisation."),
    activity("membership.view", "The members of an organisation were to be read."),
    authentication("one_time_token.mint", "A link was made and mailed."),
    authentication("one_time_token.use", "A mailed link was opened."),
    activity("organization.close", "An organisation was closed for good."),
    activity("organization.edit", "An organisation's name, slug, demands or settings were changed."),
    activity("organization.found", "An organisation was founded."),
    activity(
        "organization.limit",
        "Whoever runs the installation paused an organisation's letters, lets them go again, or set how much it may ask.",
    ),
    activity(
        "organization.subscribe",
        "Somebody who had unsubscribed wants letters of the organisation again; not who.",
    ),
    access("organization.transfer", "Ownership of an organisation was handed on."),
    activity(
        "organization.unsubscribe",
        "Somebody wants no more letters of the organisation; not who, for they want to be left alone.",
    ),
    activity("organization.view", "An organisation was to be read."),
    account("registration.complete", "The address of a registration was proved."),
    account("registration.open", "Somebody said that an address is theirs."),
    account("registration.resend", "Somebody asked for another link for a registration."),
    account("second_factor.confirm", "A second factor counts from now on."),
    account("second_factor.enrol", "The secret of a second factor was shown."),
    account("second_factor.remove", "The second factor was removed."),
    account("second_factor.renew_recovery_codes", "All recovery codes were replaced."),
    authentication("second_factor.use", "A code of the authenticator app was used up."),
    authentication("second_factor.use_recovery_code", "A recovery code was used up."),
    authentication("session.begin", "Somebody signed in."),
    authentication("session.end", "A session ended."),
    authentication("session.lose_second_factor", "A session counts one factor again."),
    authentication("session.refresh", "A session was to be renewed with a token that was used before."),
    authentication("session.step_up", "Somebody signed in proved again who they are."),
    activity("session.view", "One's own sessions were to be read."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_sorted_named_after_a_thing_and_explained() {
        assert!(ACTIONS.is_sorted_by(|one, next| one.action < next.action));
        for note in ACTIONS {
            let (thing, verb) = note.action.split_once('.').unwrap();
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(plain(thing) && plain(verb), "{}", note.action);
            assert!(note.meaning.ends_with('.'), "{}", note.action);
        }
    }

    #[test]
    fn every_rule_of_the_matrix_is_denied_under_a_name_or_several() {
        // Their commands give names of their own to what they try.
        let several = [crate::Action::ManageApiKeys, crate::Action::ManageInvitations];
        for rule in crate::Action::ALL {
            let listed = ACTIONS.iter().any(|note| note.action == rule.name());
            assert_eq!(listed, !several.contains(&rule), "{rule:?}");
        }
    }
}
