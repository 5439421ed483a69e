//! The database's own catalogue, held against the list of classes: who sees which rows, and what leads to them.

mod contents;
pub(crate) mod owners;
mod spreading;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};
use storage_postgres::{
    DOMAINS,
    classes::{Owner, Privilege, Rows, SCOPE_ROLES, TableClass, Verb, tables},
    testing::fresh_database,
};

use crate::support::superuser;

const OURS: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'";

async fn rows(sql: &str) -> Vec<PgRow> {
    let database = fresh_database().await;
    let mut connection: PgConnection = superuser(&database).await;
    let roles = format!("ARRAY['{}']", SCOPE_ROLES.join("', '"));
    let sql = sql.replace("$OURS", OURS).replace("$ROLES", &roles);
    sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("the catalogue can be read")
}

/// All but the list of migrations, which tells nothing about anyone.
fn protected() -> impl Iterator<Item = &'static TableClass> {
    tables().filter(|table| table.table != "seaql_migrations")
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
        tables().map(|table| (name(table), protected().any(|other| other == table))).collect();
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

/// What a role may do to a table: a verb, and the columns where it is not all of them.
type Grant = (String, String, String, String);

/// The privileges there are, of tables and of columns.
async fn granted() -> BTreeSet<Grant> {
    let found = rows(
        "SELECT n.nspname || '.' || c.relname AS name, coalesce(pg_get_userbyid(nullif(g.grantee, 0)), 'PUBLIC')::text AS role,
           g.privilege_type AS privilege, g.columns
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL (
           SELECT grantee, privilege_type, '{}' AS columns FROM aclexplode(c.relacl) WHERE grantee <> c.relowner
           UNION ALL
           SELECT x.grantee, x.privilege_type, array_agg(a.attname::text ORDER BY a.attname::text COLLATE \"C\")
           FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = c.oid AND a.attnum > 0 GROUP BY 1, 2
         ) g WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND $OURS",
    )
    .await;
    let grant = |row: &PgRow| {
        let [table, role, privilege] = ["name", "role", "privilege"].map(|c| row.get::<String, _>(c));
        (table, role, privilege, row.get::<Vec<String>, _>("columns").join(" "))
    };
    found.iter().map(grant).collect()
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Select => "SELECT",
        Verb::Insert => "INSERT",
        Verb::Update => "UPDATE",
        Verb::Delete => "DELETE",
    }
}

#[tokio::test]
async fn every_role_may_do_what_its_sight_of_the_table_says() {
    let listed = |table: &'static TableClass| {
        let grants =
            table.sights.iter().flat_map(|sight| sight.privileges.iter().map(|one| (sight.role, one)));
        grants.map(move |(role, Privilege { verb: of, columns })| {
            let mut columns = columns.to_vec();
            columns.sort_unstable();
            (name(table), role.to_owned(), verb(*of).to_owned(), columns.join(" "))
        })
    };
    let listed: BTreeSet<Grant> = tables().flat_map(listed).collect();
    assert_eq!(granted().await, listed);
    for (table, role, ..) in &listed {
        let is_ledger = table == "platform.seaql_migrations" && role == "touchstone_app";
        assert!(is_ledger || SCOPE_ROLES.contains(&&**role), "{table} is opened to {role}");
    }
}

#[tokio::test]
async fn every_role_has_the_predicate_of_its_sight_as_floor_and_as_permission() {
    let found = rows(
        "SELECT schemaname || '.' || tablename AS name, permissive, roles::text[] AS roles, cmd, qual, with_check
         FROM pg_policies ORDER BY 1, 2",
    )
    .await;
    let granted = granted().await;
    let mut kinds: BTreeMap<[String; 4], Vec<String>> = BTreeMap::new();
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
        for (_, _, verb, _) in granted.iter().filter(|grant| (&grant.0, &grant.1) == (&table, role)) {
            if [verb, "ALL"].contains(&&*command) {
                let sight = [table.clone(), role.clone(), verb.clone(), predicate.clone()];
                kinds.entry(sight).or_default().push(row.get("permissive"));
            }
        }
    }
    let listed = |table: &'static TableClass| {
        let sights =
            table.sights.iter().flat_map(|sight| sight.privileges.iter().map(move |one| (sight, one)));
        sights.map(move |(sight, one)| {
            [name(table), sight.role.to_owned(), verb(one.verb).to_owned(), predicate(sight.rows)]
        })
    };
    let listed: BTreeSet<[String; 4]> = protected().flat_map(listed).collect();
    assert_eq!(kinds.keys().cloned().collect::<BTreeSet<_>>(), listed);
    for (sight, mut policies) in kinds {
        policies.sort();
        assert_eq!(policies, ["PERMISSIVE", "RESTRICTIVE"], "{sight:?}");
    }
}

