//! Reads what a mail server sends back of a letter it could not deliver: a delivery status notification (RFC 3464),
//! which is a `multipart/report` (RFC 6522) with the fields of each recipient and the headers of the letter.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};
use uuid::Uuid;

/// What a notification says of a letter of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The letter: [`kernel::Mail::id`], which its `Message-ID` holds.
    pub letter: Uuid,
    /// Whether it failed for good; else it is delayed, or was delivered or passed on.
    pub failed: bool,
    /// What the last mail server said, such as `550 5.1.1`: the reply (RFC 5321) where it is told, and the status
    /// (RFC 3463).
    pub code: String,
}

/// Why a message is no notification of a letter of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoNotification {
    /// It is no delivery status notification at all.
    #[error(
        "it is no delivery status notification (RFC 3464): it has no part of the type message/delivery-status"
    )]
    NoReport,
    /// It tells nothing of any recipient.
    #[error("the part message/delivery-status has no recipient with a field `Action`")]
    NoRecipient,
    /// It does not say which letter it is about.
    #[error(
        "it does not say which letter it is about: the letter's headers, with a Message-ID of ours, are not in it"
    )]
    NoLetter,
}

/// Reads a message as it came from the mail server.
pub fn read_notification(message: &[u8]) -> Result<Notification, NoNotification> {
    let message = MessageParser::default().parse(message).ok_or(NoNotification::NoReport)?;
    let report = part(&message, "delivery-status").ok_or(NoNotification::NoReport)?;
    let recipients = fields(&String::from_utf8_lossy(report));
    let failed = |fields: &&Vec<(String, String)>| {
        field(fields, "action").is_some_and(|action| action.eq_ignore_ascii_case("failed"))
    };
    let told = |fields: &&Vec<(String, String)>| field(fields, "action").is_some();
    let recipient = recipients.iter().find(failed).or_else(|| recipients.iter().find(told));
    let recipient = recipient.ok_or(NoNotification::NoRecipient)?;
    let letter = letter_of(&message).ok_or(NoNotification::NoLetter)?;
    Ok(Notification { letter, failed: failed(&recipient), code: code(recipient) })
}

/// The content of the part of this type, in the message itself and not in the letter it brings back.
fn part<'m>(message: &'m Message<'_>, subtype: &str) -> Option<&'m [u8]> {
    let is_it = |part: &&mail_parser::MessagePart<'_>| {
        part.content_type().is_some_and(|of| {
            of.c_type.eq_ignore_ascii_case("message")
                && of.c_subtype.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(subtype))
        })
    };
    message.parts.iter().find(is_it).map(mail_parser::MessagePart::contents)
}

/// The groups of fields, one for the message and one for each recipient, with names in lower case and folded lines
/// joined.
fn fields(report: &str) -> Vec<Vec<(String, String)>> {
    let mut groups: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in report.lines() {
        let last = groups.len() - 1;
        if line.trim().is_empty() {
            groups.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = groups[last].last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            groups[last].push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
}

/// The reply of the last server, where it spoke SMTP, and the status; never its own words, which may name the
/// recipient.
fn code(fields: &[(String, String)]) -> String {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|of| of.is_ascii_digit())
    };
    let reply = field(fields, "diagnostic-code")
        .and_then(|said| said.split_once(';'))
        .filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("smtp"))
        .and_then(|(_, said)| {
            said.split(|c: char| c.is_whitespace() || c == '-').find(|word| !word.is_empty())
        })
        .filter(|word| word.len() == 3 && digits(word, 3));
    let status =
        field(fields, "status").and_then(|status| status.split_whitespace().next()).filter(|status| {
            let parts: Vec<&str> = status.split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| digits(part, 3))
        });
    let known: Vec<&str> = reply.into_iter().chain(status).collect();
    if known.is_empty() { "5.0.0".to_owned() } else { known.join(" ") }
}

/// The id of our letter, from the headers that came back or the letter whole.
fn letter_of(message: &Message<'_>) -> Option<Uuid> {
    let id = |message: &Message<'_>| Uuid::try_parse(message.message_id()?.split('@').next()?).ok();
    let whole = message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(letter) => id(letter),
        _ => None,
    });
    whole.or_else(|| {
        let headers = message.parts.iter().find(|part| {
            part.content_type().is_some_and(|of| of.c_subtype.as_deref() == Some("rfc822-headers"))
        })?;
        id(&MessageParser::default().parse(headers.contents())?)
    })
}
