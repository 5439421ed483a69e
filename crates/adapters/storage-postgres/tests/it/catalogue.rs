//! The database's own catalogue, held against the list of classes: who sees which rows, and what leads to them.

mod contents;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};
use storage_postgres::{
    DOMAINS,
    classes::{Class, SCOPE_ROLES, TableClass, tables},
    testing::fresh_database,
};

use crate::support::superuser;

const OURS: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'";

async fn rows(sql: &str) -> Vec<PgRow> {
    let database = fresh_database().await;
    let mut connection: PgConnection = superuser(&database).await;
    let sql = sql.replace("$OURS", OURS);
    sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("the catalogue can be read")
}

fn protected() -> impl Iterator<Item = &'static TableClass> {
    tables().filter(|table| table.class != Class::Ledger)
}

fn name(table: &TableClass) -> String {
    format!("{}.{}", table.schema, table.table)
}

#[tokio::test]
async fn every_table_is_in_a_class_and_has_its_policies_forced() {
    let found = rows(
        "SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f') AND $OURS",
    )
    .await;
    let there: BTreeSet<(String, bool)> =
        found.iter().map(|row| (row.get("name"), row.get("forced"))).collect();
    let listed: BTreeSet<(String, bool)> =
        tables().map(|table| (name(table), table.class != Class::Ledger)).collect();
    assert_eq!(there, listed);
}

/// With an index over it, every update of a row would write all indexes of its table.
#[tokio::test]
async fn no_index_names_when_a_row_was_changed() {
    let found = rows(
        "SELECT i.indexrelid::regclass::text AS name FROM pg_index i
         JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey::smallint[])
         WHERE a.attname = 'updated_at' AND $OURS",
    )
    .await;
    let found: Vec<String> = found.iter().map(|row| row.get("name")).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn every_role_has_one_predicate_as_floor_and_as_permission() {
    let found = rows(
        "SELECT schemaname || '.' || tablename AS name, policyname::text, permissive, roles::text[] AS roles, cmd,
           qual, with_check
         FROM pg_policies ORDER BY 1, 2",
    )
    .await;
    let mut pairs: BTreeMap<(String, String, String), Vec<(String, String)>> = BTreeMap::new();
    for row in &found {
        let (table, roles, command): (String, Vec<String>, String) =
            (row.get("name"), row.get("roles"), row.get("cmd"));
        let (using, check): (Option<String>, Option<String>) = (row.get("qual"), row.get("with_check"));
        let predicate = match (&*command, using, check) {
            ("ALL", Some(using), Some(check)) if using == check => using,
            ("SELECT" | "DELETE", Some(using), None) => using,
            ("INSERT", None, Some(check)) => check,
            other => panic!("{table}: the clauses are those of the command and say the same: {other:?}"),
        };
        let [role] = &roles[..] else { panic!("{table}: one role a policy, not {roles:?}") };
        let kind: String = row.get("permissive");
        pairs.entry((table, role.clone(), command)).or_default().push((kind, predicate));
    }
    for ((table, role, command), policies) in &pairs {
        let class = tables().find(|class| name(class) == *table).expect("a known table");
        let [(floor, predicate), (rows, same)] = &policies[..] else { panic!("{table}: a pair for {role}") };
        assert_eq!((floor.as_str(), rows.as_str()), ("RESTRICTIVE", "PERMISSIVE"), "{table} for {role}");
        assert_eq!(predicate, same, "{table} for {role}");
        assert_eq!(predicate, &expected(class, role, command), "{table} for {role} to {command}");
    }
}

