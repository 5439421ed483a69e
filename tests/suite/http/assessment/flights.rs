//! How often requests wait for PostgreSQL: counted, so that nobody adds a wait unseen, and held against
//! `docs/performance.md`.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use kernel::Role;
use mail::MemoryMailer;
use platform::{Options, Platform};
use serde_json::{Value, json};
use storage_postgres::{PostgresStorage, testing::fresh_database};

use super::{
    super::world::{Person, Server},
    sessions::{campaign, file, invited, send},
    text,
};

/// At first a session is looked up that is cached afterwards.
const REPEATED: usize = 3;

struct Counted {
    storage: PostgresStorage,
    server: Server,
    flights: BTreeMap<String, u64>,
}

impl Counted {
    async fn start() -> Self {
        let database = fresh_database().await;
        let mailer = Arc::new(MemoryMailer::new());
        let options = Options::for_tests(mailer.clone());
        let storage = database.storage(options.recorder()).await;
        let platform = Platform::on_postgres(storage.clone(), options).await.expect("composed");
        let settings = http_shell::Settings { rates: None, ..http_shell::Settings::default() };
        let server = Server::serve(platform, mailer, Some(database), settings);
        Self { storage, server, flights: BTreeMap::new() }
    }

    /// Counts the flights of a call that succeeds; `edit` says what its turn sends.
    async fn count(
        &mut self,
        operation: &str,
        who: &Person,
        method: &str,
        path: &str,
        edit: impl Fn(usize) -> Value,
    ) {
        self.count_by(operation, who.token(), method, path, edit).await;
    }

    async fn count_by(
        &mut self,
        operation: &str,
        token: &str,
        method: &str,
        path: &str,
        edit: impl Fn(usize) -> Value,
    ) {
        let mut fewest = u64::MAX;
        for turn in 0..REPEATED {
            let call = self.server.call(method, path).bearer_auth(token);
            let call = match method {
                "PATCH" => {
                    let read = send(&self.server, token, "GET", path, Value::Null).await.1;
                    call.header("If-Match", format!("\"{}\"", read["version"])).json(&edit(turn))
                }
                "GET" => call,
                _ => call.json(&edit(turn)),
            };
            let before = self.storage.flights();
            let answer = call.send().await.expect("answered");
            fewest = fewest.min(self.storage.flights() - before);
            assert!(answer.status().is_success(), "{operation}: {}", answer.text().await.expect("a body"));
        }
        self.flights.insert(operation.to_owned(), fewest);
    }
}

#[tokio::test]
async fn the_most_frequent_operations_wait_as_often_as_documented() {
    let mut counted = Counted::start().await;
    let ann = counted.server.person("ann@example.org").await;
    let bob = counted.server.person("bob@example.org").await;
    let north = counted.server.organization(&ann, "North").await;
    counted.server.join(north, &ann, &bob, Role::Member).await;
    let (assessment, running) = campaign(&counted.server, &ann, north, file("1.0", "full", false)).await;
    let (pass, asked) = invited(&counted.server, &ann, &running, "guest@example.org").await;
    let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
    let session = send(&counted.server, &pass, "POST", &start, Value::Null).await.1;
    let session = format!("/v1/interview-sessions/{}", text(&session["id"]));
    let nothing = |_| Value::Null;
    let organization = format!("/v1/organizations/{north}");

    counted.count("GET /v1/me", &ann, "GET", "/v1/me", nothing).await;
    let named = |turn| json!({ "full_name": format!("Ann {turn}") });
    counted.count("PATCH /v1/me", &ann, "PATCH", "/v1/me", named).await;
    counted.count("GET an organisation", &bob, "GET", &organization, nothing).await;
    counted.count("GET its members", &bob, "GET", &format!("{organization}/members"), nothing).await;
    counted.count("GET its campaigns", &ann, "GET", &format!("{organization}/campaigns"), nothing).await;
    counted.count("GET a campaign", &ann, "GET", &running, nothing).await;
    let renamed = |turn| json!({ "name": format!("Spring {turn}") });
    counted.count("PATCH a campaign", &ann, "PATCH", &running, renamed).await;
    counted.count("GET an assessment", &ann, "GET", &assessment, nothing).await;
    counted.count_by("GET a session, by a guest", &pass, "GET", &session, nothing).await;
    let answer = |turn| json!({ "sequence": turn + 1, "reply": { "step": 3 } });
    let item = format!("{session}/answers/i1");
    counted.count_by("PUT an answer, by a guest", &pass, "PUT", &item, answer).await;

    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let text = fs::read_to_string(place).expect("it is there");
    let rows: Vec<String> =
        counted.flights.iter().map(|(of, flights)| format!("| {of} | {flights} |")).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !text.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/performance.md lacks\n{}", rows.join("\n"));
}
