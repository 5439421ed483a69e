//! Time a person has beyond everyone else.

use assessment_format::session::{Minutes, Reason};
use serde::{Deserialize, Serialize};

/// Time a person has beyond everyone else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraTime {
    /// How many minutes.
    pub minutes: Minutes,
    /// Why.
    pub reason: Reason,
}
