//! What is printed reads back as what it was.

use assessment_format::{Definition, Diagnostic, Place, check_json, format, parse, print, render};
use proptest::prelude::*;

use crate::{definition_of, generate::definitions};

/// Everything that holds of a definition and its file.
fn check(definition: &Definition) {
    let printed = print(definition);
    let again = definition_of(&printed);
    assert!(again == *definition, "{}\n{printed}", difference(definition, &again));
    assert_eq!(print(&again), printed);
    assert_eq!(format(&printed).unwrap(), printed);
    assert_eq!(again.checksum(), definition.checksum());

    let json = definition.to_json();
    let checked = check_json(&json);
    assert_eq!(checked.definition.as_ref(), Some(definition), "{:?}", checked.diagnostics);
    let bytes: Definition = serde_json::from_slice(&definition.to_canonical_json()).unwrap();
    assert_eq!(&bytes, definition);
}

/// The lines of JSON that differ.
fn difference(left: &Definition, right: &Definition) -> String {
    let pretty = |definition: &Definition| serde_json::to_string_pretty(&definition.to_json()).unwrap();
    let (left, right) = (pretty(left), pretty(right));
    let pairs = left.lines().zip(right.lines()).filter(|(left, right)| left != right);
    pairs.take(5).map(|(left, right)| format!("{left}\n{right}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 128 } else { 4_000 }))]

    #[test]
    fn every_definition_prints_to_a_file_that_reads_back_the_same(definition in definitions()) {
        check(&definition);
    }
}

/// What is asked of any file at all.
fn check_any(file: &str) {
    let checked = parse(file);
    let lines: Vec<&str> =
        file.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect();
    for diagnostic in &checked.diagnostics {
        let Place::Source { line, column, length } = diagnostic.place else { panic!("{diagnostic:?}") };
        let text = lines.get(line as usize - 1).unwrap_or_else(|| panic!("{diagnostic}"));
        let last = column as usize - 1 + if diagnostic.place_is_empty(text) { 0 } else { length as usize };
        assert!(last <= text.chars().count(), "{diagnostic:?} in {text:?}");
        assert!(!diagnostic.what.is_empty() && !diagnostic.why().is_empty());
    }
    assert_eq!(checked.definition.is_none(), checked.diagnostics.iter().any(Diagnostic::is_error));
    if let Some(definition) = checked.definition {
        check(&definition);
        let ordered = format(file).unwrap();
        assert!(definition_of(&ordered) == definition, "{ordered}");
        assert_eq!(format(&ordered).unwrap(), ordered);
    }
    render(&checked.diagnostics, "file", file);
}

trait PlaceIsEmpty {
    fn place_is_empty(&self, line: &str) -> bool;
}

impl PlaceIsEmpty for Diagnostic {
    /// A caret at the end of a line stands after its last character.
    fn place_is_empty(&self, line: &str) -> bool {
        matches!(self.place, Place::Source { column, length: 1, .. } if column as usize == line.chars().count() + 1)
    }
}

/// Lines out of which files are made that are nearly right.
const FRAGMENTS: &[&str] = &[
    "## Dimensions",
    "## Result categories",
    "## Interview guidelines",
    "## Items",
    "## Sources",
    "### Grit",
    "### Tact",
    "### Ask about Grit",
    "### Never ask",
    "### Follow-ups",
    "### Opening",
    "#### deep",
    "# Title",
    "Setext\n===",
    "text",
    "- id: grit",
    "- weight: 50%",
    "- weight: 0.5",
    "- when: overall >= 3 and grit < 2",
    "- when: min(grit, tact) >= 3 or count(grit, tact > 2) == 1",
    "- when: sum(grit, tact) > 7 and not max(tact) <= 2",
    "-\u{a0}weight\u{a0}:\u{3000}50%",
    "##\u{a0}Items",
    "##Items",
    "id: grit",
    "1. weight: 50%",
    "        - id: a3",
    "   -\u{2003}- [\u{a0}] never",
    "\u{a0}\u{200b}- plain",
    "| 1 | 2 |\n|---|---|\n| 3 | 4 |",
    "- default: true",
    "- key: value",
    "* star: list",
    "- plain bullet",
    "  indented",
    "      code",
    "  - nested",
    "   - id: a1",
    "   - id: a2",
    "   - measures: grit, tact (reversed)",
    "   - answer: agree-5",
    "   - [x] yes",
    "   - [ ] no",
    "   - [2] two",
    "   - [grit] g",
    "1. What?",
    "2. Why?",
    "10) How?",
    "| score | see |\n|---|---|\n| 1 | low |",
    "| a |\n|---|",
    "> quote",
    "```",
    "~~~",
    "---",
    "[ref]: https://x.y",
    "[ref]",
    "<b>",
    "[l](http://x.y)",
    "&#8238;",
    "\\",
    "\ttab",
    "a\tb",
    "\r",
    "\u{202e}",
    "\0",
    "***",
    "",
    "",
    "",
    "   text in item",
    "lazy",
];

fn soup() -> impl Strategy<Value = String> {
    let lines = proptest::collection::vec(proptest::sample::select(FRAGMENTS), 0..40);
    let kind = proptest::sample::select(vec![
        "multi-dimensional",
        "single-outcome",
        "comparative\ntie_margin: 0\ntie_break: order",
    ]);
    (lines, kind).prop_map(|(lines, kind)| {
        format!("---\nschema: assessment/1\nname: Soup\ntype: {kind}\n---\n{}", lines.join("\n"))
    })
}

/// A good file in which a few lines were dropped, doubled, moved or replaced, or bytes overwritten.
fn damaged() -> impl Strategy<Value = String> {
    let edits = proptest::collection::vec((any::<u16>(), 0..6_u8, proptest::sample::select(FRAGMENTS)), 1..4);
    (definitions(), edits).prop_map(|(definition, edits)| {
        let printed = print(&definition);
        let mut lines: Vec<String> = printed.split('\n').map(str::to_owned).collect();
        for (at, edit, fragment) in edits {
            let at = usize::from(at) % lines.len();
            match edit {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines.insert(at, fragment.to_owned()),
                3 => lines[at].clear(),
                4 => lines[at] = lines[at].chars().rev().collect(),
                _ => {
                    let middle =
                        lines[at].char_indices().nth(lines[at].chars().count() / 2).map_or(0, |(at, _)| at);
                    lines[at].insert_str(middle, fragment);
                }
            }
            if lines.is_empty() {
                lines.push(String::new());
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 128 } else { 20_000 }))]

    #[test]
    fn whatever_the_file_it_is_refused_with_places_or_prints_and_reads_back(file in soup()) {
        check_any(&file);
    }

    #[test]
    fn a_damaged_file_is_refused_with_places_or_prints_and_reads_back(file in damaged()) {
        check_any(&file);
    }
}
