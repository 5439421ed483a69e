//! Whose rows the tables of webhooks hold, and who does what to them.

use crate::classes::{DELETE, Life, OF_TENANT, SELECT, Sight, TableClass, WHOLE, WORKER, all, tenant};

const fn table(table: &'static str, sights: &'static [Sight]) -> TableClass {
    let schema = ::webhook::DOMAIN.schema;
    TableClass { schema, table, owner: OF_TENANT, life: Life::Disposable, sights }
}

/// The worker sees which queues are due, and deletes unread what is old.
pub(crate) const TABLES: &[TableClass] = &[
    table("endpoints", &[tenant(WHOLE), all(WORKER, &[SELECT.of(&["organization_id", "id"])])]),
    table(
        "queues",
        &[
            tenant(WHOLE),
            all(WORKER, &[SELECT.of(&["organization_id", "endpoint_id", "due_at", "failing_since"]), DELETE]),
        ],
    ),
    table(
        "deliveries",
        &[
            tenant(WHOLE),
            all(
                WORKER,
                &[SELECT.of(&["organization_id", "endpoint_id", "id", "created_at", "status"]), DELETE],
            ),
        ],
    ),
];
