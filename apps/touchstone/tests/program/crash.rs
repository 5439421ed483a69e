//! Kill -9 of the server and of its PostgreSQL under load: what was acknowledged is there once, with its event in the
//! audit trail, and nothing is half-written.

mod answers;
pub(crate) mod trail;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use self::trail::Holders;
use crate::{
    client::{Answer, Connection, PASSWORD, Recorded, access, bearer, call, sign_in, sign_up, sql},
    run::{Place, is_alive, pid, postgres_of, wait_until},
};

const WRITERS: usize = 16;
/// So many writes are acknowledged before the blow falls: about two seconds of them.
const WRITES: usize = 300;
const ROUNDS: usize = 20;

/// One person who writes, and remembers what was acknowledged.
struct Writer {
    email: String,
    token: String,
    written: usize,
    display_name: Option<String>,
    version: i64,
    /// Names by id.
    organizations: BTreeMap<String, String>,
    /// Sent and not answered: it may be there or not.
    in_flight: Option<Write>,
}

enum Write {
    Profile(String),
    Organization(String),
}

impl Writer {
    fn new(place: &Place, address: SocketAddr, number: usize) -> Self {
        let email = format!("writer{number}@example.org");
        sign_up(place, address, &email, PASSWORD);
        Self {
            email,
            token: String::new(),
            written: 0,
            display_name: None,
            version: 0,
            organizations: BTreeMap::new(),
            in_flight: None,
        }
    }

    fn sign_in(&mut self, address: SocketAddr) {
        self.token = sign_in(address, &self.email);
        self.version = self.me(address)["version"].as_i64().unwrap();
    }

    fn me(&self, address: SocketAddr) -> Value {
        call(address, "GET /v1/me", &[bearer(&self.token)], &Value::Null, 200).json()
    }

