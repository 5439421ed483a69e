//! Clients that hang up at any moment: whatever they asked for is done wholly or not at all, and their connections to
//! PostgreSQL serve the next ones.

use std::{
    fs,
    io::Write as _,
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use rustix::net::sockopt::set_socket_linger;
use serde_json::{Value, json};

use crate::{
    client::{Connection, PASSWORD, Recorded, access, bearer, call, sign_in, sign_up, sql},
    crash::trail,
    run::{Place, wait_until},
};

const PEOPLE: u64 = 4;
const CALLS: u64 = 250;
/// The longest a client waits before it hangs up, in microseconds.
const PATIENCE: u64 = 5000;

struct Caller {
    token: String,
    organization: String,
}

impl Caller {
    fn new(place: &Place, address: SocketAddr, number: u64) -> Self {
        let email = email(number);
        sign_up(place, address, &email, PASSWORD);
        let token = bearer(&sign_in(address, &email));
        let name = json!({ "name": email });
        let founded =
            call(address, "POST /v1/organizations", std::slice::from_ref(&token), &name, 201).json();
        Self { token, organization: founded["id"].as_str().unwrap().to_owned() }
    }

    fn me(&self, connection: &mut Connection) -> Value {
        let answer = connection.call("GET /v1/me", std::slice::from_ref(&self.token), "").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Sends requests and hangs up on each, at a moment the dice choose. Between them it waits for an answer: a server
    /// that is behind would find that all have hung up before it began.
    fn hang_up_on_all(&self, address: SocketAddr, dice: &mut Dice) {
        let mut connection = Connection::open(address).unwrap();
        for call in 0..CALLS {
            let version = self.me(&mut connection)["version"].clone();
            let (operation, body) = match dice.below(3) {
                0 => ("GET /v1/me".to_owned(), String::new()),
                1 => {
                    let body = json!({ "display_name": format!("Ann {call}"), "profession": format!("Trade {call}") });
                    ("PATCH /v1/me".to_owned(), body.to_string())
                }
                _ => {
                    let body = json!({ "email": format!("guest{call}@example.net"), "roles": ["member"] });
                    let invite = format!("POST /v1/organizations/{}/invitations", self.organization);
                    (invite, body.to_string())
                }
            };
            let request = format!(
                "{operation} HTTP/1.1\r\nHost: touchstone\r\n{}\r\nIf-Match: \"{version}\"\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                self.token,
                body.len()
            );
            let sent =
                if dice.below(5) == 0 { dice.below(request.len() as u64) } else { request.len() as u64 };
            hang_up(address, &request.as_bytes()[..usize::try_from(sent).unwrap()], dice);
        }
    }

    /// Nobody gets another's, and both halves of what was written are of one request.
    fn check(&self, address: SocketAddr, number: u64) {
        let mut connection = Connection::open(address).unwrap();
        for _ in 0..20 {
            assert_eq!(self.me(&mut connection)["email"], email(number));
        }
        let me = self.me(&mut connection);
        let half = |name: &str, before: &str| {
            me[name].as_str().map(|text| text.strip_prefix(before).unwrap().to_owned())
        };
        assert!(me["display_name"].is_string(), "something was written: {me}");
        assert_eq!(half("display_name", "Ann "), half("profession", "Trade "), "{me}");
    }
}

fn email(number: u64) -> String {
    format!("ann{number}@example.org")
}

/// Half of them reset the connection, which cancels the request; the others close their side, as a client that ends.
fn hang_up(address: SocketAddr, sent: &[u8], dice: &mut Dice) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(sent).unwrap();
    if dice.below(2) == 0 {
        set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    }
    thread::sleep(Duration::from_micros(dice.below(PATIENCE)));
}

/// The same in every run (xorshift64, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[test]
fn a_thousand_requests_whose_clients_hang_up_leave_nothing_behind() {
    let place = Place::new();
    let server = Recorded::start(&place, &[]);
    let address = server.address;
    let callers: Vec<_> = (0..PEOPLE).map(|number| Caller::new(&place, address, number)).collect();
    thread::scope(|scope| {
        for (number, caller) in (1..).zip(&callers) {
            scope.spawn(move || caller.hang_up_on_all(address, &mut Dice(0x9e37_79b9_7f4a_7c15 + number)));
        }
    });
    let superuser = access(&place.data());
    wait_until("no connection is in a transaction, waits for a lock or holds one", || {
        sql(
            &superuser,
            "SELECT count(*) FROM pg_stat_activity a WHERE usename = 'touchstone_app' AND (state <> 'idle'
               OR xact_start IS NOT NULL OR wait_event_type = 'Lock'
               OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid))",
        ) == "0"
    });
    // A connection that was given on inside a transaction begins the next one in it.
    let log = fs::read_to_string(place.data().join("postgres/postgres.log")).unwrap();
    assert!(!log.contains("already a transaction in progress"), "{log}");
    // A transaction that was left open would be ended by PostgreSQL after ten seconds, and its connection with it.
    let ended = "SELECT sessions_fatal + sessions_killed FROM pg_stat_database WHERE datname = 'touchstone'";
    assert_eq!(sql(&superuser, ended), "0");
    thread::scope(|scope| {
        for (number, caller) in (0..).zip(&callers) {
            scope.spawn(move || caller.check(address, number));
        }
    });
    let half = "SELECT count(*) FROM identity.invitations i WHERE NOT EXISTS (SELECT FROM audit.events e
        WHERE e.target_id = i.id AND e.outcome = 'success')";
    assert_eq!(sql(&superuser, half), "0", "invitations without their event");
    trail::is_whole(&place, &superuser, 0);
}
