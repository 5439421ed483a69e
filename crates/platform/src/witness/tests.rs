//! The file of checkpoints: what crashes, other processes and meddlers do to it.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    thread,
};

use audit::{CheckpointFile, Hash, Note, SignedCheckpoint, SignerKey};
use tempfile::TempDir;

use super::{
    file::{NoteFile, NoteFileError},
    key_path,
};

struct Place {
    folder: TempDir,
    key: SignerKey,
}

impl Place {
    fn new() -> Self {
        let key = SignerKey::from_seed("example.org/log", &[7; 32]).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), key }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("audit/checkpoints")
    }

    fn file(&self) -> NoteFile {
        NoteFile::new(self.path())
    }

    fn verifier(&self) -> String {
        self.key.verifier().to_string()
    }

    fn note(&self, size: u64) -> String {
        SignedCheckpoint::sign(size, Hash::of_leaf(&size.to_be_bytes()), &self.key).to_string()
    }

    fn append(&self, file: &NoteFile, size: u64) -> Result<(), NoteFileError> {
        file.append(&self.note(size), Some(&self.verifier()))
    }

    /// A file that holds checkpoints of these sizes.
    fn with(sizes: impl IntoIterator<Item = u64>) -> Self {
        let place = Self::new();
        let file = place.file();
        sizes.into_iter().for_each(|size| place.append(&file, size).unwrap());
        place
    }

    /// The sizes in the file, which has to be whole.
    fn sizes(&self) -> Vec<u64> {
        let bytes = fs::read(self.path()).unwrap();
        let parsed = CheckpointFile::parse(&bytes);
        assert!(parsed.is_undamaged() && parsed.torn.is_none() && parsed.sound == bytes.len());
        parsed.checkpoints.iter().map(|checkpoint| checkpoint.unverified().size).collect()
    }

    fn last(&self) -> Result<Option<String>, NoteFileError> {
        self.file().last(Some(&self.verifier()))
    }
}

#[test]
fn the_first_checkpoint_makes_file_and_key_for_their_owner_alone() {
    let place = Place::new();
    let file = place.file();
    assert_eq!(file.last(Some(&place.verifier())).unwrap(), None);
    assert!(!place.path().exists());
    place.append(&file, 3).unwrap();
    assert_eq!(file.last(Some(&place.verifier())).unwrap(), Some(place.note(3)));
    assert_eq!(fs::read_to_string(place.path()).unwrap(), format!("{}\n", place.note(3)));
    assert_eq!(fs::read_to_string(key_path(&place.path())).unwrap(), format!("{}\n", place.verifier()));
    for made in [place.path(), key_path(&place.path())] {
        assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(place.folder.path().join("audit")).unwrap().count(), 2, "no drafts are left");
}

#[test]
fn what_a_crash_tore_off_is_cut_away_before_the_next() {
    let whole = fs::read(Place::with([1, 2]).path()).unwrap();
    for length in 0..whole.len() {
        let place = Place::with([1]);
        fs::write(place.path(), &whole[..length]).unwrap();
        let expected = (length * 2 >= whole.len()).then(|| place.note(1));
        assert_eq!(place.last().unwrap(), expected, "{length}");
        place.append(&place.file(), 2).unwrap();
        let kept: &[u64] = if expected.is_some() { &[1, 2] } else { &[2] };
        assert_eq!(place.sizes(), kept, "{length}");
    }
}

#[test]
fn a_file_that_was_damaged_is_neither_believed_nor_touched() {
    let place = Place::with([1, 2, 3]);
    let sound = fs::read_to_string(place.path()).unwrap();
    let damaged = sound.replacen("\n2\n", "\nx\n", 1);
    fs::write(place.path(), &damaged).unwrap();
    let told = place.last().unwrap_err().to_string();
    assert!(told.contains("line 8"), "{told}");
    assert!(matches!(place.append(&place.file(), 4), Err(NoteFileError::Damaged { .. })));
    assert_eq!(fs::read_to_string(place.path()).unwrap(), damaged);
    fs::write(place.path(), &sound).unwrap();
    place.append(&place.file(), 4).unwrap();
    assert_eq!(place.sizes(), [1, 2, 3, 4]);
}

