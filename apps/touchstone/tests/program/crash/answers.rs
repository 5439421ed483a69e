//! Kill -9 of the server while guests answer in two tabs each: every answer that was acknowledged is there, or a
//! newer one.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    client::{
        Connection, PASSWORD, Recorded, access, bearer, call, letter, link_text, sign_in, sign_up, sql,
    },
    run::{Place, is_alive, postgres_of, wait_until},
};

const GUESTS: usize = 6;
const TABS: usize = 2;
const ITEMS: u64 = 7;
const ANSWERS: usize = 400;

fn assessment() -> String {
    let head = "---\nschema: assessment/1\nname: Storm\nversion: \"1.0\"\ntype: single-outcome\nscale: { min: 1, max: 5 }\n\
                answer: agree-5\n---\n# Storm\n\nAnswered while it thunders.\n\n## Dimensions\n\n### Calm\n- weight: 1\n\n\
                Stays calm.\n\n## Result categories\n\n### Calm\n- when: overall >= 3\n\n### Moved\n- default: true\n\n\
                ## Items\n\n";
    let items = (1..=ITEMS).map(|n| format!("{n}. Item {n}.\n   - id: i{n}\n   - measures: calm\n"));
    head.to_owned() + &items.collect::<String>()
}

/// One guest with a pass, and what they were told of each item: under which number the newest acknowledged answer
/// stands.
struct Guest {
    pass: String,
    session: String,
    last: AtomicU64,
    acknowledged: Mutex<BTreeMap<u64, (u64, u64)>>,
}

/// Which step was sent under a number.
const fn step(sequence: u64) -> u64 {
    sequence % 5 + 1
}

impl Guest {
    fn open(place: &Place, address: SocketAddr, email: &str) -> Self {
        let token = link_text(&letter(place, "campaign-invitation", email));
        let opened = call(address, "POST /v1/assignments/open", &[], &json!({ "token": token }), 200).json();
        let pass = opened["pass"].as_str().unwrap().to_owned();
        let start = format!("POST /v1/me/assignments/{}/start", opened["assignment"]["id"].as_str().unwrap());
        let session = call(address, &start, &[bearer(&pass)], &Value::Null, 200).json();
        let session = session["id"].as_str().unwrap().to_owned();
        Self { pass, session, last: AtomicU64::new(0), acknowledged: Mutex::default() }
    }

    /// Answers item after item until an answer is not acknowledged.
    fn answer(&self, address: SocketAddr, count: &AtomicUsize) -> Option<()> {
        let mut connection = Connection::open(address).ok()?;
        loop {
            let sequence = self.last.fetch_add(1, Ordering::Relaxed) + 1;
            let item = sequence % ITEMS + 1;
            let operation = format!("PUT /v1/interview-sessions/{}/answers/i{item}", self.session);
            let body = json!({ "sequence": sequence, "reply": { "step": step(sequence) } }).to_string();
            let answer = connection.call(&operation, &[bearer(&self.pass)], &body).ok()?;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let mut acknowledged = self.acknowledged.lock().unwrap();
            let newest = acknowledged.entry(item).or_default();
            *newest = (*newest).max((sequence, step(sequence)));
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn check(&self, address: SocketAddr) {
        let shown = format!("GET /v1/interview-sessions/{}", self.session);
        let shown = call(address, &shown, &[bearer(&self.pass)], &Value::Null, 200).json();
        for (item, (sequence, step_sent)) in &*self.acknowledged.lock().unwrap() {
            let kept = &shown["answers"][format!("i{item}")];
            let stands = kept["sequence"].as_u64().unwrap();
            assert!(stands >= *sequence, "i{item}: {kept} after {sequence} was acknowledged");
            assert_eq!(
                kept["reply"]["step"].as_u64(),
                Some(step(stands)),
                "i{item}: {kept}, sent {step_sent}"
            );
        }
        let submit = format!("POST /v1/interview-sessions/{}/submit", self.session);
        let done = call(address, &submit, &[bearer(&self.pass)], &Value::Null, 200).json();
        assert_eq!(done["status"], "released", "{done}");
        assert_eq!(done["answers"], shown["answers"], "what was there is what was submitted");
    }
}

fn guests(place: &Place, address: SocketAddr) -> Vec<Guest> {
    sign_up(place, address, "owner@example.org", PASSWORD);
    let owner = bearer(&sign_in(address, "owner@example.org"));
    let post = |path: &str, body: &Value, status| {
        call(address, &format!("POST {path}"), std::slice::from_ref(&owner), body, status).json()
    };
    let id = |answer: Value| answer["id"].as_str().unwrap().to_owned();
    let organization = id(post("/v1/organizations", &json!({ "name": "Thunder" }), 201));
    let under = format!("/v1/organizations/{organization}");
    let written = {
        let operation = format!("POST {under}/custom-assessments");
        let headers = [owner.clone(), "Content-Type: text/markdown".to_owned()];
        Connection::open(address).unwrap().send(&operation, &headers, &assessment()).unwrap()
    };
    assert_eq!(written.status, 201, "{}", written.text);
    let assessment = id(written.json());
    for act in ["publish", "activate"] {
        post(&format!("{under}/custom-assessments/{assessment}/{act}"), &Value::Null, 200);
    }
    let campaign =
        json!({ "name": "Storm", "assessment_type": "custom", "custom_assessment_id": assessment });
    let campaign = id(post(&format!("{under}/campaigns"), &campaign, 201));
    post(&format!("{under}/campaigns/{campaign}/activate"), &Value::Null, 200);
    let addresses: Vec<String> = (0..GUESTS).map(|n| format!("guest{n}@example.net")).collect();
    let people: Vec<Value> = addresses.iter().map(|email| json!({ "email": email })).collect();
    post(&format!("{under}/campaigns/{campaign}/assignments"), &json!({ "people": people }), 201);
    addresses.iter().map(|email| Guest::open(place, address, email)).collect()
}

#[test]
fn a_server_killed_while_people_answer_loses_no_answer_it_acknowledged() {
    let place = Place::new();
    let server = Recorded::start(&place, &[]);
    let guests = guests(&place, server.address);
    let (address, postgres, count) = (server.address, postgres_of(&place.data()), AtomicUsize::new(0));
    thread::scope(|scope| {
        let mut server = server;
        let tabs: Vec<_> = guests
            .iter()
            .flat_map(|guest| [guest; TABS])
            .map(|guest| {
                let count = &count;
                scope.spawn(move || guest.answer(address, count))
            })
            .collect();
        wait_until("so many answers are acknowledged", || {
            assert!(tabs.iter().all(|tab| !tab.is_finished()), "an answer was refused: {}", server.log());
            count.load(Ordering::Relaxed) >= ANSWERS
        });
        server.signal(Signal::KILL);
        server.wait();
    });
    wait_until("PostgreSQL is gone", || !is_alive(postgres));
    let mut server = Recorded::start(&place, &[]);
    for guest in &guests {
        guest.check(server.address);
    }
    let results = sql(&access(&place.data()), "SELECT count(*) FROM assessment.custom_assessment_results");
    assert_eq!(results, GUESTS.to_string());
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    println!("{} acknowledged answers survived the server's death", count.into_inner());
}
