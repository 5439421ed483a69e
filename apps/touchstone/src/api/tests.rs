//! The documents that are made of the lists: whole, and true.

use std::collections::BTreeSet;

use http_audit::Actions;
use serde_json::Value;

use super::*;

#[test]
fn every_operation_is_described_whole() {
    let document = serde_json::to_value(api().document()).unwrap();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(id.contains('.') && ids.insert(id.to_owned()), "{method} {path}: {id}");
            assert!(operation["summary"].is_string(), "{id} has no summary");
            assert!(tags.contains(&&operation["tags"][0]), "the tag of {id} is not described");
            for (status, response) in operation["responses"].as_object().unwrap() {
                if status.starts_with(['4', '5']) && response["$ref"].is_null() {
                    assert!(response["content"]["application/problem+json"].is_object(), "{id} {status}");
                }
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| match value {
                Value::String(text) if key == "$ref" => found.push(text.clone()),
                other => references(other, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = serde_json::to_value(api().document()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

/// What an operation answers is explained, so that no domain's codes are left out of the table.
#[test]
fn every_code_in_the_description_is_explained() {
    let (document, codes) = (serde_json::to_value(api().document()).unwrap(), api().codes());
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap());
    let mut named = BTreeSet::new();
    for (_, operation) in operations {
        let refused = operation["responses"].as_object().unwrap().iter();
        for (_, response) in refused.filter(|(status, _)| status.starts_with(['4', '5'])) {
            // Every second part stands between backticks.
            let quoted = response["description"].as_str().unwrap_or_default().split('`').skip(1).step_by(2);
            named.extend(quoted.filter(|text| text.contains('.')).map(str::to_owned));
        }
    }
    assert!(named.len() > 30, "{named:?}");
    for code in named {
        assert!(codes.iter().any(|note| note.code == code), "{code}");
    }
}

/// Holds a page of the repository against what the code says, or writes it anew.
fn ensure_generated(page: &str, expected: &str) {
    let path = format!("{}/../../docs/{page}.md", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, expected, "run: UPDATE_DOCS=1 cargo test -p touchstone {page}_page");
}

#[test]
fn the_errors_page_of_the_repository_is_what_the_code_says() {
    ensure_generated("errors", &api().errors_page());
}

#[test]
fn the_events_page_of_the_repository_is_what_the_code_says() {
    ensure_generated("events", &http_webhook::events_page(&EVENTS));
}

#[test]
fn every_listed_action_has_its_class_and_all_others_are_api_activity() {
    let actions = Actions::of(DOMAINS);
    let all = actions.all();
    assert!(all.is_sorted_by(|one, next| one.action < next.action), "each is listed once");
    for note in all {
        assert_eq!(actions.class(note.action), note.class, "{}", note.action);
    }
    for listed in ["campaign.prepare", "task.queue"] {
        assert!(all.iter().any(|note| note.action == listed), "{listed}");
    }
    let others =
        ["audit.read", "audit.export", "thing.of_tomorrow"].map(|action| actions.class(action).uid());
    assert_eq!(others, [6003; 3]);
    let listed =
        ["account.suspend", "session.begin", "membership.grant"].map(|action| actions.class(action).uid());
    assert_eq!(listed, [3001, 3002, 3005]);
}
