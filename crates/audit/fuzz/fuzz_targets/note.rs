//! A note or a key of any bytes: what parses is written as it was read.
#![no_main]

use audit::{Checkpoint, Note, SignedCheckpoint, VerifierKey};
use libfuzzer_sys::fuzz_target;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        let known = [PETER.parse().expect("a key")];
        let _ = note.verify(&known);
        if let Ok(signed) = SignedCheckpoint::try_from(note) {
            assert_eq!(SignedCheckpoint::parse(bytes).as_ref(), Ok(&signed));
            let text = signed.unverified().to_string();
            assert_eq!(Checkpoint::parse(&text).as_ref(), Ok(signed.unverified()));
        }
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
});
