//! Which rows of which table belong to whom: one list, which the catalogue test holds against the database.

/// What a table's rows belong to, and with it the scopes that may see them and by which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// To one organisation, by `column`; leads an index. The tenant scope sees the organisation's own.
    Tenant {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one person, by `column`; leads an index. The account scope sees the person's own.
    Personal {
        /// The column that names the account.
        column: &'static str,
    },
    /// To nobody who is known yet: the identity scope alone.
    Identity,
    /// A log or a queue, perhaps of an organisation: scopes add to it, the worker reads it.
    Log {
        /// The column that names the organisation, if rows may have one.
        organization: Option<&'static str>,
    },
    /// The record of migrations, which nobody but the owner writes and the login role reads.
    Ledger,
}

/// A table and its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableClass {
    /// The PostgreSQL schema.
    pub schema: &'static str,
    /// The table.
    pub table: &'static str,
    /// What its rows belong to.
    pub class: Class,
}

const fn identity(table: &'static str, class: Class) -> TableClass {
    TableClass { schema: "identity", table, class }
}

const fn platform(table: &'static str, class: Class) -> TableClass {
    TableClass { schema: "platform", table, class }
}

const PERSONAL: Class = Class::Personal { column: "account_id" };
const TENANT: Class = Class::Tenant { column: "organization_id" };

/// Every table there is.
pub const TABLES: [TableClass; 18] = [
    identity("accounts", Class::Personal { column: "id" }),
    identity("data_keys", PERSONAL),
    identity("registrations", Class::Identity),
    identity("sessions", PERSONAL),
    identity("known_devices", PERSONAL),
    identity("second_factors", PERSONAL),
    identity("recovery_codes", PERSONAL),
    identity("one_time_tokens", Class::Identity),
    identity("organizations", Class::Tenant { column: "id" }),
    identity("memberships", TENANT),
    identity("invitations", TENANT),
    identity("api_keys", TENANT),
    identity("admin_settings", PERSONAL),
    identity("auth_throttle", Class::Identity),
    identity("signing_keys", Class::Identity),
    platform("outbox", Class::Log { organization: Some("organization_id") }),
    platform("idempotency_keys", Class::Log { organization: None }),
    platform("seaql_migrations", Class::Ledger),
];

/// The roles of the scopes; each table grants to these and to nobody else.
pub const SCOPE_ROLES: [&str; 5] = [
    "touchstone_tenant",
    "touchstone_account",
    crate::scope::IDENTITY,
    "touchstone_worker",
    "touchstone_platform",
];
