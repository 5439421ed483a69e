//! `touchstone openapi`.

use crate::{api::api, exit::Failure, output};

pub(super) fn print() -> Result<(), Failure> {
    output::line(serde_json::to_string_pretty(&api().document()).map_err(Failure::fault)?);
    Ok(())
}