/// As PostgreSQL writes it; the setting is in a subquery, so that it is read once for a statement.
fn expected(class: &TableClass, role: &str, command: &str) -> String {
    let is = |column: &str, setting: &str| {
        format!("({column} = ( SELECT (current_setting('app.{setting}'::text))::uuid AS current_setting))")
    };
    let perhaps = |setting: &str| {
        format!(
            "( SELECT (NULLIF(current_setting('app.{setting}'::text, true), ''::text))::uuid AS \"nullif\")"
        )
    };
    let scope = role.strip_prefix("touchstone_").expect("a role of ours");
    match (class.class, scope, command) {
        (Class::Log { organization: None }, _, "ALL") if scope != "worker" => {
            format!("(id = {})", perhaps("idempotency_id"))
        }
        (Class::Log { organization: Some(column) }, "tenant" | "account", "ALL")
        | (Class::AuditLog { organization: column, .. }, "tenant" | "account", "INSERT") => {
            format!("(NOT ({column} IS DISTINCT FROM {}))", perhaps("tenant_id"))
        }
        (
            Class::Tenant { column } | Class::AppendOnly { column } | Class::Queue { column },
            "tenant",
            "ALL",
        )
        | (Class::PersonalInbox { organization: column, .. }, "tenant", "INSERT")
        | (Class::AuditLog { organization: column, .. }, "tenant", "SELECT") => is(column, "tenant_id"),
        (Class::Tenant { .. }, "account", "ALL") => is("account_id", "account_id"),
        (Class::Personal { column } | Class::PersonalInbox { person: column, .. }, "account", "ALL")
        | (Class::AuditLog { person: column, .. }, "account", "SELECT") => is(column, "account_id"),
        (Class::Public { status }, "tenant" | "account", "ALL") => format!("({status} = 'published'::text)"),
        (Class::Keys { person }, "worker", "DELETE") => format!("({person} IS NULL)"),
        (
            Class::Tenant { .. } | Class::Personal { .. } | Class::Log { .. },
            "identity" | "platform",
            "ALL",
        )
        | (Class::Identity, "identity", "ALL")
        | (Class::Public { .. }, "platform" | "worker", "ALL")
        | (Class::Queue { .. }, "worker", "SELECT" | "DELETE")
        | (Class::Log { .. } | Class::Tree | Class::Cursor, "worker", "ALL")
        | (Class::AuditLog { .. }, "identity", "INSERT")
        | (Class::AuditLog { .. }, "platform" | "worker", "INSERT" | "SELECT")
        | (Class::Tree, "tenant" | "account" | "platform", "ALL")
        | (Class::Keys { .. }, _, "INSERT")
        | (Class::Keys { .. }, "identity", "SELECT" | "DELETE")
        | (Class::Keys { .. }, "worker", "SELECT") => "true".to_owned(),
        other => panic!("no policy is expected for {other:?}"),
    }
}

#[tokio::test]
async fn only_the_listed_roles_read_and_no_core_row_can_be_deleted() {
    const DISPOSABLE: [&str; 20] = [
        "custom_assessments",
        "session_answers",
        "session_turns",
        "session_ratings",
        "result_summaries",
        "participations",
        "asked_addresses",
        "marketplace_listings",
        "task_outputs",
        "data_keys",
        "registrations",
        "known_devices",
        "second_factors",
        "recovery_codes",
        "one_time_tokens",
        "admin_settings",
        "auth_throttle",
        "signing_keys",
        "outbox",
        "subject_keys",
    ];
    let found = rows(
        "SELECT n.nspname || '.' || c.relname AS name, c.relname::text AS short,
           coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'PUBLIC')::text AS role, a.privilege_type AS privilege
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND $OURS AND a.grantee <> c.relowner",
    )
    .await;
    let mut readers: BTreeSet<(String, String)> = BTreeSet::new();
    for row in &found {
        let [table, short, role, privilege] =
            ["name", "short", "role", "privilege"].map(|c| row.get::<String, _>(c));
        let app = role == "touchstone_app" && short == "seaql_migrations" && privilege == "SELECT";
        assert!(app || SCOPE_ROLES.contains(&role.as_str()), "{privilege} on {table} is granted to {role}");
        match privilege.as_str() {
            "SELECT" => _ = readers.insert((table, role)),
            "INSERT" | "UPDATE" => {}
            "DELETE" => {
                assert!(
                    DISPOSABLE.contains(&&*short) || short == "idempotency_keys",
                    "{role} may delete {table}"
                );
            }
            _ => panic!("{privilege} on {table} is granted to {role}"),
        }
    }
    let listed: BTreeSet<(String, String)> = tables()
        .flat_map(|table| table.readers.iter().map(|role| (name(table), (*role).to_owned())))
        .collect();
    assert_eq!(readers, listed);
}

