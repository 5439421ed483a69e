//! What is wrong with a document: where, what, why, and how to mend it.

mod render;

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

pub use self::render::render;
use crate::code::Code;

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic<C> {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule it is about.
    pub code: C,
    /// Where it is.
    pub place: Place,
    /// What is wrong: a clause without a full stop.
    pub what: String,
    /// How to mend it, where that can be said.
    pub hint: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// There is no document until it is mended.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Good to know.
    Note,
}

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// In a markdown file.
    Source {
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
        /// In characters, on this line; at least 1, even at the end of a line.
        length: u32,
    },
    /// In a JSON document. A member that is missing is pointed at where it should be.
    Json {
        /// JSON Pointer (RFC 6901).
        pointer: String,
    },
}

impl<C: Code> Diagnostic<C> {
    /// Why it is a rule.
    pub fn why(&self) -> &'static str {
        self.code.why()
    }

    /// Whether it keeps a document from being.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Flat: `severity`, `code`, `line`, `column` and `length` or `pointer`, `what`, `why`, `hint`.
impl<C: Code> Serialize for Diagnostic<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Diagnostic", 8)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("code", self.code.as_str())?;
        match &self.place {
            Place::Source { line, column, length } => {
                fields.serialize_field("line", line)?;
                fields.serialize_field("column", column)?;
                fields.serialize_field("length", length)?;
            }
            Place::Json { pointer } => fields.serialize_field("pointer", pointer)?,
        }
        fields.serialize_field("what", &self.what)?;
        fields.serialize_field("why", self.why())?;
        if let Some(hint) = &self.hint {
            fields.serialize_field("hint", hint)?;
        }
        fields.end()
    }
}

/// `12:3: error[weight-sum]: the weights sum to 0.9`
impl<C: Code> fmt::Display for Diagnostic<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Source { line, column, .. } => write!(f, "{line}:{column}: ")?,
            Place::Json { pointer } if pointer.is_empty() => (),
            Place::Json { pointer } => write!(f, "{pointer}: ")?,
        }
        write!(f, "{}[{}]: {}", self.severity, self.code, self.what)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// The errors that keep content from being a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults<C>(pub Vec<Diagnostic<C>>);

impl<C: Code> fmt::Display for Faults<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if n == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl<C: Code> std::error::Error for Faults<C> {}
