//! What docs/audit.md says is so: its session runs as written.

use std::{fs, path::Path, process::Command};

use http_audit::Actions;
use platform::DOMAINS;

use super::{python::python, said};
use crate::{client::Recorded, run::Place};

/// The session of the document, line for line.
fn session() -> String {
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md")).unwrap();
    let mut session = String::new();
    let mut rest = document.as_str();
    while let Some((_, part)) = rest.split_once("<!-- session -->\n```sh\n") {
        let (commands, behind) = part.split_once("```\n").expect("the session ends");
        session.push_str(commands);
        rest = behind;
    }
    session
}

/// The actions by name, with their class.
fn actions() -> String {
    let line = |note: &kernel::ActionNote| {
        format!("| `{}` | {} | {} |", note.action, note.class.uid(), note.meaning)
    };
    let head = ["| action | class | means |", "|---|---|---|"].map(str::to_owned).into_iter();
    head.chain(Actions::of(DOMAINS).all().iter().map(line)).flat_map(|line| [line, "\n".to_owned()]).collect()
}

#[test]
fn the_audit_document_lists_every_action() {
    const BEGIN: &str = "<!-- actions: begin -->\n";
    const END: &str = "<!-- actions: end -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (listed, after) = rest.split_once(END).unwrap();
    let actions = actions();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{actions}{END}{after}")).unwrap();
    } else {
        assert_eq!(listed, actions, "write it anew: UPDATE_DOCS=1 cargo test -p touchstone audit_document");
    }
}

#[test]
fn the_session_of_the_audit_document_runs_as_written() {
    let written = session();
    let (first, others) = written.split_once('\n').expect("there is a session");
    assert_eq!(first, "api=http://127.0.0.1:8080", "the first line names the address of `touchstone`");
    let place = Place::new();
    let server = Recorded::start(&place, &[]);
    let folder = place.path("auditor");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").canonicalize().unwrap();
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(docs, folder.join("docs")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_touchstone")).parent().unwrap();
    let mut path = vec![programs.to_owned()];
    path.extend(python().parent().filter(|parent| parent.is_absolute()).map(Path::to_owned));
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let ran = Command::new("sh")
        .args(["-ec", &format!("api=http://{}\n{others}", server.address)])
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("TOUCHSTONE_DATA", place.data())
        .env_remove("DATABASE_URL")
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", said(&ran));
    let said = said(&ran);
    let verified = ["audit-verify.py", "touchstone audit verify"].map(|what| written.matches(what).count());
    assert_eq!(verified, [2, 3], "{written}");
    assert_eq!(said.matches("sound: ").count(), 5, "{said}");
    assert!(!said.contains("broken: "), "{said}");
}
