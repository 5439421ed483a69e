//! Every text of a notice renders, and nothing a stranger typed changes what it is.

use kernel::NoticeText;
use mail::{NOTICES, render_notice};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::everything;

/// What letters take, and what notices alone do.
fn all_values() -> Value {
    let mut values = everything();
    values["host"] = json!("hooks.example.org");
    values["reason"] = json!("failing");
    values["found"] = json!("Eicar-Test-Signature");
    values
}

fn rendered(template: &str, values: &Value) -> NoticeText {
    render_notice(template, values).unwrap()
}

#[test]
fn every_notice_renders_and_fits() {
    for template in NOTICES {
        let mut bare = all_values();
        for key in ["organization", "closes_at", "scheduled_at"] {
            bare[key] = Value::Null;
        }
        for values in [all_values(), bare] {
            let NoticeText { title, message } = rendered(template, &values);
            assert!(!title.is_empty() && !title.contains('\n'), "{template}: {title}");
            assert!(!message.is_empty() && !message.contains(['\n', '{']), "{template}: {message}");
        }
    }
    let asked = rendered("assessment/assigned", &everything());
    assert_eq!(asked.title, "You are asked to take an assessment: Spring 2026");
    assert_eq!(asked.message, "Acme asks you; begin before 20 December 2026 at 18:00 UTC.");
}

#[test]
fn an_endpoint_is_told_by_its_host() {
    let message = |host: &str| {
        let values = json!({ "organization": "Acme", "reason": "gone", "host": host });
        rendered("webhook/endpoint-disabled", &values).message
    };
    for host in ["hooks.example.org", "93.184.215.14", "[2606:2800::1]"] {
        assert!(
            message(host).starts_with(&format!("The endpoint at {host} was disabled: it answered")),
            "{host}"
        );
    }
    assert!(message("https://evil.example/").contains("at https: //evil. example/ was"), "no link");
}

#[test]
fn what_is_wrong_with_a_notice_is_named_without_its_values() {
    let error = render_notice("no/such", &json!({ "title": "canary" })).unwrap_err().to_string();
    assert!(error.contains("no/such") && !error.contains("canary"), "{error}");
    let error = render_notice("task/failed", &json!({})).unwrap_err().to_string();
    assert!(error.contains("`task`"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_typed_adds_lines_or_links(
        hostile in "(?s)(https?://|www\\.|mailto:|\r\n|<|>|\"|&|'|\\{\\{|\u{202E}|\u{2028}|\u{200B}|[a-z.:/@ ]|.){0,300}",
        which in 0..NOTICES.len(),
    ) {
        let mut values = all_values();
        for key in ["organization", "title", "person", "key_name", "task", "host", "reason", "found"] {
            values[key] = json!(hostile);
        }
        values["roles"] = json!([hostile]);
        let NoticeText { title, message } = rendered(NOTICES[which], &values);
        prop_assert!(title.chars().count() <= 120 && message.chars().count() <= 1000);
        for text in [&title, &message] {
            prop_assert!(!text.contains("://") && !text.chars().any(char::is_control));
            let hidden = text.contains(['\u{202E}', '\u{2028}', '\u{200B}']);
            prop_assert!(!hidden);
        }
    }
}
