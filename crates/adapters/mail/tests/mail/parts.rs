//! What only some letters have, as a mail reader sees it: a link to unsubscribe, an appointment, attached files.

use std::{fs, sync::Arc};

use kernel::{
    Attachment, CalendarMethod, CalendarPart, CalendarWriter, Mail, MailError, Mailer, Secret, Timestamp,
};
use mail::{FolderMailer, MemoryMailer, SmtpMailer, SmtpSettings};
use mail_parser::{Message, MessagePart, MimeHeaders as _};

use crate::support::{clock, html, read, reset, sender, text};

const UNSUBSCRIBE: &str = "https://touchstone.example/v1/notifications/unsubscribe?token=s3cr3t-T0ken_x";

/// Not iCalendar, but with all that must survive: long lines that end in CR LF, and letters beyond ASCII.
struct Plain;

impl CalendarWriter for Plain {
    fn write(&self, part: &CalendarPart, organizer: &str, attendee: &str) -> String {
        let line = "x".repeat(1_200);
        let (uid, summary) = (&part.uid, &part.summary);
        format!(
            "UID:{uid}\r\nSUMMARY:{summary}\r\nORGANIZER:{organizer}\r\nATTENDEE:{attendee}\r\nX:{line}\r\n"
        )
    }
}

fn appointment(method: CalendarMethod) -> CalendarPart {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    CalendarPart {
        method,
        uid: "7@touchstone.example".to_owned(),
        sequence: 1,
        changed_at: at("2026-11-20T10:00:00Z"),
        starts_at: at("2026-12-01T09:00:00Z"),
        ends_at: at("2026-12-01T09:50:00Z"),
        summary: "Gespräch".to_owned(),
        description: None,
        location: None,
        meeting: None,
        organizer: Some("Praxis Süd".to_owned()),
        attendee: None,
    }
}

fn file(name: &str, media_type: &str, bytes: &[u8]) -> Attachment {
    Attachment { name: name.to_owned(), media_type: media_type.to_owned(), bytes: bytes.to_vec() }
}

fn with_files(attached: Vec<Attachment>) -> Mail {
    Mail { attached, ..reset() }
}

/// The message as it would be sent.
async fn message(mail: &Mail) -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    let mailer = FolderMailer::new(home.path(), sender(), clock()).with_calendar(Arc::new(Plain));
    mailer.send(mail).await.unwrap();
    let filed = fs::read_dir(home.path()).unwrap().next().unwrap().unwrap();
    fs::read(filed.path()).unwrap()
}

fn kind(part: &MessagePart<'_>) -> String {
    let content_type = part.content_type().unwrap();
    format!("{}/{}", content_type.ctype(), content_type.subtype().unwrap_or_default())
}

fn header<'x>(message: &'x Message<'_>, name: &'static str) -> Option<&'x str> {
    message.header_raw(name).map(str::trim_end)
}

#[tokio::test]
async fn a_letter_of_a_list_can_be_ended_with_one_click() {
    let ends_with = |link: &str| Mail { unsubscribe: Some(Secret::new(link)), ..reset() };
    let bytes = message(&ends_with(UNSUBSCRIBE)).await;
    let one_click = read(&bytes);
    assert_eq!(header(&one_click, "List-Unsubscribe"), Some(format!(" <{UNSUBSCRIBE}>").as_str()));
    assert_eq!(header(&one_click, "List-Unsubscribe-Post"), Some(" List-Unsubscribe=One-Click"));
    // RFC 8058 is about HTTPS alone.
    let bytes = message(&ends_with("http://127.0.0.1:8080/unsubscribe?token=x")).await;
    let unencrypted = read(&bytes);
    assert_eq!(
        header(&unencrypted, "List-Unsubscribe"),
        Some(" <http://127.0.0.1:8080/unsubscribe?token=x>")
    );
    assert_eq!(header(&unencrypted, "List-Unsubscribe-Post"), None);
    // A long link is not folded.
    let long = format!("{UNSUBSCRIBE}{}", "y".repeat(700));
    let bytes = message(&ends_with(&long)).await;
    assert!(String::from_utf8(bytes).unwrap().contains(&format!("\r\nList-Unsubscribe: <{long}>\r\n")));
    let bytes = message(&reset()).await;
    assert_eq!(header(&read(&bytes), "List-Unsubscribe"), None);
}