#[tokio::test]
async fn columns_are_granted_where_a_whole_table_would_be_too_much() {
    let found = rows(
        "SELECT n.nspname || '.' || c.relname AS name, pg_get_userbyid(g.grantee)::text AS role,
           g.privilege_type AS privilege, array_agg(a.attname::text ORDER BY a.attnum) AS columns
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid,
           aclexplode(a.attacl) g
         WHERE a.attnum > 0 AND $OURS GROUP BY 1, 2, 3",
    )
    .await;
    let row = |row: &PgRow| {
        let [table, role, privilege] = ["name", "role", "privilege"].map(|c| row.get::<String, _>(c));
        let columns: Vec<String> = row.get("columns");
        (table, role, privilege, columns.join(" "))
    };
    let found: BTreeSet<_> = found.iter().map(row).collect();
    let mark = "committed_at target_kind target_id target_version";
    let written = "id occurred_at organization_id subject_id actor_kind actor_id session_id action outcome reason \
                   target_kind target_id target_version difference secrets personal_key personal_box address_key \
                   address_box request_id route idempotency_claim schema salt";
    let mut expected = BTreeSet::new();
    let mut grant = |table: &str, role: &str, privilege: &str, columns: &str| {
        expected.insert([table, role, privilege, columns].map(str::to_owned).into());
    };
    for role in SCOPE_ROLES {
        grant("audit.events", role, "INSERT", written);
        if role != "touchstone_worker" {
            grant("platform.idempotency_keys", role, "SELECT", &format!("id {mark}"));
            grant("platform.idempotency_keys", role, "UPDATE", mark);
        }
    }
    grant("audit.subject_keys", "touchstone_identity", "SELECT", "subject_id");
    // A person locks their session by a column that a trigger writes, whatever is written.
    grant("assessment.interview_sessions", "touchstone_account", "UPDATE", "updated_at");
    // What was said stays; whose it is becomes known.
    grant("assessment.session_turns", "touchstone_tenant", "UPDATE", "account_id");
    // The worker deletes what tasks wrote without reading it.
    grant("platform.tasks", "touchstone_worker", "SELECT", "id organization_id finished_at");
    grant("platform.task_outputs", "touchstone_worker", "SELECT", "organization_id task_id part");
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_index_leads_with_the_column_of_the_scope() {
    let found = rows(
        "SELECT n.nspname || '.' || c.relname AS name, a.attname::text AS first
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE coalesce(pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname), true) AND $OURS",
    )
    .await;
    let there: BTreeSet<(String, String)> =
        found.iter().map(|row| (row.get("name"), row.get("first"))).collect();
    for table in protected() {
        let columns = match table.class {
            Class::Tenant { column }
            | Class::AppendOnly { column }
            | Class::Queue { column }
            | Class::Personal { column }
            | Class::PersonalInbox { person: column, .. } => vec![column],
            Class::Public { status } => vec![status],
            Class::AuditLog { organization, person } => vec![organization, person],
            Class::Keys { person } => vec![person],
            Class::Identity | Class::Log { .. } | Class::Ledger | Class::Tree | Class::Cursor => vec![],
        };
        for column in columns {
            let there = there.contains(&(name(table), column.to_owned()));
            assert!(there, "{} lacks an index by {column}", name(table));
        }
    }
    assert!(
        there.contains(&("identity.memberships".into(), "account_id".into())),
        "a person's own memberships"
    );
}

/// A simple key could point into another tenant, because its check bypasses the policies.
#[tokio::test]
async fn keys_between_rows_of_one_owner_name_the_owner_and_restrict() {
    let found = rows(
        "SELECT k.conname::text AS key, k.conrelid::regclass::text AS source, k.confrelid::regclass::text AS target,
           k.confdeltype::text AS action, ARRAY(SELECT a.attname::text FROM unnest(k.conkey) c
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c) AS columns
         FROM pg_constraint k WHERE k.contype = 'f'",
    )
    .await;
    assert!(found.len() >= 12, "there are foreign keys");
    let class = |table: &str| tables().find(|class| name(class) == table).expect("a known table").class;
    let tenant = |class| match class {
        Class::Tenant { column } | Class::AppendOnly { column } | Class::Queue { column } => Some(column),
        _ => None,
    };
    for row in &found {
        let [key, source, target] = ["key", "source", "target"].map(|column| row.get::<String, _>(column));
        let columns: Vec<String> = row.get("columns");
        assert_eq!(row.get::<&str, _>("action"), "r", "{key} deletes");
        let (from, to) = (class(&source), class(&target));
        let owner = match (tenant(from), from, tenant(to), to) {
            (Some(column), _, Some(_), _)
            | (_, Class::Personal { column }, _, Class::Personal { .. })
            | (_, Class::PersonalInbox { person: column, .. }, _, Class::Personal { .. }) => column,
            (Some(_), _, _, Class::Personal { .. }) if target == "identity.accounts" => continue,
            _ => panic!("{key} leads from {source} to {target}: {from:?}, {to:?}"),
        };
        assert!(columns.contains(&owner.to_owned()), "{key} of {source} does not name {owner}");
    }
}

