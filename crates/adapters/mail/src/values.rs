//! Makes what strangers typed harmless before a letter shows it.
//!
//! A value cannot add a header or a line, cannot reorder the text around it, cannot close the quotes a template
//! puts around it, and holds nothing a mail client would turn into a link.

use std::{collections::BTreeMap, net::IpAddr};

use kernel::{Named as _, NoticeKind, Timestamp};
use minijinja::Value as TemplateValue;
use serde_json::Value;
use time::{format_description::StaticFormatDescription, macros::format_description};

const NAME_LENGTH: usize = 64;
const TEXT_LENGTH: usize = 120;
const DEVICE_LENGTH: usize = 200;
const LIST_LENGTH: usize = 20;
const MESSAGE_LENGTH: usize = 2_000;
const WRAP: usize = 74; // behind a quotation mark, what terminals show in one line
const FILE_NAME_LENGTH: usize = 150;
const LINK_LENGTH: usize = 900; // with its tag, still within the 998 bytes RFC 5322 allows a line
const MOMENT: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year] at [hour]:[minute] UTC");

/// The value a template shows as `key`; `None` if it is missing or of a kind that cannot be shown.
pub(crate) fn template_value(key: &str, value: Option<&Value>) -> Option<TemplateValue> {
    let text = match (key, value?) {
        ("device" | "address", Value::Null) => "unknown".to_owned(),
        ("minutes" | "days" | "deadline" | "scheduled_at" | "closes_at" | "more", Value::Null) => {
            return Some(TemplateValue::from(()));
        }
        ("at" | "deadline" | "scheduled_at" | "closes_at", Value::String(at)) => moment(at),
        ("address", Value::String(address)) if address.parse::<IpAddr>().is_ok() => address.clone(),
        ("host", Value::String(host)) if is_host(host) => host.clone(),
        ("device", Value::String(device)) => inert(device, DEVICE_LENGTH),
        ("name", Value::String(name)) => inert(name, NAME_LENGTH),
        ("roles", Value::Array(roles)) => list(roles)?,
        ("sections", Value::Array(sections)) => return sections.iter().map(section).collect(),
        (_, Value::String(text)) => inert(text, TEXT_LENGTH),
        (_, Value::Number(number)) => number.to_string(),
        _ => return None,
    };
    Some(TemplateValue::from(text))
}

/// Whether a template may show the link as it is: an absolute http(s) address of printable ASCII that needs no
/// quoting, as RFC 3986 has it.
pub(crate) fn is_link(link: &str) -> bool {
    let host = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    host.is_some_and(|host| host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '['))
        && link.len() <= LINK_LENGTH
        && link.chars().all(|char| char.is_ascii_graphic() && !"<>\"'`\\^{|}".contains(char))
}

/// Whether it is the name of a host, or an address, and no more.
fn is_host(text: &str) -> bool {
    text.len() <= TEXT_LENGTH && text.chars().all(|char| char.is_ascii_alphanumeric() || "-._".contains(char))
        || text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
            .is_some_and(|text| text.parse::<IpAddr>().is_ok())
}

/// Whether it can be sent as the name of a file: nothing in it leads to another folder, is unseen or ends a header.
pub(crate) fn is_file_name(name: &str) -> bool {
    let is_allowed = |char: char| !char.is_control() && !is_invisible(char) && !"/\\".contains(char);
    let length = name.chars().count();
    (1..=FILE_NAME_LENGTH).contains(&length) && !name.starts_with('.') && name.chars().all(is_allowed)
}

/// Whether it is the media type of one file, such as `text/csv; charset=utf-8` (RFC 2045, section 5.1, without quotes).
pub(crate) fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && text.chars().all(|char| char.is_ascii_alphanumeric() || "!#$&^_.+-".contains(char))
    };
    let both =
        |text: &str, sign| text.split_once(sign).is_some_and(|(one, two)| is_token(one) && is_token(two));
    let is_composite =
        ["multipart/", "message/"].iter().any(|kind| text.to_ascii_lowercase().starts_with(kind));
    let mut parts = text.split("; ");
    !is_composite
        && parts.next().is_some_and(|kind| both(kind, '/'))
        && parts.all(|parameter| both(parameter, '='))
}

