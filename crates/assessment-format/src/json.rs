//! Assessments as JSON, as a builder sends them: the same rules, with JSON Pointers for places.

use prose::{At, Dialect, Fault, Severity, json};
use serde_json::Value as Json;

use crate::{
    Checked,
    check::check,
    definition::Definition,
    diagnostic::Code,
    markdown::{FORMAT, MAX_SIZE, print},
};

/// Checks a definition in JSON against every rule.
///
/// The members are those of [`Content`](crate::Content) in camel case: `metadata` with a `name`, `dimensions` and
/// `resultCategories` are required, everything else has a default.
pub fn check_json(json: &Json) -> Checked {
    checked(json, false)
}

/// Reads a definition that was stored, by the rules that decide what its parts are: others, which may have come later,
/// were kept as they were then.
pub(crate) fn read_stored(json: &Json) -> Checked {
    checked(json, true)
}

fn checked(json: &Json, stored: bool) -> Checked {
    const PASSED: [Code; 2] = [Code::Misplaced, Code::UnknownSection];
    let (definition, diagnostics) = json::check(json, &FORMAT, |root, log| {
        let content = check(root, Dialect::Json, log, stored)?;
        let is_passed =
            |fault: &Fault<Code>| fault.severity != Severity::Error || PASSED.contains(&fault.code);
        let is_sound = if stored { log.faults().iter().all(is_passed) } else { !log.has_errors() };
        let definition = is_sound.then(|| Definition::of_checked(content))?;

        if print(&definition).len() <= MAX_SIZE {
            return Some(definition);
        }
        let what = format!("as a file, the assessment has more than {MAX_SIZE} bytes");
        log.error(Code::TooLarge, &At::Pointer(String::new()), what, "split it into several assessments");
        None
    });
    Checked { definition, diagnostics }
}

/// Reads a file of JSON and checks it as [`check_json`] does. At most 1 MiB is looked at; an object has every member
/// once.
pub fn parse_json(file: impl AsRef<[u8]>) -> Checked {
    match json::read(file.as_ref(), &FORMAT) {
        Ok(json) => check_json(&json),
        Err(fault) => Checked { definition: None, diagnostics: vec![fault] },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_json_is_what_the_json_is() {
        let json = serde_json::json!({ "metadata": { "name": "x", "version": 1.5e0, "n": -1, "b": [null, true, 1e30] } });
        let pretty = std::format!("\u{feff}{}", serde_json::to_string_pretty(&json).unwrap());
        assert_eq!(parse_json(pretty), check_json(&json));
    }
}