#[tokio::test]
async fn nothing_gets_around_the_policies() {
    let around = rows(
        "SELECT 'view ' || c.relname AS what FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('v', 'm') AND $OURS
         UNION ALL SELECT 'function ' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE p.prosecdef AND $OURS
         UNION ALL SELECT 'role ' || rolname FROM pg_roles
           WHERE rolname LIKE 'touchstone_%' AND rolname <> 'touchstone_backup'
             AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolinherit)
         UNION ALL SELECT 'member ' || r.rolname || ' of ' || g.rolname
           FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
           WHERE r.rolname LIKE 'touchstone_%' AND NOT (r.rolname = 'touchstone_app' AND g.rolname = ANY (ARRAY[
             'touchstone_tenant', 'touchstone_account', 'touchstone_identity', 'touchstone_worker', 'touchstone_platform']))
             AND r.rolname <> 'touchstone_backup'
         UNION ALL SELECT 'default privileges' FROM pg_default_acl",
    )
    .await;
    let around: Vec<String> = around.iter().map(|row| row.get("what")).collect();
    assert_eq!(around, Vec::<String>::new());
}

/// A domain that forgets to declare one has its users meet a fault where they should meet a refusal.
#[tokio::test]
async fn every_unique_index_is_declared_by_the_domain_of_its_schema() {
    // Written by statements that say what to do on a conflict, or of random digests and ids, which meet nobody else's.
    const NEVER_BROKEN: [&str; 7] = [
        "audit.leaves_event_key",
        "identity.known_devices_account_id_digest_key",
        "identity.one_time_tokens_digest_key",
        "identity.recovery_codes_digest_key",
        "platform.idempotency_keys_caller_key_key",
        "assessment.result_summaries_of_key",
        "assessment.session_ratings_rater_key",
    ];
    let found = rows(
        // An index on more than the primary key refuses nothing that the key lets through: foreign keys point there.
        "SELECT n.nspname || '.' || c.relname AS name
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           LEFT JOIN pg_index p ON p.indrelid = i.indrelid AND p.indisprimary
         WHERE i.indisunique AND NOT i.indisprimary AND $OURS
           AND NOT coalesce(i.indpred IS NULL AND i.indkey::int2[] @> p.indkey::int2[], false)",
    )
    .await;
    let there: BTreeSet<String> = found.iter().map(|row| row.get("name")).collect();
    let declared = DOMAINS.iter().flat_map(|(domain, _)| {
        domain.uniques.iter().map(|unique| format!("{}.{}", domain.schema, unique.0))
    });
    assert_eq!(there, declared.chain(NEVER_BROKEN.map(str::to_owned)).collect());
}

#[tokio::test]
async fn every_primary_key_has_the_name_by_which_a_second_insert_is_known() {
    let found = rows(
        "SELECT c.relname::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisprimary AND $OURS",
    )
    .await;
    let names: Vec<String> = found.iter().map(|row| row.get("name")).collect();
    assert!(names.len() > 30, "{names:?}");
    let other: Vec<&String> = names.iter().filter(|name| !name.ends_with("_pkey")).collect();
    assert_eq!(other, Vec::<&String>::new());
}

#[tokio::test]
async fn every_table_lies_in_the_schema_of_a_domain() {
    let found = rows(
        "SELECT DISTINCT n.nspname::text AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'f') AND $OURS",
    )
    .await;
    let there: BTreeSet<String> = found.iter().map(|row| row.get("schema")).collect();
    assert_eq!(there, DOMAINS.iter().map(|(domain, _)| domain.schema.to_owned()).collect());
    for (domain, tables) in DOMAINS {
        let elsewhere = tables.iter().filter(|table| table.schema != domain.schema).map(name);
        assert_eq!(elsewhere.collect::<Vec<_>>(), Vec::<String>::new(), "{domain:?}");
    }
}
