//! `touchstone audit verify` and `touchstone audit export`.

mod evidence;
mod export;
mod export_line;
mod findings;
mod inclusion;
mod line_reader;

mod rows;
mod tiles;
mod verify;
mod verify_export;

use crate::{
    cli::Audit,
    config::Settings,
    exit::{Exit, Failure},
};

pub(super) async fn run(settings: &Settings, command: Audit) -> Result<(), Failure> {
    match command {
        Audit::Export(what) => export::run(settings, &what).await,
        Audit::Verify(what) => verify::run(settings, &what).await.map_err(|failure| match failure.exit {
            // A defect has the code of an altered trail, and must not be taken for one.
            Exit::Fault => unproven(failure.message),
            _ => failure,
        }),
    }
}

/// It cannot be told whether the trail was altered.
fn unproven(why: impl Into<String>) -> Failure {
    Failure::new(Exit::TrailUnproven, why)
}
