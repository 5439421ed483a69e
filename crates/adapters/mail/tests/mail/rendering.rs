//! Every template renders; nothing a stranger typed changes what a letter is.

use kernel::{Mail, MailError, Secret};
use mail::{Rendered, TEMPLATES, render};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{LINK, everything, letter};

fn rendered(template: &'static str, values: Value) -> Rendered {
    render(&letter(template, values)).unwrap()
}

fn refusal(mail: &Mail) -> String {
    match render(mail).map(drop) {
        Err(MailError::Permanent(what)) => what,
        other => panic!("{other:?}"),
    }
}

const LINKED: [&str; 12] = [
    "assessment/campaign-invitation",
    "assessment/campaign-reminder",
    "assessment/coaching-invitation",
    "assessment/coaching-reminder",
    "assessment/result-released",
    "assessment/session-reopened",
    "identity/verify-email",
    "identity/reset-password",
    "identity/password-reset-started-by-admin",
    "identity/email-change-confirm",
    "identity/invitation",
    "notification/notice",
];

#[test]
fn every_template_renders_with_and_without_a_name() {
    assert_eq!(TEMPLATES.len(), 28);
    let mut nameless = everything();
    nameless["name"] = Value::Null;
    for template in TEMPLATES {
        let letter = rendered(template, everything());
        assert!(letter.subject.contains("Touchstone") && !letter.subject.contains('\n'), "{template}");
        assert!(letter.text.starts_with("Hello Anna,\n\n"), "{template}");
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("You get this mail because"), "{template}");
            assert!(
                !part.contains("{{") && !part.contains("{%") && !part.contains("\n\n\n"),
                "{template}:\n{part}"
            );
        }
        let links = usize::from(LINKED.contains(template));
        assert_eq!(letter.text.matches("://").count(), links, "{template}");
        assert_eq!(letter.html.matches("://").count(), links * 2, "{template}");
        assert!(letter.text.lines().all(|line| line.len() <= 120 || line == LINK), "{template}");
        assert!(rendered(template, nameless.clone()).text.starts_with("Hello,\n\n"), "{template}");
    }
}

#[test]
fn values_are_shown_as_people_write_them() {
    let device = rendered("identity/new-device", everything());
    assert!(device.text.contains("When:            20 November 2026 at 11:05 UTC\n"), "{}", device.text);
    assert!(device.text.contains("Device:          Mozilla/5.0 (X11; Linux x86_64)\n"));
    assert!(device.text.contains("Network address: 2001:db8::7\n"));
    let invitation = rendered("identity/invitation", everything());
    assert_eq!(invitation.subject, "Invitation to join Acme on Touchstone");
    assert!(invitation.text.contains("organization admin, recruiter"));
    let unknown = rendered(
        "identity/new-device",
        json!({ "at": "2026-11-20T12:05:00Z", "device": null, "address": null }),
    );
    assert!(unknown.html.contains("Device: <bdi>unknown</bdi>"));
}

