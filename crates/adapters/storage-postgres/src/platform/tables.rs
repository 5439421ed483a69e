//! Whose rows the tables beneath all domains hold, and who does what to them.

use crate::classes::{
    ACCOUNT, ADD, APP, DELETE, IDENTITY, INSERT, KEEP, Life, OF_TENANT, Owner, PLATFORM, Privilege, READ,
    Rows, SELECT, Sight, TENANT, TableClass, UPDATE, WHOLE, WORKER, all, sight, tenant,
};

const fn table(table: &'static str, owner: Owner, life: Life, sights: &'static [Sight]) -> TableClass {
    TableClass { schema: kernel::PLATFORM.schema, table, owner, life, sights }
}

/// A row of a log names the organisation whose unit added it, if it was one's.
const OWN: Rows = Rows::OrganizationOrNone("organization_id");

/// A unit finds the key of its request and marks it.
const MARK: &[Privilege] = &[
    SELECT.of(&["id", "committed_at", "target_kind", "target_id", "target_version"]),
    UPDATE.of(&["committed_at", "target_kind", "target_id", "target_version"]),
];

const fn mark(role: &'static str) -> Sight {
    sight(role, Rows::OwnIdempotencyKey, MARK)
}

pub(crate) const TABLES: &[TableClass] = &[
    // The worker finds what is over in all organisations, and deletes unread what was written.
    table(
        "tasks",
        OF_TENANT,
        Life::Changing,
        &[tenant(KEEP), all(WORKER, &[SELECT.of(&["id", "organization_id", "finished_at"])])],
    ),
    table(
        "task_outputs",
        OF_TENANT,
        Life::Disposable,
        &[tenant(ADD), all(WORKER, &[SELECT.of(&["organization_id", "task_id", "part"]), DELETE])],
    ),
    table(
        "outbox",
        Owner::Nobody,
        Life::Disposable,
        &[
            sight(TENANT, OWN, &[INSERT]),
            sight(ACCOUNT, OWN, &[INSERT]),
            all(IDENTITY, &[INSERT]),
            all(PLATFORM, &[INSERT]),
            all(WORKER, WHOLE),
        ],
    ),
    table(
        "idempotency_keys",
        Owner::Nobody,
        Life::Disposable,
        &[mark(TENANT), mark(ACCOUNT), mark(IDENTITY), mark(PLATFORM), all(WORKER, WHOLE)],
    ),
    // An organisation adds whom it asked; the worker tells them once they are known.
    table(
        "pending_invitations",
        Owner::Nobody,
        Life::Disposable,
        &[sight(TENANT, OWN, &[INSERT]), all(WORKER, &[SELECT, DELETE])],
    ),
    // A bounce names its letter alone.
    table("letters", OF_TENANT, Life::Changing, &[tenant(KEEP), all(IDENTITY, KEEP), all(WORKER, KEEP)]),
    // Taken of somebody or something over all organisations: each row is its organisation's, and found by what is
    // taken. The worker deletes unread what is over.
    table(
        "claims",
        Owner::Nobody,
        Life::Bare,
        &[tenant(&[SELECT, INSERT, DELETE]), all(WORKER, &[SELECT.of(&["ends_at", "held_until"]), DELETE])],
    ),
    // Written by the owner alone.
    table("seaql_migrations", Owner::Nobody, Life::Bare, &[all(APP, READ)]),
];
