//! What the rest of Touchstone lists of this domain.

use kernel::{Domain, Tag, rules};

use crate::{
    actions::{ACTIONS, REASONS},
    events::EVENTS,
    permission::{
        Action, INVITATIONS_READ, INVITATIONS_WRITE, MEMBERS_READ, MEMBERS_WRITE, ORGANIZATION_READ,
    },
    refusal::{PasswordRefused, Refused},
    unit::UNIQUES,
};

/// Identity as a domain.
pub const DOMAIN: Domain = Domain {
    name: "identity",
    schema: "identity",
    rules: &rules(&Action::ALL),
    key_scopes: &[ORGANIZATION_READ, MEMBERS_READ, MEMBERS_WRITE, INVITATIONS_READ, INVITATIONS_WRITE],
    actions: ACTIONS,
    events: EVENTS,
    reasons: REASONS,
    codes: &[Refused::CODES, PasswordRefused::CODES],
    uniques: &UNIQUES,
    tags: &[
        Tag::new("identity", "Registering, signing in and out, passwords"),
        Tag::new("me", "One's own account, sessions, second factor and settings"),
        Tag::new("organizations", "Organisations and their members"),
        Tag::new("invitations", "Inviting people, and answering"),
        Tag::new("api keys", "Keys for programs that act for an organisation"),
        Tag::new("administration", "Accounts of the platform"),
    ],
};
