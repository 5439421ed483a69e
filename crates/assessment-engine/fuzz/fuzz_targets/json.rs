//! JSON of any kind: it is refused, or is a definition that prints, and reads back as the same from both.
#![no_main]

use assessment_engine::{check_json, parse, print};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return };
    let Some(definition) = check_json(&json).definition else { return };
    assert_eq!(check_json(&definition.to_json()).definition.as_ref(), Some(&definition));
    assert_eq!(parse(print(&definition)).definition.as_ref(), Some(&definition));
});
