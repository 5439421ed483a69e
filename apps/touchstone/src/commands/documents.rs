//! `touchstone documents`: whether the files are what the documents say.

use super::{
    attach::{Attached, refused},
    progress::counting_documents,
};
use crate::{
    cli::Documents,
    config::Settings,
    exit::{Exit, Failure},
    output,
};

pub(super) async fn run(settings: &Settings, command: &Documents) -> Result<(), Failure> {
    let Documents::Verify { quiet } = command;
    let attached = Attached::open(settings).await?;
    let verified = verify(&attached, *quiet).await;
    attached.close(verified).await
}

async fn verify(attached: &Attached, quiet: bool) -> Result<(), Failure> {
    let upkeep = &attached.platform.documents.upkeep;
    let (mut last, mut looked_at, mut faulty) = (None, 0_u64, 0_u64);
    let bar = counting_documents(quiet);
    loop {
        let page = upkeep.page(last).await.map_err(refused)?;
        let Some(end) = page.last() else { break };
        last = Some(*end);
        for id in page {
            if let Some(fault) = upkeep.check(id).await.map_err(refused)? {
                faulty += 1;
                let part = fault.part.name();
                bar.suspend(|| {
                    let (organization, document) = (fault.organization, fault.document);
                    output::line(format_args!("{organization}/{document}/{part}: {}", fault.error));
                });
            }
            looked_at += 1;
            bar.set_position(looked_at);
        }
    }
    bar.finish_and_clear();
    if faulty > 0 {
        let message = format!("{faulty} of {looked_at} documents are not what they should be");
        return Err(Failure::new(Exit::DocumentsFaulty, message));
    }
    if !quiet {
        output::line(format_args!("All files are sound: {looked_at} documents were opened and compared."));
    }
    Ok(())
}