/// As PostgreSQL writes it; the setting is in a subquery, so that it is read once for a statement.
fn predicate(rows: Rows) -> String {
    let is = |column: &str, setting: &str| {
        format!("({column} = ( SELECT (current_setting('app.{setting}'::text))::uuid AS current_setting))")
    };
    let perhaps = |setting: &str| {
        format!(
            "( SELECT (NULLIF(current_setting('app.{setting}'::text, true), ''::text))::uuid AS \"nullif\")"
        )
    };
    match rows {
        Rows::All => "true".to_owned(),
        Rows::Organization(column) => is(column, "tenant_id"),
        Rows::OrganizationOrNone(column) => {
            format!("(NOT ({column} IS DISTINCT FROM {}))", perhaps("tenant_id"))
        }
        Rows::Account(column) => is(column, "account_id"),
        Rows::OfNobody(column) => format!("({column} IS NULL)"),
        Rows::Published(column) => format!("({column} = 'published'::text)"),
        Rows::OwnIdempotencyKey => format!("(id = {})", perhaps("idempotency_id")),
    }
}

/// What a person reads of these, they read by the session, which an index leads to.
const FOUND_BY_SESSION: [&str; 2] = ["session_answers", "session_turns"];

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
        let owner = match table.owner {
            Owner::Organization(column) | Owner::Account(column) => Some(column),
            Owner::Nobody => None,
        };
        let read =
            table.sights.iter().filter(|sight| sight.privileges.iter().any(|one| one.verb == Verb::Select));
        let seen_by = read.filter_map(|sight| match sight.rows {
            Rows::Organization(column) | Rows::Account(column) | Rows::Published(column) => Some(column),
            Rows::All | Rows::OrganizationOrNone(_) | Rows::OfNobody(_) | Rows::OwnIdempotencyKey => None,
        });
        for column in owner.into_iter().chain(seen_by) {
            let is_led = there.contains(&(name(table), column.to_owned()));
            let is_found_otherwise = FOUND_BY_SESSION.contains(&table.table) && column == "account_id";
            assert!(is_led != is_found_otherwise, "{} by {column}: {is_led}", name(table));
        }
    }
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
    let owner = |table: &str| tables().find(|class| name(class) == table).expect("a known table").owner;
    for row in &found {
        let [key, source, target] = ["key", "source", "target"].map(|column| row.get::<String, _>(column));
        let columns: Vec<String> = row.get("columns");
        assert_eq!(row.get::<&str, _>("action"), "r", "{key} deletes");
        let named = match (owner(&source), owner(&target)) {
            (Owner::Organization(column), Owner::Organization(_))
            | (Owner::Account(column), Owner::Account(_)) => column,
            (Owner::Organization(_), Owner::Account(_)) if target == "identity.accounts" => continue,
            owners => panic!("{key} leads from {source} to {target}: {owners:?}"),
        };
        assert!(columns.contains(&named.to_owned()), "{key} of {source} does not name {named}");
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
           WHERE r.rolname LIKE 'touchstone_%' AND NOT (r.rolname = 'touchstone_app' AND g.rolname = ANY ($ROLES))
             AND (r.rolname, g.rolname) <> ('touchstone_collector', 'touchstone_ballot') AND r.rolname <> 'touchstone_backup'
         UNION ALL SELECT 'extension ' || extname FROM pg_extension
           WHERE extname <> 'plpgsql' AND extnamespace <> 'extensions'::regnamespace
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
    const NEVER_BROKEN: [&str; 11] = [
        "audit.leaves_event_key",
        "identity.known_devices_account_id_digest_key",
        "identity.one_time_tokens_digest_key",
        "identity.recovery_codes_digest_key",
        "platform.idempotency_keys_caller_key_key",
        "assessment.result_summaries_of_key",
        "assessment.session_ratings_rater_key",
        "notification.notifications_account_id_dedupe_key_key",
        "notification.notifications_account_id_number_key",
        "webhook.deliveries_event_key",
        "webhook.deliveries_on_its_way_key",
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
