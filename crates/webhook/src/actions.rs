//! What this domain puts on record.

use kernel::{ActionNote, OcsfClass};

pub(crate) const REPLAY: &str = "webhook_delivery.replay";
pub(crate) const CREATE: &str = "webhook_endpoint.create";
pub(crate) const DELETE: &str = "webhook_endpoint.delete";
pub(crate) const DISABLE: &str = "webhook_endpoint.disable";
pub(crate) const EDIT: &str = "webhook_endpoint.edit";
pub(crate) const ENABLE: &str = "webhook_endpoint.enable";
pub(crate) const RECOVER: &str = "webhook_endpoint.recover";
pub(crate) const ROTATE_SECRET: &str = "webhook_endpoint.rotate_secret";
pub(crate) const TEST: &str = "webhook_endpoint.test";
pub(crate) const VIEW: &str = "webhook_endpoint.view";

const fn note(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::ApiActivity }
}

/// All actions, by name. The one that only reads stands in the trail when it was denied.
pub(crate) const ACTIONS: &[ActionNote] = &[
    note(REPLAY, "A delivery is sent once more."),
    note(CREATE, "A program is told of events at a URL."),
    note(DELETE, "An endpoint of webhooks was deleted: its program is told nothing more."),
    note(
        DISABLE,
        "Nothing is sent to an endpoint any more: it is gone, fails for days, or operators decided so.",
    ),
    note(EDIT, "An endpoint has another URL, description or choice of events, or was paused."),
    note(ENABLE, "Events are sent to an endpoint again."),
    note(RECOVER, "What an endpoint did not receive since a time is sent once more."),
    note(
        ROTATE_SECRET,
        "An endpoint's requests are signed with a new key, and for a day with the old one too.",
    ),
    note(TEST, "A ping is sent to an endpoint."),
    note(VIEW, "Endpoints of webhooks, or their deliveries, were to be read."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order() {
        assert!(ACTIONS.is_sorted_by(|one, next| one.action < next.action));
    }
}
