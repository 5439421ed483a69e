//! Links in the documents lead somewhere: to a file that is there, and where they name a line, to that line.
//!
//! A link to a line quotes what stands there: `` [`pub Campaign(`](../crates/…/campaign.rs#L78) ``. When the line has
//! moved, `UPDATE_DOCS=1 cargo test -p system-tests --test suite links` writes its number anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn documents() -> Vec<PathBuf> {
    let mut found = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)).to_vec();
    for folder in ["docs", "docs/decisions", "docs/assessments"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
        let paths = entries.map(|entry| entry.expect("the entry is readable").path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    found
}

/// The links of a document: what they say, and where they lead.
fn links(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (end, _) in text.match_indices("](") {
        let (before, after) = (&text[..end], &text[end + 2..]);
        let (Some(start), Some(close)) = (before.rfind('['), after.find(')')) else { continue };
        found.push((&before[start + 1..], &after[..close]));
    }
    found
}

#[test]
fn links_lead_to_files_and_lines_that_are_there() {
    let mut broken = Vec::new();
    for document in documents() {
        let mut text = fs::read_to_string(&document).expect("the document is readable");
        let place = document.strip_prefix(root()).expect("it lies below the root").display().to_string();
        let mut moved = Vec::new();
        for (says, target) in links(&text) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            if path.is_empty() || target.contains("://") || target.contains(char::is_whitespace) {
                continue;
            }
            let file = document.parent().expect("a file has a folder").join(path);
            let Some(number) = anchor.strip_prefix('L') else {
                if !file.exists() {
                    broken.push(format!("{place}: {target} is not there"));
                }
                continue;
            };
            let quoted = says.trim_matches('`');
            let source = fs::read_to_string(&file).unwrap_or_default();
            let stands_in =
                |number: usize| source.lines().nth(number - 1).is_some_and(|line| line.contains(quoted));
            if number.parse().is_ok_and(|number: usize| number > 0 && stands_in(number)) {
                continue;
            }
            match source.lines().position(|line| line.contains(quoted)) {
                Some(line) => {
                    moved
                        .push([target, &format!("{path}#L{}", line + 1)].map(|to| format!("[{says}]({to})")));
                }
                None => broken.push(format!("{place}: no line of {path} says {quoted}")),
            }
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            for [old, new] in &moved {
                text = text.replace(old, new);
            }
            fs::write(&document, text).expect("the document can be written");
        } else {
            broken.extend(moved.iter().map(|[old, new]| format!("{place}: {old} has moved to {new}")));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A test's name is a sentence: it has more than one underscore.
#[test]
fn every_test_that_a_checklist_names_is_there() {
    let sources: String = crate::prose::files("rs").into_iter().map(|(_, text)| text).collect();
    for checklist in ["docs/adding-a-domain.md", "docs/adding-an-operation.md"] {
        let text = fs::read_to_string(root().join(checklist)).expect("the checklist is there");
        let quoted = text.split('`').skip(1).step_by(2).filter(|quoted| quoted.matches('_').count() > 1);
        let names =
            |name: &&str| name.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
        let missing: Vec<&str> =
            quoted.filter(names).filter(|name| !sources.contains(&format!("fn {name}("))).collect();
        assert!(missing.is_empty(), "{checklist} names {missing:?}");
    }
}
