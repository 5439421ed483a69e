//! What is wrong with an assessment: where, what, why, and how to mend it.

mod code;
mod render;

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

pub use self::{code::Code, render::render};

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule it is about.
    pub code: Code,
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
    /// There is no definition until it is mended.
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

impl Diagnostic {
    /// Why it is a rule.
    pub const fn why(&self) -> &'static str {
        self.code.why()
    }

    /// Whether it keeps a definition from being.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Flat: `severity`, `code`, `line`, `column` and `length` or `pointer`, `what`, `why`, `hint`.
impl Serialize for Diagnostic {
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
impl fmt::Display for Diagnostic {
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

/// The errors that keep content from being a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Diagnostic>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if n == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
