//! `touchstone keys rotate`.

use super::beside::Beside;
use crate::{config::Settings, exit::Failure, keys, output};

pub(super) async fn rotate(settings: &Settings) -> Result<(), Failure> {
    let beside = Beside::open(settings).await?;
    let touchstone = &beside.touchstone;
    let rotated = keys::rotate(&*touchstone.signing_keys, &*touchstone.vault, touchstone.clock.now()).await;
    let (kid, signs_from) = beside.close(rotated).await?;
    output::line(format_args!("Signing key {kid} is published; it signs from {signs_from} on."));
    output::line("Tokens signed before stay good until they expire.");
    Ok(())
}
