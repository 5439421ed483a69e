//! `touchstone keys rotate`.

use super::attach::Attached;
use crate::{config::Settings, exit::Failure, keys, output};

pub(super) async fn rotate(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let touchstone = &attached.touchstone;
    let rotated = keys::rotate(&*touchstone.signing_keys, &*touchstone.vault, touchstone.clock.now()).await;
    let (kid, signs_from) = attached.close(rotated).await?;
    output::line(format_args!("Signing key {kid} is published; it signs from {signs_from} on."));
    output::line("Tokens signed before stay good until they expire.");
    Ok(())
}
