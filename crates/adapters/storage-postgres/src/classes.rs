//! Which rows of which table belong to whom: one list, which the catalogue test holds against the database.

use crate::scope::IDENTITY;

/// What a table's rows belong to, and with it the scopes that may see them and by which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// To one organisation, by `column`; leads an index. The tenant scope sees the organisation's own.
    Tenant {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one organisation as in [`Class::Tenant`]. Nothing in it is ever changed.
    AppendOnly {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one organisation, by `column`; leads an index. The tenant scope sees the organisation's own; the worker finds
    /// what is over in all of them, and deletes it unread.
    Queue {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one person, by `column`; leads an index. The account scope sees the person's own.
    Personal {
        /// The column that names the account.
        column: &'static str,
    },
    /// To one person, by `person`; leads an index. Organisations add to it and read nothing.
    PersonalInbox {
        /// The column that names the account.
        person: &'static str,
        /// The column that names the organisation.
        organization: &'static str,
    },
    /// To everyone, once it is published: the worker puts it there, and the platform sees what waits.
    Public {
        /// The column that says whether it is.
        status: &'static str,
    },
    /// To nobody who is known yet: the identity scope alone.
    Identity,
    /// A log, such as the outbox, perhaps of an organisation: scopes add to it, the worker reads it.
    Log {
        /// The column that names the organisation, if rows may have one.
        organization: Option<&'static str>,
    },
    /// The record of migrations, which nobody but the owner writes and the login role reads.
    Ledger,
    /// The audit trail: every scope adds to it, and an organisation, a person, the platform and the worker read what is
    /// theirs. Nothing in it is ever changed.
    AuditLog {
        /// The column that names the organisation, if the event has one; leads an index.
        organization: &'static str,
        /// The column that names the person, if the event is about one; leads an index.
        person: &'static str,
    },
    /// Numbers and hashes, which tell nothing about anyone: the worker adds to them. Nothing in them is ever changed.
    Tree,
    /// How far the worker has come with numbering.
    Cursor,
    /// Keys of people and strangers: every scope adds to them, the worker reads them, the identity scope destroys them.
    Keys {
        /// The column that names the person.
        person: &'static str,
    },
}

/// A table, its class, and who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableClass {
    /// The PostgreSQL schema.
    pub schema: &'static str,
    /// The table.
    pub table: &'static str,
    /// What its rows belong to.
    pub class: Class,
    /// The roles that may read rows of it; for any other it holds nothing.
    pub readers: &'static [&'static str],
}

const TENANT: &str = "touchstone_tenant";
const ACCOUNT: &str = "touchstone_account";
const WORKER: &str = "touchstone_worker";
const PLATFORM: &str = "touchstone_platform";
const APP: &str = "touchstone_app";

/// The roles of the scopes; tables grant to these and to nobody else, except for [`Class::Ledger`].
pub const SCOPE_ROLES: [&str; 5] = [TENANT, ACCOUNT, IDENTITY, WORKER, PLATFORM];

const fn identity(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: "identity", table, class, readers }
}

const fn audit(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: "audit", table, class, readers }
}

const fn assessment(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: "assessment", table, class, readers }
}

const fn platform(table: &'static str, class: Class, readers: &'static [&'static str]) -> TableClass {
    TableClass { schema: "platform", table, class, readers }
}

const OF_ACCOUNT: Class = Class::Personal { column: "account_id" };
const OF_TENANT: Class = Class::Tenant { column: "organization_id" };
const APPEND_ONLY: Class = Class::AppendOnly { column: "organization_id" };
const QUEUE: Class = Class::Queue { column: "organization_id" };
const PERSONAL_INBOX: Class = Class::PersonalInbox { person: "account_id", organization: "organization_id" };
const AUDIT_LOG: Class = Class::AuditLog { organization: "organization_id", person: "subject_id" };

/// Every table there is.
pub const TABLES: [TableClass; 43] = [
    identity("accounts", Class::Personal { column: "id" }, &[ACCOUNT, IDENTITY, PLATFORM]),
    identity("data_keys", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    identity("registrations", Class::Identity, &[IDENTITY]),
    identity("sessions", OF_ACCOUNT, &[ACCOUNT, IDENTITY, PLATFORM]),
    identity("known_devices", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    identity("second_factors", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    identity("recovery_codes", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    identity("one_time_tokens", Class::Identity, &[IDENTITY]),
    identity("organizations", Class::Tenant { column: "id" }, &[TENANT, IDENTITY, PLATFORM]),
    identity("memberships", OF_TENANT, &[TENANT, ACCOUNT, IDENTITY, PLATFORM]),
    identity("invitations", OF_TENANT, &[TENANT, IDENTITY]),
    identity("api_keys", OF_TENANT, &[TENANT, IDENTITY]),
    identity("admin_settings", OF_ACCOUNT, &[ACCOUNT, IDENTITY]),
    identity("auth_throttle", Class::Identity, &[IDENTITY]),
    identity("signing_keys", Class::Identity, &[IDENTITY]),
    audit("events", AUDIT_LOG, &[TENANT, ACCOUNT, WORKER, PLATFORM]),
    audit("leaves", Class::Tree, &[TENANT, ACCOUNT, WORKER, PLATFORM]),
    audit("tiles", Class::Tree, &[WORKER]),
    audit("checkpoints", Class::Tree, &[WORKER]),
    audit("signers", Class::Tree, &[WORKER]),
    audit("log", Class::Tree, &[WORKER]),
    audit("sequencer", Class::Cursor, &[WORKER]),
    audit("subject_keys", Class::Keys { person: "subject_id" }, &[WORKER]),
    assessment("custom_assessments", OF_TENANT, &[TENANT]),
    assessment("custom_assessment_versions", APPEND_ONLY, &[TENANT]),
    assessment("campaigns", OF_TENANT, &[TENANT]),
    assessment("campaign_assignments", OF_TENANT, &[TENANT]),
    assessment("coaching_sessions", OF_TENANT, &[TENANT]),
    assessment("interview_sessions", OF_TENANT, &[TENANT, ACCOUNT]),
    assessment("session_answers", OF_TENANT, &[TENANT, ACCOUNT]),
    assessment("session_turns", OF_TENANT, &[TENANT, ACCOUNT]),
    assessment("session_ratings", OF_TENANT, &[TENANT]),
    assessment("custom_assessment_results", OF_TENANT, &[TENANT]),
    assessment("scoring_runs", APPEND_ONLY, &[TENANT]),
    assessment("result_summaries", OF_TENANT, &[TENANT]),
    assessment("participations", PERSONAL_INBOX, &[ACCOUNT]),
    assessment("asked_addresses", Class::Log { organization: Some("organization_id") }, &[WORKER]),
    assessment(
        "marketplace_listings",
        Class::Public { status: "status" },
        &[TENANT, ACCOUNT, WORKER, PLATFORM],
    ),
    platform("tasks", QUEUE, &[TENANT]),
    platform("task_outputs", QUEUE, &[TENANT]),
    platform("outbox", Class::Log { organization: Some("organization_id") }, &[WORKER]),
    platform("idempotency_keys", Class::Log { organization: None }, &[WORKER]),
    platform("seaql_migrations", Class::Ledger, &[APP]),
];

/// The entry of a table.
pub fn of(schema: &str, table: &str) -> Option<&'static TableClass> {
    TABLES.iter().find(|class| class.schema == schema && class.table == table)
}
