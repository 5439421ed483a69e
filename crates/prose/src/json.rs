//! Documents as JSON, as a builder sends them: the same rules, with JSON Pointers for places.

mod file;

use serde_json::Value as Json;

pub use self::file::read;
use crate::{
    code::{Code, Rule},
    diagnostic::{Diagnostic, Place},
    format::Format,
    log::Log,
    tree::{At, Field, Node, Value},
};

/// The deepest nesting of arrays and objects.
const MAX_DEPTH: usize = 12;
/// The most values.
const MAX_NODES: usize = 100_000;

/// Checks a document in JSON: what `check` makes of its tree, and everything that is told.
pub fn check<T, C: Code>(
    json: &Json,
    format: &Format,
    check: impl FnOnce(&Node<'_>, &mut Log<C>) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic<C>>) {
    let mut log = Log::default();
    let mut left = MAX_NODES;
    let root = node(json, String::new(), MAX_DEPTH, &mut left, &mut log);
    let found = if left == 0 {
        let what = format!("there are more than {MAX_NODES} values");
        log.error(Rule::TooLarge, &At::Pointer(String::new()), what, format.split_hint());
        None
    } else {
        check(&root, &mut log)
    };
    let place = |at: &At| match at {
        At::Pointer(pointer) => Place::Json { pointer: pointer.clone() },
        At::Span(_) => Place::Json { pointer: String::new() },
    };
    (found, log.into_diagnostics(place))
}

fn node<'j, C: Code>(
    json: &'j Json,
    pointer: String,
    depth: usize,
    left: &mut usize,
    log: &mut Log<C>,
) -> Node<'j> {
    *left = left.saturating_sub(1);
    let at = At::Pointer(pointer);
    if *left == 0 {
        return Node::new(at, Value::Unknown);
    }
    if depth == 0 {
        log.error(Rule::TooDeep, &at, "values are nested too deep here", "no definition is as deep as this");
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
