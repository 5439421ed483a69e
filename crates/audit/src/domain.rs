//! What the rest of Touchstone lists of this domain.

use kernel::{Domain, Tag, rules};

use crate::{
    refusal::Refused,
    rule::{AUDIT_READ, Action},
};

/// The audit trail as a domain. Reading it is on record only when it was denied, under the name of the rule.
pub const DOMAIN: Domain = Domain {
    name: "audit",
    schema: "audit",
    rules: &rules(&Action::ALL),
    key_scopes: &[AUDIT_READ],
    actions: &[],
    events: &[],
    reasons: &[],
    codes: &[Refused::CODES],
    uniques: &[],
    tags: &[Tag::new("audit", "What was done by whom, and the proof that nobody altered it since")],
};
