//! How far a letter has come, as whoever asked the person sees it.

use kernel::{
    Timestamp,
    letters::{DeliveryStatus, LetterStatus},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::NamedSchema;

type LetterStatusSchema = NamedSchema<LetterStatus>;

/// How far the newest letter to a person has come. One that was refused or came back does not count as an invitation:
/// correct the address and send it again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery, example = json!({ "status": "refused", "code": "550 5.1.1", "at": "2026-11-20T12:00:01Z" }))]
pub struct DeliveryView {
    /// `queued` waits for a mail server, `sent` was accepted by one, `refused` was not, `bounced` came back later.
    #[schema(value_type = LetterStatusSchema)]
    status: LetterStatus,
    /// What the mail server answered (RFC 5321, RFC 3463), where it did not accept the letter.
    code: Option<String>,
    /// Since when.
    at: Timestamp,
}

impl From<&DeliveryStatus> for DeliveryView {
    fn from(DeliveryStatus { status, code, at }: &DeliveryStatus) -> Self {
        Self { status: *status, code: code.clone(), at: *at }
    }
}
