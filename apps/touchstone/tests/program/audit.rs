//! The trail as an auditor meets it: taken along as a file, verified by the program without a database, and by a script
//! that shares no code with it.

mod documents;
mod python;
mod restore;

use std::{fs, path::Path, process::Output};

use rustix::process::Signal;
use serde_json::{Value, json};

use self::python::script;
use crate::{
    client::{PASSWORD, Recorded, bearer, call, sign_in, sign_up},
    run::{Place, bare, last_words, stderr, wait_until},
};

const EMAIL: &str = "ann@example.org";

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(output))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What an auditor took along: files in a folder, and no database.
struct Taken {
    place: Place,
    /// Of the whole platform.
    whole: String,
    /// Of one organisation.
    part: String,
    /// The file of checkpoints with its key beside it.
    checkpoints: String,
    /// An answer of the proof route, and the event it is of.
    proof: Value,
    event: Value,
}

impl Taken {
    fn from_a_server() -> Self {
        let place = Place::new();
        let mut server = Recorded::start(&place, &[]);
        let address = server.address;
        sign_up(&place, address, EMAIL, PASSWORD);
        let token = sign_in(address, EMAIL);
        let [one, _two] = ["North Wind", "South Wind"].map(|name| {
            let founded =
                call(address, "POST /v1/organizations", &[bearer(&token)], &json!({ "name": name }), 201);
            founded.json()["id"].as_str().unwrap().to_owned()
        });
        let listed = call(
            address,
            &format!("GET /v1/organizations/{one}/audit/events"),
            &[bearer(&token)],
            &Value::Null,
            200,
        );
        let event = listed.json()["items"].as_array().unwrap().last().unwrap().clone();
        let id = event["event"]["id"].as_str().unwrap().to_owned();
        let mut proof = Value::Null;
        wait_until("the event is covered by a checkpoint", || {
            let mut connection = crate::client::Connection::open(address).unwrap();
            let answer = connection.call(&format!("GET /v1/audit/events/{id}/proof"), &[], "").unwrap();
            proof = serde_json::from_str(&answer.text).unwrap_or_default();
            answer.status == 200
        });
        let [whole, part] = ["whole.ndjson", "part.ndjson"].map(|name| place.path(name));
        let said = place.say(&["audit", "export", "--output", text(&whole)]);
        assert!(said.contains("covers") && said.contains("audit verify --export"), "{said}");
        place.say(&["audit", "export", "--organization", &one, "--output", text(&part)]);
        let again = place.run(&["audit", "export", "--output", text(&whole)]);
        assert_eq!(again.status.code(), Some(14), "an export is never overwritten: {}", stderr(&again));
        server.signal(Signal::TERM);
        assert_eq!(server.wait().code(), Some(0), "{}", server.log());
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let (whole, part) = (read(&whole), read(&part));
        for end in ["", ".key"] {
            let from = place.data().join(format!("audit/checkpoints{end}"));
            fs::copy(from, place.path(&format!("checkpoints{end}"))).unwrap();
        }
        let checkpoints = text(&place.path("checkpoints")).to_owned();
        fs::remove_dir_all(place.data()).unwrap();
        Self { place, whole, part, checkpoints, proof, event }
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.place.path(name);
        fs::write(&path, content).unwrap();
        text(&path).to_owned()
    }

    /// The program, on a machine without anything.
    fn program(&self, arguments: &[&str]) -> Output {
        bare(&self.place.path(""))
            .args(["audit", "verify"])
            .args(arguments)
            .env_remove("PATH")
            .output()
            .unwrap()
    }

    /// Both must say the same.
    #[track_caller]
    fn both(&self, what: &str, content: &str, code: i32, words: [&str; 2]) {
        let file = self.file("export.ndjson", content);
        let program = self.program(&["--export", &file, "--checkpoints", &self.checkpoints]);
        assert_eq!(program.status.code(), Some(code), "{what}: {}", said(&program));
        assert!(said(&program).contains(words[0]), "{what}: {}", said(&program));
        let script = script(&[&file, "--checkpoints", &self.checkpoints]);
        assert_eq!(script.status.code(), Some(code), "{what}: {}", said(&script));
        assert!(said(&script).contains(words[1]), "{what}: {}", said(&script));
    }
}

/// Replaces the first, which must be there.
#[track_caller]
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is missing from {text:.2000}");
    text.replacen(from, to, 1)
}

