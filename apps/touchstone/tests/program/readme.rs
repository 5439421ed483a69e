//! What README.md says is so: its session runs as written, its commands are there, links lead somewhere.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::run::{Place, Server};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The session of a document, line for line.
fn session_of(document: &str) -> String {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let (_, rest) = text.split_once("<!-- session: begin -->\n```sh\n").expect("the session begins");
    rest.split_once("```\n<!-- session: end -->").expect("the session ends").0.to_owned()
}

/// What the session of the README prints, and after it those of other documents.
#[track_caller]
fn printed_by(shell: &str, further: &[&str]) -> String {
    let mut written = session_of("README.md");
    written.extend(further.iter().map(|document| session_of(document)));
    let (first, others) = written.split_once('\n').unwrap();
    assert_eq!(first, "api=http://127.0.0.1:8080", "the first line names the address of `cargo run`");
    let place = Place::new();
    let server = Server::start(place.command(&["serve", "--set", "outbound.allow_private=true"]));
    let program = Path::new(env!("CARGO_BIN_EXE_touchstone")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let ran = Command::new(shell)
        .args(["-c", &format!("api=http://{}\n{others}", server.address)])
        .env("PATH", path)
        .env("TOUCHSTONE_DATA", place.data())
        .current_dir(place.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && complained.is_empty(), "{said}\n{complained}");
    said
}

/// The statuses of the answers that were shown with their heads, and each from there on. Bodies end without a newline:
/// the next head follows on the same line.
fn answers(said: &str) -> (Vec<&str>, Vec<&str>) {
    let answers: Vec<&str> = said.split("HTTP/1.1 ").skip(1).collect();
    (answers.iter().filter_map(|answer| answer.split(' ').next()).collect(), answers)
}

#[track_caller]
fn the_session_runs_in(shell: &str) {
    let said = printed_by(shell, &[]);
    let (statuses, answers) = answers(&said);
    let identity = ["202", "204", "200", "201", "422"];
    let assessment = ["422", "201", "200", "200", "200"];
    assert_eq!(statuses, [identity, assessment].concat(), "{said}");
    let body = |number: usize| -> serde_json::Value {
        serde_json::from_str(answers[number].split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    assert_eq!(body(2)["email"], "ann@example.org");
    let invitation = body(3);
    assert_eq!(invitation["email"], "ben@example.org");
    assert_eq!(invitation["roles"], serde_json::json!(["recruiter"]));
    assert_eq!(body(4)["errors"][0]["pointer"], "/email", "it is said what is wrong, and where: {said}");
    let fault = &body(5)["diagnostics"][0];
    assert_eq!((&fault["code"], &fault["line"]), (&"weight-sum".into(), &14.into()), "{said}");
    assert_eq!(body(6)["items"][0]["email"], "cleo@example.net");
    assert_eq!(body(7)["outcome"], "stored");
    let (teaser, whole) = (&body(8)["disclosed"], &body(9)["items"][0]);
    assert_eq!((&teaser["disclosure"], &teaser["category"]["name"]), (&"teaser".into(), &"Visionary".into()));
    assert!(
        teaser["dimensions"].is_null() && teaser["overall_score"].is_null(),
        "a teaser has no numbers: {teaser}"
    );
    assert_eq!((&whole["matched_category"], &whole["overall_score"]), (&"Visionary".into(), &4.4.into()));
}

#[test]
fn the_session_of_the_readme_runs_as_written_in_sh() {
    the_session_runs_in("sh");
}

#[test]
fn the_session_about_notifications_goes_on_from_there() {
    let said = printed_by("sh", &["docs/notifications.md"]);
    let (statuses, _) = answers(&said);
    assert_eq!(statuses[10..], ["202", "204", "200", "204", "200", "200"], "{said}");
    assert!(said.contains("Ben Ode joined North Wind"), "{said}");
    let streams: Vec<&str> = said.split("retry: 3000\n\n").collect();
    let [_, of_ann, of_ben] = streams[..] else { panic!("two streams begin: {said}") };
    assert!(of_ann.contains("event: notification\ndata: {"), "{said}");
    assert!(of_ann.contains("event: unread\ndata: {\"count\":0,\"at_least\":false}"), "{said}");
    let (_, released) = of_ben.split_once("event: notification\ndata: ").expect("the result is told");
    assert!(released.contains("Your result is there: Leadership Readiness"), "{said}");
}

#[test]
fn the_session_about_webhooks_goes_on_from_there() {
    let said = printed_by("sh", &["docs/webhooks.md"]);
    let (statuses, answers) = answers(&said);
    assert_eq!(statuses[10..], ["202", "201", "200"], "{said}");
    let received = answers[11].split_once("Listening on http://127.0.0.1:9300/").expect("it listens").1;
    assert_eq!(received.matches("signature: sound").count(), 2, "{said}");
    for event in ["ping", "invitation.sent"] {
        assert!(received.contains(&format!("\"type\": \"{event}\"")), "{event}: {said}");
    }
    assert_eq!(answers[12].matches("\"status\":\"succeeded\"").count(), 2, "{said}");
}

#[test]
fn the_session_about_documents_goes_on_from_there() {
    let said = printed_by("sh", &["docs/documents.md"]);
    let (statuses, answers) = answers(&said);
    assert_eq!(statuses[10..], ["200", "206", "200", "409", "200", "204", "409"], "{said}");
    assert!(said.contains("\"file_type\":\"pdf\""), "{said}");
    assert!(answers[10].contains("Certified for pipelines and pressure vessels"), "{said}");
    assert!(answers[10].contains("It is the same file."), "{said}");
    assert!(answers[11].contains("content-range: bytes 0-7/"), "{said}");
    for line in ["So it is by the link.", "All files are sound: 1 documents", "Nobody reads it there."] {
        assert!(answers[11].contains(line), "{line}: {said}");
    }
    for (answer, code) in [(13, "document.on_hold"), (16, "document.shredded")] {
        assert!(answers[answer].contains(code), "{code}: {said}");
    }
}

#[test]
fn the_session_of_the_readme_runs_as_written_in_bash() {
    the_session_runs_in("bash");
}

#[test]
fn the_readme_names_the_two_commands() {
    let readme = readme();
    let (_, rest) = readme.split_once("## Two commands\n").expect("there is such a chapter");
    let commands: Vec<&str> = rest
        .split("```")
        .nth(1)
        .unwrap()
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(commands, ["cargo run --release", "cargo test --workspace"]);
}

#[test]
fn every_relative_link_of_the_documents_leads_to_a_file() {
    let mut documents = vec![root().join("README.md")];
    gather(&root().join("docs"), &mut documents);
    assert!(documents.len() > 3, "there are documents: {documents:?}");
    let mut broken = Vec::new();
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for target in links(&text) {
            if !document.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

fn gather(folder: &Path, documents: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, documents);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
}

/// The files that `[text](target)` names, without the places in them; nothing on the net, nothing in code.
fn links(text: &str) -> Vec<&str> {
    let mut code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        code ^= line.trim_start().starts_with("```");
        if code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                found.push(file);
            }
        }
    }
    found
}

#[test]
fn links_are_found_where_readers_see_them() {
    let text = "[a](one.md) and [b](two.md#there), [c](#here), [d](https://x.example)\n```\n[e](no.md)\n```\n[f](three)";
    assert_eq!(links(text), ["one.md", "two.md", "three"]);
}
