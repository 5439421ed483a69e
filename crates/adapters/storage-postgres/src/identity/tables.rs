//! Whose rows the tables of identity hold, and who reads them.

use crate::classes::{ACCOUNT, Class, IDENTITY, OF_ACCOUNT, OF_TENANT, PLATFORM, TENANT, TableClass};

const fn table(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: identity::DOMAIN.schema, table, class, readers }
}

pub(crate) const TABLES: &[TableClass] = &[
    table("accounts", Class::Personal { column: "id" }, &[ACCOUNT, IDENTITY, PLATFORM]),
    table("data_keys", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    table("registrations", Class::Identity, &[IDENTITY]),
    table("sessions", OF_ACCOUNT, &[ACCOUNT, IDENTITY, PLATFORM]),
    table("known_devices", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    table("second_factors", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    table("recovery_codes", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    table("one_time_tokens", Class::Identity, &[IDENTITY]),
    table("organizations", Class::Tenant { column: "id" }, &[TENANT, IDENTITY, PLATFORM]),
    table("memberships", OF_TENANT, &[TENANT, ACCOUNT, IDENTITY, PLATFORM]),
    table("invitations", OF_TENANT, &[TENANT, IDENTITY]),
    table("api_keys", OF_TENANT, &[TENANT, IDENTITY]),
    table("admin_settings", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    table("auth_throttle", Class::Identity, &[IDENTITY]),
    table("signing_keys", Class::Identity, &[IDENTITY]),
];
