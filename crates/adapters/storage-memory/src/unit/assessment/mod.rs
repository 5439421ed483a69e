//! Assessments, campaigns, sessions and results.

mod assessments;
mod campaigns;
mod marketplace;
mod results;
mod sessions;

use super::{MemoryUnit, first};
