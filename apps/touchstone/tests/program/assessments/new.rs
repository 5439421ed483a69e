//! `touchstone assessment new`.

use super::Folder;

#[test]
fn a_new_file_is_called_after_the_assessment_and_is_sound() {
    let folder = Folder::new();
    let said = folder.run(&["new", "Führung: bereit?"]);
    said.ended(0).holds(&["fuhrung-bereit.md is whole as it stands"]);
    assert_eq!(folder.names(), ["fuhrung-bereit.md"]);
    assert!(folder.read("fuhrung-bereit.md").contains("name: \"Führung: bereit?\"\n"));
    folder.run(&["check", "--deny-warnings", "fuhrung-bereit.md"]).ended(0);
    folder.run(&["fmt", "--check", "fuhrung-bereit.md"]).ended(0);
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = Folder::new();
    folder.write("team-fit.md", "mine");
    let said = folder.run(&["new", "Team Fit"]);
    said.ended(14);
    assert!(said.last.contains("team-fit.md is there already"), "{said:?}");
    std::os::unix::fs::symlink("nowhere", folder.path("link.md")).unwrap();
    folder.run(&["new", "Team Fit", "--output", "link.md"]).ended(14);
    assert_eq!(
        (folder.read("team-fit.md").as_str(), folder.names()),
        ("mine", vec!["link.md".into(), "team-fit.md".into()])
    );
    folder.run(&["new", "Team Fit", "--output", "other.md"]).ended(0);
    folder.run(&["new", "Team Fit", "--output", "nowhere/other.md"]).ended(2);
}

#[test]
fn it_can_be_printed() {
    let folder = Folder::new();
    let said = folder.run(&["new", "Team Fit", "--output", "-"]);
    said.ended(0);
    assert_eq!(said.out, assessment_format::template("Team Fit"));
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_name_that_cannot_stand_is_refused() {
    let folder = Folder::new();
    for name in ["", "…", "two\nlines", "\u{202e}turned", &"x".repeat(121)] {
        let said = folder.run(&["new", name]);
        said.ended(14);
        assert!(said.last.contains("cannot be called so"), "{said:?}");
    }
    assert_eq!(folder.names(), [""; 0]);
}
