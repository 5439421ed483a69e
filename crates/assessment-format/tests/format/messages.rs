//! Every rule, by a file that keeps it and a file that breaks it. A file is named after the rule, with `--` and what is
//! special about it.

use std::{collections::BTreeSet, fs, path::Path};

use assessment_format::{Code, Severity, format, parse, render};

/// Name and bytes of every file in a folder, in order.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format").join(folder);
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn rule(name: &str) -> &str {
    name.split("--").next().unwrap()
}

#[test]
fn a_file_that_keeps_the_rules_is_read_without_a_word() {
    for (name, file) in files("pass") {
        let checked = parse(&file);
        let source = String::from_utf8(file).unwrap();
        assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, &name, &source));
        let ordered = format(&source).unwrap();
        assert_eq!(parse(&ordered).definition, checked.definition, "{ordered}");
    }
}

/// The messages themselves are in the snapshot. One mistake gives messages of one rule.
#[test]
fn a_file_that_breaks_a_rule_is_told_where_and_why_and_how_to_mend_it() {
    let mut all = String::new();
    for (name, file) in files("fail") {
        let checked = parse(&file);
        let source = String::from_utf8_lossy(&file);
        let shown = render(&checked.diagnostics, &format!("{name}.md"), &source);
        let codes: BTreeSet<&str> =
            checked.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
        assert_eq!(codes, BTreeSet::from([rule(&name)]), "{name}\n{shown}");
        assert!(checked.diagnostics.iter().all(|diagnostic| diagnostic.hint.is_some()), "{shown}");
        let is_error = checked.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(checked.definition.is_none(), is_error);
        all.push_str(&shown);
        all.push('\n');
    }
    insta::assert_snapshot!("messages", all);
}

/// Files that would be too large to keep are made by the tests of hostile input; JSON has tests of its own.
const MADE_ELSEWHERE: [Code; 4] = [Code::TooLarge, Code::NotUtf8, Code::TooManyFaults, Code::JsonSyntax];

#[test]
fn every_rule_has_a_file_that_breaks_it_and_its_own_name() {
    let broken: BTreeSet<String> = files("fail").iter().map(|(name, _)| rule(name).to_owned()).collect();
    let made = MADE_ELSEWHERE.map(|code| code.as_str().to_owned());
    let all: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(all.len(), Code::ALL.len(), "a name is used twice");
    assert_eq!(broken.union(&made.into()).cloned().collect::<BTreeSet<_>>(), all);
    for (name, _) in files("pass") {
        assert!(all.contains(rule(&name)), "{name} is named after no rule");
    }
    for code in Code::ALL {
        assert!(code.why().ends_with('.') && code.why().starts_with(char::is_uppercase), "{code}");
    }
}

#[test]
fn the_example_of_the_design_is_read_as_it_stands() {
    let file = include_str!("example.md");
    let checked = parse(file);
    let told: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    let only = "25:1: warning[dimension-without-question]: the interview has no question about `Emotional Intelligence`";
    assert_eq!(told, [only]);
    let definition = checked.definition.unwrap();
    assert_eq!(definition.dimensions[0].description, "Sees beyond the quarter.");
    insta::assert_snapshot!("example_in_order", format(file).unwrap());
    insta::assert_snapshot!("example_as_json", serde_json::to_string_pretty(&definition.to_json()).unwrap());
}
