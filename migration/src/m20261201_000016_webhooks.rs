//! Where programs of organisations are told what happens, and what is on its way to them.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Command, Rows, open, open_for, protect},
    sql_migration::SqlMigration,
};

/// All of it is an organisation's own. The worker sees which queues are due, and deletes unread what is old.
pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    const DELIVERIES: &str = "webhook.deliveries";
    const ENDPOINTS: &str = "webhook.endpoints";
    const QUEUES: &str = "webhook.queues";
    let own = |table: &str| {
        let touch = format!(
            "CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION platform.touch();\n"
        );
        let rows = Rows::Tenant("organization_id");
        [protect(table), touch, open(table, "tenant", "SELECT, INSERT, UPDATE, DELETE", rows)].concat()
    };
    let seen = |table: &str, columns| open_for(table, "worker", Command::Select, columns, Rows::All);
    let deleted = |table: &str| open_for(table, "worker", Command::Delete, "", Rows::All);
    let parts = [
        include_str!("m20261201_000016_webhooks.sql").to_owned(),
        own(ENDPOINTS),
        seen(ENDPOINTS, "(organization_id, id)"),
        own(QUEUES),
        seen(QUEUES, "(organization_id, endpoint_id, due_at, failing_since)"),
        deleted(QUEUES),
        own(DELIVERIES),
        seen(DELIVERIES, "(organization_id, endpoint_id, id, created_at, status)"),
        deleted(DELIVERIES),
    ];
    SqlMigration::boxed("m20261201_000016_webhooks", parts.concat())
}
