//! What every document is printed with: lines, keys, headings and prose, so that it reads back as the same.

mod escape;

use std::fmt::{Display, Write as _};

pub use self::escape::{cell, heading, yaml};

/// A file that is being printed.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// A page with room for a file of some size.
    pub fn new() -> Self {
        Self(String::with_capacity(4_096))
    }

    /// The file.
    pub fn finish(self) -> String {
        self.0
    }

    /// Text as it is.
    pub fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// A line. Writing to a String cannot fail.
    pub fn line(&mut self, text: impl Display) {
        let _ = writeln!(self.0, "{text}");
    }

    /// A key and its value in the front matter, as YAML; [`yaml`] quotes a text where that is needed.
    pub fn setting(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "{key}: {value}");
    }

    /// A key and its value in a list, after a bullet and the indent before it.
    pub fn key(&mut self, bullet: &str, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "{bullet} {key}: {value}");
    }

    /// A heading of plain text.
    pub fn heading(&mut self, level: usize, text: &str) {
        let _ = writeln!(self.0, "\n{} {}", "#".repeat(level), heading(text));
    }

    /// Prose, where there is some.
    pub fn prose(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = writeln!(self.0, "\n{text}");
        }
    }

    /// A heading with prose under it.
    pub fn note(&mut self, level: usize, heading: &str, text: &str) {
        self.heading(level, heading);
        self.prose(text);
    }

    /// An entry of a list after its mark, such as `1. `; its further lines are indented as far.
    pub fn entry(&mut self, mark: &str, text: &str) {
        let indent = " ".repeat(mark.len());
        for (n, line) in text.split('\n').enumerate() {
            match (n, line) {
                (0, line) => self.line(format_args!("{mark}{line}")),
                (_, "") => self.line(""),
                (_, line) => self.line(format_args!("{indent}{line}")),
            }
        }
    }

    /// A list of lines under a heading of level 3, where there are some.
    pub fn bullets(&mut self, heading: &str, lines: &[String]) {
        if !lines.is_empty() {
            self.heading(3, heading);
            self.line("");
            for line in lines {
                self.line(format_args!("- {line}"));
            }
        }
    }
}

/// The bullet of a list of keys: another than that of a list with which the prose after it begins, so that they
/// stay two.
pub fn bullet_before(prose: &str) -> &'static str {
    if prose.starts_with('-') { "*" } else { "-" }
}
