//! What is wrong with an assessment: where, what, why, and how to mend it.

pub use prose::{Place, Severity, render};

pub use crate::code::Code;

/// One thing that is wrong, or worth knowing.
pub type Diagnostic = prose::Diagnostic<Code>;

/// The errors that keep content from being a definition.
pub type Faults = prose::Faults<Code>;

/// Takes what is wrong while an assessment is read.
pub(crate) type Log = prose::Log<Code>;