fn moment(at: &str) -> String {
    at.parse::<Timestamp>()
        .ok()
        .and_then(|at| at.to_offset_date_time().format(MOMENT).ok())
        .unwrap_or_else(|| inert(at, TEXT_LENGTH))
}

fn list(items: &[Value]) -> Option<String> {
    let texts = items.iter().take(LIST_LENGTH).map(Value::as_str).collect::<Option<Vec<_>>>()?;
    let shown: Vec<_> = texts.iter().map(|text| inert(&text.replace('_', " "), TEXT_LENGTH)).collect();
    Some(shown.join(", "))
}

/// What a digest tells of one kind of thing.
fn section(section: &Value) -> Option<TemplateValue> {
    let titles = section.get("titles")?.as_array()?.iter();
    let titles = titles.map(|title| Some(inert(title.as_str()?, TEXT_LENGTH))).collect::<Option<Vec<_>>>()?;
    let about = TemplateValue::from(words(NoticeKind::from_name(section.get("kind")?.as_str()?)?));
    Some(BTreeMap::from([("about", about), ("titles", TemplateValue::from(titles))]).into())
}

const fn words(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::System => "Your account and your organisations",
        NoticeKind::Assessment => "Assessments",
        NoticeKind::Interview => "Interviews",
        NoticeKind::Application => "Applications",
        NoticeKind::Proctoring => "Supervision of tests",
        NoticeKind::Consultation => "Consultations",
        NoticeKind::Practice => "Practice",
        NoticeKind::Wellbeing => "Wellbeing",
        NoticeKind::Billing => "Orders and payments",
        NoticeKind::Mention => "Mentions",
        NoticeKind::Task => "Tasks",
    }
}

/// One short line of text in which nothing is invisible and nothing is a link.
pub(crate) fn inert(text: &str, length: usize) -> String {
    unlinked(&shortened(&one_line(text), length))
}

/// What somebody wrote to the reader: its lines, each made harmless, with no more than one blank line in a row.
pub(crate) fn message(value: Option<&Value>) -> String {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    let mut lines: Vec<String> =
        shortened(text, MESSAGE_LENGTH).lines().map(|line| inert(line, MESSAGE_LENGTH)).collect();
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    lines.join("\n").trim().to_owned()
}

/// A message as lines of plain text, none longer than a terminal is wide unless one word is.
pub(crate) fn wrapped(message: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in message.lines() {
        let mut filled = String::new();
        for word in line.split(' ') {
            if !filled.is_empty() && filled.chars().count() + 1 + word.chars().count() > WRAP {
                lines.push(std::mem::take(&mut filled));
            }
            if !filled.is_empty() {
                filled.push(' ');
            }
            filled.push_str(word);
        }
        lines.push(filled);
    }
    lines
}

/// Controls and white space become single spaces, invisible characters vanish.
pub(crate) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|char| !is_invisible(*char))
        .map(|char| match char {
            control if control.is_control() => ' ',
            '"' | '\u{201C}'..='\u{201F}' | '\u{FF02}' => '\'',
            other => other,
        })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `length` characters, the last an ellipsis if some were cut.
