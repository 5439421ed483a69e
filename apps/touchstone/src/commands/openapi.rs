//! `touchstone openapi`.

use crate::{exit::Failure, http, output};

pub(super) fn print() -> Result<(), Failure> {
    output::line(serde_json::to_string_pretty(&http::openapi::document()).map_err(Failure::fault)?);
    Ok(())
}
