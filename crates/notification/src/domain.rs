//! What the rest of Touchstone lists of this domain.

use kernel::{Domain, Tag};

use crate::{actions::ACTIONS, refusal::Refused};

/// Notifications as a domain. Everything in it is a person's own, so that it asks for no role and knows no key scope.
pub const DOMAIN: Domain = Domain {
    name: "notification",
    schema: "notification",
    rules: &[],
    key_scopes: &[],
    actions: ACTIONS,
    events: &[],
    reasons: &[],
    codes: &[Refused::CODES],
    uniques: &[],
    tags: &[Tag::new("notifications", "What one is told, at once or later, and how one wants to be told")],
};
