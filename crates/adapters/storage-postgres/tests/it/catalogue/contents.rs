//! What rows are held to, whoever sees them: times and versions, history that is frozen, checks of names.

use std::collections::BTreeSet;

use kernel::KeyScope;
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};
use storage_postgres::{
    DOMAINS,
    classes::{Life, Verb},
    testing::fresh_database,
};

use super::{name, protected, rows};
use crate::support::superuser;

fn of_life(lives: &[Life]) -> BTreeSet<String> {
    protected().filter(|table| lives.contains(&table.life)).map(name).collect()
}

/// What is kept is never deleted, and what is history is not even changed.
#[test]
fn rows_are_changed_and_deleted_as_their_life_says() {
    for table in protected() {
        let may = |verb| table.sights.iter().any(|sight| sight.privileges.iter().any(|one| one.verb == verb));
        let expected = match table.life {
            Life::Changing => (true, false),
            Life::AppendOnly => (false, false),
            Life::Disposable => (may(Verb::Update), true),
            Life::Bare => continue,
        };
        assert_eq!((may(Verb::Update), may(Verb::Delete)), expected, "{}", name(table));
    }
}

#[tokio::test]
async fn every_table_that_changes_tells_when_it_was_changed_and_how_often() {
    let found = rows(
        // Assessments have a version of their own kind, and count in another column.
        "SELECT n.nspname || '.' || c.relname AS name,
           array_agg(a.attname || ' ' || a.atttypid::regtype) @> ARRAY['created_at timestamp with time zone',
             'updated_at timestamp with time zone',
             CASE c.relname WHEN 'custom_assessments' THEN 'revision bigint' ELSE 'version bigint' END] AS kept,
           EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'touch' AND t.tgenabled = 'O') AS touched
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind = 'r' AND c.relname <> 'seaql_migrations' AND $OURS GROUP BY n.nspname, c.relname, c.oid",
    )
    .await;
    let there = |row: &&PgRow| row.get("kept") && row.get("touched");
    let found: BTreeSet<String> = found.iter().filter(there).map(|row| row.get("name")).collect();
    assert_eq!(found, of_life(&[Life::Changing, Life::Disposable]));
}

#[tokio::test]
async fn history_is_frozen_for_everyone() {
    // BEFORE (2) a statement of DELETE (8), UPDATE (16) or TRUNCATE (32).
    let triggers = rows(
        "SELECT n.nspname || '.' || c.relname AS name
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE t.tgname = 'frozen' AND t.tgenabled = 'A' AND t.tgtype = 2 | 8 | 16 | 32 AND t.tgqual IS NULL
           AND t.tgfoid = CASE n.nspname WHEN 'audit' THEN 'audit.refuse'::regproc ELSE 'platform.refuse'::regproc END
           AND $OURS",
    )
    .await;
    let frozen: BTreeSet<String> = triggers.iter().map(|row| row.get("name")).collect();
    assert_eq!(frozen, of_life(&[Life::AppendOnly]));
    let partitions = rows(
        "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relispartition AND $OURS",
    );
    assert!(partitions.await.is_empty(), "TRUNCATE of a partition would pass the trigger");
}

#[tokio::test]
async fn every_name_of_the_domain_passes_its_check() {
    use identity::{
        AccountStatus, EndReason, InvitationStatus, MembershipStatus, OrganizationStatus, Purpose, Role,
    };
    let found = rows(
        "SELECT c.relname || ' ' || pg_get_constraintdef(k.oid) AS text
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'c'",
    )
    .await;
    let checks: Vec<String> = found.iter().map(|row| row.get("text")).collect();
    let names: [(&str, &str, Vec<&str>); 8] = [
        ("accounts", "status", AccountStatus::ALL.map(AccountStatus::name).to_vec()),
        ("sessions", "revoked_reason", EndReason::ALL.map(EndReason::name).to_vec()),
        ("invitations", "status", InvitationStatus::ALL.map(InvitationStatus::name).to_vec()),
        ("memberships", "status", MembershipStatus::ALL.map(MembershipStatus::name).to_vec()),
        ("organizations", "status", OrganizationStatus::ALL.map(OrganizationStatus::name).to_vec()),
        ("one_time_tokens", "purpose", Purpose::ALL.map(Purpose::name).to_vec()),
        ("memberships", "roles", Role::ALL.map(Role::name).to_vec()),
        ("events", "outcome", kernel::Outcome::ALL.map(kernel::Outcome::name).to_vec()),
    ];
    for (table, column, names) in names {
        let passes = |text: &&String| {
            text.starts_with(&format!("{table} "))
                && text.contains(&format!("{column} "))
                && names.iter().all(|name| text.contains(&format!("'{name}'")))
        };
        assert!(
            checks.iter().any(|text| passes(&text)),
            "{table}.{column} refuses one of {names:?}: {checks:#?}"
        );
    }
}

#[tokio::test]
async fn the_scopes_of_api_keys_are_of_the_form_that_domains_declare_them_in() {
    let declared = DOMAINS.iter().flat_map(|(domain, _)| domain.key_scopes).map(KeyScope::name);
    let others =
        ["", "a", "a.", ".a", "a.b.c", "_a.b", "a_.b_", "A.b", "a1.b", "a.b,c.d", "a.b c.d", "a.b\n", "null"];
    let database = fresh_database().await;
    let mut connection: PgConnection = superuser(&database).await;
    let check: String = sqlx::query_scalar(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'api_keys_scopes_check'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("the constraint is there");
    let sql = format!("SELECT {check} FROM (VALUES ($1::text[])) AS keys (scopes)");
    let mut passes = async |scopes: Vec<Option<&str>>| -> bool {
        let passes = sqlx::query_scalar(AssertSqlSafe(sql.clone())).bind(scopes);
        passes.fetch_one(&mut connection).await.expect("the check can be evaluated")
    };
    for scope in declared.clone().chain(others) {
        assert_eq!(passes(vec![Some(scope)]).await, KeyScope::from_name(scope).is_some(), "{scope:?}");
    }
    assert!(passes(vec![]).await && passes(declared.map(Some).collect()).await);
    assert!(!passes(vec![Some("members.read"), None]).await);
}
