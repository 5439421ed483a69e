//! What lets the tables of organisations be spread over nodes by the organisation, one day: every key and every trigger
//! stays within one. What was made before these rules is excepted, in a list that only shrinks.

use std::collections::BTreeSet;

use sqlx::{Row as _, postgres::PgRow};
use storage_postgres::classes::Owner;

use super::{name, protected, rows};

const EXCEPTIONS: &[&str] = &[
    "assessment.campaign_assignments: assessment.campaign_assignments_pkey does not begin with the organisation",
    "assessment.campaign_assignments: campaign_assignments_account_id_fkey leads to identity.accounts",
    "assessment.campaigns: assessment.campaigns_pkey does not begin with the organisation",
    "assessment.campaigns: campaigns_created_by_fkey leads to identity.accounts",
    "assessment.campaigns: campaigns_organization_id_fkey leads to identity.organizations",
    "assessment.coaching_sessions: assessment.coaching_sessions_pkey does not begin with the organisation",
    "assessment.coaching_sessions: coaching_sessions_coach_id_fkey leads to identity.accounts",
    "assessment.coaching_sessions: coaching_sessions_coachee_id_fkey leads to identity.accounts",
    "assessment.coaching_sessions: coaching_sessions_organization_id_fkey leads to identity.organizations",
    "assessment.custom_assessment_results: assessment.custom_assessment_results_pkey does not begin with the organisation",
    "assessment.custom_assessment_results: custom_assessment_results_account_id_fkey leads to identity.accounts",
    "assessment.custom_assessment_results: custom_assessment_results_run_by_fkey leads to identity.accounts",
    "assessment.custom_assessment_versions: assessment.custom_assessment_versions_pkey does not begin with the organisation",
    "assessment.custom_assessment_versions: custom_assessment_versions_published_by_fkey leads to identity.accounts",
    "assessment.custom_assessments: assessment.custom_assessments_pkey does not begin with the organisation",
    "assessment.custom_assessments: custom_assessments_created_by_fkey leads to identity.accounts",
    "assessment.custom_assessments: custom_assessments_organization_id_fkey leads to identity.organizations",
    "assessment.interview_sessions: assessment.interview_sessions_pkey does not begin with the organisation",
    "assessment.interview_sessions: interview_sessions_account_id_fkey leads to identity.accounts",
    "assessment.interview_sessions: interview_sessions_organization_id_fkey leads to identity.organizations",
    "assessment.interview_sessions: interview_sessions_run_by_fkey leads to identity.accounts",
    "assessment.result_summaries: has no primary key",
    "assessment.session_ratings: has no primary key",
    "platform.tasks: platform.tasks_pkey does not begin with the organisation",
    "platform.tasks: tasks_organization_id_fkey leads to identity.organizations",
    "platform.tasks: tasks_user_id_fkey leads to identity.accounts",
];

/// The triggers there may be, because each touches rows of the same organisation alone, or none.
const TRIGGERS: [&str; 4] = ["touch", "frozen", "follow_account", "in_progress"];

/// What breaks the rules, as `table: what`. `$OF` is a row for each table and the column that names the organisation.
const BROKEN: &str = "
WITH of (name, owner) AS (VALUES $OF),
tenant AS (
  SELECT c.oid, of.name, a.attnum FROM of JOIN pg_class c ON c.oid = of.name::regclass
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = of.owner
)
SELECT name || ': has no primary key' AS broken FROM tenant
  WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = tenant.oid AND i.indisprimary)
UNION ALL SELECT name || ': ' || i.indexrelid::regclass || ' does not begin with the organisation'
  FROM tenant JOIN pg_index i ON i.indrelid = tenant.oid WHERE i.indisprimary AND i.indkey[0] <> attnum
UNION ALL SELECT name || ': ' || i.indexrelid::regclass || ' is unique without the organisation'
  FROM tenant JOIN pg_index i ON i.indrelid = tenant.oid
  WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary AND NOT attnum = ANY (i.indkey::int2[])
UNION ALL SELECT tenant.name || ': ' || k.conname || ' leads to ' || k.confrelid::regclass
  FROM tenant JOIN pg_constraint k ON k.conrelid = tenant.oid AND k.contype = 'f'
  LEFT JOIN tenant target ON target.oid = k.confrelid
  WHERE target.oid IS NULL
    OR array_position(k.conkey, tenant.attnum) IS DISTINCT FROM array_position(k.confkey, target.attnum)
UNION ALL SELECT name || ': trigger ' || t.tgname FROM tenant JOIN pg_trigger t ON t.tgrelid = tenant.oid
  WHERE NOT t.tgisinternal AND t.tgname <> ALL ($TRIGGERS)
UNION ALL SELECT name || ': ' || a.attname || ' is counted by one node' FROM tenant
  JOIN pg_attribute a ON a.attrelid = tenant.oid WHERE a.attnum > 0 AND (a.attidentity <> '' OR a.atttypid = 'xid8'::regtype)
UNION ALL SELECT name || ': ' || c.relname || ' has no room for the number of a part' FROM tenant
  JOIN pg_index i ON i.indrelid = tenant.oid AND i.indisunique JOIN pg_class c ON c.oid = i.indexrelid
  WHERE length(c.relname) > 50";

#[tokio::test]
async fn tables_of_organisations_can_be_spread_but_for_a_list_that_shrinks() {
    // Identity stays on one node, as logs and what is personal do.
    let spread = protected().filter(|table| table.schema != "identity");
    let of = spread.filter_map(|table| match table.owner {
        Owner::Organization(column) => Some(format!("('{}', '{column}')", name(table))),
        Owner::Account(_) | Owner::Nobody => None,
    });
    let of = of.collect::<Vec<_>>().join(", ");
    let triggers = format!("ARRAY['{}']", TRIGGERS.join("', '"));
    let found = rows(&BROKEN.replace("$OF", &of).replace("$TRIGGERS", &triggers)).await;
    let broken: BTreeSet<String> = found.iter().map(|row: &PgRow| row.get("broken")).collect();
    assert_eq!(broken, EXCEPTIONS.iter().map(|&exception| exception.to_owned()).collect());
}
