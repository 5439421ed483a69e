//! What a person meant, and markdown takes for something else.

use assessment_format::{Code, Definition, Severity, check_json, parse};
use serde_json::json;

const EXAMPLE: &str = include_str!("example.md");

fn definition(file: &str) -> Definition {
    let checked = parse(file);
    checked.definition.unwrap_or_else(|| panic!("{:?}\n{file}", checked.diagnostics))
}

/// Text that comes from a word processor or another script has other blanks, which look like spaces.
#[test]
fn a_blank_of_any_kind_separates_what_a_space_separates() {
    let expected = definition(EXAMPLE);
    for blank in ['\u{a0}', '\u{202f}', '\u{2003}', '\u{3000}', '\u{200b}'] {
        let mut file = EXAMPLE.to_owned();
        for mark in [
            "\n- ",
            "\n  - ",
            "\n## ",
            "\n### ",
            "\n1. ",
            "\n   - ",
            "name: ",
            "weight: ",
            "[ ] ",
            "Ask about ",
            "and ",
        ] {
            assert!(file.contains(mark) || mark == "\n  - ", "{mark}");
            file = file.replace(mark, &mark.replace(' ', &blank.to_string()));
        }
        if blank == '\u{200b}' {
            // It has no width: in words it joins, and does not separate.
            file = EXAMPLE.replace("\n- ", "\n-\u{200b}").replace("\n## ", "\n##\u{200b}");
        }
        assert_eq!(definition(&file), expected, "U+{:04X}", u32::from(blank));
    }
    let before_colon =
        EXAMPLE.replace("- id:", "- id\u{a0}:").replace("- weight:", "-\u{a0}weight\u{a0}:\u{a0}");
    assert_eq!(definition(&before_colon), expected);
}

#[test]
fn a_blank_among_words_stays_what_it_is() {
    let file = EXAMPLE.replace("Leads by picture.", "Leads\u{a0}by picture\u{202f}!");
    assert_eq!(definition(&file).categories[0].description, "Leads\u{a0}by picture\u{202f}!");
}

#[test]
fn keys_that_are_no_list_are_missed_and_found() {
    for keys in [
        "id: strategic\nweight: 40%",
        "1. id: strategic\n2. weight: 40%",
        "    - id: strategic\n    - weight: 40%",
    ] {
        let checked = parse(EXAMPLE.replace("- id: strategic\n- weight: 40%", keys));
        let told: Vec<(Code, Severity)> =
            checked.diagnostics.iter().map(|diagnostic| (diagnostic.code, diagnostic.severity)).collect();
        assert!(told.contains(&(Code::MissingKey, Severity::Error)), "{keys}: {told:?}");
        assert!(told.contains(&(Code::NotAKey, Severity::Warning)), "{keys}: {told:?}");
    }
}

#[test]
fn a_definition_from_a_builder_asks_something_too() {
    let mut json = definition(EXAMPLE).to_json();
    let told = |json: &serde_json::Value| {
        let told = check_json(json).diagnostics.into_iter().filter(|told| told.severity == Severity::Error);
        told.map(|told| told.to_string()).collect::<Vec<_>>()
    };
    json["items"] = json!([]);
    assert_eq!(told(&json), [""; 0], "the interview asks");
    json["introductions"] = json!({ "items": "- Do you plan?\n- Do you listen?" });
    assert_eq!(
        told(&json),
        [
            "/introductions/items: error[misplaced]: this is read as instructions: only numbered lists are items"
        ]
    );
    json["introductions"] = json!({});
    json["interviewGuidelines"] = json!({ "opening": "Welcome." });
    assert_eq!(
        told(&json),
        ["error[nothing-asked]: there is neither an item nor a question of an interview"]
    );
}

/// A version is write-once: what was published before a rule came stays readable, and comes back as it was.
#[test]
fn what_was_stored_before_a_rule_came_is_read() {
    let mut json = definition(EXAMPLE).to_json();
    json["items"] = json!([]);
    json["interviewGuidelines"] =
        json!({ "notes": [{ "heading": "Strategic Thinking", "text": "- What then?" }] });
    json["notes"] = json!([{ "heading": "Never ask", "text": "##Sources" }]);
    assert_eq!(check_json(&json).definition, None);
    let stored: Definition = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(stored.guidelines.notes[0].heading, "Strategic Thinking");
    assert_eq!(stored.notes[0].text, "##Sources");
    assert_eq!(serde_json::from_value::<Definition>(stored.to_json()).unwrap(), stored);
    assert!(Definition::new(&stored).is_err());
    // What its parts are is decided as ever.
    json["dimensions"][0]["weight"] = json!(0.3);
    assert!(serde_json::from_value::<Definition>(json).is_err());
}

/// A definition of a link is no paragraph, so that nobody would read it.
#[test]
fn a_link_that_is_only_defined_asks_nothing() {
    let question = "- Tell me about a decision with a three-year horizon.\n";
    for (from, to) in [
        (question, "- [ref]: https://x.y\n  - And then?\n"),
        ("1. I review long-term goals every month.", "1. [ref]: https://x.y"),
    ] {
        assert!(EXAMPLE.contains(from));
        let told = parse(EXAMPLE.replace(from, to)).diagnostics;
        assert!(told.iter().any(|told| told.code == Code::Misplaced && told.is_error()), "{told:?}");
    }
}
