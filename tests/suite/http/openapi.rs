//! The description of the API against itself and against the routes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use touchstone::api::api;

use super::world::Server;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

pub(crate) fn document() -> Value {
    serde_json::to_value(api().document()).expect("the document is JSON")
}

/// Each operation with its path, method and description.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push((path.clone(), method.to_uppercase(), operation.clone()));
            }
        }
    }
    operations
}

#[test]
fn it_is_openapi_3_1_with_every_reference_resolved() {
    let document = document();
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("references stay in the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[test]
fn operations_have_an_id_of_their_own_a_summary_and_a_success() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
        assert!(id.contains('.'), "{id} names no domain");
        assert!(ids.insert(id.to_owned()), "{id} is used twice");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 3), "{id} has no summary");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{id} never succeeds");
        for (status, response) in responses {
            assert!(response.get("$ref").is_some() || response["description"].is_string(), "{id} {status}");
        }
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        let known = document["tags"].as_array().expect("tags").iter().any(|known| known["name"] == tag);
        assert!(known, "{id} has the unknown tag {tag:?}");
    }
    assert!(ids.len() > 40, "{}", ids.len());
}

#[test]
fn whatever_has_a_body_has_an_example_of_it() {
    let document = document();
    let example = |content: &Value| -> bool {
        let media =
            content.as_object().and_then(|object| object.values().next()).cloned().unwrap_or_default();
        let name =
            media["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let schema = &document["components"]["schemas"][name];
        let of = |value: &Value| value.get("example").is_some() || value.get("examples").is_some();
        let properties =
            schema["properties"].as_object().or_else(|| media["schema"]["properties"].as_object());
        of(&media)
            || of(schema)
            || properties.is_some_and(|all| all.values().any(of) || all.contains_key("items"))
    };
    for (path, method, operation) in operations(&document) {
        if let Some(body) = operation.get("requestBody") {
            assert!(example(&body["content"]), "{method} {path}: no example of the request");
        }
    }
}

#[test]
fn the_trail_is_described_in_both_forms_and_its_proofs_ask_for_no_token() {
    let document = document();
    let (mut lists, mut proofs) = (0, 0);
    for (path, _, operation) in operations(&document) {
        let content = &operation["responses"]["200"]["content"];
        if path.ends_with("/audit/events") {
            lists += 1;
            assert!(
                content["application/json"].is_object() && content["application/x-ndjson"].is_object(),
                "{path}"
            );
            assert!(operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()), "{path}");
        } else if path.starts_with("/v1/audit/") {
            proofs += 1;
            assert!(operation.get("security").is_none(), "{path}");
            let shown = content["application/json"]["schema"]["$ref"].as_str().unwrap();
            let schema = document.pointer(shown.trim_start_matches('#')).unwrap();
            assert!(schema["example"].is_object(), "{path} has no example");
        }
    }
    assert_eq!((lists, proofs), (3, 3));
}

#[test]
fn schema_names_are_the_domains_own() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let mut by_shape: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (name, schema) in schemas {
        by_shape.entry(schema.to_string()).or_default().push(name);
        assert!(
            !name.ends_with("Body") || name == "ProblemBody",
            "{name} shows what it is called in the code"
        );
        assert!(!name.ends_with("View"), "{name} shows what it is called in the code");
    }
}

#[tokio::test]
async fn every_described_operation_is_routed_and_every_other_method_is_405() {
    let server = Server::on_memory().await;
    for (path, method, operation) in operations(&document()) {
        let real = path.replace("{file:.*}", "x");
        let real = concrete(&real);
        let answer = server.call(&method, &real).send().await.expect("answered");
        assert_ne!(answer.status(), 405, "{method} {path}");
        if answer.status() == 404 {
            let body: Value = answer.json().await.expect("a problem");
            assert_ne!(body["code"], "request.unknown_path", "{method} {path} is described and not routed");
        }
        assert!(operation["operationId"].is_string());
    }
}

#[tokio::test]
async fn every_path_refuses_the_methods_it_has_not_and_names_those_it_has() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, method, _) in operations(&document()) {
        let methods = paths.entry(concrete(&path)).or_default();
        methods.extend((method == "GET").then(|| "HEAD".to_owned()));
        methods.insert(method);
    }
    assert!(paths.len() > 90, "{}", paths.len());
    for (path, methods) in paths {
        let said: Vec<&str> = methods.iter().map(String::as_str).collect();
        for method in ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let known = ann.token();
            let answer = server.call(method, &path).bearer_auth(known).send().await.expect("answered");
            assert_eq!(
                answer.status() == 405,
                !said.contains(&method),
                "{method} {path}: {}",
                answer.status()
            );
            if answer.status() == 405 {
                assert_eq!(answer.headers()["allow"], said.join(", "), "{method} {path}");
            }
        }
    }
}

/// The path with some id wherever it takes one.
pub(crate) fn concrete(path: &str) -> String {
    let mut real = String::new();
    for part in path.split('/').skip(1) {
        real.push('/');
        real.push_str(if part.starts_with('{') { "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6" } else { part });
    }
    real
}
