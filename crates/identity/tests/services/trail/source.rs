//! The commands there are, by the source.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Every file of the sources, in whatever folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// `Type::method` of every public asynchronous method, wherever it stands.
pub(super) fn commands() -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(file).unwrap();
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
