//! What only some letters have: a link to unsubscribe, an appointment, attached files. All three are
//! [checked](templates::render) before.

use kernel::{CalendarWriter, Mail, MailError};
use lettre::message::{
    Attachment, Body, SinglePart,
    header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
};

use crate::templates::{self, permanent};

/// The headers that have mail clients show a button (RFC 2369). Where the link is encrypted, clients may follow it by
/// themselves when it is pressed (RFC 8058), which that standard allows for no other link.
pub(crate) fn unsubscribe(mail: &Mail) -> Vec<HeaderValue> {
    let Some(link) = mail.unsubscribe.as_ref().map(kernel::Secret::expose) else { return Vec::new() };
    // A checked link needs no encoding, and some clients lose one that is folded.
    let header = |name, value: String| {
        HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
    };
    let mut headers = vec![header("List-Unsubscribe", format!("<{link}>"))];
    if link.starts_with("https://") {
        headers.push(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    headers
}

/// The appointment as iMIP has it (RFC 6047): the media type says the method again.
pub(crate) fn calendar(
    mail: &Mail,
    writer: Option<&dyn CalendarWriter>,
    organizer: &str,
    attendee: &str,
) -> Result<Option<SinglePart>, MailError> {
    let text = templates::appointment(mail, writer, organizer, attendee)?;
    let Some((text, part)) = text.zip(mail.calendar.as_ref()) else { return Ok(None) };
    let media_type = format!("text/calendar; charset=utf-8; method={}", part.method.name());
    Ok(Some(SinglePart::builder().header(content_type(mail, &media_type)?).body(base64(text.into_bytes()))))
}

/// The files, each byte by byte as it was given.
pub(crate) fn attached(mail: &Mail) -> Result<Vec<SinglePart>, MailError> {
    let part = |file: &kernel::Attachment| {
        let media_type = content_type(mail, &file.media_type)?;
        Ok(Attachment::new(file.name.clone()).body(base64(file.bytes.clone()), media_type))
    };
    mail.attached.iter().map(part).collect()
}

fn content_type(mail: &Mail, text: &str) -> Result<ContentType, MailError> {
    ContentType::parse(text).map_err(|_| permanent(mail.template, "a media type cannot be sent"))
}

/// Not left to lettre, which sends what looks like text as text, with other ends of lines.
fn base64(bytes: Vec<u8>) -> Body {
    Body::new_with_encoding(bytes, ContentTransferEncoding::Base64).expect("base64 takes any bytes")
}