pub(crate) fn shortened(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let kept: String = text.chars().take(length.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// Bidirectional controls and characters that show nothing. The joiners U+200C and U+200D stay: Persian, Indic
/// scripts and emoji need them.
const fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Puts a space where a mail client would otherwise see an address to link: `https: //example. org`.
fn unlinked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let after_www = out.len() >= 3 && out.as_bytes()[out.len() - 3..].eq_ignore_ascii_case(b"www");
        out.push(char);
        let Some(next) = chars.peek().copied() else { break };
        // Version and IP numbers may keep their dots; no top-level domain starts with a digit.
        let splits = match char {
            '.' | '\u{2024}' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}' => {
                after_www || (!next.is_ascii_digit() && !next.is_ascii_punctuation())
            }
            ':' => !next.is_ascii_digit(),
            _ => false,
        };
        if splits && next != ' ' {
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_hold_nothing_a_client_links() {
        let inert = |text| inert(text, TEXT_LENGTH);
        assert_eq!(inert("Visit https://evil.example/x now"), "Visit https: //evil. example/x now");
        assert_eq!(inert("WWW.1and1.com"), "WWW. 1and1. com");
        assert_eq!(inert("mailto:me@evil.example"), "mailto: me@evil. example");
        assert_eq!(inert("ht\u{200B}tp:\u{2060}//x\u{3002}example"), "http: //x\u{3002} example");
        assert_eq!(inert("Zo\u{eb} O'Neil-Ng\u{169}"), "Zo\u{eb} O'Neil-Ng\u{169}");
        assert_eq!(inert("Acme 2.0 Inc."), "Acme 2.0 Inc.");
    }

    #[test]
    fn names_are_one_short_line_and_keep_their_quotes() {
        assert_eq!(inert(" a\r\nBcc: x\u{2028}y\u{0}\u{202E}z ", 40), "a Bcc: x y z");
        assert_eq!(inert("x\" is verified. \u{201C}y", 40), "x' is verified. 'y");
        assert_eq!(inert("abcdef", 4), "abc\u{2026}");
        assert_eq!(inert("\u{202E}\u{200B}", 4), "");
    }

    #[test]
    fn messages_keep_their_lines_and_hold_no_links() {
        let text = json!("Dear all,\r\n\n\n\nsee https://evil.example \u{202E}now\n\n");
        assert_eq!(message(Some(&text)), "Dear all,\n\nsee https: //evil. example now");
        assert_eq!(message(None), "");
        let long = format!("one\n\n{}", "word ".repeat(20).trim());
        let words = |count| vec!["word"; count].join(" ");
        assert_eq!(wrapped(&long), ["one".to_owned(), String::new(), words(15), words(5)]);
        assert!(wrapped("").is_empty());
    }

    #[test]
    fn names_of_files_lead_nowhere_and_hide_nothing() {
        for name in
            ["invoice.pdf", "F\u{fc}hrung \u{201C}1\u{201D}, 2; \"3\".csv", &"x".repeat(FILE_NAME_LENGTH)]
        {
            assert!(is_file_name(name), "{name}");
        }
        let refused = [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "x\r\nBcc: y",
            "x\0",
            "invoice\u{202E}fdp.exe",
            "\u{200B}",
        ];
        for name in refused {
            assert!(!is_file_name(name), "{name:?}");
        }
        assert!(!is_file_name(&"x".repeat(FILE_NAME_LENGTH + 1)));
    }

    #[test]
    fn media_types_are_those_of_one_file() {
        for text in ["application/pdf", "text/csv; charset=utf-8", "application/vnd.ms-excel+xml"] {
            assert!(is_media_type(text), "{text}");
        }
        let refused = [
            "",
            "pdf",
            "text/",
            "/csv",
            "text/csv;",
            "text/csv; charset",
            "text/csv\r\nBcc: x",
            "text/csv; a=\"b\"",
            "multipart/mixed",
            "Message/rfc822",
            "text/c sv",
        ];
        for text in refused {
            assert!(!is_media_type(text), "{text:?}");
        }
    }

    #[test]
    fn links_are_absolute_and_need_no_quoting() {
        assert!(is_link("https://t.example/reset#token=aB3-_%20&x=1"));
        assert!(is_link("http://127.0.0.1:8080/verify#token=x"));
        assert!(is_link("http://[::1]:8080/verify"));
        for link in
            ["", "https://", "javascript:alert(1)", "//t.example", "https:///x", "https://t.example/\r\nx"]
        {
            assert!(!is_link(link), "{link}");
        }
        assert!(!is_link("https://t.example/\"onmouseover=x"));
        assert!(!is_link(&format!("https://t.example/{}", "x".repeat(LINK_LENGTH))));
    }
}
