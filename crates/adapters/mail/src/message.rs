//! Builds the message that is sent or filed, and the sender it comes from.

use std::time::{Duration, SystemTime};

use kernel::{CalendarWriter, Mail, MailError, Timestamp};
use lettre::{
    Address, Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, HeaderName, HeaderValue},
    },
};

use crate::{
    parts,
    templates::{self, permanent},
    values,
};

const DISPLAY_NAME_LENGTH: usize = 60;
const LINE_LENGTH: usize = 998; // RFC 5322, section 2.1.1
const LAST_SECOND_OF_9999: u64 = 253_402_300_799;

/// Settings with which no mail can be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The sender or the address for replies is none.
    #[error("`{0}` is not a mail address in ASCII (write a domain beyond it as xn--...)")]
    Address(String),
    /// Mail, links and password could be read on the way.
    #[error("mail to `{0}` would travel unencrypted; use STARTTLS or TLS, or allow it explicitly")]
    Unencrypted(String),
    /// The extra root certificate cannot be used.
    #[error("the root certificate is not a PEM file with a certificate in it")]
    RootCertificate,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// Whom letters come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

impl Sender {
    /// A sender with an address and, optionally, a name to display.
    pub fn new(address: &str, name: Option<&str>) -> Result<Self, SettingsError> {
        let name = name
            .map(|name| values::shortened(&values::one_line(name), DISPLAY_NAME_LENGTH))
            .filter(|name| !name.is_empty());
        Ok(Self { from: Mailbox::new(name, ascii_address(address)?), reply_to: None })
    }

    /// The same sender, answers to whom go to `address`.
    pub fn with_reply_to(self, address: &str) -> Result<Self, SettingsError> {
        Ok(Self { reply_to: Some(Mailbox::new(None, ascii_address(address)?)), ..self })
    }

    pub(crate) fn domain(&self) -> &str {
        self.from.email.domain()
    }
}

/// The message as RFC 5322 has it. The same mail built twice differs in its `Date` at most.
pub(crate) fn build(
    mail: &Mail,
    sender: &Sender,
    calendar: Option<&dyn CalendarWriter>,
    now: Timestamp,
) -> Result<Message, MailError> {
    let rendered = templates::render(mail)?;
    let recipient = recipient(mail)?;
    let mut builder = Message::builder()
        .from(sender.from.clone())
        .to(Mailbox::new(None, recipient.clone()))
        .subject(rendered.subject)
        .date(date(now))
        .message_id(Some(format!("<{}@{}>", mail.id, sender.domain())));
    let own = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    for header in std::iter::once(own).chain(parts::unsubscribe(mail)) {
        builder = builder.raw_header(header);
    }
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    let mut body = MultiPart::alternative()
        .boundary(format!("touchstone-{}", mail.id.simple()))
        .singlepart(plain(rendered.text))
        .singlepart(SinglePart::html(rendered.html));
    if let Some(part) = parts::calendar(mail, calendar, sender.from.email.as_ref(), recipient.as_ref())? {
        body = body.singlepart(part); // the last of the alternatives is the one that is preferred
    }
    let attached = parts::attached(mail)?;
    if !attached.is_empty() {
        let mixed = MultiPart::mixed().boundary(format!("touchstone-mixed-{}", mail.id.simple()));
        body = attached.into_iter().fold(mixed.multipart(body), MultiPart::singlepart);
    }
    builder.multipart(body).map_err(|_| permanent(mail.template, "the message cannot be built"))
}

/// The text part. Links are longer than the 76 bytes from which on lettre would encode the whole text, and then no
/// longer stand in a filed letter in one piece; the standard allows plain lines of up to 998 bytes.
fn plain(text: String) -> SinglePart {
    if text.is_ascii() && text.lines().all(|line| line.len() <= LINE_LENGTH) {
        let lines = text.replace('\n', "\r\n").into_bytes();
        return SinglePart::plain(Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit));
    }
    SinglePart::plain(text)
}

/// The recipient's address; the error does not name it.
pub(crate) fn recipient(mail: &Mail) -> Result<Address, MailError> {
    address(&mail.to).ok_or_else(|| permanent(mail.template, "the recipient is not a mail address"))
}

fn ascii_address(text: &str) -> Result<Address, SettingsError> {
    address(text).filter(|_| text.is_ascii()).ok_or_else(|| SettingsError::Address(text.to_owned()))
}

fn address(text: &str) -> Option<Address> {
    if text.contains(|char: char| char.is_control() || char.is_whitespace()) {
        return None;
    }
    text.parse().ok()
}

fn date(now: Timestamp) -> SystemTime {
    let seconds = u64::try_from(now.unix_seconds()).unwrap_or(0).min(LAST_SECOND_OF_9999);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