#[test]
fn checkpoints_of_another_log_are_not_added_to() {
    let place = Place::with([1]);
    let before = fs::read(place.path()).unwrap();
    let other = SignerKey::from_seed("example.org/other", &[8; 32]).unwrap().verifier().to_string();
    fs::write(key_path(&place.path()), format!("{other}\n")).unwrap();
    let told = place.last().unwrap_err().to_string();
    assert!(told.contains(&other) && told.contains(&place.verifier()), "{told}");
    assert!(matches!(place.append(&place.file(), 2), Err(NoteFileError::OtherKey { .. })));
    assert_eq!(fs::read(place.path()).unwrap(), before);
    fs::remove_file(key_path(&place.path())).unwrap();
    place.append(&place.file(), 2).unwrap();
    assert_eq!(fs::read_to_string(key_path(&place.path())).unwrap().trim_end(), place.verifier());
}

#[test]
fn another_history_of_the_same_size_is_no_repetition() {
    let place = Place::with([5]);
    place.append(&place.file(), 5).unwrap();
    place.append(&place.file(), 4).unwrap();
    let other = SignedCheckpoint::sign(5, Hash::EMPTY, &place.key).to_string();
    let refused = place.file().append(&other, Some(&place.verifier()));
    assert!(matches!(refused, Err(NoteFileError::OtherHistory { size: 5, .. })));
    assert_eq!(place.sizes(), [5]);
}

#[test]
fn several_processes_add_to_one_file() {
    const EACH: u64 = 40;
    let place = Place::with([1]);
    thread::scope(|scope| {
        for writer in 0..4 {
            let place = &place;
            scope.spawn(move || {
                let file = place.file();
                (0..EACH).for_each(|n| place.append(&file, 2 + n * 4 + writer).unwrap());
            });
        }
    });
    let sizes = place.sizes();
    assert!(sizes.is_sorted_by(|one, next| one < next), "{sizes:?}");
    assert_eq!(sizes.last(), Some(&(1 + EACH * 4)));
}

#[test]
fn what_another_process_added_or_put_in_its_place_is_seen() {
    let place = Place::with([1]);
    let file = place.file();
    assert_eq!(file.last(None).unwrap(), Some(place.note(1)));
    place.append(&place.file(), 2).unwrap();
    assert_eq!(file.last(None).unwrap(), Some(place.note(2)));
    fs::rename(place.path(), place.path().with_extension("old")).unwrap();
    assert_eq!(file.last(None).unwrap(), None);
    place.append(&file, 9).unwrap();
    assert_eq!(place.sizes(), [9]);
}

#[test]
fn a_long_file_is_read_piece_by_piece() {
    let place = Place::with([1]);
    let mut file = OpenOptions::new().append(true).open(place.path()).unwrap();
    let long = "x".repeat(60_000);
    for size in 2..40 {
        let checkpoint = format!("example.org/log\n{size}\n{}\n{long}\n", Hash::EMPTY);
        let note = Note::sign(checkpoint, &place.key).unwrap();
        writeln!(file, "{note}").unwrap();
    }
    assert!(place.last().unwrap().unwrap().starts_with("example.org/log\n39\n"));
    place.append(&place.file(), 50).unwrap();
    assert_eq!(place.sizes().len(), 40);
    writeln!(file, "example.org/log\nnonsense\n\n\n").unwrap();
    writeln!(file, "example.org/log\nnonsense\n\n\n").unwrap();
    assert!(matches!(place.last(), Err(NoteFileError::Damaged { .. })));
    let endless = vec![b'x'; 3 * 1024 * 1024];
    fs::write(place.path(), endless).unwrap();
    assert!(place.last().unwrap_err().to_string().contains("line 1"));
}
