//! Lists of leaked passwords.

mod maker;

use std::{cmp::Ordering, fs::File, io, os::unix::fs::FileExt as _, path::Path};

use sha1::{Digest as _, Sha1};
use unicode_normalization::UnicodeNormalization as _;

pub use self::maker::{BreachListMaker, Leaked};

/// A list of the SHA-1 digests of leaked passwords.
pub trait BreachList: Send + Sync {
    /// Whether a password with this digest has leaked.
    fn contains(&self, sha1: &[u8; 20]) -> io::Result<bool>;
}

/// What lists know a password by: SHA-1 of the form in which it is hashed, NFC.
pub(crate) fn digest(password: &str) -> [u8; 20] {
    Sha1::digest(password.nfc().collect::<String>()).into()
}

/// A list in the format of Have I Been Pwned: `HASH:COUNT` a line, ordered by hash, as its downloader writes it.
///
/// Nothing is loaded: each look-up reads some thirty short pieces of the file, which the system soon has in
/// memory.
pub struct SortedSha1File {
    file: File,
    length: u64,
}

const HASH_DIGITS: usize = 40;
/// Longer than any line: 40 digits, a colon, the count and the line's end.
const LONGEST_LINE: u8 = 64;

struct Line {
    start: u64,
    end: u64,
    sha1: [u8; 20],
}

impl SortedSha1File {
    /// Opens a list, and looks at some of its lines to see that it is ordered by hash.
    pub fn open(path: &Path) -> io::Result<Self> {
        const PROBES: u64 = 256;
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let list = Self { file, length };
        let mut before = [0; 20];
        for probe in 0..PROBES {
            let found = list.line_at(length.saturating_sub(1) / PROBES * probe)?.sha1;
            if found < before {
                return Err(malformed("is not ordered by hash"));
            }
            before = found;
        }
        Ok(list)
    }

    /// The line the byte at `position` belongs to.
    fn line_at(&self, position: u64) -> io::Result<Line> {
        let from = position.saturating_sub(u64::from(LONGEST_LINE));
        let mut window = [0; 2 * LONGEST_LINE as usize];
        let read = self.read(&mut window, from)?;
        let window = &window[..read];
        let within = usize::try_from(position - from).unwrap_or(read).min(read);
        let (before, after) = window.split_at(within);
        let start = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => newline + 1,
            None if from == 0 => 0,
            None => return Err(malformed("has a line that is too long")),
        };
        let end = match after.iter().position(|byte| *byte == b'\n') {
            Some(newline) => within + newline + 1,
            None if from + read as u64 == self.length => read,
            None => return Err(malformed("has a line that is too long")),
        };
        let line = &window[start..end];
        let sha1 = line.get(..HASH_DIGITS).and_then(from_hex);
        match (sha1, line.get(HASH_DIGITS)) {
            (Some(sha1), Some(b':')) => Ok(Line { start: from + start as u64, end: from + end as u64, sha1 }),
            _ => Err(malformed("has a line that is not HASH:COUNT")),
        }
    }

    /// Fills the buffer as far as the file goes.
    fn read(&self, buffer: &mut [u8], from: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read_at(&mut buffer[filled..], from + filled as u64) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl BreachList for SortedSha1File {
    fn contains(&self, sha1: &[u8; 20]) -> io::Result<bool> {
        // Both always stand at the start of a line, or at the end.
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let line = self.line_at(low.midpoint(high))?;
            match sha1.cmp(&line.sha1) {
                Ordering::Less => high = line.start,
                Ordering::Greater => low = line.end,
                Ordering::Equal => return Ok(true),
            }
        }
        Ok(false)
    }
}

fn from_hex(digits: &[u8]) -> Option<[u8; 20]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn malformed(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the breach list {problem}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn list(content: &str) -> io::Result<SortedSha1File> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        SortedSha1File::open(file.path())
    }

    fn sha1(number: u32) -> [u8; 20] {
        let mut sha1 = [0x5a; 20];
        sha1[..4].copy_from_slice(&(number * 0x0010_0001).to_be_bytes());
        sha1
    }

    fn line(number: u32, end: &str) -> String {
        let hex = sha1(number).map(|byte| format!("{byte:02X}")).concat();
        format!("{hex}:{}{end}", 10_u64.pow(number % 10))
    }

    #[test]
    fn each_line_is_found_and_nothing_between() {
        for end in ["\n", "\r\n"] {
            for count in [1, 2, 3, 700] {
                let content: String = (0..count).map(|n| line(2 * n, end)).collect();
                for content in [content.as_str(), content.trim_end()] {
                    let list = list(content).unwrap();
                    for n in 0..count {
                        assert!(list.contains(&sha1(2 * n)).unwrap(), "line {n} of {count}");
                        assert!(!list.contains(&sha1(2 * n + 1)).unwrap(), "after line {n} of {count}");
                    }
                    assert!(!list.contains(&[0; 20]).unwrap());
                    assert!(!list.contains(&[0xff; 20]).unwrap());
                }
            }
        }
    }

    #[test]
    fn what_is_no_such_list_is_refused() {
        let reversed: String = (0..100).rev().map(|n| line(n, "\n")).collect();
        let long = "0".repeat(5_000);
        for content in ["", "password\n", &long, &reversed, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8\n"] {
            assert_eq!(list(content).err().unwrap().kind(), io::ErrorKind::InvalidData);
        }
    }
}