#[tokio::test]
async fn an_appointment_is_the_last_of_the_alternatives() {
    for method in CalendarMethod::ALL {
        let part = appointment(method);
        let bytes = message(&Mail { calendar: Some(part.clone()), ..reset() }).await;
        let letter = read(&bytes);
        assert_eq!(kind(letter.root_part()), "multipart/alternative");
        let alternatives: Vec<String> = letter.parts[1..].iter().map(kind).collect();
        assert_eq!(alternatives, ["text/plain", "text/html", "text/calendar"]);
        let content_type = letter.parts[3].content_type().unwrap();
        assert_eq!(content_type.attribute("method"), Some(method.name()));
        assert_eq!(content_type.attribute("charset"), Some("utf-8"));
        let expected = Plain.write(&part, "no-reply@touchstone.example", "anna@example.org");
        assert_eq!(letter.parts[3].text_contents(), Some(expected.as_str()));
        assert!(letter.parts[3].attachment_name().is_none());
    }
}

#[tokio::test]
async fn files_arrive_byte_by_byte_under_their_names() {
    let all_bytes: Vec<u8> = (0..=255).collect();
    let long = format!("{}.txt", "long name ".repeat(14));
    let files = vec![
        file("invoice.pdf", "application/pdf", &all_bytes),
        file("Führung “1”, 2; \"3\".csv", "text/csv; charset=utf-8", b"a,b\nc,d\n.\n"),
        file(&long, "text/plain", b""),
    ];
    let calendar = Some(appointment(CalendarMethod::Request));
    let bytes = message(&Mail { calendar, ..with_files(files.clone()) }).await;
    assert!(bytes.is_ascii(), "any server takes it");
    let is_whole = |two: &[u8]| two[1] != b'\n' || two[0] == b'\r';
    assert!(bytes.windows(2).all(is_whole), "no server has ends of lines to mend");
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998), "no line is too long");
    let letter = read(&bytes);
    assert_eq!(kind(letter.root_part()), "multipart/mixed");
    assert_eq!(kind(&letter.parts[1]), "multipart/alternative");
    assert!(text(&letter).starts_with("Hello Anna,") && html(&letter).contains("Anna"));
    let last: Vec<_> = letter.parts[letter.parts.len() - files.len()..].iter().collect();
    for (file, part) in files.iter().zip(last) {
        assert_eq!(part.attachment_name(), Some(file.name.as_str()));
        assert_eq!(part.contents(), file.bytes);
        assert_eq!(Some(kind(part).as_str()), file.media_type.split(';').next());
        assert!(part.content_disposition().unwrap().is_attachment());
    }
}

#[tokio::test]
async fn what_would_be_another_header_or_file_is_refused() {
    let unsubscribe = |link: &str| Mail { unsubscribe: Some(Secret::new(link)), ..reset() };
    for (mail, what) in [
        (with_files(vec![file("s3cr3t.txt\r\nBcc: x@evil.example", "text/plain", b"")]), "the name"),
        (with_files(vec![file("../s3cr3t", "text/plain", b"")]), "the name"),
        (with_files(vec![file("s3cr3t\u{202E}fdp.exe", "text/plain", b"")]), "the name"),
        (with_files(vec![file("x", "text/plain\r\nBcc: s3cr3t@evil.example", b"")]), "the media type"),
        (with_files(vec![file("x", "message/rfc822", b"")]), "the media type"),
        (unsubscribe("https://x.example/s3cr3t>\r\nBcc: x@evil.example"), "the link to unsubscribe"),
        (unsubscribe("mailto:s3cr3t@x.example"), "the link to unsubscribe"),
    ] {
        match MemoryMailer::new().send(&mail).await {
            Err(MailError::Permanent(told)) => {
                assert!(told.contains(what) && !told.contains("s3cr3t"), "{told}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_appointment_that_nothing_writes_is_refused_and_not_left_out() {
    let home = tempfile::tempdir().unwrap();
    let mail = Mail { calendar: Some(appointment(CalendarMethod::Request)), ..reset() };
    let smtp = SmtpMailer::new(SmtpSettings::new("127.0.0.1", sender()), clock()).unwrap();
    let mailers: [&dyn Mailer; 3] =
        [&MemoryMailer::new(), &FolderMailer::new(home.path(), sender(), clock()), &smtp];
    for mailer in mailers {
        let refused = mailer.send(&mail).await;
        assert!(
            matches!(&refused, Err(MailError::Permanent(what)) if what.contains("appointments")),
            "{refused:?}"
        );
    }
    let mailer = MemoryMailer::new().with_calendar(Arc::new(Plain));
    mailer.send(&mail).await.unwrap();
    assert_eq!(mailer.sent()[0].calendar, mail.calendar);
}
