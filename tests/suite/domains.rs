//! What domains declare of themselves, held against the crates, the routes and each other. A domain, a rule or a code
//! that is missing from a list fails here and not where someone needs it.

use std::{collections::BTreeSet, fmt::Debug, fs, path::PathBuf};

use kernel::{Domain, KeyScope};
use platform::DOMAINS;
use serde_json::json;

use crate::http::openapi::{document, operations};

fn crates() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates")
}

/// The names in the files where domains declare themselves.
fn declared() -> BTreeSet<String> {
    let files = fs::read_dir(crates()).unwrap().map(|entry| entry.unwrap().path().join("src/domain.rs"));
    let name = |file: PathBuf| {
        let source = fs::read_to_string(&file).unwrap();
        let constant = source.split_once(": Domain = Domain {\n    name: \"");
        let name = constant.and_then(|(_, constant)| constant.split_once('"'));
        name.unwrap_or_else(|| panic!("{} declares no domain", file.display())).0.to_owned()
    };
    files.filter(|file| file.exists()).map(name).collect()
}

#[test]
fn every_domain_there_is_serves_and_is_stored() {
    let names = |domains: &[&Domain]| -> BTreeSet<String> {
        domains.iter().map(|domain| domain.name.to_owned()).collect()
    };
    assert_eq!(names(DOMAINS), declared(), "the server's list");
    let stored: Vec<&Domain> = storage_postgres::DOMAINS.iter().map(|(domain, _)| *domain).collect();
    assert_eq!(names(&stored), declared(), "the list of storage on PostgreSQL");
}

