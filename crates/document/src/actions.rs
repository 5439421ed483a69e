//! What this domain puts on record.

use kernel::{ActionNote, OcsfClass};

pub(crate) const ATTACH: &str = "document.attach";
pub(crate) const DELETE: &str = "document.delete";
pub(crate) const DETACH: &str = "document.detach";
pub(crate) const EXTRACT: &str = "document.extract";
pub(crate) const FINISH_EXTRACTION: &str = "document.finish_extraction";
pub(crate) const HOLD: &str = "document.hold";
pub(crate) const LINK: &str = "document.link";
pub(crate) const OPEN_LINK: &str = "document.open_link";
pub(crate) const REJECT: &str = "document.reject";
pub(crate) const RELEASE: &str = "document.release";
pub(crate) const RELEASE_HOLD: &str = "document.release_hold";
pub(crate) const SHRED: &str = "document.shred";
pub(crate) const UPLOAD: &str = "document.upload";
pub(crate) const VIEW: &str = "document.view";

/// The timer that tells when a document's time is over.
pub(crate) const LAPSE_DUE: &str = "document.lapse_due";

const fn note(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::ApiActivity }
}

/// All actions, by name. What only reads stands in the trail when it was denied.
pub(crate) const ACTIONS: &[ActionNote] = &[
    note(ATTACH, "A document belongs to something from now on."),
    note(DELETE, "A document was to be deleted, and was not: a legal hold keeps it."),
    note(DETACH, "A document belongs to nothing any more, and is shredded in a day."),
    note(EXTRACT, "The text of a document is read out once more."),
    note(FINISH_EXTRACTION, "The text of a document was read out, or could not be."),
    note(HOLD, "A legal hold keeps a document: nobody deletes it, and no time ends it."),
    note(LINK, "Somebody was given a link to the content of a document."),
    note(OPEN_LINK, "The content of a document was given out to whoever had a link to it."),
    note(REJECT, "The scanner found something harmful in a document: its content is gone."),
    note(RELEASE, "The scanner found nothing in a document: it can be read."),
    note(RELEASE_HOLD, "A legal hold keeps a document no more."),
    note(SHRED, "The content of a document was made unreadable for good."),
    note(UPLOAD, "A document was uploaded, or made by a domain."),
    note(VIEW, "Documents were to be read."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order() {
        assert!(ACTIONS.is_sorted_by(|one, next| one.action < next.action));
    }
}