#[test]
fn an_invitation_tells_what_there_is_to_tell() {
    let whole = rendered("assessment/coaching-invitation", everything());
    assert!(whole.text.contains("> Take your time.\n> \n> There is no wrong answer.\n"), "{}", whole.text);
    assert!(whole.text.contains("You meet on 1 December 2026 at 09:00 UTC.\n"), "{}", whole.text);
    assert!(whole.text.contains("you have 45 minutes.\n"), "{}", whole.text);
    assert!(whole.html.contains("<bdi>Take your time.\n\nThere is no wrong answer.</bdi>"), "{}", whole.html);
    let mut values = everything();
    for (key, nothing) in [
        ("message", json!("")),
        ("minutes", json!(null)),
        ("scheduled_at", json!(null)),
        ("closes_at", json!(null)),
    ] {
        values[key] = nothing;
    }
    let bare = rendered("assessment/coaching-invitation", values);
    for part in [&bare.text, &bare.html] {
        for left_out in ["writes", "You meet", "minutes", "Begin before", "\n\n\n"] {
            assert!(!part.contains(left_out), "{left_out}: {part}");
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    let unknown = letter("identity/no-such", json!({}));
    assert_eq!(refusal(&unknown), "identity/no-such: there is no such template");
    for template in TEMPLATES {
        for key in [
            "organization",
            "inviter",
            "roles",
            "at",
            "device",
            "address",
            "key_name",
            "new_email_masked",
            "title",
            "assessment",
            "message",
            "minutes",
            "days",
            "deadline",
            "scheduled_at",
            "closes_at",
            "count",
            "sections",
            "more",
        ] {
            let mut values = everything();
            values.as_object_mut().unwrap().remove(key);
            if let Err(error) = render(&letter(template, values.clone())).map(drop) {
                assert!(matches!(&error, MailError::Permanent(what) if what.contains(key)), "{error}");
                values[key] = json!({ "nested": true });
                assert!(refusal(&letter(template, values)).contains(key));
            }
        }
    }
    assert!(refusal(&letter("identity/password-changed", Value::Null)).contains("`at`"));
    assert!(render(&Mail { link: None, ..letter("notification/notice", everything()) }).is_ok());
    for template in LINKED {
        let is_needed = template != "notification/notice";
        assert!(
            !is_needed || refusal(&Mail { link: None, ..letter(template, everything()) }).contains("link")
        );
        for link in ["javascript:alert(1)", "https://x.example/s3cr3t\"><b>", "ftp://x.example/s3cr3t"] {
            let what = refusal(&Mail { link: Some(Secret::new(link)), ..letter(template, everything()) });
            assert!(what.contains("link") && !what.contains("s3cr3t"), "{what}");
        }
    }
}

#[test]
fn markup_in_names_is_text() {
    let values = json!({
        "organization": "<img src=x onerror=alert(1)>\"</bdi>{{ link }}{% raw %}", "inviter": "<a href='https://evil.example'>Bob</a>",
        "roles": ["<b>admin</b>"], "name": "<script>alert(1)</script>",
    });
    let letter = rendered("identity/invitation", values);
    for tag in ["<img", "<b>", "<script", "<a href='", "https://evil"] {
        assert!(!letter.html.contains(tag), "{tag}");
    }
    assert_eq!(letter.html.matches(LINK.replace('&', "&amp;").as_str()).count(), 2);
    assert!(letter.html.contains("{{ link }}{% raw %}"), "templates are not evaluated twice");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_typed_adds_lines_links_or_tags(
        hostile in "(?s)(https?://|www\\.|mailto:|\r\n|<|>|\"|&|'|\\{\\{|\u{202E}|\u{2028}|\u{200B}|[a-z.:/@ ]|.){0,60}",
        which in 0..TEMPLATES.len(),
    ) {
        let mut values = everything();
        for (key, value) in values.as_object_mut().unwrap() {
            if !["at", "minutes", "days", "deadline", "scheduled_at", "closes_at", "count", "more"].contains(&key.as_str()) {
                *value = match key.as_str() {
                    "roles" => json!([hostile, hostile]),
                    "sections" => json!([{ "kind": "task", "titles": [format!("x{hostile}"), format!("y{hostile}")] }]),
                    // A line that began with it and a space would be taken for a quote.
                    _ => json!(format!("x{hostile}")),
                };
            }
        }
        values["name"] = json!(format!("x{hostile}"));
        // The lines of a notice's message are its template's: what strangers typed was made one line before.
        if TEMPLATES[which] == "notification/notice" {
            values["message"] = everything()["message"].clone();
        } else {
            values["message"] = json!(format!("x{hostile}"));
        }
        let plain = rendered(TEMPLATES[which], everything());
        let letter = rendered(TEMPLATES[which], values);
        prop_assert!(!letter.subject.chars().any(char::is_control));
        prop_assert!(letter.subject.chars().count() <= 150);
        let own = |letter: &Rendered| letter.text.lines().filter(|line| !line.starts_with("> ")).count();
        prop_assert_eq!(own(&letter), own(&plain));
        prop_assert_eq!(letter.text.matches("://").count(), plain.text.matches("://").count());
        prop_assert_eq!(letter.html.matches("://").count(), plain.html.matches("://").count());
        prop_assert_eq!(letter.html.matches('<').count(), plain.html.matches('<').count());
        prop_assert_eq!(letter.text.matches('"').count(), plain.text.matches('"').count());
        for part in [&letter.subject, &letter.text, &letter.html] {
            let part = part.to_lowercase();
            let hidden = part.contains(['\u{202E}', '\u{2028}', '\u{200B}']);
            prop_assert!(!hidden);
            prop_assert!(!part.split("www.").skip(1).any(|rest| rest.starts_with(char::is_alphanumeric)));
        }
    }
}
