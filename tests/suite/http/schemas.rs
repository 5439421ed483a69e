//! What schemas say of values, against what the server takes, and what it answers to what they forbid.

use assessment_engine::AssessmentType;
use assessment_format::{Version, session::Reason};
use kernel::{EmailAddress, Form, Formed, Name, SingleLine, text::WebAddress};
use proptest::{
    prelude::*,
    string::string_regex,
    test_runner::{Config, TestRunner},
};
use regex::Regex;
use serde_json::{Value, json};

use super::{
    openapi::{concrete, document, operations},
    world::Server,
};

/// A form with what reads texts of it, and the longest of them.
struct Reader {
    name: &'static str,
    form: Form,
    reads: fn(&str) -> bool,
    longest: String,
}

fn reader<T: Formed>(longest: String, reads: fn(&str) -> bool) -> Reader {
    Reader { name: T::NAME, form: T::FORM, reads, longest }
}

/// Every form of a domain that has a pattern.
fn readers() -> Vec<Reader> {
    let letters = |number: usize| "x".repeat(number);
    vec![
        reader::<Name>(letters(120), |text| Name::new(text).is_ok()),
        reader::<SingleLine<1_000>>(letters(1_000), |text| SingleLine::<1_000>::new(text).is_ok()),
        reader::<WebAddress>(format!("https://{}", letters(2_040)), |text| WebAddress::new(text).is_ok()),
        reader::<identity::Slug>(letters(63), |text| identity::Slug::new(text).is_ok()),
        reader::<Version>("9999.9999".to_owned(), |text| text.parse::<Version>().is_ok()),
        reader::<Reason>(letters(500), |text| Reason::new(text).is_ok()),
    ]
}

fn fits(form: &Form, pattern: &Regex, text: &str) -> bool {
    (form.least..=form.most).contains(&text.chars().count()) && pattern.is_match(text)
}

/// Texts near the edges of forms: letters, digits and what forms treat apart.
fn odd_texts() -> impl Strategy<Value = String> {
    let letters = prop::sample::select(vec![
        'a', 'Z', '0', '9', '-', '.', ' ', '\t', '\n', '\r', '\u{b}', '\0', '\u{1f}', '\u{7f}', '\u{85}',
        '\u{a0}', '\u{ad}', '\u{1680}', '\u{180e}', '\u{200a}', '\u{200b}', '\u{2028}', '\u{202a}',
        '\u{202e}', '\u{202f}', '\u{205f}', '\u{2066}', '\u{2069}', '\u{3000}', '\u{feff}', 'é', '好', '"',
        '<', '\\', '/', '?', '#', '@', ':',
    ]);
    let start = prop::sample::select(vec!["", "http://", "https://", "1.", "a-"]);
    (start, prop::collection::vec(letters, 0..8))
        .prop_map(|(start, rest)| format!("{start}{}", rest.into_iter().collect::<String>()))
}

#[test]
fn a_text_of_a_form_is_taken_and_one_that_is_taken_has_the_form() {
    let mut runner = TestRunner::new(Config { cases: 2_000, failure_persistence: None, ..Config::default() });
    for Reader { name, form, reads, longest } in readers() {
        let source = form.pattern.expect("it has a pattern");
        let pattern = Regex::new(source).expect("it is a regular expression");
        let unanchored = source.trim_start_matches('^').trim_end_matches('$');
        let of_form = string_regex(unanchored).expect("texts can be made of it");
        runner
            .run(&prop_oneof![of_form, odd_texts()], |text| {
                prop_assert!(
                    !fits(&form, &pattern, &text) || reads(&text),
                    "{name} refuses {text:?}, which its form allows"
                );
                prop_assert!(
                    !reads(&text) || fits(&form, &pattern, text.trim()),
                    "{name} takes {text:?}, which its form forbids"
                );
                Ok(())
            })
            .expect("form and reader agree");
        assert!(fits(&form, &pattern, &longest) && reads(&longest), "{name} refuses {longest:?}");
        assert!(!reads(&format!("{longest}0")), "{name} takes more than {} characters", form.most);
    }
}

