//! A file of any bytes: it is refused with places that can be shown, or prints, and reads back as the same.
#![no_main]

use assessment_format::{Diagnostic, check_json, format, parse, print, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Most bytes have no front matter, and would end there.
    let mut file = b"---\nschema: assessment/1\nname: Fuzz\n---\n".to_vec();
    file.extend(bytes);
    for file in [bytes, &file] {
        let checked = parse(file);
        render(&checked.diagnostics, "file.md", &String::from_utf8_lossy(file));
        let is_refused = checked.diagnostics.iter().any(Diagnostic::is_error);
        assert_eq!(checked.definition.is_none(), is_refused);
        let Some(definition) = checked.definition else { continue };
        let printed = print(&definition);
        assert_eq!(parse(&printed).definition.as_ref(), Some(&definition));
        assert_eq!(check_json(&definition.to_json()).definition.as_ref(), Some(&definition));
        let ordered = format(file).expect("it has a definition");
        assert_eq!(parse(&ordered).definition.as_ref(), Some(&definition));
        assert_eq!(format(&ordered).expect("it has a definition"), ordered);
    }
});
