//! Whose rows the tables of assessments hold, and who does what to them.

use crate::classes::{
    ACCOUNT, ADD, DELETE, INSERT, KEEP, Life, OF_ACCOUNT, OF_TENANT, Owner, PLATFORM, PUBLIC, READ, Rows,
    SELECT, Sight, TENANT, TableClass, UPDATE, WHOLE, WORKER, account, all, sight, tenant,
};

const fn table(table: &'static str, owner: Owner, life: Life, sights: &'static [Sight]) -> TableClass {
    TableClass { schema: assessment_engine::DOMAIN.schema, table, owner, life, sights }
}

const PUBLISHED: Rows = Rows::Published("status");

pub(crate) const TABLES: &[TableClass] = &[
    table("custom_assessments", OF_TENANT, Life::Disposable, &[tenant(WHOLE)]),
    table("custom_assessment_versions", OF_TENANT, Life::AppendOnly, &[tenant(ADD)]),
    table("campaigns", OF_TENANT, Life::Changing, &[tenant(KEEP)]),
    table("campaign_assignments", OF_TENANT, Life::Changing, &[tenant(KEEP)]),
    table("coaching_sessions", OF_TENANT, Life::Changing, &[tenant(KEEP)]),
    // A person locks their session by a column that a trigger writes, whatever is written.
    table(
        "interview_sessions",
        OF_TENANT,
        Life::Changing,
        &[tenant(KEEP), account(&[SELECT, UPDATE.of(&["updated_at"])])],
    ),
    table("session_answers", OF_TENANT, Life::Disposable, &[tenant(WHOLE), account(KEEP)]),
    // What was said stays; whose it is becomes known.
    table(
        "session_turns",
        OF_TENANT,
        Life::Disposable,
        &[tenant(&[SELECT, INSERT, DELETE, UPDATE.of(&["account_id"])]), account(READ)],
    ),
    table("session_ratings", OF_TENANT, Life::Disposable, &[tenant(WHOLE)]),
    table("custom_assessment_results", OF_TENANT, Life::Changing, &[tenant(KEEP)]),
    table("scoring_runs", OF_TENANT, Life::AppendOnly, &[tenant(ADD)]),
    table("result_summaries", OF_TENANT, Life::Disposable, &[tenant(WHOLE)]),
    // Organisations add to what is a person's, and read nothing.
    table("participations", OF_ACCOUNT, Life::Disposable, &[tenant(&[INSERT]), account(&[SELECT, DELETE])]),
    // The worker puts there what is published; the platform sees what waits too.
    table(
        "marketplace_listings",
        Owner::Nobody,
        Life::Disposable,
        &[
            sight(TENANT, PUBLISHED, READ),
            sight(ACCOUNT, PUBLISHED, READ),
            sight(PUBLIC, PUBLISHED, READ),
            all(PLATFORM, READ),
            all(WORKER, WHOLE),
        ],
    ),
];
