//! Every no of this domain.

use kernel::{AccessDenied, PageRefusal, QuotaRefused, StoreError, document::ContentError};

/// A refused call.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The gate says no.
    #[error(transparent)]
    AccessDenied(#[from] AccessDenied),
    /// The file is dangerous to keep, not what its name says, or not taken for its category.
    #[error("{0}")]
    NotTaken(String),
    /// The file has more bytes than are taken.
    #[error("the file has more than {most} bytes; send one of that size at most")]
    TooLarge {
        /// How many may be.
        most: u64,
    },
    /// Not there, or not for this caller to know.
    #[error("there is no such document, or it is not for you to see")]
    Missing,
    /// The link was altered, its time is over, or its document is gone.
    #[error("the link does not work, or works no more; ask for another")]
    LinkEnded,
    /// Nobody may attach documents to such things, or not this caller.
    #[error(
        "you may not upload documents to a {0} like this; leave out `related_type` and `related_id`, or ask an administrator"
    )]
    NotYours(String),
    /// It was not scanned yet.
    #[error("the document waits to be scanned; try again in a few seconds")]
    Quarantined,
    /// The scanner found something.
    #[error("the document was rejected ({0}), and its content is gone")]
    Rejected(String),
    /// Its content is gone for good.
    #[error("the content of the document is gone for good")]
    Shredded,
    /// A legal hold keeps it.
    #[error("a legal hold keeps the document; an owner or administrator has to release it first")]
    OnHold,
    /// There is no text in such files.
    #[error("no text is read out of {0}")]
    NoText(&'static str),
    /// There is no text yet, or none that could be read.
    #[error("there is no text of the document: its extraction is {0}")]
    TextNotReady(&'static str),
    /// The organisation has as many bytes as it may.
    #[error(transparent)]
    Quota(#[from] QuotaRefused),
    /// A page that cannot be given.
    #[error(transparent)]
    Page(#[from] PageRefusal),
    /// The bytes did not come, or could not be kept.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Storage did not do it.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Page(refusal) => Self::Page(refusal),
            error => Self::Store(error),
        }
    }
}

kernel::refusals! {
    Refused {
        own {
            Self::NotTaken(_) => Invalid, "document.not_taken",
                "The file is dangerous to keep, not what its name says, or of a kind that its category does not take. People send another file, or give it the name of what it is.";
            Self::LinkEnded => Missing, "document.link_ended",
                "A link works for minutes, and for one document. Clients ask for another.";
            Self::NotYours(_) => Forbidden, "document.not_attachable",
                "Who may attach documents to a thing, the domain of that thing says; where none says, owners and administrators. Clients leave out what the document belongs to.";
            Self::Quarantined => Conflict, "document.quarantined",
                "The document was not scanned yet. Clients try again in a few seconds.";
            Self::Rejected(_) => Conflict, "document.rejected",
                "The scanner found something harmful, and the content is gone. People look at where the file came from.";
            Self::Shredded => Conflict, "document.shredded",
                "The content was made unreadable for good: it was deleted, nobody attached it, or its time was over. Clients read the list again.";
            Self::OnHold => Conflict, "document.on_hold",
                "A legal hold keeps the document. Owners and administrators release it once it may go.";
            Self::NoText(_) => Conflict, "document.no_text",
                "No text is read out of such files. Clients give out the file itself.";
            Self::TextNotReady(_) => Conflict, "document.text_not_ready",
                "The text is being read out, needs a person or a program that reads pictures, or could not be read. Clients look at `extraction_status`.";
        }
        shared {
            Self::TooLarge { .. } => Invalid, "request.body_too_large";
            Self::Missing => Missing, "request.not_found";
        }
        nested { AccessDenied, Quota, Page, Content, Store }
        at {
            Self::NotTaken(_) | Self::TooLarge { .. } => "/file";
        }
        retry_after { Self::Quarantined => 5; }
    }
}
