//! Checkpoints: what the log was at a size, signed (C2SP tlog-checkpoint, <https://c2sp.org/tlog-checkpoint>).

mod file;

use std::fmt;

pub use self::file::{CheckpointFile, Damage};
use crate::{
    hash::Hash,
    key::{KeyName, SignerKey, VerifierKey},
    note::{Note, NoteError},
};

/// The name of a log: one line, not empty. A log has the name of the key that signs for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Checks that it is one line.
    pub fn new(origin: impl Into<String>) -> Result<Self, CheckpointError> {
        let origin = origin.into();
        let one_line = !origin.is_empty() && !origin.contains(|c: char| c < ' ');
        if one_line { Ok(Self(origin)) } else { Err(CheckpointError::Origin) }
    }

    /// The line, without its newline.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&KeyName> for Origin {
    fn from(name: &KeyName) -> Self {
        Self(name.as_str().to_owned())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first `size` leaves of the log `origin` have this root. `Display` writes the text that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is.
    pub origin: Origin,
    /// How many leaves it had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note. Lines after the third are extensions, and left out.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::TooShort)?.split('\n');
        let mut next = || lines.next().ok_or(CheckpointError::TooShort);
        let origin = Origin::new(next()?)?;
        let size = next()?;
        let root = next()?.parse().map_err(|_| CheckpointError::Root)?;
        let size = size.parse().ok().filter(|number: &u64| number.to_string() == size);
        let size = size.ok_or(CheckpointError::Size)?;
        match lines.position(str::is_empty) {
            Some(n) => Err(CheckpointError::EmptyExtension { line: 4 + n }),
            None => Ok(Self { origin, size, root }),
        }
    }

    /// Reads a note, and believes it if a known key signed it that has the log's name.
    pub fn open(note: &str, known: &[VerifierKey]) -> Result<Self, CheckpointError> {
        SignedCheckpoint::parse(note.as_bytes())?.verify(known).cloned()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// A note whose text is a checkpoint. `Display` writes it as it was read, extensions and all signatures included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Signs that the log with the key's name has this root at this size.
    pub fn sign(size: u64, root: Hash, key: &SignerKey) -> Self {
        let checkpoint = Checkpoint { origin: key.name().into(), size, root };
        let note = Note::sign(checkpoint.to_string(), key)
            .expect("a name of 255 bytes and two lines fit into a note");
        Self { note, checkpoint }
    }

    /// Takes a note apart. Its signatures are not checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Note::parse(bytes)?.try_into()
    }

    /// The checkpoint, if a known key signed it that has the log's name. So a log's key vouches for no other log.
    pub fn verify(&self, known: &[VerifierKey]) -> Result<&Checkpoint, CheckpointError> {
        let origin = &self.checkpoint.origin;
        let of_the_log: Vec<VerifierKey> =
            known.iter().filter(|key| key.name().as_str() == origin.as_str()).cloned().collect();
        if of_the_log.is_empty() {
            return Err(CheckpointError::OtherLog { origin: origin.clone() });
        }
        self.note.verify(&of_the_log)?;
        Ok(&self.checkpoint)
    }

    /// What it claims, checked by nobody.
    pub const fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// What is appended to a file of checkpoints: the note and an empty line.
    pub fn record(&self) -> String {
        format!("{}\n", self.note)
    }
}

impl TryFrom<Note> for SignedCheckpoint {
    type Error = CheckpointError;

    fn try_from(note: Note) -> Result<Self, CheckpointError> {
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// It is not a checkpoint, or not one to believe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is not a note, or not signed as it must be.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It has fewer than three lines.
    #[error("a checkpoint has three lines: the name of the log, its size and its root")]
    TooShort,
    /// The name of the log is empty or has control characters.
    #[error("the name of a log is one line that is not empty")]
    Origin,
    /// The size is not a number.
    #[error("the size is a decimal number below 2^64 without leading zeros")]
    Size,
    /// The root is not a hash.
    #[error("the root is 32 bytes in standard base64 with padding")]
    Root,
    /// An empty line among the extensions.
    #[error("a line of a checkpoint is empty")]
    EmptyExtension {
        /// Where, from 1.
        line: usize,
    },
    /// It is about another log than those the known keys sign for.
    #[error("it is a checkpoint of another log, {origin}")]
    OtherLog {
        /// The log it is about.
        origin: Origin,
    },
}

impl CheckpointError {
    /// The line of the note that is wrong, from 1, where it is one line.
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Note(error) => error.line(),
            Self::Origin | Self::OtherLog { .. } => Some(1),
            Self::Size => Some(2),
            Self::Root => Some(3),
            Self::EmptyExtension { line } => Some(*line),
            Self::TooShort => None,
        }
    }
}
