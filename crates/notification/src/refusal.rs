//! Every no of this domain.

use kernel::{AccessDenied, PageRefusal, StoreError};

use crate::stream;

/// A refused call.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The gate says no.
    #[error(transparent)]
    AccessDenied(#[from] AccessDenied),
    /// Not in the person's inbox.
    #[error("there is no such notification in your inbox; it may have been forgotten since")]
    Missing,
    /// The link of a mail is none.
    #[error("the link is not valid; open it from the mail again, as a whole")]
    InvalidLink,
    /// A ticket for a stream is none, was used, or is too old.
    #[error("the ticket is not valid any more: it opens one stream, within {} seconds; ask for a new one", stream::TICKET_LIFE.as_secs())]
    InvalidTicket,
    /// The process serves as many streams as it may.
    #[error("as many streams are open as this server has room for; try again in a while, or poll the list")]
    TooManyStreams,
    /// A page that cannot be given.
    #[error(transparent)]
    Page(#[from] PageRefusal),
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
            Self::InvalidLink => Invalid, "notification.invalid_link",
                "The token is not one of a mail about notifications. Open the link from the mail, as a whole.";
            Self::InvalidTicket => Unauthenticated, "notification.invalid_ticket",
                "The ticket for a stream is forged, used or older than a minute. Ask for a new one.";
            Self::TooManyStreams => Unavailable, "notification.too_many_streams",
                "The process has no room for another stream. Open it after `Retry-After`, or read the list.";
        }
        shared { Self::Missing => Missing, "request.not_found"; }
        nested { AccessDenied, Page, Store }
        retry_after { Self::TooManyStreams => 30; }
    }
}
