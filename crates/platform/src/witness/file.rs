//! The file itself: notes, each followed by an empty line, and only ever more of them.
//!
//! What a crash tore off is cut away before the next note; anything else that is wrong with it was done to it, and
//! nothing is added to such a file.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use audit::{CheckpointError, CheckpointFile, Damage, SignedCheckpoint};
use kernel::StoreError;
use rustix::fs::{FlockOperation, flock};

/// How much is read at a time: many notes, of which none is longer than 64 KiB.
const CHUNK: usize = 1024 * 1024;

/// The file of the key that verifies the checkpoints in `path`.
pub fn key_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Why the file cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoteFileError {
    #[error("cannot use {}: {error}", path.display())]
    Unusable { path: PathBuf, error: io::Error },
    #[error("{} was damaged: {damage}; put back an undamaged copy, or move it away to begin another", path.display())]
    Damaged { path: PathBuf, damage: String },
    #[error(
        "{} holds {found}, and the database signs with {expected}: these checkpoints are of another log",
        path.display()
    )]
    OtherKey { path: PathBuf, found: String, expected: String },
    #[error("{} has another checkpoint of {size} events than the database", path.display())]
    OtherHistory { path: PathBuf, size: u64 },
    #[error("what was to be kept is no checkpoint: {0}")]
    NoCheckpoint(#[from] CheckpointError),
}

impl From<NoteFileError> for StoreError {
    fn from(error: NoteFileError) -> Self {
        match error {
            NoteFileError::Unusable { .. } => Self::Unavailable(error.to_string()),
            _ => Self::Fault(error.to_string()),
        }
    }
}

/// The file, and how far it was read.
pub(super) struct NoteFile {
    path: PathBuf,
    read: Mutex<Read>,
}

/// What was read: the file only grows, so that each note is read once.
#[derive(Default)]
struct Read {
    /// Device and inode, so that another file in its place is read from the start.
    identity: (u64, u64),
    /// The octets up to the end of the last whole note.
    sound: u64,
    /// The lines among them.
    lines: usize,
    last: Option<SignedCheckpoint>,
}

impl NoteFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, read: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The newest whole note.
    pub(super) fn last(&self, key: Option<&str>) -> Result<Option<String>, NoteFileError> {
        let mut read = self.read();
        if let (Some(key), Some(found)) = (key, self.key()?) {
            self.compare(&found, key)?;
        }
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                *read = Read::default();
                return Ok(None);
            }
            opened => opened.map_err(|error| self.unusable(error))?,
        };
        flock(&file, FlockOperation::LockShared).map_err(|error| self.unusable(error.into()))?;
        self.read_on(&file, &mut read)?;
        Ok(read.last.as_ref().map(ToString::to_string))
    }

    /// Adds a note, unless another process added it, or a later one, before.
    pub(super) fn append(&self, note: &str, key: Option<&str>) -> Result<(), NoteFileError> {
        let note = SignedCheckpoint::parse(note.as_bytes())?;
        let mut read = self.read();
        let file = self.open_or_create().map_err(|error| self.unusable(error))?;
        flock(&file, FlockOperation::LockExclusive).map_err(|error| self.unusable(error.into()))?;
        self.read_on(&file, &mut read)?;
        if let Some(key) = key {
            self.keep_key(key)?;
        }
        if let Some(last) = &read.last {
            let (last, new) = (last.unverified(), note.unverified());
            if last.size == new.size && last.root != new.root {
                return Err(NoteFileError::OtherHistory { path: self.path.clone(), size: new.size });
            }
            if last.size >= new.size {
                return Ok(());
            }
        }
        let record = note.record();
        self.write(&file, &read, &record).map_err(|error| self.unusable(error))?;
        read.sound += record.len() as u64;
        read.lines += lines_of(record.as_bytes());
        read.last = Some(note);
        Ok(())
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        // What was read is advanced note by note, so that a poisoned lock guards a sound state.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what was added since, piece by piece.
    fn read_on(&self, file: &File, read: &mut Read) -> Result<(), NoteFileError> {
        let there = file.metadata().map_err(|error| self.unusable(error))?;
        let identity = (there.dev(), there.ino());
        if read.identity != identity || there.len() < read.sound {
            *read = Read { identity, ..Read::default() };
        }
        if there.len() == read.sound {
            return Ok(());
        }
        let mut piece = vec![0; CHUNK];
        loop {
            let length = fill(file, &mut piece, read.sound).map_err(|error| self.unusable(error))?;
            let piece = &piece[..length];
            let CheckpointFile { mut checkpoints, sound, damages, .. } = CheckpointFile::parse(piece);
            if let Some(damage) = damages.into_iter().next() {
                let damage = Damage { line: read.lines + damage.line, ..damage };
                return Err(self.damaged(damage.to_string()));
            }
            read.sound += sound as u64;
            read.lines += lines_of(&piece[..sound]);
            read.last = checkpoints.pop().or(read.last.take());
            if length < CHUNK {
                return Ok(());
            }
            if sound == 0 {
                return Err(self.damaged(format!("line {} begins no checkpoint", read.lines + 1)));
            }
        }
    }

    /// One write, made lasting, over whatever a crash tore off.
    fn write(&self, mut file: &File, read: &Read, record: &str) -> io::Result<()> {
        if file.metadata()?.len() > read.sound {
            file.set_len(read.sound)?;
        }
        file.write_all(record.as_bytes())?;
        file.sync_all()?;
        if read.sound == 0 { sync_folder(&self.path) } else { Ok(()) }
    }

    fn open_or_create(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).mode(0o600);
        match options.open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        if let Some(folder) = self.path.parent().filter(|folder| !folder.exists()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            sync_folder(folder)?;
        }
        options.create(true).open(&self.path)
    }

    /// The key beside the file, if there is one.
    fn key(&self) -> Result<Option<String>, NoteFileError> {
        match fs::read_to_string(key_path(&self.path)) {
            Ok(key) => Ok(Some(key.trim_end().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(NoteFileError::Unusable { path: key_path(&self.path), error }),
        }
    }

    fn compare(&self, found: &str, expected: &str) -> Result<(), NoteFileError> {
        if found == expected {
            return Ok(());
        }
        let (found, expected) = (found.to_owned(), expected.to_owned());
        Err(NoteFileError::OtherKey { path: key_path(&self.path), found, expected })
    }

    /// Puts the key beside the file, whole or not at all; whoever holds the lock on the file is alone.
    fn keep_key(&self, key: &str) -> Result<(), NoteFileError> {
        if let Some(found) = self.key()? {
            return self.compare(&found, key);
        }
        let path = key_path(&self.path);
        let draft = path.with_extension("key.new");
        let written = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(format!("{key}\n").as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            sync_folder(&path)
        };
        written().map_err(|error| NoteFileError::Unusable { path: path.clone(), error })
    }

    fn unusable(&self, error: io::Error) -> NoteFileError {
        NoteFileError::Unusable { path: self.path.clone(), error }
    }

    fn damaged(&self, damage: String) -> NoteFileError {
        NoteFileError::Damaged { path: self.path.clone(), damage }
    }
}

/// Reads until the piece is full or the file ends.
fn fill(file: &File, piece: &mut [u8], from: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match file.read_at(&mut piece[length..], from + length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn lines_of(octets: &[u8]) -> usize {
    octets.split(|octet| *octet == b'\n').count() - 1
}

/// Makes it lasting that there is something of this name.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
