//! What the rest of Touchstone lists of this domain.

use kernel::{Domain, PublicEvent, Tag, rules};

use crate::{
    actions::{self, ACTIONS},
    refusal::Refused,
    rule::{Action, DOCUMENTS_READ, DOCUMENTS_WRITE},
};

/// Documents as a domain.
pub const DOMAIN: Domain = Domain {
    name: "document",
    schema: "document",
    rules: &rules(&Action::ALL),
    key_scopes: &[DOCUMENTS_READ, DOCUMENTS_WRITE],
    actions: ACTIONS,
    events: &[
        PublicEvent::new(
            actions::FINISH_EXTRACTION,
            "document.extracted",
            "The text of a document was read out, or could not be.",
        ),
        PublicEvent::new(
            actions::REJECT,
            "document.rejected",
            "The scanner found something harmful in a document.",
        ),
        PublicEvent::new(actions::SHRED, "document.shredded", "The content of a document is gone for good."),
        PublicEvent::new(
            actions::UPLOAD,
            "document.uploaded",
            "A document was uploaded, or made by a domain.",
        ),
    ],
    reasons: &[],
    codes: &[Refused::CODES],
    uniques: &[],
    tags: &[Tag::new("documents", "Keeping files: uploading, reading, links, text, legal holds")],
};