fn without_line(text: &str, number: usize) -> String {
    let lines = text.split_inclusive('\n').enumerate().filter(|(line, _)| *line != number);
    lines.map(|(_, line)| line).collect()
}

#[test]
fn an_export_verifies_on_a_machine_without_anything_and_a_forged_one_does_not() {
    let taken = Taken::from_a_server();
    let Taken { whole, part, .. } = &taken;
    let events = whole.lines().count() - 2;
    taken.both(
        "whole",
        whole,
        0,
        [&format!("sound: {events} events"), &format!("{events} of {events} events are told whole")],
    );
    taken.both("a part", part, 0, ["by their hashes alone", &format!("of {events} events are told whole")]);
    assert!(
        part.contains("\"hash\"") && !part.contains("South Wind"),
        "nothing of others but hashes: {part}"
    );

    taken.both("a word of an event", &with(whole, "North Wind", "North Wand"), 1, ["agree", "was altered"]);
    taken.both("a hash", &with(part, "\"hash\":\"", "\"hash\":\"AAAA"), 1, ["cannot be read", "is no hash"]);
    taken.both("an event left out", &without_line(whole, 2), 1, ["entry 1 is missing", "entry 1 is missing"]);
    taken.both("its end left out", &without_line(whole, events), 1, ["its end was cut off", "not whole"]);
    taken.both(
        "its last line left out",
        &without_line(whole, events + 1),
        1,
        ["it has no last line", "not whole"],
    );
    taken.both("more lines", &format!("{whole}{{}}\n"), 1, ["follows the last", "follows the last"]);
    taken.both(
        "the same number twice",
        &with(whole, "\"index\":1", "\"index\":0"),
        1,
        ["entry 0 came where 1", "entry 1 is missing"],
    );
    let (first, rest) = whole.split_once('\n').unwrap();
    let smaller = with(first, &format!("\"size\":{events}"), "\"size\":1");
    taken.both("another size", &format!("{smaller}\n{rest}"), 1, ["of another size", "of another size"]);
    taken.both("something else", "{}\n", 2, ["not that of an export", "cannot be told"]);
    taken.both("nothing", "", 2, ["not that of an export", "cannot be told"]);

    spelled_anew(&taken);
    keys_and_checkpoints(&taken);
    one_event(&taken);
}

/// Spaces and escapes are no alteration; the program says so.
fn spelled_anew(taken: &Taken) {
    let spaced = taken.whole.replace("\":", "\": ");
    let file = taken.file("export.ndjson", &with(&spaced, "North Wind", "North\\u0020Wind"));
    let program = taken.program(&["--export", &file, "--checkpoints", &taken.checkpoints]);
    assert_eq!(program.status.code(), Some(0), "{}", said(&program));
    assert!(said(&program).contains("not spelled as they were exported"), "{}", said(&program));
    let twice = with(&spaced, "\"action\": ", "\"action\": \"account.view\", \"action\": ");
    let file = taken.file("export.ndjson", &twice);
    let program = taken.program(&["--export", &file, "--checkpoints", &taken.checkpoints]);
    assert_eq!(
        program.status.code(),
        Some(1),
        "of two members nobody knows which counts: {}",
        said(&program)
    );
}

