//! A PostgreSQL of one's own that is restarted or dies under load: the server answers 503 meanwhile, loses nothing it
//! acknowledged, and goes on once it is back.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    client::{Connection, PASSWORD, Recorded, access, bearer, call, letter, sign_in, sign_up},
    crash::trail,
    run::{Place, pid, postgres_of, wait_until},
};

const WRITERS: usize = 4;
const WRITES: usize = 100;
/// It is back within 2 s on a machine with nothing else to do.
const BACK: Duration = Duration::from_secs(10);

struct Writer {
    token: String,
    email: String,
}

/// What the writers count together.
#[derive(Default)]
struct Count {
    written: AtomicUsize,
    refused: AtomicUsize,
    stop: AtomicBool,
}

impl Writer {
    fn new(place: &Place, address: SocketAddr, number: usize) -> Self {
        let email = format!("writer{number}@example.org");
        sign_up(place, address, &email, PASSWORD);
        Self { token: bearer(&sign_in(address, &email)), email }
    }

    fn me(&self, connection: &mut Connection) -> Option<Value> {
        let answer = connection.call("GET /v1/me", std::slice::from_ref(&self.token), "").unwrap();
        assert!(matches!(answer.status, 200 | 503), "{}: {}", self.email, answer.text);
        (answer.status == 200).then(|| answer.json())
    }

    /// Writes until it is told to stop, on one connection. What is read is never older than what was acknowledged.
    fn write(&self, address: SocketAddr, count: &Count) {
        let mut connection = Connection::open(address).unwrap();
        let (mut acknowledged, mut number) = (0, 0);
        while !count.stop.load(Ordering::Relaxed) {
            let Some(me) = self.me(&mut connection) else {
                count.refused.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            let version = me["version"].as_i64().unwrap();
            assert!(version >= acknowledged, "{}: {me} after version {acknowledged}", self.email);
            number += 1;
            let headers = [self.token.clone(), format!("If-Match: \"{version}\"")];
            let body = json!({ "display_name": format!("Draft {number}") }).to_string();
            let answer = connection.call("PATCH /v1/me", &headers, &body).unwrap();
            match answer.status {
                200 => {
                    acknowledged = version + 1;
                    count.written.fetch_add(1, Ordering::Relaxed);
                }
                503 => {
                    assert_eq!(answer.json()["code"], "service.unavailable", "{}", answer.text);
                    count.refused.fetch_add(1, Ordering::Relaxed);
                }
                _ => panic!("{}: {answer:?}", self.email),
            }
        }
    }
}

/// PostgreSQL goes away by a signal while people write, is missed, and comes back. Returns how long writes took then.
fn round(
    host: &Place,
    database: Recorded,
    server: &Recorded,
    writers: &[Writer],
    signal: Signal,
) -> (Recorded, Duration) {
    let address = server.address;
    let count = Count::default();
    thread::scope(|scope| {
        let _stop = StopAtEnd(&count.stop);
        for writer in writers {
            let count = &count;
            scope.spawn(move || writer.write(address, count));
        }
        wait_for("so many writes are acknowledged", &count.written, WRITES);
        let mut database = database;
        kill_process(pid(postgres_of(&host.data())), signal).unwrap();
        database.wait();
        wait_for("everyone was refused", &count.refused, WRITERS);
        let database = Recorded::start(host, &[("TOUCHSTONE_WORKERS__ENABLED", "false")]);
        let begun = Instant::now();
        wait_for("a write is acknowledged again", &count.written, 1);
        let took = begun.elapsed();
        assert!(took < BACK, "{took:?}");
        wait_for("as many writes as before are acknowledged", &count.written, WRITES);
        (database, took)
    })
}

/// Waits until so many more are counted.
fn wait_for(what: &str, counter: &AtomicUsize, more: usize) {
    let before = counter.load(Ordering::Relaxed);
    wait_until(what, || counter.load(Ordering::Relaxed) >= before + more);
}

/// Also when an assertion fails, since the scope waits for the writers.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_postgres_that_is_restarted_under_load_is_missed_and_found_again() {
    let [host, place] = [Place::new(), Place::new()];
    let mut database = Recorded::start(&host, &[("TOUCHSTONE_WORKERS__ENABLED", "false")]);
    let url = access(&host.data()).url("touchstone_app", "touchstone");
    let server = Recorded::beside(&place, &host, &url, &[]);
    let writers: Vec<_> = (0..WRITERS).map(|number| Writer::new(&host, server.address, number)).collect();
    for signal in [Signal::INT, Signal::KILL] {
        let (back, took) = round(&host, database, &server, &writers, signal);
        println!("after {signal:?} it went on {took:?} after PostgreSQL was ready");
        database = back;
    }
    let forgot = json!({ "email": writers[0].email });
    call(server.address, "POST /v1/auth/forgot-password", &[], &forgot, 202);
    letter(&host, "reset-password", &writers[0].email);
    trail::is_whole(&host, &access(&host.data()), 0);
}
