//! A server's life on its private PostgreSQL.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Signal, kill_process};

use crate::run::{Place, Server, is_alive, pid, postgres_of, wait_until};

#[test]
fn it_starts_with_nothing_configured_and_keeps_everything() {
    let place = Place::new();
    let begun = Instant::now();
    let server = place.serve();
    println!("ready on a new folder after {:?}", begun.elapsed());
    assert!(server.is_live());
    for said in ["Documentation", "filed in", "admin create --email", "Ctrl-C"] {
        assert!(server.greeting().contains(said), "{said} is missing from {}", server.greeting());
    }
    let (_, keys) = server.get("/.well-known/jwks.json");
    let (head, body) = server.get("/readyz");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
    let postgres = postgres_of(&place.data());
    assert_eq!(server.stop().code(), Some(0));
    assert!(!is_alive(postgres), "PostgreSQL ends with its server");

    let begun = Instant::now();
    let server = place.serve();
    println!("ready on an existing folder after {:?}", begun.elapsed());
    assert_eq!(server.get("/.well-known/jwks.json").1, keys, "the signing key is still there");
    let begun = Instant::now();
    assert_eq!(server.stop().code(), Some(0));
    println!("stopped after {:?}", begun.elapsed());
}

#[test]
fn secrets_are_closed_to_others() {
    let place = Place::new();
    let _server = place.serve();
    let mode = |name: &str| fs::metadata(place.data().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("keys"), 0o600);
    assert_eq!(mode("postgres"), 0o700);
    assert_eq!(mode("") & 0o066, 0, "nobody else can list the folder");
}

#[test]
fn a_killed_server_leaves_no_postgres_and_the_next_one_starts() {
    let place = Place::new();
    let mut server = place.serve();
    let postgres = postgres_of(&place.data());
    server.signal(Signal::KILL);
    server.wait();
    wait_until("PostgreSQL ended with its killed server", || !is_alive(postgres));
    let server = place.serve();
    assert!(server.is_live());
}

#[test]
fn a_server_whose_postgres_dies_says_so_and_ends() {
    let place = Place::new();
    let mut server = place.serve();
    let postgres = postgres_of(&place.data());
    kill_process(pid(postgres), Signal::KILL).unwrap();
    assert_eq!(server.wait().code(), Some(5));
    assert!(place.serve().is_live(), "the next start recovers");
}

#[test]
fn ctrl_c_stops_it_as_sigterm_does() {
    let place = Place::new();
    let mut server = place.serve();
    server.signal(Signal::INT);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn memory_says_that_nothing_is_kept() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.args(["--store", "memory"]);
    let server = Server::start(command);
    assert!(server.is_live());
    assert!(server.greeting().contains("nothing is kept"), "{}", server.greeting());
    assert!(!place.data().join("postgres").exists());
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn an_open_connection_does_not_keep_it_from_ending() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.args(["--store", "memory"]);
    let server = Server::start(command);
    let _idle = std::net::TcpStream::connect(server.address).unwrap();
    let begun = Instant::now();
    assert_eq!(server.stop().code(), Some(0));
    println!("stopped with an idle connection after {:?}", begun.elapsed());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let mut server = place.serve();
    let postgres = postgres_of(&place.data());
    let mut slow = std::net::TcpStream::connect(server.address).unwrap();
    let head = "POST /v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    slow.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.signal(Signal::TERM);
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(3), "it waits for nobody");
    wait_until("PostgreSQL ended, too", || !is_alive(postgres));
}

#[test]
fn a_signal_while_it_starts_stops_it() {
    let place = Place::new();
    for pause in [200, 600, 1100] {
        let mut child =
            place.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        kill_process(pid(child.id()), Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "after {pause} ms");
    }
    assert!(place.serve().is_live(), "whatever was half made is no obstacle");
}
