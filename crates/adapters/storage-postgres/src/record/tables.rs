//! Whose rows the tables of the audit trail hold, and who reads them. They are there without the feature `audit` too.

use crate::classes::{ACCOUNT, Class, PLATFORM, TENANT, TableClass, WORKER};

const fn table(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: audit::DOMAIN.schema, table, class, readers }
}

const AUDIT_LOG: Class = Class::AuditLog { organization: "organization_id", person: "subject_id" };

pub(crate) const TABLES: &[TableClass] = &[
    table("events", AUDIT_LOG, &[TENANT, ACCOUNT, WORKER, PLATFORM]),
    table("leaves", Class::Tree, &[TENANT, ACCOUNT, WORKER, PLATFORM]),
    table("tiles", Class::Tree, &[WORKER]),
    table("checkpoints", Class::Tree, &[WORKER]),
    table("signers", Class::Tree, &[WORKER]),
    table("log", Class::Tree, &[WORKER]),
    table("sequencer", Class::Cursor, &[WORKER]),
    table("subject_keys", Class::Keys { person: "subject_id" }, &[WORKER]),
];
