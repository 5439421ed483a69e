//! A disk that fills up under a running server, and has room again.

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::Command,
};

use embedded_postgres::{Access, Installation, Running};
use rustix::process::geteuid;
use serde_json::json;

use crate::{
    client::{Answer, Connection, PASSWORD, Recorded, bearer, call, letter_in, link_token, sign_in, sql},
    run::{Place, get, wait_until},
};

/// The data folder lies on a disk of its own, which is there for the server alone and goes with it.
const ON_A_SMALL_DISK: &str = r#"mount -t tmpfs -o size=128m,mode=711 none "$0" && exec "$@""#;

struct Disk {
    /// The data folder as the server sees it.
    data: PathBuf,
}

impl Disk {
    fn fill(&self) {
        let mut filler = File::create(self.data.join("filler")).unwrap();
        let full = (0..).find_map(|_| filler.write_all(&[7; 4096]).err()).unwrap();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    }

    /// The superuser's way in. The socket lies on the ordinary disk; where it is stands on the small one.
    fn access(&self) -> Access {
        let file = fs::read_to_string(self.data.join("postgres/postmaster.pid")).unwrap();
        let line = |number: usize| file.lines().nth(number).unwrap();
        let running = Running { pid: line(0).parse().unwrap(), socket_dir: line(4).into() };
        running.access(Installation::find_named().unwrap())
    }

    fn make_room(&self) {
        fs::remove_file(self.data.join("filler")).unwrap();
    }
}

fn start(place: &Place) -> Recorded {
    fs::create_dir(place.data()).unwrap();
    let serve = place.command(&["serve"]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", ON_A_SMALL_DISK]).arg(place.data());
    command.arg(serve.get_program()).args(serve.get_args());
    command.current_dir(serve.get_current_dir().unwrap());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Recorded::run(place, command, &[])
}

fn rename(server: &Recorded, token: &str) -> Answer {
    let mut connection = Connection::open(server.address).unwrap();
    let me = connection.call("GET /v1/me", &[bearer(token)], "").unwrap();
    assert_eq!(me.status, 200, "what is there can be read: {}", me.text);
    let version = me.json()["version"].as_i64().unwrap();
    let headers = [bearer(token), format!("If-Match: \"{version}\"")];
    let body = json!({ "display_name": format!("Draft {version}") }).to_string();
    connection.call("PATCH /v1/me", &headers, &body).unwrap()
}

#[test]
fn a_server_that_cannot_write_is_not_ready_until_it_can_again() {
    if !geteuid().is_root() {
        println!("not tried: to mount a small disk takes root");
        return;
    }
    let place = Place::new();
    let server = start(&place);
    let data = place.data();
    let disk = Disk { data: format!("/proc/{}/root{}", server.id(), data.display()).into() };
    let readiness = |query: &str| get(server.address, &format!("/readyz{query}")).0[9..12].to_owned();
    let register = json!({ "email": "ann@example.org", "password": PASSWORD });
    call(server.address, "POST /v1/auth/register", &[], &register, 202);
    let token = link_token(&letter_in(&disk.data, "verify-email", "ann@example.org"));
    call(server.address, "POST /v1/auth/verify-email", &[], &json!({ "token": token }), 204);
    let token = sign_in(server.address, "ann@example.org");
    // The log goes on in a segment that is there already: for want of a new one PostgreSQL would end.
    sql(&disk.access(), "SELECT pg_switch_wal()");
    assert_eq!(rename(&server, &token).status, 200);
    assert_eq!(readiness(""), "200");

    disk.fill();
    wait_until("it is not ready", || readiness("") == "503");
    let refused = (0..200).map(|_| rename(&server, &token)).find(|answer| answer.status != 200).unwrap();
    assert_eq!((refused.status, &refused.json()["code"]), (503, &json!("service.unavailable")));
    assert_eq!(readiness("?writes=false"), "200", "it answers reads");
    assert_eq!(readiness(""), "503");

    disk.make_room();
    wait_until("it is ready", || readiness("") == "200");
    assert_eq!(rename(&server, &token).status, 200);
}
