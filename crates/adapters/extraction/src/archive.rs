//! A ZIP archive within limits: how many files, how they are called, how much they unpack to.

use std::{
    collections::HashSet,
    io::{Cursor, Read},
};

use infer::archive;
use zip::{ZipArchive, result::ZipError};

use crate::{FileKind, Rejection};

/// How much of a file tells whether it is an archive: a tar says so at byte 257.
const HEAD: usize = 512;

/// An archive whose names and number of files were checked. What is unpacked of it is counted, all together.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    size: u64,
    inflated: u64,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Rejection> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        if zip.len() > Rejection::MAX_ENTRIES {
            return Err(Rejection::TooManyEntries { entries: zip.len() });
        }
        let mut names = HashSet::new();
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(|error| broken(&error))?;
            let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
            if entry.encrypted() {
                return Err(Rejection::Encrypted);
            }
            if !is_safe(&name) {
                return Err(Rejection::UnsafePath { entry: shown(&name) });
            }
            // Programs take names for the same that differ in case alone.
            if !names.insert(name.to_ascii_lowercase()) {
                return Err(Rejection::DuplicateEntry { entry: shown(&name) });
            }
        }
        if zip.has_duplicate_names() {
            return Err(Rejection::DuplicateEntry { entry: "a name".to_owned() });
        }
        if zip.has_overlapping_entries().map_err(|error| broken(&error))? {
            return Err(Rejection::Broken { kind: FileKind::Zip, fault: "its files overlap" });
        }
        Ok(Self { zip, size: bytes.len() as u64, inflated: 0 })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.zip.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok())
    }

    /// Unpacks everything, keeping nothing, and counts anew. Of the files in it those may be ZIP archives whose names
    /// may: they are not unpacked in turn.
    pub(crate) fn check(&mut self, may_be_zip: impl Fn(&str) -> bool) -> Result<(), Rejection> {
        for index in 0..self.zip.len() {
            let mut head = Vec::with_capacity(HEAD);
            let name = self.inflate(index, |chunk| {
                head.extend_from_slice(&chunk[..chunk.len().min(HEAD - head.len())]);
            })?;
            if is_archive(&head) && !(archive::is_zip(&head) && may_be_zip(&name)) {
                return Err(Rejection::NestedArchive { entry: shown(&name) });
            }
        }
        self.inflated = 0;
        Ok(())
    }

    /// The content of a file; `None` if there is no such.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Rejection> {
        let Some(index) = self.zip.index_for_name_raw(name.as_bytes()) else { return Ok(None) };
        let mut content = Vec::new();
        self.inflate(index, |chunk| content.extend_from_slice(chunk))?;
        Ok(Some(content))
    }

    /// The content of the file the archive begins with, if it is called so and not compressed.
    pub(crate) fn first_part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Rejection> {
        let Ok(entry) = self.zip.by_index_data(0) else { return Ok(None) };
        let is_first = entry.header_start() == 0 && entry.name_raw() == name.as_bytes();
        if !is_first || entry.compression() != zip::CompressionMethod::Stored {
            return Ok(None);
        }
        self.part(name)
    }

    /// Counts what comes out, since what the headers say may be wrong.
    fn inflate(&mut self, index: usize, mut take: impl FnMut(&[u8])) -> Result<String, Rejection> {
        let mut file = self.zip.by_index(index).map_err(|error| broken(&error))?;
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let length = match file.read(&mut chunk) {
                Ok(0) => return Ok(String::from_utf8_lossy(file.name_raw()).into_owned()),
                Ok(length) => length,
                Err(_) => {
                    return Err(Rejection::Broken {
                        kind: FileKind::Zip,
                        fault: "a file in it does not unpack",
                    });
                }
            };
            self.inflated += length as u64;
            if self.inflated > Rejection::MAX_INFLATED {
                return Err(Rejection::TooLarge);
            }
            if self.inflated > self.size.saturating_mul(Rejection::MAX_RATIO) {
                return Err(Rejection::TooCompressed);
            }
            take(&chunk[..length]);
        }
    }
}

fn broken(error: &ZipError) -> Rejection {
    let fault = match error {
        ZipError::UnsupportedArchive(_) => "it is packed in a way that is not read here",
        _ => "its list of files cannot be read",
    };
    Rejection::Broken { kind: FileKind::Zip, fault }
}

/// Whether a path stays in the folder it is unpacked in, on every system.
fn is_safe(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    let is_absolute = name.is_empty() || name.starts_with('/') || has_drive;
    !is_absolute && !name.contains('\0') && name.split('/').all(|part| part != "..")
}

/// As much of a name as fits into a sentence.
fn shown(name: &str) -> String {
    name.chars().take(100).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn is_archive(head: &[u8]) -> bool {
    let kinds = [
        archive::is_zip,
        archive::is_tar,
        archive::is_rar,
        archive::is_gz,
        archive::is_bz2,
        archive::is_bz3,
        archive::is_7z,
        archive::is_xz,
        archive::is_zst,
        archive::is_lz,
        archive::is_lz4,
        archive::is_z,
        archive::is_cab,
        archive::is_cpio,
    ];
    kinds.iter().any(|is_kind| is_kind(head))
}

/// Whether programs that look for a ZIP archive from the end of a file find one: an end of central directory, and the
/// directory before it.
pub(crate) fn ends_in_zip(bytes: &[u8]) -> bool {
    const END: &[u8] = b"PK\x05\x06";
    const LENGTH: usize = 22;
    let tail = bytes.len().saturating_sub(LENGTH + usize::from(u16::MAX));
    let number =
        |at: usize| bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    bytes[tail..].windows(LENGTH).enumerate().filter(|(_, window)| window.starts_with(END)).any(|(at, _)| {
        let end = tail + at;
        let directory = number(end + 12).and_then(|size| end.checked_sub(size as usize));
        let is_zip64 = end.checked_sub(20).is_some_and(|at| bytes[at..].starts_with(b"PK\x06\x07"));
        is_zip64 || directory.is_some_and(|at| bytes[at..].starts_with(b"PK\x01\x02"))
    })
}
