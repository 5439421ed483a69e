//! What this domain puts on record.

use kernel::{ActionNote, OcsfClass};

pub(crate) const CHANGE: &str = "notification_preferences.change";
pub(crate) const UNSUBSCRIBE: &str = "notification_preferences.unsubscribe";
pub(crate) const SUBSCRIBE: &str = "notification_preferences.subscribe";

const fn note(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::ApiActivity }
}

pub(crate) const ACTIONS: &[ActionNote] = &[
    note(CHANGE, "A person changed how they are told what happens."),
    note(UNSUBSCRIBE, "By the link in a mail: a person is sent no more mails of its kind."),
    note(SUBSCRIBE, "By the link in a mail: a person is sent mails of its kind again."),
];
