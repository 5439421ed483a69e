//! After a restore the log is shorter than what was signed. Nobody can tell that from a rollback but a person.

use std::fs;

use rustix::process::Signal;

use super::said;
use crate::{
    client::{Recorded, access, sign},
    run::{Place, get, wait_until},
};

fn stop(mut server: Recorded) {
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
}

#[test]
fn a_restored_log_is_signed_again_when_a_person_has_put_the_checkpoints_aside() {
    let place = Place::new();
    let file = place.data().join("audit/checkpoints");
    let before = place.data().join("audit/checkpoints.before");
    let dump = place.path("all.dump");
    let server = Recorded::start(&place, &[]);
    place.say(&["admin", "create", "--email", "ann@example.org"]);
    sign(&access(&place.data()));
    place.say(&["backup", dump.to_str().unwrap()]);
    place.say(&["admin", "create", "--email", "bea@example.org"]);
    sign(&access(&place.data()));
    wait_until("the file has both", || fs::read_to_string(&file).unwrap().matches('—').count() >= 2);
    stop(server);
    place.say(&["restore", dump.to_str().unwrap()]);

    let verified = place.run(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
    for line in String::from_utf8_lossy(&verified.stdout).lines() {
        let is_expected = ["its end was cut off", "and its row is missing", "note: "];
        assert!(is_expected.iter().any(|words| line.contains(words)), "nothing else is wrong: {line}");
    }
    let server = Recorded::start(&place, &[]);
    wait_until("the server says so", || get(server.address, "/readyz").1.contains("\"audit\":\"altered\""));
    stop(server);

    fs::rename(&file, &before).unwrap();
    let server = Recorded::start(&place, &[]);
    place.say(&["admin", "create", "--email", "cid@example.org"]);
    sign(&access(&place.data()));
    wait_until("it is sound again", || get(server.address, "/readyz").1.contains("\"audit\":\"sound\""));
    stop(server);
    let verified = place.run(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    let verified = place.run(&[
        "audit",
        "verify",
        "--checkpoints",
        before.to_str().unwrap(),
        "--key",
        file.with_extension("key").to_str().unwrap(),
    ]);
    assert_eq!(verified.status.code(), Some(1), "what was lost is lost: {}", said(&verified));
}
