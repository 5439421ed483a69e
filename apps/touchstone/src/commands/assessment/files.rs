//! Files of assessments: read whole, told about by name, and replaced at once or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, fchown},
    path::{Path, PathBuf},
};

use assessment_format::{Checked, Diagnostic, parse, parse_json, render};

use crate::exit::{Exit, Failure};

/// No more than this is read: what is larger is not told how large it is.
const LONGEST: u64 = 64 << 20;

/// A file as it was read.
pub(super) struct Source {
    /// What it is called in messages.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) is_json: bool,
}

impl Source {
    /// Reads a file; `-` is standard input.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = name_of(path);
        let unreadable = |why: &dyn std::fmt::Display| unusable(format!("cannot read {name}: {why}"));
        let mut bytes = Vec::new();
        let read = if is_standard(path) {
            io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes)
        } else {
            File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        };
        read.map_err(|error| unreadable(&error))?;
        if bytes.len() as u64 > LONGEST {
            return Err(unreadable(&"it is larger than 64 MiB, and no assessment is"));
        }
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        Ok(Self { name, bytes, is_json })
    }

    /// Checks it as what its name says it is.
    pub(super) fn check(&self) -> Checked {
        if self.is_json { parse_json(&self.bytes) } else { parse(&self.bytes) }
    }

    /// What is wrong, with excerpts, without a last line break.
    pub(super) fn render(&self, diagnostics: &[Diagnostic]) -> String {
        let mut text = render(diagnostics, &self.name, &String::from_utf8_lossy(&self.bytes));
        text.truncate(text.trim_end().len());
        text
    }
}

/// Whether it stands for standard input or output.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// A path as it is safe to print.
pub(super) fn name_of(path: &Path) -> String {
    if is_standard(path) {
        return "<stdin>".to_owned();
    }
    path.display().to_string().replace(char::is_control, "\u{fffd}")
}

/// A file that cannot be read or written.
pub(super) fn unusable(message: impl Into<String>) -> Failure {
    Failure::new(Exit::FileUnusable, message)
}

/// Writes a file that is not there yet.
pub(super) fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// Puts a text in the place of a file's: whoever looks finds the one or the other, whole. Owner and permissions stay.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Of a link, what it leads to is replaced.
    let path = path.canonicalize()?;
    let before = OpenOptions::new().write(true).open(&path)?.metadata()?;
    let mut draft = Draft::beside(&path)?;
    draft.file.write_all(text.as_bytes())?;
    // Only root may give a file away, and only root's file would have another owner than before.
    let _ = fchown(&draft.file, Some(before.uid()), Some(before.gid()));
    draft.file.set_permissions(before.permissions())?;
    draft.file.sync_all()?;
    fs::rename(&draft.path, &path)
}

/// A new file, which is gone again unless it takes another's name.
struct Draft {
    file: File,
    path: PathBuf,
}

impl Draft {
    fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".new-{}", std::process::id()));
        let path = PathBuf::from(name);
        Ok(Self { file: File::create_new(&path)?, path })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
