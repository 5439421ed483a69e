//! Every required column of a built domain leads to a column here.

use std::collections::BTreeSet;

use sqlx::Row as _;
use storage_postgres::testing::fresh_database;

use crate::support::superuser;

#[tokio::test]
async fn each_requirement_leads_to_a_column_or_says_what_it_derives_from() {
    let database = fresh_database().await;
    let columns =
        "SELECT table_schema::text, table_name::text, column_name::text FROM information_schema.columns";
    let rows = sqlx::query(columns).fetch_all(&mut superuser(&database).await).await.expect("columns");
    let there: BTreeSet<[String; 3]> = rows.iter().map(|row| [row.get(0), row.get(1), row.get(2)]).collect();

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/traceability.csv");
    let text = std::fs::read_to_string(path).expect("the map is there");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("document,table,column,to_schema,to_table,to_column,note"));
    let mut seen = BTreeSet::new();
    for line in lines {
        let fields: Vec<&str> = line.splitn(7, ',').collect();
        let [document, table, column, schema, to, leads, note] = fields[..] else {
            panic!("seven fields: {line}")
        };
        assert!(seen.insert((document, table, column)), "twice: {line}");
        if to.is_empty() {
            assert!(!note.is_empty(), "says from what it is derived: {line}");
        } else {
            let target = [schema, to, leads].map(str::to_owned);
            assert!(there.contains(&target), "leads nowhere: {line}");
        }
    }
    assert!(seen.len() >= 117, "identity, audit, assessments and tasks are mapped");
}
