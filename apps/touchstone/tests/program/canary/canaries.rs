//! Secrets that are easy to recognise, and how they are found however they are written.

use std::fmt::Write as _;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// The secrets, each with what it is.
#[derive(Default)]
pub(super) struct Canaries(Vec<(String, String)>);

impl Canaries {
    pub(super) fn add(&mut self, what: &str, secret: &str) {
        assert!(!secret.is_empty(), "{what}");
        self.0.push((what.to_owned(), secret.to_owned()));
    }

    /// What of them stands in the text: as it is, its end, in hexadecimal or in Base64.
    pub(super) fn found_in(&self, text: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(_, secret)| {
            if secret.len() <= 8 {
                return stands_alone(text, secret);
            }
            forms(secret).iter().any(|form| text.contains(form))
        });
        found.map(|(what, _)| what.as_str()).collect()
    }
}

fn forms(secret: &str) -> Vec<String> {
    // Without the last characters, which depend on what follows.
    let cut = |text: String| text[..text.len() - 4].to_owned();
    let mut forms = vec![
        secret.to_owned(),
        hexadecimal(secret.as_bytes()),
        cut(STANDARD.encode(secret)),
        cut(URL_SAFE_NO_PAD.encode(secret)),
        secret.replace('-', ""),
    ];
    if secret.len() >= 40 {
        forms.push(secret[secret.len() - 20..].to_owned());
    }
    forms
}

pub(super) fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

/// A short code, not as part of a longer number such as the microseconds of a time.
fn stands_alone(text: &str, code: &str) -> bool {
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.match_indices(code).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + code.len()..]);
        !before.ends_with(joins) && !after.starts_with(joins)
    })
}

/// Asks where a canary stands, line by line.
#[track_caller]
pub(super) fn nothing_tells(canaries: &Canaries, places: &[(&str, String)]) {
    let mut leaks = Vec::new();
    for (place, text) in places {
        for line in text.lines() {
            let found = canaries.found_in(line);
            if !found.is_empty() {
                leaks.push(format!("{place} tells {found:?}: {line:.600}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

const PASSWORD: &str = "canary-first-plinth-orbit-walnut-sieve";

#[test]
fn a_canary_is_found_however_it_is_written() {
    let mut canaries = Canaries::default();
    canaries.add("password", PASSWORD);
    canaries.add("code", "123456");
    let written = [
        format!("at 12:00:00 {PASSWORD}"),
        forms(PASSWORD)[1].clone(),
        format!("x{}", STANDARD.encode(PASSWORD)),
        URL_SAFE_NO_PAD.encode(PASSWORD),
    ];
    for text in written {
        assert_eq!(canaries.found_in(&text), ["password"], "{text}");
    }
    assert_eq!(canaries.found_in(r#"{"code":"123456"}"#), ["code"]);
    assert!(canaries.found_in("2026-11-20 12:00:00.123456+00, 0123456").is_empty());
}
