//! Mail as domains see it: which letter, to whom, with which values.

use std::fmt;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    AccountId, EmailAddress, NoticeKind, NoticeText, NoticeTextError, OrganizationId, Secret, Timestamp,
};

/// One letter to one address. Made by [`Mail::new`], to which is added what only some letters have.
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
    pub id: Uuid,
    /// What the recipient's calendar is to take in.
    pub calendar: Option<CalendarPart>,
    /// A link with a token that ends letters of this kind without signing in, shown by mail clients as a button.
    pub unsubscribe: Option<Secret>,
    /// Files that come with it.
    pub attached: Vec<Attachment>,
    /// The organisation it is sent for; `None` of what Touchstone itself has to tell a person.
    pub sent_for: Option<SentFor>,
}

/// The organisation a letter is sent for. Its letters can be paused, and people can unsubscribe from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentFor {
    /// Which one.
    pub organization: OrganizationId,
    /// Whether the letter asks the person for something, and does not answer what they did: of those an address gets
    /// few within an hour.
    pub asks: bool,
}

impl Mail {
    /// A letter without a link and with nothing attached.
    ///
    /// ```
    /// use kernel::{Mail, Secret};
    /// let (values, id) = (serde_json::json!({ "name": "Ann" }), uuid::Uuid::nil());
    /// let link = Some(Secret::new("https://touchstone.example/reset#token=x"));
    /// let mail = Mail { link, ..Mail::new("ann@example.org", "identity/reset-password", values, id) };
    /// assert!(mail.attached.is_empty());
    /// ```
    pub fn new(to: impl Into<String>, template: &'static str, values: Value, id: Uuid) -> Self {
        let (link, calendar, unsubscribe, attached, sent_for) = (None, None, None, Vec::new(), None);
        Self { to: to.into(), template, values, link, id, calendar, unsubscribe, attached, sent_for }
    }
}

/// A file that comes with a letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What the file is called: up to 150 characters, without a path and without anything invisible.
    pub name: String,
    /// Its media type, such as `application/pdf`; not that of a message or of several parts.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Neither name nor content, which may be personal.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.media_type, self.bytes.len())
    }
}

crate::named! {
    /// What a calendar is asked to do (RFC 5546, section 3.2).
    pub enum CalendarMethod {
        /// To take an appointment in, or what it is now.
        Request = "REQUEST",
        /// To strike it out.
        Cancel = "CANCEL",
    }
}

/// An appointment as a letter carries it for its recipient's calendar (iMIP, RFC 6047). The recipient is its one
/// attendee and whoever sends the letter its organiser, so that no address is given away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPart {
    /// What to do.
    pub method: CalendarMethod,
    /// Names the appointment for life, such as `<id>@<host>`.
    pub uid: String,
    /// Counts how often it was moved, from 0: a calendar keeps the highest.
    pub sequence: u32,
    /// When it became what it is here.
    pub changed_at: Timestamp,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// What it is called.
    pub summary: String,
    /// More about it.
    pub description: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// Where it takes place online. Whoever has the link may come in, so no log shows it.
    pub meeting: Option<Secret>,
    /// What the organiser is called.
    pub organizer: Option<String>,
    /// What the recipient is called.
    pub attendee: Option<String>,
}

/// Writes appointments as calendars read them.
pub trait CalendarWriter: Send + Sync {
    /// The iCalendar object (RFC 5545) with its method, in lines that end in CR LF; `organizer` and `attendee` are the
    /// addresses the letter comes from and goes to. The same appointment is always written the same way.
    fn write(&self, part: &CalendarPart, organizer: &str, attendee: &str) -> String;
}

/// A letter that could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// May succeed later.
    #[error("mail could not be sent now: {0}")]
    Transient(String),
    /// The mail server refused the letter for good: the address is wrong, or wants no letters.
    #[error("the mail server refused the letter: {0}")]
    Refused(String),
    /// Will never succeed.
    #[error("mail cannot be sent: {0}")]
    Permanent(String),
    /// May be sent then: nothing went wrong.
    #[error("mail waits until {until}: {why}")]
    Later {
        /// Not before.
        until: Timestamp,
        /// What it waits for.
        why: &'static str,
    },
}

impl MailError {
    /// Stands in [`Refused`](Self::Refused) for a server's answer where the person unsubscribed from the letters of the
    /// organisation.
    pub const UNSUBSCRIBED: &'static str = "unsubscribed";

    /// Whether the letter was refused for good, and with which answer; an error where neither is settled.
    pub fn refusal(sent: Result<(), Self>) -> Result<Option<String>, Self> {
        match sent {
            Ok(()) => Ok(None),
            Err(Self::Refused(answer)) => Ok(Some(answer)),
            Err(error) => Err(error),
        }
    }
}

/// Whether a person wants a letter beside a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterWish {
    /// At once.
    Now,
    /// When their quiet hours end.
    After(Timestamp),
    /// No: they find it in the product, or in a digest.
    Unwanted,
}

/// Sends letters, and words what people are told beside them. Called by workers, never within a request.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// The text of a notice by its template, from those that letters have too. What strangers chose is made harmless in
    /// the same way.
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError>;

    /// Renders and hands the letter over; returning means the next system has taken responsibility for it.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;

    /// Whether the person wants a letter about what a notice of this kind tells them as well. To be asked before it is
    /// written.
    async fn wanted_by(&self, _account: AccountId, _kind: NoticeKind) -> Result<LetterWish, MailError> {
        Ok(LetterWish::Now)
    }

    /// [`MailError::Later`] while letters of the organisation wait; [`MailError::Refused`] where the address, if one is
    /// given, wants none of them. To be asked before a letter is written whose writing leaves something behind, such as
    /// the token of its link, or that tells of several organisations.
    async fn admit(
        &self,
        _organization: OrganizationId,
        _to: Option<&EmailAddress>,
    ) -> Result<(), MailError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_log_shows_what_a_letter_keeps_to_itself() {
        let canary = || Some(Secret::new("https://x.example/canary"));
        let at = Timestamp::EPOCH;
        let calendar = CalendarPart {
            method: CalendarMethod::Request,
            uid: "1@x.example".to_owned(),
            sequence: 0,
            changed_at: at,
            starts_at: at,
            ends_at: at,
            summary: "Consultation".to_owned(),
            description: None,
            location: None,
            meeting: canary(),
            organizer: None,
            attendee: None,
        };
        let attachment = Attachment {
            name: "canary.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: b"canary".to_vec(),
        };
        let mail = Mail {
            link: canary(),
            unsubscribe: canary(),
            calendar: Some(calendar),
            attached: vec![attachment],
            ..Mail::new("ann@example.org", "identity/reset-password", Value::Null, Uuid::nil())
        };
        let shown = format!("{mail:?}");
        assert!(shown.contains("Consultation") && shown.contains("text/plain of 6 bytes"), "{shown}");
        assert!(!shown.contains("canary") && !shown.contains("99, 97"), "{shown}");
    }
}
