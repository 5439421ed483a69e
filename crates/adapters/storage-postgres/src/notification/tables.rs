//! Whose rows the tables of notifications hold, and who does what to them.

use crate::classes::{
    DELETE, Life, OF_ACCOUNT, READ, SELECT, Sight, TableClass, WHOLE, WORKER, account, all,
};

const fn table(table: &'static str, sights: &'static [Sight]) -> TableClass {
    let schema = notification::DOMAIN.schema;
    TableClass { schema, table, owner: OF_ACCOUNT, life: Life::Disposable, sights }
}

/// The worker finds what is old, and deletes it unread; it sees which inboxes grew, and how people want to be told.
pub(crate) const TABLES: &[TableClass] = &[
    table("inboxes", &[account(WHOLE), all(WORKER, &[SELECT.of(&["account_id", "version"])])]),
    table(
        "notifications",
        &[account(WHOLE), all(WORKER, &[SELECT.of(&["id", "created_at", "read_at"]), DELETE])],
    ),
    table("preferences", &[account(WHOLE), all(WORKER, READ)]),
    table("used_tickets", &[account(WHOLE), all(WORKER, &[SELECT.of(&["expires_at"]), DELETE])]),
];
