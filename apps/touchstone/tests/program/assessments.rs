//! `touchstone assessment`: each command, each exit code, and files that were written to do harm.

mod check;
mod fmt;
mod gallery;
mod guide;
mod new;
mod rescore;
mod score;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tempfile::TempDir;

use crate::run::{bare, last_words, stderr};

/// A sound file, in order.
const SOUND: &str = "\
---
schema: assessment/1
name: Team Fit
version: \"1.0\"
type: multi-dimensional
scale: { min: 1, max: 5 }
interview: { style: 3, allow_override: true }
result_disclosure: full
language: en
---

# Team Fit

## Dimensions

### Focus

- id: focus
- weight: 60%

Stays with one thing.

### Care

- id: care
- weight: 40%

Looks after others.

## Result categories

### Strong

- when: overall >= 4

### Growing

- default: true

## Items

1. I finish what I begin.
   - id: f1
   - measures: focus
   - answer: agree-5
2. I notice when somebody is lost.
   - id: c1
   - measures: care
   - answer: agree-5
";

/// A file that is sound but for a word.
fn with(old: &str, new: &str) -> String {
    assert_eq!(SOUND.matches(old).count(), 1, "{old}");
    SOUND.replace(old, new)
}

/// A folder of a test's own, with settings no other command would start with.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("touchstone.toml", "nonsense = true");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in it.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "touchstone.toml");
        names.sort();
        names
    }

    fn run(&self, arguments: &[&str]) -> Said {
        Said::of(bare(self.0.path()).arg("assessment").args(arguments).output().unwrap())
    }

    fn run_with(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = bare(self.0.path());
        command.arg("assessment").args(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Said::of(child.wait_with_output().unwrap())
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
    last: String,
}

impl Said {
    fn of(output: Output) -> Self {
        let (err, last) = (stderr(&output), last_words(&output));
        Self { code: output.status.code(), out: String::from_utf8(output.stdout).unwrap(), err, last }
    }

    #[track_caller]
    fn ended(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(code != 0, self.last.starts_with("touchstone: "), "{self:#?}");
        self
    }

    #[track_caller]
    fn holds(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.out.contains(word) || self.err.contains(word), "{word} is missing: {self:#?}");
        }
        self
    }
}

fn documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").canonicalize().unwrap()
}

#[test]
fn the_help_names_every_command() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]);
    help.ended(0).holds(&["\n  new ", "\n  check ", "\n  fmt ", "\n  score "]);
    assert!(
        String::from_utf8(bare(folder.0.path()).arg("--help").output().unwrap().stdout)
            .unwrap()
            .contains("\n  assessment ")
    );
}
