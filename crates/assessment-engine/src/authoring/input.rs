//! What an author sends: a markdown file, or the definition a builder put together.

use std::sync::Arc;

use assessment_format::{Checked, Diagnostic, check_json, parse, print};
use serde_json::Value;

use crate::{
    authoring::assessment::{Draft, SourceType},
    refusal::Refused,
};

/// What an author sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A file.
    Markdown(String),
    /// A definition.
    Definition(Value),
}

impl Input {
    /// Checks it against every rule.
    pub fn check(&self) -> Checked {
        match self {
            Self::Markdown(source) => parse(source),
            Self::Definition(definition) => check_json(definition),
        }
    }

    pub(super) const fn source_type(&self) -> SourceType {
        match self {
            Self::Markdown(_) => SourceType::Upload,
            Self::Definition(_) => SourceType::Builder,
        }
    }

    /// The draft it makes, if it keeps every rule.
    pub(super) fn draft(self) -> Result<Draft, Refused> {
        let Checked { definition, diagnostics } = self.check();
        let definition = Arc::new(definition.ok_or(Refused::Faulty(diagnostics))?);
        let source = match self {
            Self::Markdown(source) => Some(source),
            Self::Definition(_) => None,
        };
        Ok(Draft { definition, source })
    }
}

impl Draft {
    /// What it is worth knowing about it: it has no fault, but perhaps says something that was not meant.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let checked = match &self.source {
            Some(source) => parse(source),
            None => check_json(&self.definition.to_json()),
        };
        checked.diagnostics
    }

    /// The file, byte for byte; printed where a builder put the definition together.
    pub fn markdown(&self) -> String {
        self.source.clone().unwrap_or_else(|| print(&self.definition))
    }
}
