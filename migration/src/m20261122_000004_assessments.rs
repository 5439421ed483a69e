//! Custom assessments from the draft to the result, and tasks.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Command, Rows, open, open_for, protect},
    sql_migration::SqlMigration,
};

const TABLES: &str = include_str!("m20261122_000004_assessments.sql");

const READ: &str = "SELECT";
const ADD: &str = "SELECT, INSERT";
const KEEP: &str = "SELECT, INSERT, UPDATE";
const WHOLE: &str = "SELECT, INSERT, UPDATE, DELETE";

/// A row is locked by those alone who may update some column of it. This one says what the trigger puts there,
/// whatever is written: granting it grants nothing else.
const LOCK: &str = "SELECT, UPDATE (updated_at)";

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let parts = [TABLES.to_owned(), organizations(), people(), marketplace(), tasks()];
    SqlMigration::boxed("m20261122_000004_assessments", parts.concat())
}

/// What is an organisation's. A person has his own sessions, in whichever organisation: he locks the row, so that
/// nobody submits it meanwhile, and keeps his answers.
fn organizations() -> String {
    const TENANT: [(&str, &str); 10] = [
        ("custom_assessments", WHOLE),
        ("campaigns", KEEP),
        ("campaign_assignments", KEEP),
        ("coaching_sessions", KEEP),
        ("interview_sessions", KEEP),
        ("session_answers", WHOLE),
        ("session_turns", "SELECT, INSERT, DELETE, UPDATE (account_id)"),
        ("session_ratings", WHOLE),
        ("custom_assessment_results", KEEP),
        ("result_summaries", WHOLE),
    ];
    const FROZEN: [&str; 2] = ["custom_assessment_versions", "scoring_runs"];
    const ACCOUNT: [(&str, &str); 3] =
        [("interview_sessions", LOCK), ("session_answers", KEEP), ("session_turns", READ)];
    let mut script = String::new();
    for (name, privileges) in TENANT {
        let table = format!("assessment.{name}");
        script += &protect(&table);
        script += &touch(&table);
        script += &open(&table, "tenant", privileges, Rows::Tenant("organization_id"));
    }
    for name in FROZEN {
        let table = format!("assessment.{name}");
        script += &protect(&table);
        script += &freeze(&table);
        script += &open(&table, "tenant", ADD, Rows::Tenant("organization_id"));
    }
    for (name, privileges) in ACCOUNT {
        let table = format!("assessment.{name}");
        script += &open(&table, "account", privileges, Rows::Account("account_id"));
    }
    script
}

/// What is a person's: organisations add to it and read nothing. The addresses of people who are not known yet are
/// for the worker, who tells them once they are.
fn people() -> String {
    const PARTICIPATIONS: &str = "assessment.participations";
    const ADDRESSES: &str = "assessment.asked_addresses";
    let tenant = Rows::Tenant("organization_id");
    [
        protect(PARTICIPATIONS),
        touch(PARTICIPATIONS),
        open_for(PARTICIPATIONS, "tenant", Command::Insert, "", tenant),
        open(PARTICIPATIONS, "account", "SELECT, DELETE", Rows::Account("account_id")),
        protect(ADDRESSES),
        touch(ADDRESSES),
        open(ADDRESSES, "tenant", "INSERT", Rows::TenantOrNone("organization_id")),
        open(ADDRESSES, "worker", "SELECT, DELETE", Rows::All),
    ]
    .concat()
}

/// Everyone sees what is published, the platform what waits too. The worker puts it there.
fn marketplace() -> String {
    const LISTINGS: &str = "assessment.marketplace_listings";
    let published = Rows::Published("status");
    [
        protect(LISTINGS),
        touch(LISTINGS),
        open(LISTINGS, "tenant", READ, published),
        open(LISTINGS, "account", READ, published),
        open(LISTINGS, "platform", READ, Rows::All),
        open(LISTINGS, "worker", WHOLE, Rows::All),
    ]
    .concat()
}

/// Tasks are an organisation's. The worker sees which are over since when, and deletes what they wrote without
/// reading it.
fn tasks() -> String {
    const TASKS: &str = "platform.tasks";
    const OUTPUTS: &str = "platform.task_outputs";
    let tenant = Rows::Tenant("organization_id");
    [
        protect(TASKS),
        touch(TASKS),
        open(TASKS, "tenant", KEEP, tenant),
        open_for(TASKS, "worker", Command::Select, "(id, organization_id, finished_at)", Rows::All),
        protect(OUTPUTS),
        touch(OUTPUTS),
        open(OUTPUTS, "tenant", ADD, tenant),
        open_for(OUTPUTS, "worker", Command::Select, "(organization_id, task_id, part)", Rows::All),
        open_for(OUTPUTS, "worker", Command::Delete, "", Rows::All),
    ]
    .concat()
}

fn touch(table: &str) -> String {
    format!("CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION platform.touch();\n")
}

/// Rows are added and nothing else, also in replica mode, which skips ordinary triggers.
fn freeze(table: &str) -> String {
    format!(
        "CREATE TRIGGER frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
           FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse();\n\
         ALTER TABLE {table} ENABLE ALWAYS TRIGGER frozen;\n"
    )
}
