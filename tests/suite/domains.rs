//! What domains declare of themselves, held against the crates, the routes and each other. A domain, a rule or a code
//! that is missing from a list fails here and not where someone needs it.

use std::{collections::BTreeSet, fmt::Debug, fs, path::Path};

use kernel::{Domain, KeyScope};
use platform::DOMAINS;

use crate::http::openapi::{document, operations};

/// The names in the files where domains declare themselves.
fn declared() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let files = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("src/domain.rs"));
    let sources = files.filter_map(|file| fs::read_to_string(file).ok());
    let name = |source: String| -> Option<String> {
        let (_, constant) = source.split_once(": Domain = Domain {\n    name: \"")?;
        Some(constant.split_once('"')?.0.to_owned())
    };
    sources.filter_map(name).collect()
}

#[test]
fn every_domain_there_is_serves_and_is_stored() {
    let names = |domains: &[&Domain]| -> BTreeSet<String> {
        domains.iter().map(|domain| domain.name.to_owned()).collect()
    };
    assert_eq!(names(DOMAINS), declared(), "the server's list");
    assert_eq!(names(storage_postgres::DOMAINS), declared(), "the list of storage on PostgreSQL");
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
    distinct("actions", |domain| domain.actions.iter().map(|note| note.action).collect());
    distinct("reasons", |domain| domain.reasons.iter().map(|note| note.reason).collect());
    distinct("codes", |domain| domain.codes.concat().iter().map(|note| note.code).collect());
    distinct("unique constraints", |domain| domain.uniques.iter().map(|unique| unique.0).collect());
    distinct("tags", |domain| domain.tags.iter().map(|tag| tag.name).collect());
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
    let described = scopes["description"].as_str().unwrap().trim_end_matches('.').split([',', '\n']);
    let described: Vec<&str> = described.map(str::trim).filter(|name| !name.is_empty()).collect();
    let declared = DOMAINS.iter().flat_map(|domain| domain.key_scopes);
    assert_eq!(described, declared.map(KeyScope::name).collect::<Vec<_>>());
}

#[test]
fn every_tag_has_operations() {
    let operations = operations(&document());
    for tag in DOMAINS.iter().flat_map(|domain| domain.tags) {
        assert!(operations.iter().any(|(_, _, one)| one["tags"][0] == tag.name), "{tag:?}");
    }
}
