//! Two processes that send webhooks of one database: no event comes twice, and by their versions those of one
//! thing can be put in their order.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use kernel::Timestamp;
use serde_json::{Value, json};

use crate::{
    client::{Connection, PASSWORD, Recorded, access, bearer, call, sign_in, sign_up, sql},
    run::{Place, wait_until},
};

const EMAIL: &str = "ann@example.org";
const ENDPOINTS: usize = 12;
/// Threads that invite at each process, and how many people each invites, and invites no more.
const INVITING: usize = 2;
const INVITED: usize = 8;
const EDITS: usize = 16;
const EVENTS: usize = 2 * 2 * INVITING * INVITED + EDITS;
const ALLOWED: &[(&str, &str)] = &[("TOUCHSTONE_OUTBOUND__ALLOW_PRIVATE", "true")];

/// What came, in the order in which it came: where, the event's id, and the payload.
type Came = Arc<Mutex<Vec<(String, String, Value)>>>;

fn receive(stream: &TcpStream, came: &Came) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        let found = lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_else(|| panic!("{name} is missing: {lines:?}")).to_owned()
    };
    let mut body = vec![0; header("content-length").parse().unwrap()];
    reader.read_exact(&mut body)?;
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    came.lock().unwrap().push((path, header("webhook-id"), serde_json::from_slice(&body).unwrap()));
    (&mut &*stream).write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
}

/// Listens until the test ends.
fn receiver() -> (SocketAddr, Came) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, came) = (listener.local_addr().unwrap(), Came::default());
    let received = came.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let came = received.clone();
            thread::spawn(move || receive(&stream, &came));
        }
    });
    (address, came)
}

/// Attempts that a process made.
fn attempts(server: &Recorded) -> u64 {
    let metrics = server.metrics();
    let lines = metrics.lines().filter(|line| line.starts_with("webhook_attempts_total"));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn two_processes_send_each_event_once_with_the_version_it_led_to() {
    let [host, other] = [Place::new(), Place::new()];
    let first = Recorded::start(&host, ALLOWED);
    let superuser = access(&host.data());
    let second = Recorded::beside(&other, &host, &superuser.url("touchstone_app", "touchstone"), ALLOWED);
    sign_up(&host, first.address, EMAIL, PASSWORD);
    let headers = [bearer(&sign_in(first.address, EMAIL))];
    let post =
        |path: &str, body: &Value| call(first.address, &format!("POST {path}"), &headers, body, 201).json();
    let founded = post("/v1/organizations", &json!({ "name": "Works" }));
    let organization = format!("/v1/organizations/{}", founded["id"].as_str().unwrap());
    let (receiver, came) = receiver();
    for number in 0..ENDPOINTS {
        let url = format!("http://{receiver}/{number}");
        let endpoint = json!({ "url": url, "events": ["invitation.*", "organization.edited"] });
        post(&format!("{organization}/webhook-endpoints"), &endpoint);
    }
    thread::scope(|scope| {
        for inviting in 0..2 * INVITING {
            let address = [&first, &second][inviting % 2].address;
            let (headers, organization) = (&headers, &organization);
            scope.spawn(move || {
                let mut connection = Connection::open(address).unwrap();
                for number in 0..INVITED {
                    let email = format!("guest{inviting}-{number}@example.net");
                    let invited = json!({ "email": email, "roles": ["member"] }).to_string();
                    let invite = format!("POST {organization}/invitations");
                    let answer = connection.call(&invite, headers, &invited).unwrap();
                    assert_eq!(answer.status, 201, "{}", answer.text);
                    let invitation = answer.json();
                    let revoke =
                        format!("DELETE {organization}/invitations/{}", invitation["id"].as_str().unwrap());
                    let version = format!("If-Match: \"{}\"", invitation["version"]);
                    let answer = connection.call(&revoke, &[headers[0].clone(), version], "").unwrap();
                    assert_eq!(answer.status, 204, "{}", answer.text);
                }
            });
        }
        for edit in 0..EDITS {
            let address = [&first, &second][edit % 2].address;
            let headers = [headers[0].clone(), format!("If-Match: \"{}\"", edit + 1)];
            let name = json!({ "name": format!("Works {edit}") });
            call(address, &format!("PATCH {organization}"), &headers, &name, 200);
        }
    });
    wait_until("every event came everywhere", || came.lock().unwrap().len() >= ENDPOINTS * EVENTS);
    let waiting = "SELECT count(*) FROM webhook.deliveries WHERE status <> 'succeeded'";
    wait_until("all of it is settled", || sql(&superuser, waiting) == "0");

    let came = came.lock().unwrap();
    let mut times: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut of_things: BTreeMap<(&str, &str), BTreeMap<u64, Timestamp>> = BTreeMap::new();
    for (endpoint, event, payload) in came.iter() {
        *times.entry((endpoint, event)).or_default() += 1;
        let thing = payload["data"]["id"].as_str().unwrap();
        let happened = payload["timestamp"].as_str().unwrap().parse().unwrap();
        let version = payload["data"]["version"].as_u64().unwrap();
        let earlier = of_things.entry((endpoint, thing)).or_default().insert(version, happened);
        assert_eq!(earlier, None, "{thing} has two events of version {version}");
    }
    assert_eq!(times.len(), ENDPOINTS * EVENTS);
    assert!(times.values().all(|times| *times == 1), "none comes twice");
    assert_eq!(of_things.len(), ENDPOINTS * (2 * INVITING * INVITED + 1));
    for (of, happened) in of_things {
        assert!(happened.values().is_sorted(), "{of:?}: {happened:?}");
    }
    let shares = [&first, &second].map(attempts);
    assert_eq!(shares.iter().sum::<u64>(), (ENDPOINTS * EVENTS) as u64);
    assert!(!shares.contains(&0), "both send: {shares:?}");
}
