//! Rows with a second owner, written in SQL as each role that may write them: none can be planted before a stranger.

use std::collections::BTreeSet;

use assessment_engine::Assignment;
use assessment_format::session::Event;
use kernel::{Scope, invitation::Invitee};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use storage_postgres::classes::{self, Sight, Verb};

use super::{World, tenants::furnish, try_sql, within};
use crate::{
    catalogue::owners::{FOR_EVERYBODY, UNBOUND, owner_columns},
    support::{id, noon, superuser},
};

/// What makes a copy of a row another one.
fn anew(table: &str) -> Value {
    match table {
        "session_answers" => json!({ "item": "e1" }),
        "session_turns" => json!({ "number": 99 }),
        "participations" => json!({ "origin_id": id::<()>(9000).to_string() }),
        _ => json!({ "id": id::<()>(9000).to_string(), "origin_id": id::<()>(8000).to_string() }),
    }
}

/// The columns that a table stores, and those that keys of several columns lead from.
async fn columns(admin: &mut PgConnection, table: &str) -> (Vec<String>, BTreeSet<String>) {
    let sql = format!(
        "SELECT a.attname::text AS name, EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid
           AND k.contype = 'f' AND cardinality(k.conkey) > 1 AND a.attnum = ANY (k.conkey)) AS key
         FROM pg_attribute a WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND a.attgenerated = ''
           AND a.attidentity = '' AND NOT a.attisdropped"
    );
    let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(admin).await.expect("columns");
    let keys = found.iter().filter(|row| row.get("key")).map(|row| row.get("name")).collect();
    (found.iter().map(|row| row.get("name")).collect(), keys)
}

/// The first row of an organisation.
async fn row_of(admin: &mut PgConnection, table: &str, organization: &str) -> Value {
    let sql = format!(
        "SELECT to_jsonb(t) FROM {table} t WHERE organization_id = '{organization}' ORDER BY t LIMIT 1"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(admin).await.expect("a row")
}

fn may(sight: &Sight, verb: Verb, column: &str) -> bool {
    let covers = |columns: &[&str]| columns.is_empty() || columns.contains(&column);
    sight.privileges.iter().any(|one| one.verb == verb && covers(one.columns))
}

/// What a role tries with a table: a copy of one of its rows that says something else, or such a change.
struct Attempt<'a> {
    table: &'a str,
    sight: &'a Sight,
    stored: &'a [String],
    own: &'a Value,
}

impl Attempt<'_> {
    /// Adds a copy with this in its column; the copy as it is, without one.
    fn insert(&self, foreign: Option<(&str, &str)>) -> String {
        let table = self.table;
        let mut copy = self.own.clone();
        let fresh = anew(table.rsplit('.').next().expect("a table"));
        copy.as_object_mut().expect("a row").extend(fresh.as_object().expect("columns").clone());
        if let Some((column, value)) = foreign {
            copy[column] = json!(value);
        }
        let names = self.stored.iter().map(String::as_str);
        let names = names.filter(|name| may(self.sight, Verb::Insert, name)).collect::<Vec<_>>().join(", ");
        format!(
            "INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, '{copy}')"
        )
    }

    /// How many rows it touches, as the person 1 of the north.
    async fn run(&self, world: &World, sql: &str) -> Result<u64, String> {
        let role = self.sight.role.trim_start_matches("touchstone_");
        let (north, one) = (world.north.to_string(), id::<()>(1).to_string());
        let mut app = within(&world.database, role, &north, &one).await;
        try_sql(&mut app, "SET CONSTRAINTS ALL IMMEDIATE").await.expect("at once");
        try_sql(&mut app, sql).await
    }
}

#[tokio::test]
async fn no_row_is_planted_before_a_stranger() {
    let world = World::new().await;
    furnish(&world, world.north, 1, 100).await;
    furnish(&world, world.south, 3, 500).await;
    let campaign = id(102);
    let mut waits = Assignment::assign(id(8000), world.north, campaign, Invitee::member(id(2)), None, noon());
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    unit.save_assignment(&mut waits).await.expect("saved");
    unit.commit().await.expect("committed");
    let mut admin = superuser(&world.database).await;
    let mut tried = 0;
    // Events are written by one statement for every scope; the trail's own tests hold them.
    let shared = classes::tables().filter(|class| owner_columns(class).len() > 1 && class.schema != "audit");
    for class in shared {
        let table = &format!("{}.{}", class.schema, class.table);
        let (stored, keys) = columns(&mut admin, table).await;
        let own = &row_of(&mut admin, table, &world.north.to_string()).await;
        let foreign = row_of(&mut admin, table, &world.south.to_string()).await;
        let others: BTreeSet<String> =
            owner_columns(class).into_iter().map(str::to_owned).chain(keys).collect();
        for sight in class.sights.iter().filter(|sight| !FOR_EVERYBODY.contains(&sight.role)) {
            let attempt = Attempt { table, sight, stored: &stored, own };
            if may(sight, Verb::Insert, "organization_id") {
                let copied = attempt.insert(None);
                assert_eq!(attempt.run(&world, &copied).await, Ok(1), "{copied}");
            }
            for column in others.iter().filter(|column| stored.contains(column)) {
                let Some(stranger) = foreign[column].as_str() else { continue };
                let says = format!("{table}: {} says {column}", sight.role);
                let update = format!("UPDATE {table} SET {column} = '{stranger}'");
                let insert = attempt.insert(Some((column, stranger)));
                for (verb, sql) in [(Verb::Update, update), (Verb::Insert, insert)] {
                    let planted = attempt.run(&world, &sql).await;
                    let is_free = may(sight, verb, column) && UNBOUND.contains(&&*says);
                    assert_eq!(planted.is_ok(), is_free, "{says}: {sql}: {planted:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 30, "{tried} were tried");
}

#[tokio::test]
async fn nothing_is_added_to_a_session_that_was_submitted() {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let mut session = world.take(&fixture, 2, 200).await;
    let (north, two, of) = (world.north.to_string(), id::<()>(2).to_string(), session.id);
    let answer = format!(
        "INSERT INTO assessment.session_answers (organization_id, session_id, item, account_id, sequence, answered_at)
         VALUES ('{north}', '{of}', 's1', '{two}', 1, now())
         ON CONFLICT (organization_id, session_id, item) DO UPDATE SET sequence = excluded.sequence + 1"
    );
    let turn = format!(
        "INSERT INTO assessment.session_turns (organization_id, session_id, number, account_id, speaker, said, said_at)
         VALUES ('{north}', '{of}', 1, '{two}', '{{}}', 'So.', now())"
    );
    let change = "UPDATE assessment.session_answers SET reply = '5'".to_owned();
    let tries = [
        ("account", &answer),
        ("account", &change),
        ("tenant", &answer),
        ("tenant", &change),
        ("tenant", &turn),
    ];
    for submitted in [false, true] {
        for (role, sql) in tries {
            let mut app = within(&world.database, role, &north, &two).await;
            let expected = if submitted { Err("55000".to_owned()) } else { Ok(1) };
            assert_eq!(try_sql(&mut app, sql).await, expected, "{role}: {sql}");
            try_sql(&mut app, if submitted { "ROLLBACK" } else { "COMMIT" }).await.expect("over");
        }
        session.happen(&Event::Submit, Vec::new(), noon()).ok();
        let mut unit = world.begin(Scope::Tenant(world.north)).await;
        unit.save_interview_session(&mut session).await.ok();
        unit.commit().await.ok();
    }
}
