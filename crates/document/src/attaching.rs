//! Attaching documents in the unit of any domain: what storage adapters implement [`kernel::document::Attachments`] by.

use kernel::{StoreError, Target, Timestamp, document::DocumentId};

use crate::ports::DocumentRows;

/// Attaches a document of the unit's organisation to a thing. Tells whether it belongs to it.
pub async fn attach(
    unit: &mut (impl DocumentRows + ?Sized),
    id: DocumentId,
    to: &Target,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(mut document) = unit.document(id).await? else { return Ok(false) };
    let is_attached = document.attach(to, now);
    if document.has_changed() {
        unit.save_document(&mut document).await?;
    }
    Ok(is_attached)
}

/// Takes a document of the unit's organisation from what it belongs to.
pub async fn detach(
    unit: &mut (impl DocumentRows + ?Sized),
    id: DocumentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut document) = unit.document(id).await? else { return Ok(()) };
    document.detach(now);
    if document.has_changed() {
        unit.save_document(&mut document).await?;
    }
    Ok(())
}
