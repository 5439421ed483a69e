//! What strangers send: nothing an operator could mend, so nothing the log calls an error; all of it is counted.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
};

use serde_json::{Value, json};

use crate::{
    client::{Recorded, call},
    run::{Place, wait_until},
};

/// What is no request, however one looks at it.
const GARBAGE: [&[u8]; 6] = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03canary",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost : x\r\nna me: v\r\n\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    b"\0\0\0\0\r\n\r\n",
];

fn start(place: &Place, more: &[(&str, &str)]) -> Recorded {
    let settings = [("TOUCHSTONE_STORE", "memory"), ("TOUCHSTONE_LOG__FORMAT", "json")];
    Recorded::start(place, &[&settings, more].concat())
}

/// The lines of the log that tell of answers.
fn answered(server: &Recorded) -> Vec<Value> {
    let log = server.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"] == "answered").collect()
}

/// How high a counter stands.
fn counted(server: &Recorded, counter: &str) -> u64 {
    let metrics = server.metrics();
    metrics.lines().find_map(|line| line.strip_prefix(counter)?.trim().parse().ok()).unwrap_or(0)
}

#[test]
fn what_is_no_request_is_counted_and_no_error_of_the_server() {
    let place = Place::new();
    let server = start(&place, &[]);
    for octets in GARBAGE {
        let mut stranger = TcpStream::connect(server.address).unwrap();
        stranger.write_all(octets).unwrap();
        stranger.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stranger.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{octets:?}: {answer}");
    }
    let malformed = r#"http_connection_errors_total{reason="malformed"}"#;
    wait_until("most of it is counted", || counted(&server, malformed) >= 4);
    let log = server.log();
    assert!(!log.contains(r#""level":"ERROR""#) && !log.contains("canary"), "{log}");
}

#[test]
fn what_is_refused_is_counted_and_logged_with_its_code() {
    let place = Place::new();
    let server = start(&place, &[("TOUCHSTONE_LOG__CLIENT_ADDRESSES", "true")]);
    let login = json!({ "email": "no address", "password": "x" });
    call(server.address, "POST /v1/auth/login", &[], &login, 422);
    call(server.address, "GET /v1/me", &[], &Value::Null, 401);
    call(server.address, "GET /v1/invented/canary", &[], &Value::Null, 404);
    for code in ["request.invalid", "request.unauthenticated", "request.unknown_path"] {
        assert_eq!(counted(&server, &format!(r#"http_refusals_total{{code="{code}"}}"#)), 1, "{code}");
        let lines = answered(&server);
        let line =
            lines.iter().find(|line| line["code"] == code).unwrap_or_else(|| panic!("{code}: {lines:#?}"));
        let span = &line["span"];
        assert_eq!(span["client"], "127.0.0.1", "{line}");
        assert!(
            line["timestamp"].as_str().unwrap().ends_with('Z')
                && span["request_id"].is_string()
                && span["route"].is_string(),
            "{line}"
        );
    }
    assert!(!server.log().contains("canary"));
}

#[test]
fn one_request_too_many_is_counted_and_logged_and_nobody_is_named_unless_told() {
    let place = Place::new();
    let limits =
        [("TOUCHSTONE_LIMITS__RATE_LIMITS", "true"), ("TOUCHSTONE_LIMITS__ANONYMOUS_PER_MINUTE", "2")];
    let server = start(&place, &limits);
    for status in [404, 404, 429] {
        call(server.address, "GET /v1/invented", &[], &Value::Null, status);
    }
    assert_eq!(counted(&server, r#"http_refusals_total{code="request.rate_limited"}"#), 1);
    let lines = answered(&server);
    let line = lines.iter().find(|line| line["status"] == 429).expect("it is logged");
    assert_eq!(
        (&line["code"], &line["span"]["client"]),
        (&json!("request.rate_limited"), &Value::Null),
        "{line}"
    );
}
