//! A file of checkpoints of any bytes: its sound part is sound, and what was read is written as it was.
#![no_main]

use audit::CheckpointFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = CheckpointFile::parse(bytes);
    let sound = CheckpointFile::parse(&bytes[..file.sound]);
    assert!(sound.is_undamaged() && sound.torn.is_none() && sound.sound == file.sound);
    assert!(file.checkpoints.starts_with(&sound.checkpoints));
    let whole = file.is_undamaged() && file.torn.is_none();
    assert_eq!(whole, file.sound == bytes.len());

    let written: String = file.checkpoints.iter().map(|checkpoint| checkpoint.record()).collect();
    assert!(bytes.starts_with(&written.as_bytes()[..file.sound]));
    let again = CheckpointFile::parse(written.as_bytes());
    assert!(again.is_undamaged() && again.torn.is_none());
    assert_eq!(again.checkpoints, file.checkpoints);
});
