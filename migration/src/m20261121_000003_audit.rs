//! The audit trail: events, their numbers, the tree over them, and the keys personal data is sealed with.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Command, Rows, open, open_for, protect},
    sql_migration::SqlMigration,
};

const TABLES: &str = include_str!("m20261121_000003_audit.sql");

const EVENTS: &str = "audit.events";
const KEYS: &str = "audit.subject_keys";

/// All but `seq` and `tx`: nobody says when it was that an event was written.
const WRITTEN: &str = "(id, occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id, action, \
                       outcome, reason, target_kind, target_id, target_version, difference, secrets, \
                       personal_key, personal_box, address_key, address_box, request_id, route, \
                       idempotency_claim, schema, salt)";

const SCOPES: [&str; 5] = ["tenant", "account", "identity", "worker", "platform"];

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    SqlMigration::boxed("m20261121_000003_audit", [TABLES.to_owned(), history(), numbers(), keys()].concat())
}

/// Every scope adds events; whose they are decides who reads them.
fn history() -> String {
    let own = Rows::TenantOrNone("organization_id");
    let insert = |scope, rows| open_for(EVENTS, scope, Command::Insert, WRITTEN, rows);
    let select = |scope, rows| open_for(EVENTS, scope, Command::Select, "", rows);
    [
        protect(EVENTS),
        freeze(EVENTS),
        insert("tenant", own),
        insert("account", own),
        insert("identity", Rows::All),
        insert("worker", Rows::All),
        insert("platform", Rows::All),
        select("tenant", Rows::Tenant("organization_id")),
        select("account", Rows::Account("subject_id")),
        select("worker", Rows::All),
        select("platform", Rows::All),
    ]
    .concat()
}

/// The worker numbers events. Whoever reads events may read their leaves, which hold ids and hashes alone.
fn numbers() -> String {
    const ADD: &str = "SELECT, INSERT";
    let frozen = |table: &str, privileges| {
        [protect(table), freeze(table), open(table, "worker", privileges, Rows::All)].concat()
    };
    let read_leaves = |scope| open("audit.leaves", scope, "SELECT", Rows::All);
    [
        frozen("audit.leaves", ADD),
        read_leaves("tenant"),
        read_leaves("account"),
        read_leaves("platform"),
        frozen("audit.tiles", ADD),
        frozen("audit.checkpoints", ADD),
        frozen("audit.signers", ADD),
        frozen("audit.log", "SELECT"),
        protect("audit.sequencer"),
        open("audit.sequencer", "worker", "SELECT, UPDATE", Rows::All),
    ]
    .concat()
}

/// Every scope adds keys, and the worker alone reads them. An erasure destroys those of its subject; strangers' go
/// with time.
fn keys() -> String {
    let mut script = protect(KEYS);
    for scope in SCOPES {
        script += &open_for(KEYS, scope, Command::Insert, "", Rows::All);
    }
    script += &open_for(KEYS, "identity", Command::Select, "(subject_id)", Rows::All);
    script += &open_for(KEYS, "identity", Command::Delete, "", Rows::All);
    script += &open_for(KEYS, "worker", Command::Select, "", Rows::All);
    script += &open_for(KEYS, "worker", Command::Delete, "", Rows::OfNobody("subject_id"));
    script
}

/// Rows are added and nothing else, also in replica mode, which skips ordinary triggers.
fn freeze(table: &str) -> String {
    format!(
        "CREATE TRIGGER frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
           FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();\n\
         ALTER TABLE {table} ENABLE ALWAYS TRIGGER frozen;\n"
    )
}
