//! Why a file is not taken.

use thiserror::Error;

use crate::FileKind;

/// Why a file is not taken, in a sentence for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The name says one thing and the content another.
    #[error("the file is called .{extension}, but its content is {}: give it the extension of what it is", kind.label())]
    WrongExtension {
        /// The extension, in lower case.
        extension: String,
        /// What the content is.
        kind: FileKind,
    },
    /// Programs may disagree about what the file is, so what one checks another does not open.
    #[error("the file is {} and {} at once: save it anew as one of them", first.label(), second.label())]
    Polyglot {
        /// What it is read as from its beginning.
        first: FileKind,
        /// What else it is.
        second: FileKind,
    },
    /// The structure does not hold together.
    #[error("the {} file is broken: {fault}", kind.label())]
    Broken {
        /// What it would be.
        kind: FileKind,
        /// Where it does not hold together.
        fault: &'static str,
    },
    /// Only with a password could it be read.
    #[error("the file is encrypted: save it without a password")]
    Encrypted,
    /// An archive with too many files.
    #[error("the file is an archive of {entries} files; {} at most are taken", Self::MAX_ENTRIES)]
    TooManyEntries {
        /// How many it has.
        entries: usize,
    },
    /// An archive that unpacks to too much.
    #[error("the file unpacks to more than {} MiB", Self::MAX_INFLATED / 1024 / 1024)]
    TooLarge,
    /// An archive that unpacks to too much for what it is.
    #[error("the file unpacks to more than {} times its size", Self::MAX_RATIO)]
    TooCompressed,
    /// An archive in an archive.
    #[error("the file holds another archive, {entry}: send that by itself")]
    NestedArchive {
        /// Its name.
        entry: String,
    },
    /// An archive whose files would leave the folder it is unpacked in.
    #[error("the file holds a path that is not taken: {entry}")]
    UnsafePath {
        /// The path.
        entry: String,
    },
    /// An archive with two files of one name, of which programs choose as they please.
    #[error("the file holds {entry} twice")]
    DuplicateEntry {
        /// The name.
        entry: String,
    },
    /// A picture that takes too much memory to show.
    #[error("the picture has {width} x {height} pixels; {} megapixels at most are taken", Self::MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// From left to right.
        width: u32,
        /// From top to bottom.
        height: u32,
    },
}

impl Rejection {
    /// The most files an archive has.
    pub const MAX_ENTRIES: usize = 200;
    /// The most bytes an archive unpacks to, counted while it is unpacked: what its headers say is not believed.
    pub const MAX_INFLATED: u64 = 50 * 1024 * 1024;
    /// How many times its own size an archive unpacks to at most.
    pub const MAX_RATIO: u64 = 100;
    /// The most pixels a picture has.
    pub const MAX_PIXELS: u64 = 40_000_000;
}
