//! Definitions in JSON, as a builder sends them: the same rules, with JSON Pointers.

use assessment_format::{Code, Definition, Place, check_json, print};
use serde_json::{Value, json};

/// The least a builder sends.
fn least() -> Value {
    json!({
        "metadata": { "name": "Team fit" },
        "dimensions": [
            { "name": "Focus", "weight": 0.6, "description": "Stays with one thing." },
            { "name": "Care", "weight": "40%", "description": "Looks after others." },
        ],
        "resultCategories": [
            { "name": "Strong", "when": "overall >= 4", "description": "Does it well." },
            { "name": "Growing", "default": true },
        ],
        "items": [
            { "id": "f1", "text": "I finish what I begin.", "answer": "agree-5", "measures": [{ "dimension": "focus" }] },
            { "id": "c1", "text": "I notice when someone is lost.", "answer": "agree-5",
              "measures": [{ "dimension": "care", "reversed": false }] },
        ],
    })
}

/// What is said of it, a line each.
fn told(json: &Value) -> String {
    let checked = check_json(json);
    assert_eq!(
        checked.definition.is_none(),
        checked.diagnostics.iter().any(assessment_format::Diagnostic::is_error)
    );
    checked.diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect()
}

#[test]
fn what_a_builder_leaves_out_has_a_default() {
    assert_eq!(told(&least()), "");
    let definition: Definition = serde_json::from_value(least()).unwrap();
    let json = definition.to_json();
    assert_eq!(json["metadata"]["version"], "1.0");
    assert_eq!(json["metadata"]["scale"], json!({ "min": 1, "max": 5 }));
    assert_eq!(json["dimensions"][1]["id"], "care");
    assert_eq!(json["dimensions"][1]["weight"], json!(0.4));
    assert_eq!(serde_json::from_value::<Definition>(json).unwrap(), definition);
}

#[test]
fn the_canonical_form_and_its_checksum_never_change() {
    let definition: Definition = serde_json::from_value(least()).unwrap();
    insta::assert_snapshot!("canonical", String::from_utf8(definition.to_canonical_json()).unwrap());
    let checksum: String = definition.checksum().iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!("checksum", checksum);
}