    /// Writes until a write is not acknowledged; returns why.
    fn write(&mut self, address: SocketAddr, acknowledged: &AtomicUsize) -> Option<Answer> {
        let mut connection = Connection::open(address).ok()?;
        loop {
            self.written += 1;
            let (name, tag) = (format!("Draft {}", self.written), format!("If-Match: \"{}\"", self.version));
            self.in_flight = Some(Write::Profile(name.clone()));
            let body = json!({ "display_name": name }).to_string();
            let answer = connection.call("PATCH /v1/me", &[bearer(&self.token), tag], &body).ok()?;
            if answer.status != 200 {
                return Some(answer);
            }
            self.display_name = Some(name);
            self.version = answer.json()["version"].as_i64().unwrap();
            acknowledged.fetch_add(1, Ordering::Relaxed);

            let name = format!("Works {} of {}", self.written, self.email);
            self.in_flight = Some(Write::Organization(name.clone()));
            let body = json!({ "name": name }).to_string();
            let answer = connection.call("POST /v1/organizations", &[bearer(&self.token)], &body).ok()?;
            if answer.status != 201 {
                return Some(answer);
            }
            self.organizations.insert(answer.json()["id"].as_str().unwrap().to_owned(), name);
            self.in_flight = None;
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Signs in, and finds everything that was acknowledged, once, and besides it at most what was in flight.
    fn check(&mut self, address: SocketAddr) {
        let known = self.version;
        self.sign_in(address);
        let me = self.me(address);
        let (mut name, mut founded) = (None, None);
        match self.in_flight.take() {
            Some(Write::Profile(in_flight)) => name = Some(in_flight),
            Some(Write::Organization(in_flight)) => founded = Some(in_flight),
            None => {}
        }
        let shown = me["display_name"].as_str().map(str::to_owned);
        assert!(
            shown == self.display_name || shown == name,
            "{}: {me} after {:?}",
            self.email,
            self.display_name
        );
        assert!(self.version >= known, "{}: version {} after {known}", self.email, self.version);
        self.display_name = shown;

        let mut listed = self.organizations(address);
        for (id, name) in &self.organizations {
            let found = listed.remove(id);
            assert_eq!(found.as_ref(), Some(name), "{}: {id} was acknowledged", self.email);
        }
        assert!(
            listed.len() <= 1 && listed.values().all(|name| Some(name) == founded.as_ref()),
            "{}: nobody founded {listed:?}",
            self.email
        );
        self.organizations.extend(listed);
    }

    /// All organisations one owns, over all pages.
    fn organizations(&self, address: SocketAddr) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut after = String::new();
        loop {
            let operation = format!("GET /v1/organizations?limit=100{after}");
            let page = call(address, &operation, &[bearer(&self.token)], &Value::Null, 200).json();
            for item in page["items"].as_array().unwrap() {
                assert_eq!(item["roles"], json!(["owner"]), "{item}");
                let [id, name] = ["id", "name"].map(|field| item[field].as_str().unwrap().to_owned());
                assert_eq!(found.insert(id, name), None, "it is listed once: {item}");
            }
            let Some(next) = page["next"].as_str() else { return found };
            after = format!("&after={next}");
        }
    }
}

#[derive(Clone, Copy)]
enum Victim {
    Server,
    Postgres,
}

/// People write, the victim is killed, the server is started again and asked for everything. Returns how many
/// writes were acknowledged.
fn round(place: &Place, writers: &mut [Writer], victim: Victim, least: usize) -> usize {
    let server = Recorded::start(place, &[]);
    let address = server.address;
    let postgres = postgres_of(&place.data());
    for writer in &mut *writers {
        writer.sign_in(address);
    }
    let acknowledged = AtomicUsize::new(0);
    let (superuser, stop) = (access(&place.data()), AtomicBool::new(false));
    let held = thread::scope(|scope| {
        // In here, so that a failed assertion ends the server, and with it the writers the scope waits for.
        let mut server = server;
        let holders = Holders::start(scope, &superuser, &stop);
        let writing: Vec<_> = writers
            .iter_mut()
            .map(|writer| {
                let acknowledged = &acknowledged;
                scope.spawn(move || writer.write(address, acknowledged))
            })
            .collect();
        wait_until("so many writes are acknowledged", || {
            let all_write = writing.iter().all(|writer| !writer.is_finished());
            assert!(all_write, "a write failed before anything was killed: {}", server.log());
            acknowledged.load(Ordering::Relaxed) >= least
        });
        match victim {
            Victim::Server => server.signal(Signal::KILL),
            Victim::Postgres => kill_process(pid(postgres), Signal::KILL).unwrap(),
        }
        let status = server.wait();
        for last in writing {
            if let Some(answer) = last.join().unwrap() {
                assert!(matches!(victim, Victim::Postgres), "refused: {answer:?}");
                assert!(answer.status >= 500, "the fault is the server's: {answer:?}");
            }
        }
        if let Victim::Postgres = victim {
            let log = server.log();
            // A request that waited for PostgreSQL may be answered, and logged, after the last word.
            let words = log.lines().rfind(|line| line.starts_with("touchstone: ")).unwrap_or_default();
            assert_eq!(status.code(), Some(5), "{log}");
            assert!(
                words.starts_with("touchstone: PostgreSQL ") && words.contains("under the running"),
                "{words}"
            );
        }
        holders.finish()
    });
    wait_until("PostgreSQL is gone", || !is_alive(postgres));

    let mut server = Recorded::start(place, &[]);
    for writer in &mut *writers {
        writer.check(server.address);
    }
    let founded: usize = writers.iter().map(|writer| writer.organizations.len()).sum();
    let access = access(&place.data());
    assert_eq!(sql(&access, "SELECT count(*) FROM identity.organizations"), founded.to_string());
    for (what, half) in [
        (
            "organisations without their owner",
            "identity.organizations o WHERE NOT EXISTS (SELECT FROM identity.memberships m
             WHERE m.organization_id = o.id AND m.status = 'active' AND 'owner' = ANY (m.roles))",
        ),
        (
            "accounts without a data key",
            "identity.accounts a WHERE NOT EXISTS (SELECT FROM identity.data_keys k WHERE k.account_id = a.id)",
        ),
        ("deliveries that were given up", "platform.outbox WHERE state = 'dead'"),
    ] {
        assert_eq!(sql(&access, &format!("SELECT count(*) FROM {half}")), "0", "{what}");
    }
    trail::is_whole(place, &access, held);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    acknowledged.into_inner()
}

fn writers(place: &Place) -> Vec<Writer> {
    // All passwords are hashed at one time, so that nobody waits too long for their turn.
    let mut server = Recorded::start(place, &[("TOUCHSTONE_PASSWORDS__PERMITS", "16")]);
    let address = server.address;
    let writers = thread::scope(|scope| {
        let all: Vec<_> =
            (0..WRITERS).map(|number| scope.spawn(move || Writer::new(place, address, number))).collect();
        all.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    writers
}

#[test]
fn a_server_killed_under_load_loses_nothing_it_acknowledged() {
    let place = Place::new();
    let mut writers = writers(&place);
    let kept = round(&place, &mut writers, Victim::Server, WRITES);
    println!("{kept} acknowledged writes survived the server's death");
}

#[test]
fn a_postgres_killed_under_load_loses_nothing_that_was_acknowledged() {
    let place = Place::new();
    let mut writers = writers(&place);
    let kept = round(&place, &mut writers, Victim::Postgres, WRITES);
    println!("{kept} acknowledged writes survived PostgreSQL's death");
}

#[test]
#[ignore = "a storm of twenty rounds; run it with: just long"]
fn a_storm_of_kills_loses_nothing_that_was_acknowledged() {
    let place = Place::new();
    let mut writers = writers(&place);
    for number in 0..ROUNDS {
        let victim = if number % 2 == 0 { Victim::Server } else { Victim::Postgres };
        // Odd numbers, so that the blow falls at ever other moments.
        let kept = round(&place, &mut writers, victim, 37 + 61 * number);
        println!("round {number}: {kept} acknowledged writes survived");
    }
}