#[test]
fn no_two_domains_declare_the_same() {
    fn distinct<T: Ord + Debug>(what: &str, of: impl Fn(&'static Domain) -> Vec<T>) {
        let mut all: Vec<T> = DOMAINS.iter().copied().flat_map(of).collect();
        all.sort();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{what}: {twice:?}");
    }
    distinct("names", |domain| vec![domain.name]);
    distinct("schemas", |domain| vec![domain.schema]);
    distinct("key scopes", |domain| domain.key_scopes.to_vec());
    distinct("events", |domain| domain.events.iter().map(|event| event.name).collect());
    distinct("actions that are told outside", |domain| {
        domain.events.iter().map(|event| event.action).collect()
    });
    distinct("actions", |domain| domain.actions.iter().map(|note| note.action).collect());
    distinct("reasons", |domain| domain.reasons.iter().map(|note| note.reason).collect());
    distinct("codes", |domain| domain.codes.concat().iter().map(|note| note.code).collect());
    distinct("unique constraints", |domain| domain.uniques.iter().map(|unique| unique.0).collect());
    distinct("tags", |domain| domain.tags.iter().map(|tag| tag.name).collect());
}

#[test]
fn programs_outside_are_told_of_actions_there_are_under_dotted_names_in_order() {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    for domain in DOMAINS {
        assert!(domain.events.is_sorted_by(|one, next| one.name < next.name), "{}", domain.name);
        for event in domain.events {
            assert!(domain.actions.iter().any(|note| note.action == event.action), "{}", event.action);
            assert!(event.name.contains('.') && event.name.split('.').all(is_word), "{}", event.name);
            assert!(event.meaning.ends_with('.'), "{}", event.name);
        }
    }
    assert!(DOMAINS.iter().any(|domain| !domain.events.is_empty()));
}

#[test]
fn a_domain_declares_the_key_scopes_its_rules_ask_for() {
    for domain in DOMAINS {
        let asked: BTreeSet<KeyScope> = domain.rules.iter().filter_map(|rule| rule.key_scope()).collect();
        assert_eq!(domain.key_scopes.iter().cloned().collect::<BTreeSet<_>>(), asked, "{domain:?}");
    }
}

#[test]
fn the_description_names_every_key_scope() {
    let document = document();
    let scopes = &document["components"]["schemas"]["identity.CreateApiKey"]["properties"]["scopes"];
    let declared = DOMAINS.iter().flat_map(|domain| domain.key_scopes);
    assert_eq!(scopes["items"]["enum"], json!(declared.map(KeyScope::name).collect::<Vec<_>>()));
}

/// The codes of a [`kernel::refusals!`] are strings without a space and with a dot.
fn codes(source: &str) -> impl Iterator<Item = &str> {
    let blocks = source.split("refusals! {\n").skip(1).filter_map(|block| block.split_once("\n}\n"));
    let strings = blocks.flat_map(|(block, _)| block.split('"').skip(1).step_by(2));
    strings.filter(|text| text.contains('.') && !text.contains(char::is_whitespace))
}

/// An enumeration of refusals whose `CODES` stand in no domain refuses with codes that no document explains.
#[test]
fn every_code_of_a_refusal_is_declared_by_a_domain() {
    let domains = DOMAINS.iter();
    let declared: BTreeSet<&str> =
        domains.flat_map(|domain| domain.codes.concat()).map(|note| note.code).collect();
    let shell = touchstone::api::api().codes();
    let known = |code: &str| declared.contains(code) || shell.iter().any(|note| note.code == code);
    let sources = crate::prose::files("rs").into_iter().filter(|(place, _)| place.starts_with("crates/"));
    let mut seen = BTreeSet::new();
    for (place, source) in sources.filter(|(place, _)| !place.ends_with("kernel/src/refusals.rs")) {
        for code in codes(&source) {
            assert!(known(code), "{place}: the list of {code} stands in no `codes` of a `Domain`");
            seen.insert(code.to_owned());
        }
    }
    assert!(declared.iter().all(|code| seen.contains(*code)), "every list is read: {declared:?}, {seen:?}");
}

/// What the trail is told with these words is an action.
#[test]
fn every_action_that_is_recorded_is_declared_by_a_domain() {
    let declared: BTreeSet<&str> =
        DOMAINS.iter().flat_map(|domain| domain.actions).map(|note| note.action).collect();
    let mut seen = 0;
    for (place, source) in crate::prose::files("rs").iter().filter(|(place, _)| in_a_domain(place)) {
        let source = source.split("#[cfg(test)]").next().unwrap();
        for words in ["change(", "Change::new(", "attempt("] {
            let told = source.split(words).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            for action in told.filter_map(|rest| rest.split('"').next()) {
                assert!(declared.contains(action), "{place}: {action} stands in no `actions` of a `Domain`");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Whether the file is part of a crate that declares a domain.
fn in_a_domain(place: &str) -> bool {
    let folder = place.strip_prefix("crates/").and_then(|place| place.split_once("/src/"));
    folder.is_some_and(|(name, _)| crates().join(name).join("src/domain.rs").exists())
}

#[test]
fn every_tag_has_operations() {
    let operations = operations(&document());
    for tag in DOMAINS.iter().flat_map(|domain| domain.tags) {
        assert!(operations.iter().any(|(_, _, one)| one["tags"][0] == tag.name), "{tag:?}");
    }
}

/// Sources that name the platform's scope: the gate, which asks people for a second factor, and what nobody asks for
/// over HTTP. A domain that reaches the scope past the gate would show everything to one factor.
const REACH_THE_PLATFORM: [(&str, &str); 3] = [
    ("identity/src/access.rs", "the gate itself"),
    ("assessment-engine/src/marketplace/projection.rs", "a reaction, by which nobody reads"),
    ("audit/src/trail.rs", "an export by whoever has the machine at hand"),
];

#[test]
fn people_reach_the_platform_by_the_gate_alone() {
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> =
        fs::read_dir(crates()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_pure = |folder: &PathBuf| folder.join("src/domain.rs").exists() && !folder.ends_with("kernel");
    let serves = |folder: &PathBuf| folder.file_name().unwrap().to_string_lossy().starts_with("http-");
    folders.retain(|folder| is_pure(folder) || serves(folder));
    let mut folders: Vec<PathBuf> = folders.into_iter().map(|folder| folder.join("src")).collect();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs")
                && fs::read_to_string(&path).unwrap().contains("Scope::Platform")
            {
                found.insert(path.strip_prefix(crates()).unwrap().display().to_string());
            }
        }
    }
    assert_eq!(found, REACH_THE_PLATFORM.map(|(path, _)| path.to_owned()).into());
}
