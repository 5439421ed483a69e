//! The commands there are, by the source.

use std::{collections::BTreeSet, fs, path::Path};

/// `Type::method` of every public asynchronous method, wherever it stands.
pub(super) fn commands() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut commands = BTreeSet::new();
    for file in fs::read_dir(source).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut of = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("impl ").and_then(|rest| rest.strip_suffix(" {")) {
                of = name;
            }
            if let Some(rest) = line.trim_start().strip_prefix("pub async fn ") {
                let name = rest.split(['(', '<']).next().unwrap();
                commands.insert(format!("{of}::{name}"));
            }
        }
    }
    commands
}

#[test]
fn the_source_tells_its_commands() {
    let commands = commands();
    for known in [
        "SignInService::login",
        "SignInService::refresh",
        "AccountService::edit",
        "AuthenticationService::authenticate",
    ] {
        assert!(commands.contains(known), "{known}");
    }
    assert!(commands.len() > 40, "{commands:?}");
}
