//! What people are told, and how they want to be.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Command, Rows, open, open_for, protect},
    sql_migration::SqlMigration,
};

/// All of it is a person's own. The worker finds what is old, and deletes it without reading it.
pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    const NOTIFICATIONS: &str = "notification.notifications";
    const TICKETS: &str = "notification.used_tickets";
    let tables = include_str!("m20261201_000015_notifications.sql").to_owned();
    let own = |table: &str| {
        let touch = format!(
            "CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION platform.touch();\n"
        );
        let whole = open(table, "account", "SELECT, INSERT, UPDATE, DELETE", Rows::Account("account_id"));
        [protect(table), touch, whole].concat()
    };
    let seen = |table: &str, columns| open_for(table, "worker", Command::Select, columns, Rows::All);
    let parts = [
        tables,
        own("notification.inboxes"),
        seen("notification.inboxes", "(account_id, version)"),
        own(NOTIFICATIONS),
        seen(NOTIFICATIONS, "(id, created_at, read_at)"),
        open_for(NOTIFICATIONS, "worker", Command::Delete, "", Rows::All),
        own("notification.preferences"),
        own(TICKETS),
        seen(TICKETS, "(expires_at)"),
        open_for(TICKETS, "worker", Command::Delete, "", Rows::All),
    ];
    SqlMigration::boxed("m20261201_000015_notifications", parts.concat())
}
