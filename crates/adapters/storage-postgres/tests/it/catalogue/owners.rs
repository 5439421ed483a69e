//! Rows with a second owner: who writes one as its first cannot put it before another second, or the reverse.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;
use storage_postgres::classes::{Owner, Privilege, Rows, Sight, TableClass, Verb};

use super::{name, protected, rows};

/// Roles that see every owner's rows, because they act for everybody.
pub(crate) const FOR_EVERYBODY: [&str; 3] =
    ["touchstone_identity", "touchstone_worker", "touchstone_platform"];

/// What a role may say of another owner all the same, as `table: role says column`. This list only shrinks.
pub(crate) const UNBOUND: [&str; 4] = [
    // A session is where a person enters an organisation's rows: it asks whom it likes, and the rest hangs on that.
    "assessment.interview_sessions: touchstone_tenant says account_id",
    // It lies with the person, on another node one day. What it leads to is read in the person's own scope.
    "assessment.participations: touchstone_tenant says account_id",
    // An event is about whom it is about. It is signed, and never changes.
    "audit.events: touchstone_account says subject_id",
    "audit.events: touchstone_tenant says subject_id",
];

/// The columns by which somebody sees a row.
pub(crate) fn owner_columns(table: &TableClass) -> BTreeSet<&'static str> {
    let seen_by = table.sights.iter().filter_map(|sight| bound_by(sight.rows));
    let owner = match table.owner {
        Owner::Organization(column) | Owner::Account(column) => Some(column),
        Owner::Nobody => None,
    };
    seen_by.chain(owner).collect()
}

/// The column that a predicate holds to the scope.
fn bound_by(rows: Rows) -> Option<&'static str> {
    match rows {
        Rows::Organization(column) | Rows::OrganizationOrNone(column) | Rows::Account(column) => Some(column),
        Rows::All | Rows::OfNobody(_) | Rows::Published(_) | Rows::OwnIdempotencyKey => None,
    }
}

fn writes(sight: &Sight, column: &str) -> bool {
    let covers = |one: &Privilege| one.columns.is_empty() || one.columns.contains(&column);
    let is_written = |one: &&Privilege| matches!(one.verb, Verb::Insert | Verb::Update);
    sight.privileges.iter().filter(is_written).any(covers)
}

/// A key of several columns binds each by the others: where one of them is the scope's, all are.
#[tokio::test]
async fn whoever_writes_a_row_is_bound_in_every_column_by_which_others_see_it() {
    let found = rows(
        "SELECT n.nspname || '.' || c.relname AS name, ARRAY(SELECT a.attname::text FROM unnest(k.conkey) f
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = f) AS columns
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE k.contype = 'f'",
    )
    .await;
    let mut keys: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for row in &found {
        keys.entry(row.get("name")).or_default().push(row.get("columns"));
    }
    let mut unbound = BTreeSet::new();
    for table in protected() {
        let keys = keys.get(&name(table)).map_or(&[][..], Vec::as_slice);
        for sight in table.sights.iter().filter(|sight| !FOR_EVERYBODY.contains(&sight.role)) {
            let own = bound_by(sight.rows);
            let joined = |key: &Vec<String>, column: &str| {
                let names = |column: &str| key.iter().any(|name| name == column);
                names(column) && own.is_some_and(names)
            };
            for column in owner_columns(table) {
                let is_bound = own == Some(column) || keys.iter().any(|key| joined(key, column));
                if writes(sight, column) && !is_bound {
                    unbound.insert(format!("{}: {} says {column}", name(table), sight.role));
                }
            }
        }
    }
    assert_eq!(unbound, UNBOUND.map(str::to_owned).into());
}
