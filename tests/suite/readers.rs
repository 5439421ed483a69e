//! Each stored thing has a reader who may see it, or a reason to have none: the columns of the domains' tables against
//! `docs/readers.csv`, and that against the description of the API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sqlx::{Connection as _, PgConnection, Row as _};
use storage_postgres::testing::fresh_database;

use crate::http::openapi::{document, operations};

/// Where tables are walked column by column.
const WALKED: [&str; 6] = ["assessment", "audit", "document", "identity", "notification", "platform"];
/// What the list says of a column of every table.
const ANY: &str = "*";

/// The fields an operation answers with, at any depth.
fn fields(document: &Value, value: &Value, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str)
                && seen.insert(reference.to_owned())
            {
                let schema = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                fields(document, schema.expect("the reference leads somewhere"), seen, found);
            }
            if let Some(properties) = object.get("properties").and_then(Value::as_object) {
                found.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| fields(document, value, seen, found));
        }
        Value::Array(items) => items.iter().for_each(|item| fields(document, item, seen, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_column_has_a_reader_or_says_why_it_has_none() {
    let document = document();
    let mut answers = BTreeMap::new();
    for (_, _, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id").to_owned();
        let responses = operation["responses"].as_object().expect("responses");
        let successes = responses.iter().filter(|(status, _)| status.starts_with('2'));
        let mut found = BTreeSet::new();
        for (_, response) in successes {
            fields(&document, response, &mut BTreeSet::new(), &mut found);
        }
        answers.insert(id, found);
    }

    let database = fresh_database().await;
    let mut admin = PgConnection::connect(&database.superuser_url).await.expect("a connection");
    let sql = "SELECT table_schema || '.' || table_name AS name, column_name::text AS column_name
        FROM information_schema.columns WHERE table_schema = ANY($1)";
    let rows = sqlx::query(sql).bind(WALKED).fetch_all(&mut admin).await.expect("columns");
    let columns: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(columns.len() > 400, "{} columns", columns.len());

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/readers.csv");
    let text = std::fs::read_to_string(path).expect("the list is there");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("table,column,reader,field,note"));
    let (mut listed, mut faults) = (BTreeSet::new(), Vec::new());
    for line in lines {
        let [table, column, reader, field, note] = line.splitn(5, ',').collect::<Vec<_>>()[..] else {
            panic!("five fields: {line}")
        };
        let key = (table.to_owned(), column.to_owned());
        if table != ANY && !columns.contains(&key) {
            faults.push(format!("there is no such column: {line}"));
        }
        if !listed.insert(key) {
            faults.push(format!("it stands there twice: {line}"));
        }
        match (reader, answers.get(reader)) {
            ("internal", _) if note.is_empty() => faults.push(format!("says no reason: {line}")),
            ("internal", _) => {}
            (_, None) => faults.push(format!("no operation is called {reader}: {line}")),
            // A file has no fields in the description.
            (_, Some(found)) if !field.is_empty() && !found.contains(field) => {
                faults.push(format!("{reader} answers no `{field}`: {line}"));
            }
            _ => {}
        }
    }
    let any = |column: &String| listed.contains(&(ANY.to_owned(), column.clone()));
    let unread = columns.iter().filter(|key| !listed.contains(*key) && !any(&key.1));
    faults.extend(unread.map(|(table, column)| format!("nobody reads {table}.{column}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
