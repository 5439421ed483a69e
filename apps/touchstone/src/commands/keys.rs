//! `touchstone keys rotate`.

use super::attach::Attached;
use crate::{config::Settings, exit::Failure, output};

pub(super) async fn rotate(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let rotated = attached.platform.rotate_signing_key().await.map_err(Failure::from);
    let (kid, signs_from) = attached.close(rotated).await?;
    output::line(format_args!("Signing key {kid} is published; it signs from {signs_from} on."));
    output::line("Tokens signed before stay good until they expire.");
    Ok(())
}
