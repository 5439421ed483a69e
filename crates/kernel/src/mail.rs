//! Mail as domains see it: which letter, to whom, with which values.

use async_trait::async_trait;
use serde_json::Value;

use crate::Secret;

/// One letter to one address.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// The template's name, such as `identity/verify-email`.
    pub template: &'static str,
    /// What the template shows, a JSON object.
    pub values: Value,
    /// A one-time link, kept apart so that no log shows it; templates read it as `link`.
    pub link: Option<Secret>,
    /// Names the letter, so that a letter sent twice can be recognised: it becomes the `Message-ID`.
    pub id: uuid::Uuid,
}

/// A letter that could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// May succeed later.
    #[error("mail could not be sent now: {0}")]
    Transient(String),
    /// Will never succeed.
    #[error("mail cannot be sent: {0}")]
    Permanent(String),
}

/// Sends letters. Called by workers, never within a request.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Renders and hands the letter over; returning means the next system has taken responsibility for it.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