fn keys_and_checkpoints(taken: &Taken) {
    let Taken { whole, checkpoints, .. } = taken;
    let file = taken.file("export.ndjson", whole);
    let key = fs::read_to_string(format!("{checkpoints}.key")).unwrap();
    let alone = taken.program(&["--export", &file]);
    assert_eq!(alone.status.code(), Some(0), "{}", said(&alone));
    assert!(said(&alone).contains("trusts whoever made it"), "{}", said(&alone));
    for key in [key.trim(), &format!("{checkpoints}.key")] {
        let named = taken.program(&["--export", &file, "--key", key, "--quiet"]);
        assert_eq!((named.status.code(), said(&named).as_str()), (Some(0), ""));
        assert_eq!(script(&[&file, "--key", key]).status.code(), Some(0));
    }
    let name = key.split('+').next().unwrap();
    let other = audit::SignerKey::from_seed(name, &[7; 32]).unwrap().verifier().to_string();
    let stranger = audit::SignerKey::from_seed("example.org/log", &[7; 32]).unwrap().verifier().to_string();
    for key in [other, stranger] {
        let output = taken.program(&["--export", &file, "--key", &key]);
        assert_eq!(output.status.code(), Some(1), "signed by another: {}", said(&output));
        assert_eq!(script(&[&file, "--key", &key]).status.code(), Some(1));
    }
    for key in ["nonsense", "a+b+c"] {
        assert_eq!(taken.program(&["--export", &file, "--key", key]).status.code(), Some(2));
        assert_eq!(script(&[&file, "--key", key]).status.code(), Some(2));
    }
    for arguments in [["--export", "nowhere.ndjson"], ["--export", &format!("{checkpoints}.key")]] {
        let output = taken.program(&arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(last_words(&output).starts_with("touchstone: "), "{}", said(&output));
    }
    let long = taken.file("export.ndjson", &with(whole, "North Wind", &"x".repeat(2 * 1024 * 1024)));
    let output = taken.program(&["--export", &long]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("longer than 1 MiB"), "{:.500}", said(&output));
}

fn one_event(taken: &Taken) {
    let Taken { whole, checkpoints, proof, event, .. } = taken;
    let document = &event["event"];
    let id = document["id"].as_str().unwrap();
    let line = whole.lines().find(|line| line.contains(&format!("\"id\":\"{id}\""))).unwrap();
    let answer = taken.file("proof.json", &proof.to_string());
    for (what, content) in [
        ("an item of the list", serde_json::to_string_pretty(event).unwrap()),
        ("the event", document.to_string()),
        ("a line of the export", line.to_owned()),
    ] {
        let file = taken.file("event.json", &content);
        let program = taken.program(&["--event", &file, "--proof", &answer, "--checkpoints", checkpoints]);
        assert_eq!(program.status.code(), Some(0), "{what}: {}", said(&program));
        assert!(
            said(&program).contains(&format!("the event {id} is entry {}", proof["index"])),
            "{}",
            said(&program)
        );
        let script = script(&[&answer, "--event", &file, "--checkpoints", checkpoints]);
        assert_eq!(script.status.code(), Some(0), "{what}: {}", said(&script));
    }
    let forged = with(line, "North Wind", "North Wand");
    let whole = taken.file("export.ndjson", whole);
    let program = taken.program(&["--export", &whole, "--event", id]);
    assert!(
        program.status.success() && said(&program).contains(&format!("the event {id} is entry")),
        "{}",
        said(&program)
    );
    let nobody = taken.program(&["--export", &whole, "--event", "00000000-0000-4000-8000-000000000000"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", said(&nobody));

    let twice = with(line, "\"action\":", "\"action\":\"account.view\",\"action\":");
    let twice = taken.file("forged.json", &twice);
    let program = taken.program(&["--event", &twice, "--proof", &answer]);
    assert_ne!(
        program.status.code(),
        Some(0),
        "of two members nobody knows which counts: {}",
        said(&program)
    );
    assert_ne!(script(&[&answer, "--event", &twice]).status.code(), Some(0));

    let mut forgeries = vec![(taken.file("forged.json", &forged), answer.clone())];
    let event = taken.file("event.json", line);
    let (index, size) = (proof["index"].as_u64().unwrap(), proof["size"].as_u64().unwrap());
    let mut longer = proof["path"].as_array().unwrap().clone();
    longer.extend(longer.first().cloned());
    for (number, (field, value)) in [
        ("index", json!(index ^ 1)),
        ("index", json!(size)),
        ("size", json!(size + 1)),
        ("event_id", json!("00000000-0000-4000-8000-000000000000")),
        ("path", json!([])),
        ("path", json!(longer)),
        ("checkpoint", json!(with(proof["checkpoint"].as_str().unwrap(), "\n", "x\n"))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut forged = proof.clone();
        forged[field] = value;
        forgeries.push((event.clone(), taken.file(&format!("proof{number}.json"), &forged.to_string())));
    }
    for (event, answer) in forgeries {
        let why = fs::read_to_string(&answer).unwrap();
        let program = taken.program(&["--event", &event, "--proof", &answer, "--checkpoints", checkpoints]);
        assert_eq!(program.status.code(), Some(1), "{why}: {}", said(&program));
        let script = script(&[&answer, "--event", &event, "--checkpoints", checkpoints]);
        assert_eq!(script.status.code(), Some(1), "{why}: {}", said(&script));
    }
}
