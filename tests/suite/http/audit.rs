//! The audit trail over HTTP: who reads what of it, and the proofs anyone may check.

mod exports;
mod proofs;
mod reading;

use std::time::Duration;

use audit::{Checkpoint, EventId, SignedCheckpoint};
use kernel::{KeyScope, OrganizationId, Timestamp};
use platform::WorkerOptions;
use reqwest::Response;
use serde_json::{Value, json};

use super::world::{Person, Server, seen};

/// Servers whose trail nobody numbers and signs but the test itself.
async fn servers() -> [Server; 2] {
    [Server::on_memory_with(unattended()).await, Server::on_postgres_with(unattended()).await]
}

fn unattended() -> WorkerOptions {
    WorkerOptions { audit: None, ..WorkerOptions::default() }
}

async fn get(server: &Server, token: &str, path: &str) -> Response {
    server.call("GET", path).bearer_auth(token).send().await.unwrap()
}

async fn events(server: &Server, token: &str, path: &str) -> Vec<Value> {
    let (status, body) = seen(get(server, token, path).await).await;
    assert_eq!(status, 200, "{path}: {body}");
    body["items"].as_array().unwrap().clone()
}

/// The first of them with this action.
fn found<'a>(events: &'a [Value], action: &str) -> &'a Value {
    let found = events.iter().find(|item| item["event"]["action"] == action);
    found.unwrap_or_else(|| panic!("{action} is not among {events:#?}"))
}

fn trail_of(organization: OrganizationId) -> String {
    format!("/v1/organizations/{organization}/audit/events")
}

/// Changes something that has a version.
async fn patch(server: &Server, who: &Person, path: &str, body: Value) -> Response {
    let read = get(server, who.token(), path).await;
    let tag = read.headers()["etag"].to_str().unwrap().to_owned();
    let call = server.call("PATCH", path).bearer_auth(who.token()).header("If-Match", tag);
    let changed = call.json(&body).send().await.unwrap();
    assert_eq!(changed.status(), 200, "{path}");
    changed
}

/// A key of the organisation with these scopes.
pub(crate) async fn key(
    server: &Server,
    owner: &Person,
    organization: OrganizationId,
    scopes: &[KeyScope],
) -> String {
    let expires_at = server.platform.clock.now().plus(Duration::from_secs(3600));
    let body = json!({
        "name": "Auditor",
        "scopes": scopes.iter().map(KeyScope::name).collect::<Vec<_>>(),
        "expires_at": expires_at.to_string(),
    });
    let path = format!("/v1/organizations/{organization}/api-keys");
    let made = server.call("POST", &path).bearer_auth(owner.token()).json(&body).send().await.unwrap();
    let made: Value = made.json().await.unwrap();
    made["key"].as_str().unwrap_or_else(|| panic!("no key: {made}")).to_owned()
}

/// Numbers and signs, as the workers do; each checkpoint a minute after the last.
struct AuditWorkers {
    now: Timestamp,
}

impl AuditWorkers {
    fn new(server: &Server) -> Self {
        Self { now: server.platform.clock.now() }
    }

    /// Everything that happened so far gets its number. Other tests write to the same cluster, and hold that up.
    async fn number(&self, server: &Server) {
        let audit = &server.platform.audit;
        loop {
            audit.sequencer.catch_up().await.unwrap();
            if audit.prover.lag().await.unwrap().is_zero() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn sign(&mut self, server: &Server) -> u64 {
        self.number(server).await;
        self.now = self.now.plus(Duration::from_secs(60));
        let signed = server.platform.audit.checkpoint_signer.step(self.now).await.unwrap();
        signed.expect("the log grew")
    }
}

/// A checkpoint's note, believed for what it says once the key has verified it.
fn opened(note: &Value, key: &Value) -> Checkpoint {
    let note = SignedCheckpoint::parse(note.as_str().unwrap().as_bytes()).unwrap();
    let key = key.as_str().unwrap().parse().unwrap();
    note.verify(&[key]).unwrap().clone()
}

fn id_of(item: &Value) -> EventId {
    item["event"]["id"].as_str().unwrap().parse().unwrap()
}
