//! Two processes on one database, with workers in both: what they are asked for together is done once.

use std::{
    collections::BTreeSet,
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    client::{
        Answer, Connection, PASSWORD, Recorded, access, bearer, call, letter, link_token, sign_in, sign_up,
        sql,
    },
    crash::trail,
    run::{Place, wait_until},
};

const EMAIL: &str = "ann@example.org";
/// Connections to each process that ask for letters, and how many each asks for.
const ASKING: usize = 2;
const ASKED: usize = 100;
const LETTERS: usize = 2 * ASKING * ASKED;
const ROUNDS: usize = 8;
/// What ends at one process ends at the others within 5 s; on a machine with other work to do it may be later. An
/// access token would live for ten minutes.
const HEARD: Duration = Duration::from_secs(15);

#[test]
fn two_processes_on_one_database_do_everything_once() {
    let [host, other] = [Place::new(), Place::new()];
    let first = Recorded::start(&host, &[]);
    let url = access(&host.data()).url("touchstone_app", "touchstone");
    let second = Recorded::beside(&other, &host, &url, &[]);
    everything_is_done_once(&host, [&first, &second]);
}

/// `host` holds the database and the letters of both.
pub(crate) fn everything_is_done_once(host: &Place, servers: [&Recorded; 2]) {
    sign_up(host, servers[0].address, EMAIL, PASSWORD);
    let token = bearer(&sign_in(servers[1].address, EMAIL));
    a_link_works_once(host, servers);
    let organization = a_key_has_one_effect(host, servers, &token);
    letters_are_sent_once(host, servers, &token, &organization);
    a_logout_is_heard(servers);
    trail::is_whole(host, &access(&host.data()), 0);
}

/// The same call at both in one moment, on connections that are open by then.
fn at_both(servers: [&Recorded; 2], operation: &str, headers: &[String], body: &Value) -> [Answer; 2] {
    let (start, body) = (Barrier::new(2), body.to_string());
    thread::scope(|scope| {
        let calls = servers.map(|server| {
            let (start, body) = (&start, &body);
            scope.spawn(move || {
                let mut connection = Connection::open(server.address).unwrap();
                start.wait();
                connection.call(operation, headers, body).unwrap()
            })
        });
        calls.map(|call| call.join().unwrap())
    })
}

fn a_link_works_once(host: &Place, servers: [&Recorded; 2]) {
    for number in 0..ROUNDS {
        let email = format!("link{number}@example.org");
        let register = json!({ "email": email, "password": PASSWORD });
        call(servers[number % 2].address, "POST /v1/auth/register", &[], &register, 202);
        let link = json!({ "token": link_token(&letter(host, "verify-email", &email)) });
        let mut answers = at_both(servers, "POST /v1/auth/verify-email", &[], &link);
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers.each_ref().map(|answer| answer.status), [204, 409], "{answers:?}");
        assert_eq!(answers[1].json()["code"], "identity.link_used");
    }
}

/// Returns the last organisation that was founded.
fn a_key_has_one_effect(host: &Place, servers: [&Recorded; 2], token: &str) -> String {
    let mut founded = Value::Null;
    for number in 0..ROUNDS {
        let headers = [token.to_owned(), format!("Idempotency-Key: round-{number}")];
        let body = json!({ "name": format!("Works {number}") });
        let found = "POST /v1/organizations";
        let answers = at_both(servers, found, &headers, &body);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(answer.status, 409, "{answer:?}");
            assert_eq!(answer.json()["code"], "request.idempotency_running");
        }
        let repeated = servers.map(|server| call(server.address, found, &headers, &body, 201));
        let done = answers.iter().filter(|answer| answer.status == 201);
        let texts: BTreeSet<_> = done.chain(&repeated).map(|answer| &answer.text).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        founded = repeated[0].json();
    }
    let count = sql(&access(&host.data()), "SELECT count(*) FROM identity.organizations");
    assert_eq!(count, ROUNDS.to_string(), "each key founded one");
    founded["id"].as_str().unwrap().to_owned()
}

fn letters_are_sent_once(host: &Place, servers: [&Recorded; 2], token: &str, organization: &str) {
    let filed_before = servers.map(filed);
    let invite = format!("POST /v1/organizations/{organization}/invitations");
    thread::scope(|scope| {
        for asking in 0..2 * ASKING {
            let (address, invite) = (servers[asking % 2].address, &invite);
            scope.spawn(move || {
                let mut connection = Connection::open(address).unwrap();
                for number in 0..ASKED {
                    let email = format!("guest{asking}-{number}@example.net");
                    let body = json!({ "email": email, "roles": ["member"] }).to_string();
                    let answer = connection.call(invite, &[token.to_owned()], &body).unwrap();
                    assert_eq!(answer.status, 201, "{}", answer.text);
                }
            });
        }
    });
    let superuser = access(&host.data());
    wait_until("every delivery is done", || {
        let waiting = "SELECT count(*) FROM platform.outbox WHERE due_at < now() + interval '10 minutes'";
        sql(&superuser, waiting) == "0"
    });
    assert_eq!(sql(&superuser, "SELECT count(*) FROM platform.outbox WHERE state = 'dead'"), "0");
    let letters = invitations(host);
    let distinct: BTreeSet<_> = letters.iter().collect();
    assert_eq!(
        (letters.len(), distinct.len()),
        (LETTERS, LETTERS),
        "letters, and their Message-IDs and addresses"
    );
    let shares = [0, 1].map(|at| filed(servers[at]) - filed_before[at]);
    assert_eq!(shares[0] + shares[1], LETTERS);
    assert!(!shares.contains(&0), "both have workers: {shares:?}");
}

/// How many letters a process says that it filed.
fn filed(server: &Recorded) -> usize {
    server.log().matches("mail filed").count()
}

/// Message-ID and address of each letter that invites.
fn invitations(host: &Place) -> Vec<[String; 2]> {
    let files = fs::read_dir(host.data().join("mail")).unwrap().map(|entry| entry.unwrap().path());
    let invitations = files.filter(|path| path.to_string_lossy().contains("identity-invitation"));
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    invitations
        .map(|path| fs::read_to_string(path).unwrap())
        .map(|text| ["Message-ID: ", "To: "].map(|name| line(&text, name)))
        .collect()
}

fn a_logout_is_heard([first, second]: [&Recorded; 2]) {
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let tokens = call(first.address, "POST /v1/auth/login", &[], &login, 200).json();
    let access = bearer(tokens["access_token"].as_str().unwrap());
    let me = |server: &Recorded| {
        let mut connection = Connection::open(server.address).unwrap();
        connection.call("GET /v1/me", std::slice::from_ref(&access), "").unwrap().status
    };
    assert_eq!([first, second].map(me), [200, 200]);
    let logout = json!({ "refresh_token": tokens["refresh_token"] });
    call(first.address, "POST /v1/auth/logout", &[], &logout, 204);
    assert_eq!(me(first), 401, "where it was said it holds at once");
    let begun = Instant::now();
    while me(second) != 401 {
        assert!(begun.elapsed() < HEARD, "the other process still answers");
        thread::sleep(Duration::from_millis(50));
    }
}
