//! The log of PostgreSQL, in its data directory: where it lies and how it ends.
use std::{
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use crate::lock::open_foreign;

const LINES: usize = 20;
const BYTES: u64 = 16 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Log {
    path: PathBuf,
    /// What earlier starts had written.
    before: u64,
}

impl Log {
    pub(crate) fn of(data: &Path) -> Self {
        let path = data.join("postgres.log");
        let before = open_foreign(&path).and_then(|file| file.metadata()).map_or(0, |meta| meta.len());
        Self { path, before }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last lines since this start.
    pub(crate) fn tail(&self) -> String {
        let read = || {
            let mut file = open_foreign(&self.path)?;
            let length = file.metadata()?.len();
            let ours = if length < self.before { 0 } else { self.before };
            file.seek(SeekFrom::Start(ours.max(length.saturating_sub(BYTES))))?;
            let mut bytes = Vec::new();
            file.take(BYTES).read_to_end(&mut bytes)?;
            std::io::Result::Ok(bytes)
        };
        last_lines(&read().unwrap_or_default())
    }
}

/// The last lines of what a program said.
pub(crate) fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_the_end_of_this_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postgres.log");
        std::fs::write(&file, "old\n").unwrap();
        let log = Log::of(folder.path());
        assert_eq!(log.tail(), "");
        std::fs::write(&file, "old\nnew\n").unwrap();
        assert_eq!(log.tail(), "new");
        std::fs::write(&file, "a\n").unwrap();
        assert_eq!(log.tail(), "a", "rotated meanwhile");
        let many = (0..5000).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        std::fs::write(&file, many).unwrap();
        assert_eq!(log.tail().lines().count(), LINES);
        assert!(log.tail().ends_with("4999"));
    }
}
