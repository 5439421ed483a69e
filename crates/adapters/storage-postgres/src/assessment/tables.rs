//! Whose rows the tables of assessments hold, and who reads them.

use crate::classes::{ACCOUNT, APPEND_ONLY, Class, OF_TENANT, PLATFORM, TENANT, TableClass, WORKER};

const fn table(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: assessment_engine::DOMAIN.schema, table, class, readers }
}

const PERSONAL_INBOX: Class = Class::PersonalInbox { person: "account_id", organization: "organization_id" };

pub(crate) const TABLES: &[TableClass] = &[
    table("custom_assessments", OF_TENANT, &[TENANT]),
    table("custom_assessment_versions", APPEND_ONLY, &[TENANT]),
    table("campaigns", OF_TENANT, &[TENANT]),
    table("campaign_assignments", OF_TENANT, &[TENANT]),
    table("coaching_sessions", OF_TENANT, &[TENANT]),
    table("interview_sessions", OF_TENANT, &[TENANT, ACCOUNT]),
    table("session_answers", OF_TENANT, &[TENANT, ACCOUNT]),
    table("session_turns", OF_TENANT, &[TENANT, ACCOUNT]),
    table("session_ratings", OF_TENANT, &[TENANT]),
    table("custom_assessment_results", OF_TENANT, &[TENANT]),
    table("scoring_runs", APPEND_ONLY, &[TENANT]),
    table("result_summaries", OF_TENANT, &[TENANT]),
    table("participations", PERSONAL_INBOX, &[ACCOUNT]),
    table("asked_addresses", Class::Log { organization: Some("organization_id") }, &[WORKER]),
    table("marketplace_listings", Class::Public { status: "status" }, &[TENANT, ACCOUNT, WORKER, PLATFORM]),
];
