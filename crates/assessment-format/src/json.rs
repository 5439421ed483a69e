//! Assessments as JSON, as a builder sends them: the same rules, with JSON Pointers for places.

mod file;

use serde_json::Value as Json;

pub use self::file::parse_json;

use crate::{
    Checked,
    check::check,
    definition::Definition,
    diagnostic::{Code, Place},
    markdown::{self, MAX_SIZE, diagnostics},
    tree::{At, Dialect, Field, Log, Node, Value},
};

/// The deepest nesting of arrays and objects.
const MAX_DEPTH: usize = 12;
/// The most values.
const MAX_NODES: usize = 100_000;

/// Checks a definition in JSON against every rule.
///
/// The members are those of [`Content`](crate::Content) in camel case: `metadata` with a `name`, `dimensions` and
/// `resultCategories` are required, everything else has a default.
pub fn check_json(json: &Json) -> Checked {
    let mut log = Log::default();
    let mut left = MAX_NODES;
    let root = node(json, String::new(), MAX_DEPTH, &mut left, &mut log);
    let content = if left == 0 { None } else { check(&root, Dialect::Json, &mut log) };
    let root_at = At::Pointer(String::new());
    if left == 0 {
        let what = format!("there are more than {MAX_NODES} values");
        log.error(Code::TooLarge, &root_at, what, "split it into several assessments");
    }
    let definition = content.filter(|_| !log.has_errors()).map(Definition::of_checked);
    let definition = definition.filter(|definition| {
        let is_small = markdown::print(definition).len() <= MAX_SIZE;
        if !is_small {
            let what = format!("as a file, the assessment has more than {MAX_SIZE} bytes");
            log.error(Code::TooLarge, &root_at, what, "split it into several assessments");
        }
        is_small
    });
    let place = |at: &At| match at {
        At::Pointer(pointer) => Place::Json { pointer: pointer.clone() },
        At::Span(_) => Place::Json { pointer: String::new() },
    };
    Checked { definition, diagnostics: diagnostics(log, place) }
}

fn node<'j>(json: &'j Json, pointer: String, depth: usize, left: &mut usize, log: &mut Log) -> Node<'j> {
    *left = left.saturating_sub(1);
    let at = At::Pointer(pointer);
    if *left == 0 {
        return Node::new(at, Value::Unknown);
    }
    if depth == 0 {
        log.error(Code::TooDeep, &at, "values are nested too deep here", "no definition is as deep as this");
        return Node::new(at, Value::Unknown);
    }
    let mut child = |json: &'j Json, at: &At| {
        let At::Pointer(pointer) = at.clone() else { return Node::new(at.clone(), Value::Unknown) };
        node(json, pointer, depth - 1, left, log)
    };
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => Value::Text(text.into()),
        Json::Array(values) => {
            let nodes = values.iter().enumerate().map(|(n, value)| child(value, &at.member(&n.to_string())));
            Value::List(nodes.collect())
        }
        Json::Object(members) => {
            let fields = members.iter().map(|(key, value)| {
                let node = child(value, &at.member(key));
                Field { key: key.into(), key_at: node.at.clone(), node }
            });
            Value::Map(fields.collect())
        }
    };
    Node::new(at, value)
}