/// One change of the least a builder sends.
struct Change(&'static str, Value);

#[test]
fn what_is_wrong_with_json_is_told_with_pointers() {
    let item = |more: Value| {
        let mut item = json!({ "id": "x1", "text": "Which?", "measures": [{ "dimension": "focus" }] });
        item.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        item
    };
    let changes = [
        Change("", json!([])),
        Change("/dimensions", Value::Null),
        Change("/dimensions", json!({})),
        Change("/dimensions", json!([])),
        Change("/dimensions/0", json!("Focus")),
        Change("/dimensions/0", json!({})),
        Change("/dimensions/0/weight", json!(0.5899)),
        Change("/dimensions/0/weight", json!(0.6101)),
        Change("/dimensions/0/weight", json!(6e-1)),
        Change("/dimensions/0/weight", json!(1e-9)),
        Change("/dimensions/0/weight", json!(60)),
        Change("/dimensions/0/weight", json!([0.6])),
        Change("/dimensions/0/description", json!("  ")),
        Change("/dimensions/0/description", json!("# Title")),
        Change("/dimensions/0/description", json!("| score | x |\n|---|---|\n| 1 | y |")),
        Change("/dimensions/0/description", json!("a <b>c</b>")),
        Change("/dimensions/0/description", json!("a\u{202e}b\u{0}")),
        Change("/dimensions/0/description", json!("```\ncode")),
        Change("/dimensions/0/name", json!("A\nB")),
        Change("/dimensions/0/name", json!(5)),
        Change("/dimensions/0/anchors", json!([{ "score": 9, "text": "x" }, { "text": "y", "colour": 1 }])),
        Change("/dimensions/0/wieght", json!(0.6)),
        Change("/resultCategories/0/when", json!("overall >= 4 and fokus > 1")),
        Change("/resultCategories/0/when", json!("overall >>")),
        Change("/resultCategories/1/default", json!(false)),
        Change("/resultCategories/1/default", json!("true")),
        Change("/metadata", Value::Null),
        Change("/metadata/name", json!("")),
        Change("/metadata/allowOverride", json!(true)),
        Change("/metadata/interview", json!({ "allowOverride": 1, "style": 3.5 })),
        Change("/metadata/tieMargin", json!(0.1)),
        Change("/metadata/schema", json!("assessment/9")),
        Change("/items", json!({})),
        Change("/items/0/text", json!("- id: x")),
        Change("/items/0/text", json!("")),
        Change("/items/0/part", json!("one")),
        Change("/items/1/id", json!("f1")),
        Change(
            "/items/0",
            item(json!({ "options": [{ "text": "a", "correct": true }, { "text": "b", "points": 1 }] })),
        ),
        Change(
            "/items/0",
            item(json!({ "options": [{ "text": "a", "points": { "fokus": 1 } }, { "text": "b" }] })),
        ),
        Change(
            "/items/0",
            item(json!({ "options": [{ "text": "a", "correct": true, "points": 1 }, { "text": "b" }] })),
        ),
        Change("/items/0", item(json!({ "answer": "number", "range": { "min": 1, "max": 1 } }))),
        Change("/items/0", item(json!({ "answer": "text", "maxLength": 1.5 }))),
        Change("/items/0", item(json!({ "answer": "agree-3", "labels": ["a", "b", "c|d"] }))),
        Change("/items/0", item(json!({ "answer": "agree-3", "labels": ["[a", "b](http://x.y)"] }))),
        Change(
            "/interviewGuidelines",
            json!({ "topics": [{ "dimension": "Focus", "questions": [{ "text": "# no" }] }] }),
        ),
        Change(
            "/interviewGuidelines",
            json!({ "neverAsk": ["1. no", "[a]: https://x.y", ""], "follow_ups": [] }),
        ),
        Change("/interviewGuidelines", json!({ "notes": [{ "heading": "Opening" }, { "text": "x" }] })),
        Change("/introductions", json!({ "items": "1. no" })),
        Change(
            "/notes",
            json!([{ "heading": "Dimenions" }, { "heading": "Ok", "text": "### fine\n\n## not" }]),
        ),
        Change("/parts", json!([{ "name": "One", "id": "two" }, { "name": "one" }])),
        Change("/a~b~1c", json!(1)),
    ];
    let mut all = String::new();
    for Change(pointer, value) in changes {
        let mut json = least();
        set(&mut json, pointer, value.clone());
        let (found, shown) = (told(&json), value.to_string());
        all.push_str(&format!("{pointer} = {shown}\n{found}\n"));
    }
    insta::assert_snapshot!("pointers", all);
}

fn set(json: &mut Value, pointer: &str, value: Value) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return *json = value };
    let parent = json.pointer_mut(parent).unwrap();
    match (parent, key.parse::<usize>()) {
        (Value::Array(values), Ok(n)) => values[n] = value,
        (parent, _) => {
            let key = key.replace("~1", "/").replace("~0", "~");
            if parent.get(&key).is_none() && !parent.is_object() {
                *parent = json!({});
            }
            parent[key] = value;
        }
    }
}

#[test]
fn text_from_a_form_may_have_windows_line_ends_and_tabs() {
    let mut json = least();
    set(&mut json, "/dimensions/0/description", json!("One.\r\n\r\n\tcode\r\n"));
    let definition = check_json(&json).definition.unwrap();
    assert_eq!(definition.dimensions[0].description, "One.\n\n    code");
}

#[test]
fn json_of_any_depth_and_size_is_refused_in_peace() {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let mut json = least();
    set(&mut json, "/notes", deep);
    assert!(told(&json).contains("too-deep"));
    set(&mut json, "/notes", json!(vec![1; 200_000]));
    assert!(told(&json).contains("too-large"));
    set(&mut json, "/notes", json!([{ "heading": "Long", "text": "word ".repeat(4_000) }]));
    assert!(check_json(&json).definition.is_some());
    let long = vec![json!({ "heading": "Long", "text": "word ".repeat(3_990) }); 14];
    set(&mut json, "/notes", json!(long));
    let checked = check_json(&json);
    assert_eq!(checked.diagnostics[0].code, Code::TooLarge);
    assert_eq!(checked.diagnostics[0].place, Place::Json { pointer: String::new() });
}

#[test]
fn a_definition_from_json_prints_as_a_file() {
    let definition: Definition = serde_json::from_value(least()).unwrap();
    assert_eq!(crate::definition_of(&print(&definition)), definition);
}
