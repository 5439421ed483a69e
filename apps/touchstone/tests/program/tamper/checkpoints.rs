//! The ways to alter what vouches for the log: checkpoints in the database, their file, the key beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Case, log::Log};

pub(super) fn checkpoints(log: &Log) -> Vec<Case> {
    let middle = log.sizes[log.sizes.len() - 2];
    let last = log.sizes[log.sizes.len() - 1];
    let row = |what: &str| format!("UPDATE audit.checkpoints SET {what} WHERE size = {middle}");
    vec![
        Case::broken(
            "a checkpoint's root",
            row(
                "note = regexp_replace(note, '\\n[^\\n]{44}\\n', E'\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n')",
            ),
            &[
                &format!(
                    "the checkpoint of {middle} events in the row {middle} of audit.checkpoints is not believed"
                ),
                "1 finding",
            ],
        ),
        Case::broken(
            "a checkpoint's note",
            row("note = 'nothing'"),
            &["is not what was signed", "1 finding"],
        ),
        Case::broken(
            "a checkpoint's size",
            row("size = size + 1"),
            &["holds the checkpoint of another size"],
        ),
        Case::broken(
            "a checkpoint deleted",
            format!("DELETE FROM audit.checkpoints WHERE size = {middle}"),
            &[&format!("the checkpoint of {middle} is in the file, and its row is missing"), "1 finding"],
        ),
        Case::broken(
            "the newest checkpoint deleted",
            format!("DELETE FROM audit.checkpoints WHERE size = {last}"),
            &[&format!("the checkpoint of {last} is in the file, and its row is missing"), "1 finding"],
        ),
        Case::file(
            "a root in the file",
            |file| edit(file, |notes| swap_first_root(notes, 1)),
            1,
            &["is not believed", "1 finding"],
        ),
        Case::file(
            "a note out of the file",
            |file| edit(file, |notes| drop(notes.remove(1))),
            1,
            &["was removed from the file", "1 finding"],
        ),
        Case::file(
            "the file garbled",
            |file| edit(file, |notes| notes[1].insert_str(5, "\n\n")),
            1,
            &["line "],
        ),
        Case::file(
            "the file torn at its end",
            |file| edit(file, |notes| notes.last_mut().unwrap().truncate(60)),
            0,
            &["was not written to its end", "sound: "],
        ),
        Case::file(
            "the file gone",
            |file| fs::remove_file(file).unwrap(),
            2,
            &["is missing", "--checkpoints"],
        ),
        Case::file("another key beside the file", another_key, 1, &["is not believed"]),
        Case::file(
            "no key beside the file",
            |file| fs::write(key(file), "\n").unwrap(),
            2,
            &["there is no key in it"],
        ),
        Case::file(
            "the key beside the file gone",
            |file| fs::remove_file(key(file)).unwrap(),
            0,
            &["this trusts the database", "sound: "],
        ),
    ]
}

fn key(file: &Path) -> PathBuf {
    format!("{}.key", file.display()).into()
}

/// A valid key of the same name.
fn another_key(file: &Path) {
    let name = fs::read_to_string(key(file)).unwrap().split('+').next().unwrap().to_owned();
    let other = audit::SignerKey::from_seed(name, &[7; 32]).unwrap();
    fs::write(key(file), other.verifier().to_string()).unwrap();
}

/// The file as its notes, each with the empty line after it.
fn edit(file: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(file).unwrap();
    let mut blocks = text.split_inclusive("\n\n");
    let mut notes = Vec::new();
    while let (Some(text), Some(signatures)) = (blocks.next(), blocks.next()) {
        notes.push(format!("{text}{signatures}"));
    }
    change(&mut notes);
    fs::write(file, notes.concat()).unwrap();
}

/// The root of one note in another.
fn swap_first_root(notes: &mut [String], number: usize) {
    let root = |note: &str| note.lines().nth(2).unwrap().to_owned();
    let (own, other) = (root(&notes[number]), root(&notes[0]));
    notes[number] = notes[number].replace(&own, &other);
}
