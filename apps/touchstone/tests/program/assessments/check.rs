//! `touchstone assessment check`.

use super::{Folder, SOUND, with};

#[test]
fn a_sound_file_is_told_in_one_line() {
    let folder = Folder::new();
    folder.write("fit.md", SOUND);
    let said = folder.run(&["check", "fit.md"]);
    said.ended(0);
    assert_eq!(said.out, "fit.md: no mistakes; Team Fit 1.0: 2 dimensions, 2 result categories, 2 items\n");
    assert_eq!(said.err, "");
}

#[test]
fn a_mistake_is_told_as_a_compiler_does() {
    let folder = Folder::new();
    folder.write("fit.md", with("weight: 40%", "weight: 30%"));
    folder.write("good.md", SOUND);
    let said = folder.run(&["check", "fit.md", "good.md"]);
    said.ended(1);
    let expected = "\
error[weight-sum]: the weights sum to 0.9, not to 1
  --> fit.md:14:1
   |
14 | ## Dimensions
   | ^^^^^^^^^^^^^
   = why: The overall score is the weighted mean of the dimensions: the shares make up the whole, give or take 0.01.
   = help: add 10% to one of them

fit.md: 1 error
good.md: no mistakes; Team Fit 1.0: 2 dimensions, 2 result categories, 2 items
";
    assert_eq!(said.out, expected);
    assert_eq!(said.err, "touchstone: 1 file with errors\n");
}

#[test]
fn every_mistake_is_told_at_once() {
    let folder = Folder::new();
    folder.write("fit.md", with("measures: care", "measures: car").replace("version: ", "verison: "));
    let said = folder.run(&["check", "fit.md"]);
    said.ended(1).holds(&["did you mean `version`?", "there is no dimension `car`", "fit.md: 2 errors\n"]);
}

#[test]
fn warnings_pass_unless_they_are_denied() {
    let folder = Folder::new();
    folder.write("fit.md", with("- when: overall >= 4", "- when: overall >= 1"));
    let said = folder.run(&["check", "fit.md"]);
    said.ended(0).holds(&["warning[category-dead]", "fit.md: 1 warning; Team Fit 1.0: "]);
    let denied = folder.run(&["check", "--deny-warnings", "fit.md"]);
    denied.ended(1);
    assert_eq!(denied.out, said.out);
    assert_eq!(denied.last, "touchstone: 1 file with errors or warnings");
}

#[test]
fn notes_are_never_denied() {
    let folder = Folder::new();
    let more = "- when: overall >= 4\n\n### Fair\n\n- when: overall >= 3";
    folder.write("fit.md", with("- when: overall >= 4", more));
    let said = folder.run(&["check", "--deny-warnings", "fit.md"]);
    said.ended(0).holds(&["note[category-overlap]", "fit.md: 1 note; "]);
}

#[test]
fn what_cannot_be_read_ends_with_two_and_the_others_are_told_all_the_same() {
    let folder = Folder::new();
    folder.write("fit.md", with("weight: 40%", "weight: 30%"));
    std::fs::create_dir(folder.path("folder.md")).unwrap();
    let missing = folder.run(&["check", "nowhere.md"]);
    missing.ended(2);
    assert_eq!((missing.out.as_str(), missing.err.lines().count()), ("", 1));
    assert!(missing.last.starts_with("touchstone: cannot read nowhere.md: No such file"), "{missing:?}");
    let several = folder.run(&["check", "nowhere.md", "fit.md", "folder.md"]);
    several.ended(2).holds(&[
        "cannot read nowhere.md",
        "fit.md: 1 error\n",
        "cannot read folder.md: Is a directory",
    ]);
    let nothing = folder.run(&["check"]);
    assert_eq!(nothing.code, Some(2));
}

#[test]
fn hostile_files_are_refused_and_harmless() {
    let folder = Folder::new();
    folder.write("large.md", vec![b'#'; 10 << 20]);
    folder.write("large.json", vec![b'['; 10 << 20]);
    folder.write("bytes.md", b"---\nname: Caf\xe9\n---\n\x1b[2J");
    folder.write("deep.json", "[".repeat(500_000));
    folder.write("bell\u{7}\u{1b}[31m.md", "\u{1b}]0;owned\u{7}");
    folder.write("keys.json", "{\"metadata\": {\"\\u001b[2J\": 1}}");
    folder.write("empty.md", "");
    for (name, words) in [
        ("large.md", "error[too-large]: the file has 10485760 bytes; at most 262144 are allowed"),
        ("large.json", "error[too-large]: the file has 10485760 bytes; at most 1048576 are allowed"),
        ("bytes.md", "error[not-utf8]"),
        ("deep.json", "error[json-syntax]: recursion limit exceeded"),
        ("bell\u{7}\u{1b}[31m.md", "error[front-matter-missing]"),
        ("keys.json", "#/metadata/\u{fffd}[2J"),
        ("empty.md", "error[front-matter-missing]"),
    ] {
        let said = folder.run(&["check", name]);
        said.ended(1).holds(&[words]);
        let obeyed = |c: char| c.is_control() && c != '\n';
        assert!(!said.out.contains(obeyed) && !said.err.contains(obeyed), "{said:?}");
    }
}

#[test]
fn a_file_without_an_end_ends() {
    let folder = Folder::new();
    let said = folder.run(&["check", "/dev/zero"]);
    said.ended(2);
    assert!(said.last.contains("larger than 64 MiB"), "{said:?}");
}

#[test]
fn standard_input_is_a_file_like_any() {
    let folder = Folder::new();
    folder.run_with(&["check", "-"], SOUND).ended(0).holds(&["<stdin>: no mistakes; Team Fit 1.0"]);
    let wrong = folder.run_with(&["check", "-"], &with("id: c1", "id: f1"));
    wrong.ended(1).holds(&["error[duplicate-id]", "--> <stdin>:", "<stdin>: 1 error"]);
}

#[test]
fn a_definition_of_a_builder_is_checked_by_the_same_rules() {
    let folder = Folder::new();
    let json = r#"{
  "metadata": { "name": "Team Fit" },
  "dimensions": [
    { "name": "Focus", "weight": 0.6, "description": "Stays with one thing." },
    { "name": "Care", "weight": 0.4, "description": "Looks after others." }
  ],
  "resultCategories": [ { "name": "Strong", "when": "overall >= 4" }, { "name": "Growing", "default": true } ],
  "items": [
    { "id": "f1", "text": "I finish.", "answer": "agree-5", "measures": [ { "dimension": "focus" } ] },
    { "id": "c1", "text": "I notice.", "answer": "agree-5", "measures": [ { "dimension": "care" } ] }
  ]
}"#;
    folder.write("fit.json", json);
    folder
        .run(&["check", "--deny-warnings", "fit.json"])
        .ended(0)
        .holds(&["fit.json: no mistakes; Team Fit 1.0"]);
    folder.write("wrong.JSON", json.replace("0.4", "0.3").replace("\"Care\", ", "\"Care\", \"colour\": 1, "));
    let wrong = folder.run(&["check", "wrong.JSON"]);
    wrong.ended(1).holds(&["--> wrong.JSON#/dimensions\n", "--> wrong.JSON#/dimensions/1/colour\n"]);
    folder.write("comma.json", json.replace("\"Team Fit\" },", "\"Team Fit\" }"));
    let comma = folder.run(&["check", "comma.json"]);
    comma.ended(1).holds(&[
        "error[json-syntax]: expected `,` or `}`\n --> comma.json:3:3\n",
        "3 |   \"dimensions\": [",
    ]);
}
