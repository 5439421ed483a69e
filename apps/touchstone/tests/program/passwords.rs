//! The list of leaked passwords: made by one command, and read by the server that starts after it.

use std::{fs, net::SocketAddr, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    client::{Recorded, call},
    run::{Place, last_words},
};

const LEAKED: &str = "gravel-teapot-mosaic-wren";
/// SHA-1 of it.
const HASH: &str = "7CCBDB192CD1BF0749768A2E8F2DDCD4439BD558";

fn written(place: &Place, name: &str, text: &str) -> PathBuf {
    let file = place.path(name);
    fs::write(&file, text).unwrap();
    file
}

fn register(address: SocketAddr, password: &str, status: u16) -> Value {
    let body = json!({ "email": "ann@example.org", "password": password });
    let answer = call(address, "POST /v1/auth/register", &[], &body, status);
    if status == 422 { answer.json() } else { Value::Null }
}

#[test]
fn leaked_passwords_are_refused_after_one_command() {
    let place = Place::new();
    {
        let server = Recorded::start(&place, &[("TOUCHSTONE_STORE", "memory")]);
        register(server.address, LEAKED, 202);
    }
    let hashes =
        written(&place, "hashes", &format!("{}:3\r\n{HASH}:7\r\n{}:1\r\n", "F".repeat(40), "0".repeat(40)));
    let said = place.say(&["passwords", "import", hashes.to_str().unwrap()]);
    assert!(said.starts_with("3 leaked passwords") && said.contains("passwords.breach_file"), "{said}");
    let made = fs::read_to_string(place.data().join("breached-passwords.txt")).unwrap();
    assert_eq!(made, format!("{}:1\n{HASH}:7\n{}:3\n", "0".repeat(40), "F".repeat(40)));
    let server = Recorded::start(&place, &[("TOUCHSTONE_STORE", "memory")]);
    assert_eq!(register(server.address, LEAKED, 422)["code"], "identity.password_common");
    register(server.address, "plinth-orbit-walnut-sieve", 202);
}

#[test]
fn a_list_of_passwords_goes_where_the_setting_says() {
    let place = Place::new();
    let plain = written(&place, "plain", &format!("another\n\n{LEAKED}\nanother"));
    let file = place.path("elsewhere.txt");
    let setting = format!("passwords.breach_file={}", file.display());
    let import = ["passwords", "import", "--plain", plain.to_str().unwrap(), "--set", &setting];
    let said = place.say(&import);
    assert!(said.starts_with("2 leaked passwords") && said.contains(file.to_str().unwrap()), "{said}");
    assert!(fs::read_to_string(&file).unwrap().contains(&format!("{HASH}:1\n")));
    let file = file.to_str().unwrap();
    let settings = [("TOUCHSTONE_STORE", "memory"), ("TOUCHSTONE_PASSWORDS__BREACH_FILE", file)];
    let server = Recorded::start(&place, &settings);
    assert_eq!(register(server.address, LEAKED, 422)["code"], "identity.password_common");
}

#[test]
fn what_is_no_list_is_refused_by_its_line_and_replaces_nothing() {
    let place = Place::new();
    let good = written(&place, "good", &format!("{HASH}:7\n"));
    place.say(&["passwords", "import", good.to_str().unwrap()]);
    let made = place.data().join("breached-passwords.txt");
    let before = fs::read(&made).unwrap();
    let refused = |name: &str, said: &str, arguments: &[&str]| {
        let file = place.path(name);
        let ended = place.run(&[&["passwords", "import", file.to_str().unwrap()], arguments].concat());
        let last = last_words(&ended);
        assert_eq!(ended.status.code(), Some(14), "{last}");
        assert!(last.contains(&format!("{}{said}", file.display())), "{last}");
        assert_eq!(fs::read(&made).unwrap(), before, "{name}");
    };
    written(&place, "words", &format!("{HASH}:7\npassword\n"));
    refused("words", ":2: is not SHA1:COUNT", &[]);
    refused("missing", ": No such file", &[]);
    fs::write(place.path("latin"), b"first\nw\xe4rme\n").unwrap();
    refused("latin", ":2: is not UTF-8", &["--plain"]);
    written(&place, "long", &format!("first\n{}\n", "a".repeat(5000)));
    refused("long", ":2: is too long", &["--plain"]);
    written(&place, "empty", "\n");
    let ended = place.run(&["passwords", "import", place.path("empty").to_str().unwrap()]);
    assert_eq!((ended.status.code(), fs::read(&made).unwrap() == before), (Some(14), true));
    let rest: Vec<_> = fs::read_dir(place.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(rest, ["breached-passwords.txt"], "nothing is left beside it");
}
