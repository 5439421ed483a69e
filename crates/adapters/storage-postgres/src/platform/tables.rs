//! Whose rows the tables beneath all domains hold, and who reads them.

use crate::classes::{APP, Class, TENANT, TableClass, WORKER};

const fn table(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: kernel::PLATFORM.schema, table, class, readers }
}

const QUEUE: Class = Class::Queue { column: "organization_id" };

pub(crate) const TABLES: &[TableClass] = &[
    table("tasks", QUEUE, &[TENANT]),
    table("task_outputs", QUEUE, &[TENANT]),
    table("outbox", Class::Log { organization: Some("organization_id") }, &[WORKER]),
    table("idempotency_keys", Class::Log { organization: None }, &[WORKER]),
    table("seaql_migrations", Class::Ledger, &[APP]),
];
