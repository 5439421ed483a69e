//! The audit trail of a running server: numbered, signed, and watched.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    thread,
    time::{Duration, Instant},
};

use crate::run::{Place, Server};

const PATIENCE: Duration = Duration::from_secs(30);

fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} never came");
        thread::sleep(Duration::from_millis(100));
    }
}

fn metrics(server: &Server) -> String {
    let address = server.greeting().lines().find(|line| line.contains("Metrics")).unwrap();
    let address = address.split("http://").nth(1).unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn what_happened_is_signed_outside_the_database_within_seconds() {
    let place = Place::new();
    let server = place.serve();
    place.say(&["admin", "create", "--email", "ann@example.org"]);
    let file = place.data().join("audit/checkpoints");
    let note =
        wait_for("a checkpoint", || fs::read_to_string(&file).ok().filter(|note| note.ends_with("\n\n")));
    let key = fs::read_to_string(file.with_extension("key")).unwrap();
    for made in [&file, &file.with_extension("key")] {
        assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let ready = wait_for("a sound trail", || {
        let (_, body) = server.get("/readyz");
        body.contains("\"audit\":\"sound\"").then_some(body)
    });
    assert!(ready.contains("\"audit_lag_seconds\":0.0"), "{ready}");
    let (head, told) = server.get("/v1/audit/checkpoint");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert!(note.starts_with(told["note"].as_str().unwrap()), "{note} {told}");
    assert_eq!(told["key"], key.trim_end());
    let metrics = metrics(&server);
    for line in ["audit_lag_seconds 0", "audit_altered 0", &format!("audit_checkpoint_size {}", told["size"])]
    {
        assert!(metrics.lines().any(|told| told.starts_with(line)), "{line} is missing from {metrics}");
    }
    let numbered = metrics.lines().find(|line| line.starts_with("audit_events_numbered_total ")).unwrap();
    assert_ne!(numbered, "audit_events_numbered_total 0");
}

#[test]
fn checkpoints_of_another_database_are_left_alone() {
    let (first, second) = (Place::new(), Place::new());
    let file = first.path("checkpoints");
    let named = format!("audit.checkpoint_file={}", file.display());
    let start = |place: &Place| {
        let mut command = place.command(&["serve"]);
        command.args(["--set", &named]);
        Server::start(command)
    };
    let server = start(&first);
    first.say(&["admin", "create", "--email", "ann@example.org"]);
    let before =
        wait_for("a checkpoint", || fs::read_to_string(&file).ok().filter(|note| note.ends_with("\n\n")));
    drop(server);
    let server = start(&second);
    second.say(&["admin", "create", "--email", "bea@example.org"]);
    thread::sleep(Duration::from_secs(3));
    let (_, ready) = server.get("/readyz");
    assert!(ready.contains("\"status\":\"ready\"") && ready.contains("\"audit\":\"unknown\""), "{ready}");
    assert!(server.get("/v1/audit/checkpoint").0.starts_with("HTTP/1.1 503"), "nothing is signed");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}
