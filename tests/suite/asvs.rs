//! What OWASP ASVS 5.0 asks at levels 1 and 2, row by row, with what shows it.

use std::{collections::BTreeSet, fs, path::Path};

const TABLE: &str = "../docs/asvs.csv";
/// How many rows each chapter has at levels 1 and 2.
const ROWS: [usize; 17] = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

struct Row<'a> {
    /// Chapter, section and number.
    id: [usize; 3],
    level: &'a str,
    state: &'a str,
    /// Files of the repository and tests, by name.
    evidence: Vec<&'a str>,
    asks: &'a str,
    note: &'a str,
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there")
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("id,level,state,evidence,asks,note"));
    let row = |line| {
        let fields: Vec<&str> = str::splitn(line, 6, ',').collect();
        let [id, level, state, evidence, asks, note] = fields[..] else { panic!("six fields: {line}") };
        let id: Vec<usize> =
            id.split('.').map(|number| number.parse().expect("an id is three numbers")).collect();
        let id = id.try_into().expect("an id is three numbers");
        let evidence = evidence.split(';').filter(|one| !one.is_empty()).collect();
        Row { id, level, state, evidence, asks, note }
    };
    lines.map(row).collect()
}

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let is_mark = |line: &str| line.starts_with("#[") && line.contains("test");
    let mut found = BTreeSet::new();
    for (_, source) in crate::prose::files("rs") {
        let mut marked = false;
        for line in source.lines().map(str::trim) {
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let Some((name, _)) = function.filter(|_| marked).and_then(|function| function.split_once('('))
            {
                found.insert(name.to_owned());
            }
            marked = is_mark(line) || marked && line.starts_with("#[");
        }
    }
    found
}

#[test]
fn every_row_is_there_once_in_its_order() {
    let table = read(TABLE);
    let ids: Vec<[usize; 3]> = rows(&table).iter().map(|row| row.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "ids rise");
    let counted: Vec<usize> =
        (1..=17).map(|chapter| ids.iter().filter(|id| id[0] == chapter).count()).collect();
    assert_eq!(counted, ROWS);
}

#[test]
fn every_row_has_its_evidence_or_its_reason() {
    let (table, tests) = (read(TABLE), tests());
    for Row { id, level, state, evidence, asks, note } in rows(&table) {
        assert!(["1", "2"].contains(&level) && !asks.is_empty(), "{id:?}");
        match state {
            "met" => assert!(!evidence.is_empty(), "{id:?} shows nothing"),
            "open" | "not_applicable" => assert!(!note.is_empty(), "{id:?} says no reason"),
            other => panic!("{id:?}: {other} is no state"),
        }
        for one in evidence {
            let is_file = one.contains(['/', '.']) || one == "justfile";
            let is_there = if is_file {
                Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(one).is_file()
            } else {
                tests.contains(one)
            };
            assert!(is_there, "{id:?}: {one} is not there");
        }
    }
}

/// `demo` is for trying things. CI builds without it, too.
#[test]
fn what_is_installed_is_built_without_the_demo() {
    for place in ["../justfile", "../docs/operations.md"] {
        let text = read(place);
        let mut builds = text.lines().filter(|line| line.contains("cargo build --profile dist")).peekable();
        assert!(builds.peek().is_some(), "{place} says how it is built");
        assert!(builds.all(|line| line.contains("--no-default-features")), "{place} builds the demo in");
    }
    assert!(read("../.ci/run").contains("-p touchstone --no-default-features"));
    let manifest = read("../apps/touchstone/Cargo.toml");
    assert!(manifest.contains("\ndemo = []"), "it is a feature");
    let commands = read("../apps/touchstone/src/commands.rs");
    assert!(commands.contains("#[cfg(feature = \"demo\")]\nmod demo;"), "which the command is behind");
}
