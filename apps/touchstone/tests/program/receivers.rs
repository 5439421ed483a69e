//! What docs/webhooks.md has receivers do is right: its code believes what is signed here, and nothing else.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use kernel::Clock as _;
use serde_json::json;
use system::SystemClock;
use webhook::signing::{Message, SigningKey};

use crate::run::Place;

/// The code between the marks of a receiver.
fn code_of(name: &str) -> String {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/webhooks.md");
    let text = fs::read_to_string(document).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {name}: begin -->\n```")).expect("the receiver begins");
    let (_, code) = rest.split_once('\n').unwrap();
    code.split_once("```\n").expect("the receiver ends").0.to_owned()
}

/// Runs a program that prints a letter for each request: `y` for one that it believes.
#[track_caller]
fn believes(interpreter: &str, name: &str, code: &str, harness: &str) {
    let is_there = Command::new(interpreter).arg("--version").stdout(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        eprintln!("{interpreter} is not there: the receiver of docs/webhooks.md was not run");
        return;
    }
    let (key, body) = (SigningKey::HmacSha256(vec![7; 32]), r#"{"type":"ping"}"#);
    let other = SigningKey::HmacSha256(vec![8; 32]);
    let now = SystemClock.now().unix_seconds();
    let request = |keys: &[SigningKey], timestamp, sent: &str| {
        let headers = Message { id: "event-1", timestamp, body: body.as_bytes() }.headers(keys);
        let headers: serde_json::Map<_, _> =
            headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        json!({ "headers": headers, "body": sent })
    };
    let requests = json!([
        request(std::slice::from_ref(&key), now, body),
        request(&[other.clone(), key.clone()], now, body),
        request(std::slice::from_ref(&other), now, body),
        request(std::slice::from_ref(&key), now, r#"{"type":"pong"}"#),
        request(std::slice::from_ref(&key), now - 600, body),
    ]);
    let place = Place::new();
    fs::write(place.path(name), format!("{code}\n{harness}")).unwrap();
    let told = json!({ "secret": key.text().expose(), "requests": requests }).to_string();
    let ran = Command::new(interpreter).arg(name).arg(told).current_dir(place.path("")).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(said.trim(), "yynnn", "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn the_receiver_in_python_believes_what_is_signed_and_nothing_else() {
    let harness = "
import json, sys
told = json.loads(sys.argv[1])
for one in told['requests']:
    sent = one['body'].encode()
    print('y' if verified(told['secret'], one['headers'], sent) else 'n', end='')
";
    believes("python3", "receiver.py", &code_of("receiver.py"), harness);
}

/// Types are taken out of it here, as they are wherever TypeScript runs.
#[test]
fn the_receiver_in_typescript_believes_what_is_signed_and_nothing_else() {
    let mut code = code_of("receiver.ts");
    for annotation in [": string", ": Record<string, string>", ": Buffer", ": boolean"] {
        assert!(code.contains(annotation), "{annotation}");
        code = code.replace(annotation, "");
    }
    let harness = "
const told = JSON.parse(process.argv[2]);
for (const one of told.requests) {
  process.stdout.write(verified(told.secret, one.headers, Buffer.from(one.body)) ? 'y' : 'n');
}
";
    believes("node", "receiver.mjs", &code, harness);
}
