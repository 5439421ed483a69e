//! The identity domain: accounts, organisations, sessions and what proves who somebody is.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Rows, open, protect},
    sql_migration::SqlMigration,
};

const TABLES: &str = include_str!("m20261120_000002_identity.sql");

const READ: &str = "SELECT";
const EDIT: &str = "SELECT, UPDATE";
const KEEP: &str = "SELECT, INSERT, UPDATE";
const WHOLE: &str = "SELECT, INSERT, UPDATE, DELETE";

/// Scopes with their privileges and rows.
type Scopes<'a> = &'a [(&'a str, &'a str, Rows)];

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    SqlMigration::boxed("m20261120_000002_identity", [TABLES.to_owned(), policies()].concat())
}

/// Each table with the scopes that may use it, how far, and on which rows. Core rows are never deleted.
fn policies() -> String {
    let account = Rows::Account("account_id");
    let tenant = Rows::Tenant("organization_id");
    let tables: [(&str, Scopes<'_>); 15] = [
        (
            "accounts",
            &[
                ("account", EDIT, Rows::Account("id")),
                ("identity", KEEP, Rows::All),
                ("platform", EDIT, Rows::All),
            ],
        ),
        ("data_keys", &[("account", READ, account), ("identity", WHOLE, Rows::All)]),
        ("registrations", &[("identity", WHOLE, Rows::All)]),
        (
            "sessions",
            &[("account", EDIT, account), ("identity", KEEP, Rows::All), ("platform", EDIT, Rows::All)],
        ),
        ("known_devices", &[("account", WHOLE, account), ("identity", WHOLE, Rows::All)]),
        ("second_factors", &[("account", WHOLE, account), ("identity", WHOLE, Rows::All)]),
        ("recovery_codes", &[("account", WHOLE, account), ("identity", WHOLE, Rows::All)]),
        ("one_time_tokens", &[("identity", WHOLE, Rows::All)]),
        (
            "organizations",
            &[
                ("tenant", EDIT, Rows::Tenant("id")),
                ("identity", KEEP, Rows::All),
                ("platform", READ, Rows::All),
            ],
        ),
        (
            "memberships",
            &[
                ("tenant", KEEP, tenant),
                ("account", READ, account),
                ("identity", KEEP, Rows::All),
                ("platform", READ, Rows::All),
            ],
        ),
        ("invitations", &[("tenant", KEEP, tenant), ("identity", KEEP, Rows::All)]),
        ("api_keys", &[("tenant", KEEP, tenant), ("identity", KEEP, Rows::All)]),
        ("admin_settings", &[("account", WHOLE, account), ("identity", WHOLE, Rows::All)]),
        ("auth_throttle", &[("identity", WHOLE, Rows::All)]),
        ("signing_keys", &[("identity", WHOLE, Rows::All)]),
    ];
    let mut script = String::new();
    for (name, scopes) in tables {
        let table = format!("identity.{name}");
        script += &protect(&table);
        for (scope, privileges, rows) in scopes {
            script += &open(&table, scope, privileges, *rows);
        }
        script.push_str(&touch(&table));
    }
    script
}

fn touch(table: &str) -> String {
    format!("CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION platform.touch();\n")
}
