//! What the rest of Touchstone lists of this domain.

use kernel::{Domain, Tag, rules};

use crate::{
    actions::ACTIONS,
    refusal::Refused,
    rule::{Action, WEBHOOKS_WRITE},
};

/// Webhooks as a domain. It tells others' events and has none of its own.
pub const DOMAIN: Domain = Domain {
    name: "webhook",
    schema: "webhook",
    rules: &rules(&Action::ALL),
    key_scopes: &[WEBHOOKS_WRITE],
    actions: ACTIONS,
    events: &[],
    reasons: &[],
    codes: &[Refused::CODES],
    uniques: &[],
    tags: &[Tag::new("webhooks", "Telling programs of an organisation what happens in it")],
};