#[test]
fn an_address_has_5_characters_to_254_octets() {
    assert!(EmailAddress::new("a@b.c").is_ok() && EmailAddress::FORM.least == "a@b.c".len());
    assert!(EmailAddress::new("@b.c").is_err() && EmailAddress::new("a@b.").is_err());
    let of = |octets: usize| {
        let labels = "b".repeat(61);
        let domain = format!("{labels}.{labels}.{labels}.example.org");
        format!("{}@{domain}", "a".repeat(octets - domain.len() - 1))
    };
    assert!(EmailAddress::new(&of(EmailAddress::FORM.most)).is_ok());
    assert!(EmailAddress::new(&of(EmailAddress::FORM.most + 1)).is_err());
}

#[test]
fn every_enumeration_of_what_is_sent_lists_its_names() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    assert_eq!(
        schemas["assessment.AssessmentType"]["enum"],
        json!(AssessmentType::ALL.map(AssessmentType::name))
    );
    for (name, schema) in schemas.as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let text = property["description"].as_str().unwrap_or_default();
            let lists_names =
                text.matches('`').count() >= 4 && text.starts_with('`') && property["type"] == "string";
            assert!(!lists_names, "{name}/{field} lists names in words alone: {text}");
        }
    }
}

#[test]
fn what_goes_together_is_said_by_variants() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    for name in [
        "identity.AnswerInvitation",
        "assessment.Import",
        "assessment.Invitee",
        "assessment.PersonToAsk",
        "assessment.Quote",
        "assessment.Release",
        "assessment.NewCampaign",
        "assessment.CampaignPatch",
        "assessment.NewCoachingSession",
        "assessment.CoachingPatch",
    ] {
        let variants = schemas[name]["oneOf"].as_array().unwrap_or_else(|| panic!("{name} has no variants"));
        assert!(
            variants.len() >= 2 && variants.iter().all(|one| one["additionalProperties"] == false),
            "{name}"
        );
    }
    assert!(!document.to_string().contains("x-one-of"), "it is for the completion alone");
}

/// Words of the language the server is written in, and of its libraries.
const OF_RUST: [&str; 22] = [
    "u8", "u16", "u32", "u64", "usize", "i32", "i64", "f64", "bool", "str", "String", "struct", "enum",
    "variant", "sequence", "map", "unit", "Option", "Vec", "serde", "parsing", "newtype",
];

fn words_of_rust(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| OF_RUST.contains(word)).collect()
}

/// Whatever is of the wrong type or out of range, in every body and query there is.
#[tokio::test]
async fn what_does_not_fit_is_told_in_the_words_of_the_field() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let document = document();
    let mut told = 0;
    for (path, method, operation) in operations(&document) {
        let call = |query: &str| {
            let call = server.call(&method, &format!("{}{query}", concrete(&path)));
            call.bearer_auth(ann.token()).header("If-Match", "\"1\"")
        };
        let mut problems = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            for value in ["nonsense", "-1", "99999999999999999999", "1.5", ""] {
                if parameter["in"] == "query" {
                    problems.push(call(&format!("?{name}={value}")).send().await.unwrap());
                }
            }
        }
        for field in fields_of_body(&document, &operation) {
            for value in
                [json!({ "no": 1 }), json!(1e30), json!("nonsense"), json!(-1), json!([7]), json!(true)]
            {
                problems.push(call("").json(&json!({ field.as_str(): value })).send().await.unwrap());
            }
        }
        for answer in problems {
            if answer.status() != 422 {
                continue;
            }
            let problem: Value = answer.json().await.unwrap();
            for error in problem["errors"].as_array().into_iter().flatten() {
                let detail = error["detail"].as_str().unwrap();
                assert_eq!(words_of_rust(detail), Vec::<&str>::new(), "{method} {path}: {error}");
                told += 1;
            }
        }
    }
    assert!(told > 500, "{told}");
}

fn fields_of_body(document: &Value, operation: &Value) -> Vec<String> {
    let content = operation["requestBody"]["content"].as_object();
    let json = content.and_then(|content| content.iter().find(|(media, _)| media.ends_with("json")));
    let Some(reference) = json.and_then(|(_, media)| media["schema"]["$ref"].as_str()) else {
        return Vec::new();
    };
    let schema = document.pointer(&reference[1..]).unwrap();
    let variants = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let properties = variants[0]["properties"].as_object().cloned().unwrap_or_default();
    properties.keys().cloned().collect()
}
