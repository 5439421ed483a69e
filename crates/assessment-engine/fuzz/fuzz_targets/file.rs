//! A file of any bytes: it is refused with places that can be shown, or prints, and reads back as the same.
#![no_main]

use assessment_engine::{format, parse, print, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Most bytes have no front matter, and would end there.
    let mut file = b"---\nschema: assessment/1\nname: Fuzz\n---\n".to_vec();
    file.extend(bytes);
    for file in [bytes, &file] {
        let checked = parse(file);
        render(&checked.diagnostics, "file.md", &String::from_utf8_lossy(file));
        assert_eq!(checked.definition.is_none(), checked.diagnostics.iter().any(|diagnostic| diagnostic.is_error()));
        let Some(definition) = checked.definition else { continue };
        let printed = print(&definition);
        assert_eq!(parse(&printed).definition.as_ref(), Some(&definition));
        let ordered = format(file).expect("it has a definition");
        assert_eq!(parse(&ordered).definition.as_ref(), Some(&definition));
        assert_eq!(format(&ordered).expect("it has a definition"), ordered);
    }
});
