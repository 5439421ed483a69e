//! `touchstone keys`: the keys tokens are signed with, and what the key file seals.

use std::fmt::Display;

use kernel::{OrganizationId, Resealed, StoreError};

use super::attach::{Attached, refused};
use crate::{
    config::Settings,
    exit::{Exit, Failure},
    output,
};

/// How often one is tried that is changed at the same time.
const ATTEMPTS: u32 = 4;

pub(super) async fn rotate(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let rotated = attached.platform.rotate_signing_key().await.map_err(Failure::from);
    let (kid, signs_from) = attached.close(rotated).await?;
    output::line(format_args!("Signing key {kid} is published; it signs from {signs_from} on."));
    output::line("Tokens signed before stay good until they expire.");
    Ok(())
}

/// Whatever it did not come to stays as it is: run again, it goes on with that.
pub(super) async fn reseal(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let resealed = async {
        let (webhooks, documents) = (&attached.platform.webhooks.upkeep, &attached.platform.documents.upkeep);
        let endpoints = Found {
            what: "webhook endpoints",
            page: async |last| webhooks.page(last).await,
            reseal: async |id| webhooks.reseal(id).await,
        };
        let documents = Found {
            what: "documents",
            page: async |last| documents.page(last).await,
            reseal: async |id| documents.reseal(id).await,
        };
        let left = [endpoints.reseal_all().await?, documents.reseal_all().await?];
        match left.iter().sum() {
            0_u64 => Ok(()),
            left => Err(Failure::new(Exit::Keys, format!("{left} are left as they were, listed above"))),
        }
    };
    let resealed = resealed.await;
    attached.close(resealed).await
}

/// Things of one kind whose keys are sealed: pages of their ids, and what seals one of them anew.
struct Found<P, R> {
    what: &'static str,
    page: P,
    reseal: R,
}

impl<P, R> Found<P, R> {
    /// Seals all of them anew that need it, and tells how many are left.
    async fn reseal_all<Id>(self) -> Result<u64, Failure>
    where
        Id: Copy + Display,
        P: AsyncFn(Option<(OrganizationId, Id)>) -> Result<Vec<(OrganizationId, Id)>, StoreError>,
        R: AsyncFn((OrganizationId, Id)) -> Result<Resealed, StoreError>,
    {
        let (mut last, mut anew, mut current, mut left) = (None, 0_u64, 0_u64, 0_u64);
        loop {
            let page = (self.page)(last).await.map_err(refused)?;
            let Some(end) = page.last() else { break };
            last = Some(*end);
            for id in page {
                let mut resealed = Resealed::Changed;
                for _ in 0..ATTEMPTS {
                    if resealed == Resealed::Changed {
                        resealed = (self.reseal)(id).await.map_err(refused)?;
                    }
                }
                let why = match resealed {
                    Resealed::Anew => {
                        anew += 1;
                        continue;
                    }
                    Resealed::Current => {
                        current += 1;
                        continue;
                    }
                    Resealed::Unsealable => "no key of the key file opens it",
                    Resealed::Changed => "it was being changed; run this again",
                };
                left += 1;
                output::line(format_args!("{} {}/{}: {why}", self.what, id.0, id.1));
            }
        }
        output::line(format_args!(
            "Of the {}, {anew} were sealed anew and {current} are under the first key already.",
            self.what
        ));
        Ok(left)
    }
}
