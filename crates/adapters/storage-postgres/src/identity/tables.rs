//! Whose rows the tables of identity hold, and who does what to them.

use crate::classes::{
    ACCOUNT, EDIT, IDENTITY, KEEP, Life, OF_ACCOUNT, OF_TENANT, Owner, PLATFORM, Privilege, READ, Rows,
    SELECT, Sight, TENANT, TableClass, UPDATE, WHOLE, account, all, sight, tenant,
};

const fn table(table: &'static str, owner: Owner, life: Life, sights: &'static [Sight]) -> TableClass {
    TableClass { schema: identity::DOMAIN.schema, table, owner, life, sights }
}

/// What belongs to nobody who is known yet is the identity scope's alone.
const UNKNOWN: &[Sight] = &[all(IDENTITY, WHOLE)];
/// What is a person's and goes with what it proves.
const PERSONAL: &[Sight] = &[account(WHOLE), all(IDENTITY, WHOLE)];

/// An organisation says what its members are. Who is one, they decide by accepting its invitation.
const GOVERN: &[Privilege] = &[SELECT, UPDATE.of(&["roles", "job_title", "department", "status", "version"])];

pub(crate) const TABLES: &[TableClass] = &[
    table(
        "accounts",
        Owner::Account("id"),
        Life::Changing,
        &[sight(ACCOUNT, Rows::Account("id"), EDIT), all(IDENTITY, KEEP), all(PLATFORM, EDIT)],
    ),
    table("data_keys", OF_ACCOUNT, Life::Disposable, &[account(READ), all(IDENTITY, WHOLE)]),
    table("registrations", Owner::Nobody, Life::Disposable, UNKNOWN),
    table("sessions", OF_ACCOUNT, Life::Changing, &[account(EDIT), all(IDENTITY, KEEP), all(PLATFORM, EDIT)]),
    table("known_devices", OF_ACCOUNT, Life::Disposable, PERSONAL),
    table("second_factors", OF_ACCOUNT, Life::Disposable, PERSONAL),
    table("recovery_codes", OF_ACCOUNT, Life::Disposable, PERSONAL),
    table("one_time_tokens", Owner::Nobody, Life::Disposable, UNKNOWN),
    table(
        "organizations",
        Owner::Organization("id"),
        Life::Changing,
        &[sight(TENANT, Rows::Organization("id"), EDIT), all(IDENTITY, KEEP), all(PLATFORM, READ)],
    ),
    table(
        "memberships",
        OF_TENANT,
        Life::Changing,
        &[tenant(GOVERN), account(READ), all(IDENTITY, KEEP), all(PLATFORM, READ)],
    ),
    table("invitations", OF_TENANT, Life::Changing, &[tenant(KEEP), all(IDENTITY, KEEP)]),
    // Decided by whoever runs the installation; the organisation sees what binds it.
    table("organization_limits", OF_TENANT, Life::Changing, &[tenant(READ), all(IDENTITY, KEEP)]),
    // Who wants to be left alone is nobody's to read, the organisation's least of all.
    table("unsubscriptions", OF_TENANT, Life::Disposable, UNKNOWN),
    table("api_keys", OF_TENANT, Life::Changing, &[tenant(KEEP), all(IDENTITY, KEEP)]),
    table("admin_settings", OF_ACCOUNT, Life::Disposable, PERSONAL),
    table("auth_throttle", Owner::Nobody, Life::Disposable, UNKNOWN),
    table("signing_keys", Owner::Nobody, Life::Disposable, UNKNOWN),
];
