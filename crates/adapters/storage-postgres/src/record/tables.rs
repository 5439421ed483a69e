//! Whose rows the tables of the audit trail hold, and who does what to them. They are there without the feature `audit`
//! too.

use crate::classes::{
    ACCOUNT, ADD, DELETE, EDIT, IDENTITY, INSERT, Life, Owner, PLATFORM, Privilege, READ, Rows, SELECT,
    Sight, TENANT, TableClass, WORKER, all, sight, tenant,
};

const fn table(table: &'static str, life: Life, sights: &'static [Sight]) -> TableClass {
    TableClass { schema: audit::DOMAIN.schema, table, owner: Owner::Nobody, life, sights }
}

/// All columns of events but `seq` and `tx`: nobody says when it was that an event was written.
const WRITE: Privilege = INSERT.of(&[
    "id",
    "occurred_at",
    "organization_id",
    "subject_id",
    "actor_kind",
    "actor_id",
    "session_id",
    "action",
    "outcome",
    "reason",
    "target_kind",
    "target_id",
    "target_version",
    "difference",
    "secrets",
    "personal_key",
    "personal_box",
    "address_key",
    "address_box",
    "request_id",
    "route",
    "idempotency_claim",
    "schema",
    "salt",
]);

const OWN: Rows = Rows::OrganizationOrNone("organization_id");

pub(crate) const TABLES: &[TableClass] = &[
    table(
        "events",
        Life::AppendOnly,
        &[
            sight(TENANT, OWN, &[WRITE]),
            tenant(READ),
            sight(ACCOUNT, OWN, &[WRITE]),
            sight(ACCOUNT, Rows::Account("subject_id"), READ),
            all(IDENTITY, &[WRITE]),
            all(WORKER, &[SELECT, WRITE]),
            all(PLATFORM, &[SELECT, WRITE]),
        ],
    ),
    table(
        "leaves",
        Life::AppendOnly,
        &[all(WORKER, ADD), all(TENANT, READ), all(ACCOUNT, READ), all(PLATFORM, READ)],
    ),
    table("tiles", Life::AppendOnly, &[all(WORKER, ADD)]),
    table("checkpoints", Life::AppendOnly, &[all(WORKER, ADD)]),
    table("signers", Life::AppendOnly, &[all(WORKER, ADD)]),
    table("log", Life::AppendOnly, &[all(WORKER, READ)]),
    table("sequencer", Life::Bare, &[all(WORKER, EDIT)]),
    // An erasure destroys the keys of its subject; those of nobody go with time.
    table(
        "subject_keys",
        Life::Bare,
        &[
            all(TENANT, &[INSERT]),
            all(ACCOUNT, &[INSERT]),
            all(IDENTITY, &[INSERT, SELECT.of(&["subject_id"]), DELETE]),
            all(WORKER, ADD),
            sight(WORKER, Rows::OfNobody("subject_id"), &[DELETE]),
            all(PLATFORM, &[INSERT]),
        ],
    ),
];
