//! JSON of any bytes: it is refused with places that can be shown, or is a definition that prints, and reads back
//! as the same from both.
#![no_main]

use assessment_format::{Diagnostic, check_json, parse, parse_json, print, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let checked = parse_json(bytes);
    render(&checked.diagnostics, "file.json", &String::from_utf8_lossy(bytes));
    let is_refused = checked.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(checked.definition.is_none(), is_refused);
    let Some(definition) = checked.definition else { return };
    assert_eq!(check_json(&definition.to_json()).definition.as_ref(), Some(&definition));
    assert_eq!(parse(print(&definition)).definition.as_ref(), Some(&definition));
});
