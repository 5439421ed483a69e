//! How long answers take must not tell whether an address is known.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    client::{Connection, PASSWORD, Recorded, access, sign_up, sql},
    run::Place,
};

const CALLS: usize = 200;
const CLOSE: f64 = 0.05;
/// What a call leaves behind, such as a letter, is done before the next one is timed.
const PAUSE: Duration = Duration::from_millis(25);

/// Who is known: accounts `known<n>`, and `open<n>` who registered and did not open the link, all copies of one that
/// registered in earnest.
const PEOPLE: &str = "
INSERT INTO identity.accounts (email, email_normalized, email_verified_at, password_hash, password_changed_at, status,
  platform_role, full_name)
SELECT name, name, email_verified_at, password_hash, password_changed_at, status, platform_role, full_name
FROM identity.accounts, LATERAL (SELECT 'known' || n || '@example.org' AS name FROM generate_series(1, 200) n) names
WHERE email = 'pattern@example.org';
INSERT INTO identity.registrations (email, email_normalized, password_hash, full_name, timezone, expires_at)
SELECT name, name, password_hash, full_name, timezone, now() + interval '1 day'
FROM identity.registrations, LATERAL (SELECT 'open' || n || '@example.org' AS name FROM generate_series(1, 200) n) names
WHERE email = 'pattern@example.org';
ANALYZE;";

struct Case {
    what: &'static str,
    path: &'static str,
    /// What is sent besides the address.
    body: Value,
    known: &'static str,
    status: u16,
}

fn cases() -> Vec<Case> {
    let case = |what, path, body, known, status| Case { what, path, body, known, status };
    let wrong = json!({ "password": "gravel-teapot-mosaic-wren" });
    let new = json!({ "password": PASSWORD, "full_name": "Ann Lee" });
    vec![
        case("login", "/v1/auth/login", wrong, "known", 401),
        case("forgot password", "/v1/auth/forgot-password", json!({}), "known", 202),
        case("resend, an account", "/v1/auth/resend-verification", json!({}), "known", 202),
        case("resend, an open registration", "/v1/auth/resend-verification", json!({}), "open", 202),
        case("register", "/v1/auth/register", new, "known", 202),
    ]
}

#[test]
#[ignore = "measures; run it alone with: just timing"]
fn the_time_of_an_answer_does_not_tell_whether_an_address_is_known() {
    let place = Place::new();
    // Each call comes from an address of its own, so that no client is ever banned.
    let server = Recorded::start(&place, &[("TOUCHSTONE_TRUSTED_PROXIES", "127.0.0.1")]);
    sign_up(&place, server.address, "pattern@example.org", PASSWORD);
    sql(&access(&place.data()), PEOPLE);
    let mut connection = Connection::open(server.address).unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut client = 0;
    let mut told = Vec::new();
    for case in cases() {
        let mut time = |address: &str| {
            client += 1;
            let from =
                format!("X-Forwarded-For: 10.{}.{}.{}", client >> 16, client >> 8 & 0xff, client & 0xff);
            let mut body = case.body.clone();
            body["email"] = json!(address);
            thread::sleep(PAUSE);
            let begun = Instant::now();
            let answer = connection.call(&format!("POST {}", case.path), &[from], &body.to_string()).unwrap();
            let took = begun.elapsed();
            assert_eq!(answer.status, case.status, "{}: {}", case.what, answer.text);
            took
        };
        for number in 0..10 {
            time(&format!("warm{number}@example.org"));
        }
        let mut calls: Vec<_> = (1..=CALLS).flat_map(|number| [(true, number), (false, number)]).collect();
        dice.shuffle(&mut calls);
        let [mut known, mut unknown] = [Vec::new(), Vec::new()];
        for (is_known, number) in calls {
            let (times, domain) = if is_known { (&mut known, "org") } else { (&mut unknown, "net") };
            times.push(time(&format!("{}{number}@example.{domain}", case.known)));
        }
        let (known, unknown) = (median(&mut known), median(&mut unknown));
        let apart = known / unknown - 1.0;
        println!("{:30} known {known:9.3} ms, unknown {unknown:9.3} ms, {:+.1} %", case.what, 100.0 * apart);
        if apart.abs() > CLOSE {
            told.push(case.what);
        }
    }
    assert!(told.is_empty(), "the time tells: {told:?}");
}

/// In milliseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    1000.0 * times[times.len() / 2].as_secs_f64()
}

/// Fair enough, and the same in every run (xorshift64, Marsaglia 2003). A call must not follow one of its own kind
/// more often than one of the other: what the one before left to be done slows it down.
struct Dice(u64);

impl Dice {
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            items.swap(last, usize::try_from(self.0 % (last as u64 + 1)).unwrap());
        }
    }
}
