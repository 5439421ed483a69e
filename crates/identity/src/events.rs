//! What programs outside are told of organisations, their members and keys.

use kernel::PublicEvent;

const fn event(action: &'static str, name: &'static str, meaning: &'static str) -> PublicEvent {
    PublicEvent::new(action, name, meaning)
}

/// All of them, by name. What belongs to no organisation, such as an account, is told to nobody.
pub(crate) const EVENTS: &[PublicEvent] = &[
    event("api_key.create", "api_key.created", "A program was given a key to the organisation."),
    event("api_key.revoke", "api_key.revoked", "A key to the organisation stopped working."),
    event("invitation.accept", "invitation.accepted", "The invited person joined."),
    event("invitation.decline", "invitation.declined", "The invited person declined."),
    event("invitation.revoke", "invitation.revoked", "An invitation was taken back."),
    event("invitation.send", "invitation.sent", "Somebody was invited, or sent the invitation again."),
    event("membership.describe", "membership.edited", "A member's job title or department was changed."),
    event("membership.join", "membership.joined", "Somebody became a member."),
    event("membership.leave", "membership.left", "A member left."),
    event("membership.remove", "membership.removed", "A member was removed."),
    event("membership.grant", "membership.roles_changed", "A member was given other roles."),
    event(
        "organization.edit",
        "organization.edited",
        "The organisation's name, slug or settings were changed.",
    ),
    event(
        "organization.transfer",
        "organization.transferred",
        "Ownership of the organisation was handed on.",
    ),
];
