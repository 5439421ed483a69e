//! How the workspace is written: lines that a diff shows whole, and people as "they".

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The most characters a line of prose has, in documents and in comments.
const WIDTH: usize = 120;

/// Words for a person that leave others out.
const GENDERED: [&str; 8] = ["he", "him", "his", "himself", "she", "her", "hers", "herself"];

/// Files that quote: a schema that was released, the words an interviewer must not put into questions, this list.
const QUOTED: [&str; 3] =
    ["migration/src/", "crates/assessment-format/src/interview/wording.rs", "tests/suite/prose.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the workspace with this extension, with its path from the root.
pub(crate) fn files(extension: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, extension: &str, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", "corpus"].contains(&name.as_str()) && !name.starts_with('.') {
                    walk(&path, root, extension, found);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).expect("the file is UTF-8");
                let place = path.strip_prefix(root).expect("it lies below the root");
                found.push((place.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &root(), extension, &mut found);
    found
}

/// Where texts stand that are in the format of assessments, whose lines belong to their authors.
const ASSESSMENTS: [&str; 3] = ["/template", "/tests/", "docs/assessments/"];

/// Lines of prose in a document, with their numbers: not tables, not what stands between fences.
fn prose(document: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    document.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence && !line.starts_with('|')
    })
}

#[test]
fn no_line_of_prose_is_longer_than_a_diff_shows() {
    let mut long = Vec::new();
    let mut check = |place: &str, number: usize, line: &str| {
        let unbreakable = line.split_whitespace().any(|word| word.chars().count() > WIDTH / 2);
        if line.chars().count() > WIDTH && !unbreakable {
            long.push(format!("{place}:{}", number + 1));
        }
    };
    for (place, text) in files("md") {
        if ASSESSMENTS.iter().any(|folder| place.contains(folder)) {
            continue;
        }
        prose(&text).for_each(|(number, line)| check(&place, number, line));
    }
    for (place, text) in files("rs") {
        let is_prose = |line: &str| {
            let comment = line.trim_start();
            comment.starts_with("//") && !comment.trim_start_matches(['/', '!', ' ']).starts_with('|')
        };
        let comments = text.lines().enumerate().filter(|(_, line)| is_prose(line));
        comments.for_each(|(number, line)| check(&place, number, line));
    }
    assert!(long.is_empty(), "over {WIDTH} characters: {}", long.join(", "));
}

#[test]
fn people_are_they_in_documents_comments_and_messages() {
    let mut found = Vec::new();
    for (place, text) in files("md").into_iter().chain(files("rs")) {
        if QUOTED.iter().any(|quoted| place.starts_with(quoted)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| GENDERED.contains(&word.to_lowercase().as_str())) {
                found.push(format!("{place}:{}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "say \"they\" or \"the person\": {}", found.join(", "));
}
