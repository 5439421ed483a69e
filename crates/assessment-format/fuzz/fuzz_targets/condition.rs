//! A condition of any text: its place can be shown, or it prints, and reads back as the same.
#![no_main]

use assessment_format::Condition;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Condition::parse(text) {
        Ok(condition) => {
            let printed = condition.to_string();
            assert_eq!(Condition::parse(&printed).as_ref(), Ok(&condition));
        }
        Err(error) => assert!(error.place.start <= text.len() && !error.place.is_empty()),
    }
});
