//! Files in one organisation: what somebody applied with, and a note that a legal hold keeps.

use document::{Document, DocumentFilter, Refused, Upload};
use identity::MembershipId;
use kernel::document::{DocumentCategory, ExtractionStatus, FileName, Related};
use platform::Platform;

use super::{DemoOrganization, first_page};

const CV: &[u8] = include_bytes!("cv.pdf");
const NOTES: &[u8] = b"Interview notes\n\nZoe tells how a weld failed, and what was changed since.\n\
    Asks good questions. To be talked about: shifts, and when Zoe could begin.\n";
const NOTE: &str = "complaint.txt";
const COMPLAINT: &[u8] =
    b"Complaint of 3 March\n\nThe report on the shift of 2 March names the wrong valve.\n";

/// Uploads the files, unless there are any.
pub(super) async fn fill(
    platform: &Platform,
    demo: &DemoOrganization,
    member: Option<MembershipId>,
) -> Result<(), Refused> {
    if !listed(platform, demo).await?.is_empty() {
        return Ok(());
    }
    let owner = &demo.owner;
    let uploader = platform.documents.service.uploader(owner, demo.organization).await?;
    // What belongs to nothing would be shredded after a day.
    let related = member.map(|id| Related { kind: identity::Membership::KIND.to_owned(), id: id.uuid() });
    for (name, category, content, related) in [
        ("zoe-lee.pdf", DocumentCategory::Cv, CV, &related),
        ("interview.txt", DocumentCategory::Evidence, NOTES, &related),
        (NOTE, DocumentCategory::Other, COMPLAINT, &None),
    ] {
        let name = FileName::new(name).map_err(|error| Refused::NotTaken(error.to_string()))?;
        let received = uploader.receive(&mut vec![content.to_vec()].into_iter()).await?;
        uploader.keep(owner, received, Upload { name, category, related: related.clone() }).await?;
    }
    Ok(())
}

/// Whether all texts were read out.
pub(super) async fn are_read(platform: &Platform, demo: &DemoOrganization) -> Result<bool, Refused> {
    let documents = listed(platform, demo).await?;
    Ok(documents.iter().all(|document| document.extraction != ExtractionStatus::Pending))
}

/// The owner has the note kept, whose text was read out: nobody else changes it any more.
pub(super) async fn hold(platform: &Platform, demo: &DemoOrganization) -> Result<(), Refused> {
    let documents = listed(platform, demo).await?;
    let note = documents.iter().find(|one| one.name.as_ref().is_some_and(|name| name.as_str() == NOTE));
    if let Some(note) = note {
        platform.documents.service.hold(&demo.owner, demo.organization, note.id).await?;
    }
    Ok(())
}

async fn listed(platform: &Platform, demo: &DemoOrganization) -> Result<Vec<Document>, Refused> {
    let (documents, all) = (&platform.documents.service, DocumentFilter::default());
    Ok(documents.list(&demo.owner, demo.organization, all, &first_page()).await?.items)
}
