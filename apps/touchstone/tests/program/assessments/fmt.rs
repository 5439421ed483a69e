//! `touchstone assessment fmt`.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
};

use super::{Folder, SOUND, with};

/// The same assessment, written in a hurry.
fn untidy() -> String {
    with("### Focus\n\n- id: focus\n- weight: 60%\n", "### Focus\n* weight:   0.60\n* id: focus")
}

#[test]
fn a_file_is_put_in_order_in_place() {
    let folder = Folder::new();
    folder.write("fit.md", untidy());
    let path = folder.path("fit.md");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&path).unwrap();
    let said = folder.run(&["fmt", "fit.md"]);
    said.ended(0);
    assert_eq!(said.out, "fit.md: put in order\n");
    assert_eq!(folder.read("fit.md"), SOUND);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    assert_ne!(after.ino(), before.ino(), "whoever reads it meanwhile has the one or the other, whole");
    assert_eq!(folder.names(), ["fit.md"], "nothing is left behind");
}

#[test]
fn what_is_in_order_is_not_written() {
    let folder = Folder::new();
    folder.write("fit.md", SOUND);
    let before = fs::metadata(folder.path("fit.md")).unwrap();
    let said = folder.run(&["fmt", "fit.md"]);
    said.ended(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    assert_eq!(fs::metadata(folder.path("fit.md")).unwrap().ino(), before.ino());
    folder.run(&["fmt", "--check", "fit.md"]).ended(0);
}

#[test]
fn check_only_says_what_would_change() {
    let folder = Folder::new();
    folder.write("fit.md", untidy());
    folder.write("good.md", SOUND);
    folder.write("windows.md", SOUND.replace('\n', "\r\n"));
    let said = folder.run(&["fmt", "--check", "fit.md", "good.md", "windows.md"]);
    said.ended(1);
    assert_eq!(said.out, "fit.md: would change from line 17 on\nwindows.md: would change from line 1 on\n");
    assert_eq!(said.last, "touchstone: 2 files not in order");
    assert_eq!(folder.read("fit.md"), untidy());
}

#[test]
fn a_file_with_errors_is_not_touched_and_others_are() {
    let folder = Folder::new();
    let wrong = untidy().replace("weight: 40%", "weight: 30%");
    folder.write("wrong.md", &wrong);
    folder.write("fit.md", untidy());
    for arguments in [&["fmt", "wrong.md", "fit.md"][..], &["fmt", "--check", "wrong.md", "fit.md"]] {
        let said = folder.run(arguments);
        said.ended(1);
        assert!(said.err.contains("error[weight-sum]") && said.err.contains("--> wrong.md:14:1"), "{said:?}");
        assert_eq!(folder.read("wrong.md"), wrong);
    }
    assert_eq!(folder.read("fit.md"), SOUND);
}

#[test]
fn of_a_link_the_file_it_leads_to_is_put_in_order() {
    let folder = Folder::new();
    folder.write("fit.md", untidy());
    symlink("fit.md", folder.path("link.md")).unwrap();
    folder.run(&["fmt", "link.md"]).ended(0);
    assert!(fs::symlink_metadata(folder.path("link.md")).unwrap().is_symlink());
    assert_eq!(folder.read("fit.md"), SOUND);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    for input in [&untidy(), SOUND] {
        let said = folder.run_with(&["fmt", "-"], input);
        said.ended(0);
        assert_eq!(said.out, SOUND);
    }
    let said = folder.run_with(&["fmt", "--check", "-"], &untidy());
    said.ended(1);
    assert_eq!(said.out, "<stdin>: would change from line 17 on\n");
}

#[test]
fn what_cannot_be_put_in_order_is_said() {
    let folder = Folder::new();
    folder.write("fit.json", "{}");
    let json = folder.run(&["fmt", "fit.json"]);
    json.ended(2);
    assert!(json.last.contains("fmt is for markdown"), "{json:?}");
    assert_eq!(folder.read("fit.json"), "{}");
    folder.run(&["fmt", "nowhere.md"]).ended(2).holds(&["cannot read nowhere.md"]);
    folder.run(&["fmt", "."]).ended(2).holds(&["cannot read .: "]);
    folder.write("large.md", vec![b'#'; 10 << 20]);
    folder.run(&["fmt", "large.md"]).ended(1).holds(&["error[too-large]"]);
}
