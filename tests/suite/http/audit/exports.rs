//! The trail as lines, which verify offline.

use std::collections::BTreeSet;

use audit::{Hash, Piece, Source, Verdict, Verifier};
use serde_json::{Value, json};
use storage_postgres::testing::cluster;

use super::{AuditWorkers, get, opened, patch, servers, trail_of, unattended};
use crate::http::world::{Server, seen};

const LINES: &str = "application/x-ndjson";

async fn lines(server: &Server, token: &str, path: &str) -> Vec<String> {
    let answer = server.call("GET", path).bearer_auth(token).header("Accept", LINES).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], LINES);
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"audit") && disposition.ends_with(".ndjson\""));
    let text = answer.text().await.unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(str::to_owned).collect()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Verifies an export against the checkpoint it brings along, and gives its events.
fn verified(lines: &[String]) -> Vec<Value> {
    let [header, pieces @ .., trailer] = lines else { panic!("{lines:#?}") };
    let (header, trailer) = (json(header), json(trailer));
    let checkpoint = opened(&header["checkpoint"], &header["key"]);
    let mut verifier = Verifier::new(Source::Export, [&checkpoint]);
    let mut events = Vec::new();
    for line in pieces {
        let piece = json(line);
        let index = piece["index"].as_u64().unwrap();
        verifier.feed(if let Some(event) = piece.get("event") {
            assert!(line.starts_with(&format!("{{\"event\":{event},\"index\":{index}")), "{line}");
            let computed = Some(Hash::of_leaf(event.to_string().as_bytes()));
            events.push(event.clone());
            Piece::Entry { index, stored: None, computed }
        } else {
            let level = u8::try_from(piece["level"].as_u64().unwrap()).unwrap();
            let hash = piece["hash"].as_str().unwrap().parse().unwrap();
            Piece::Subtree { index, level, hash }
        });
    }
    let report = verifier.finish();
    assert_eq!(report.verdict(), Verdict::Sound, "{:?}", report.findings);
    assert_eq!(report.vouched, Some(checkpoint.size));
    assert_eq!(trailer, json!({ "events": events.len(), "size": checkpoint.size }));
    events
}

#[tokio::test]
async fn an_export_holds_ones_own_events_whole_and_verifies_against_the_checkpoint() {
    for server in servers().await {
        let mut workers = AuditWorkers::new(&server);
        let ann = server.person("ann@example.org").await;
        let eve = server.person("eve@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        server.organization(&eve, "Storm").await;
        patch(&server, &ann, &format!("/v1/organizations/{organization}"), json!({ "name": "South" })).await;
        workers.sign(&server).await;

        let whole = lines(&server, ann.token(), &trail_of(organization)).await;
        let actions = actions(&verified(&whole));
        assert_eq!(actions, ["organization.found", "membership.join", "organization.edit"]);
        assert!(whole.iter().any(|line| line.contains("\"opened\":{")), "addresses can be read");
        for other in ["Storm", "eve@example.org"] {
            assert!(whole.iter().all(|line| !line.contains(other)), "{other}");
        }
        let edits = format!("{}?action=organization.edit", trail_of(organization));
        let edits = verified(&lines(&server, ann.token(), &edits).await);
        assert_eq!(edits.len(), 1, "what does not pass is there by its hash");
        let own = verified(&lines(&server, eve.token(), "/v1/me/audit/events").await);
        assert!(own.iter().all(|event| event["subject_id"] == json!(eve.ctx.actor.id())), "{own:#?}");

        let exports = format!("{}?action=audit.export", trail_of(organization));
        let (_, exports) = seen(get(&server, ann.token(), &exports).await).await;
        assert_eq!(exports["items"].as_array().unwrap().len(), 2, "an export leaves its trace");
        for query in ["limit=5", "after=x"] {
            let path = format!("{}?{query}", trail_of(organization));
            let call = server.call("GET", &path).bearer_auth(ann.token()).header("Accept", LINES);
            assert_eq!(seen(call.send().await.unwrap()).await.0, 422, "{query}");
        }
    }
}

fn actions(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_administrator_takes_out_the_whole_log() {
    for server in servers().await {
        let mut workers = AuditWorkers::new(&server);
        let root = server.administrator("root@example.org").await;
        let ann = server.person("ann@example.org").await;
        for n in 0..4 {
            server.organization(&ann, &format!("Wind {n}")).await;
        }
        let size = workers.sign(&server).await;
        let events = verified(&lines(&server, root.token(), "/v1/admin/audit/events").await);
        assert_eq!(events.len() as u64, size, "nothing is left out");
        let organizations: BTreeSet<&str> =
            events.iter().filter_map(|event| event["organization_id"].as_str()).collect();
        assert_eq!(organizations.len(), 4);
    }
}

#[tokio::test]
async fn an_export_before_the_first_checkpoint_is_empty_and_says_so() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let lines = lines(&server, ann.token(), "/v1/me/audit/events").await;
        let [header, trailer] = &lines[..] else { panic!("{lines:#?}") };
        assert_eq!((&json(header)["size"], &json(header)["checkpoint"]), (&json!(0), &Value::Null));
        assert_eq!(json(trailer), json!({ "events": 0, "size": 0 }));
    }
}

#[tokio::test]
async fn an_export_that_breaks_off_does_not_look_whole() {
    let server = Server::on_postgres_with(unattended()).await;
    let mut workers = AuditWorkers::new(&server);
    let ann = server.person("ann@example.org").await;
    let organization = server.organization(&ann, "North Wind").await;
    workers.sign(&server).await;
    let database = server.database.as_ref().unwrap().superuser_url.rsplit_once('/').unwrap().1;
    let name = database.split('?').next().unwrap();
    let damage = "ALTER TABLE audit.leaves DISABLE TRIGGER ALL; DELETE FROM audit.leaves WHERE index = 0";
    cluster().await.sql(name, damage).await.unwrap();
    let call = server.call("GET", &trail_of(organization)).bearer_auth(ann.token()).header("Accept", LINES);
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status(), 200, "the first line was sent");
    assert!(answer.text().await.is_err(), "the connection ends before the body does");
}
