//! Proofs, which ask nobody who they are.

use std::time::{Duration, Instant};

use audit::{ConsistencyProof, Hash, InclusionProof};
use serde_json::{Value, json};

use super::{AuditWorkers, events, found, id_of, opened, servers, trail_of};
use crate::http::world::{Server, seen};

async fn open(server: &Server, path: &str) -> (u16, Value) {
    seen(server.call("GET", path).send().await.unwrap()).await
}

#[tokio::test]
async fn before_the_first_checkpoint_there_is_nothing_to_prove() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let answer = server.call("GET", "/v1/audit/checkpoint").send().await.unwrap();
        assert_eq!(answer.headers()["retry-after"], "10");
        let (status, body) = seen(answer).await;
        assert_eq!((status, &body["code"]), (503, &json!("audit.no_checkpoint")));

        let own = events(&server, ann.token(), "/v1/me/audit/events").await;
        let proof = format!("/v1/audit/events/{}/proof", id_of(found(&own, "session.begin")));
        assert_eq!(open(&server, &proof).await.0, 404, "it has no number yet");
        let mut workers = AuditWorkers::new(&server);
        workers.number(&server).await;
        let answer = server.call("GET", &proof).send().await.unwrap();
        assert_eq!(answer.headers()["retry-after"], "10");
        let (status, body) = seen(answer).await;
        assert_eq!((status, &body["code"]), (503, &json!("audit.not_covered")));
        workers.sign(&server).await;
        assert_eq!(open(&server, &proof).await.0, 200);
        let unknown = "/v1/audit/events/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6/proof";
        assert_eq!(open(&server, unknown).await, open(&server, "/v1/audit/events/none/proof").await);
    }
}

#[tokio::test]
async fn whoever_holds_an_event_can_show_that_the_log_has_it() {
    for server in servers().await {
        let mut workers = AuditWorkers::new(&server);
        let ann = server.person("ann@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        let answer =
            server.call("GET", &trail_of(organization)).bearer_auth(ann.token()).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let listed: Value = serde_json::from_str(&text).unwrap();
        let item = found(listed["items"].as_array().unwrap(), "organization.found");
        // To the octet: cut out of the answer, not written anew.
        let event = item["event"].to_string();
        assert!(text.contains(&format!("\"event\":{event}")), "the document is canonical");
        workers.sign(&server).await;

        let (status, proof) = open(&server, &format!("/v1/audit/events/{}/proof", id_of(item))).await;
        assert_eq!(status, 200, "{proof}");
        let leaf = Hash::of_leaf(event.as_bytes());
        assert_eq!(proof["leaf_hash"], json!(leaf));
        let checkpoint = opened(&proof["checkpoint"], &proof["key"]);
        assert_eq!(proof["size"], json!(checkpoint.size));
        let inclusion: InclusionProof = serde_json::from_value(proof).unwrap();
        inclusion.verify(leaf, checkpoint.root).unwrap();
        let altered = Hash::of_leaf(event.replace("North", "South").as_bytes());
        assert!(inclusion.verify(altered, checkpoint.root).is_err());
    }
}

#[tokio::test]
async fn the_checkpoint_is_told_in_two_forms() {
    for server in servers().await {
        let mut workers = AuditWorkers::new(&server);
        server.person("ann@example.org").await;
        let size = workers.sign(&server).await;
        let answer = server.call("GET", "/v1/audit/checkpoint").send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "public, max-age=5");
        let (_, body) = seen(answer).await;
        let checkpoint = opened(&body["note"], &body["key"]);
        assert_eq!((checkpoint.size, &body["size"]), (size, &json!(size)));
        assert_eq!(body["root"], json!(checkpoint.root));
        assert_eq!(body["origin"], json!(checkpoint.origin.to_string()));
        assert!(body["signed_at"].is_string());
        let note =
            server.call("GET", "/v1/audit/checkpoint").header("Accept", "text/plain").send().await.unwrap();
        assert_eq!(note.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(note.text().await.unwrap(), body["note"].as_str().unwrap());
    }
}

#[tokio::test]
async fn the_log_is_shown_to_have_only_grown() {
    for server in servers().await {
        let mut workers = AuditWorkers::new(&server);
        let mut checkpoints = Vec::new();
        for name in ["ann", "ben", "cleo"] {
            server.person(&format!("{name}@example.org")).await;
            workers.sign(&server).await;
            let (_, body) = open(&server, "/v1/audit/checkpoint").await;
            checkpoints.push(opened(&body["note"], &body["key"]));
        }
        for (older, newer) in [(0, 1), (0, 2), (1, 2), (2, 2)] {
            let (older, newer) = (&checkpoints[older], &checkpoints[newer]);
            let path = format!("/v1/audit/consistency?from={}&to={}", older.size, newer.size);
            let answer = server.call("GET", &path).send().await.unwrap();
            assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
            let proof: ConsistencyProof = answer.json().await.unwrap();
            proof.verify(older.root, newer.root).unwrap();
        }
        let size = checkpoints[2].size;
        let beyond = format!("from=1&to={}", size + 1000);
        for sizes in ["from=0&to=1", "from=2&to=1", &beyond] {
            let (status, body) = open(&server, &format!("/v1/audit/consistency?{sizes}")).await;
            assert_eq!((status, &body["code"]), (422, &json!("audit.size_out_of_range")), "{sizes}");
            assert!(
                body["detail"]
                    .as_str()
                    .is_some_and(|detail| detail.contains("from") || detail.contains("to"))
            );
        }
        for sizes in ["", "from=1", "from=1&to=x", "from=-1&to=1", "from=1&to=1&until=2"] {
            let (status, body) = open(&server, &format!("/v1/audit/consistency?{sizes}")).await;
            assert_eq!((status, &body["code"]), (422, &json!("request.invalid")), "{sizes}");
        }
    }
}

#[tokio::test]
async fn readiness_tells_how_the_trail_stands_and_never_fails_for_it() {
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        server.person("ann@example.org").await;
        let begun = Instant::now();
        loop {
            let (status, body) = open(&server, "/readyz").await;
            assert_eq!(status, 200, "{body}");
            if body["audit"] == "sound" && body["audit_lag_seconds"].as_f64().is_some_and(|lag| lag < 1.0) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{body}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let [unattended, _] = servers().await;
    let (status, body) = open(&unattended, "/readyz").await;
    assert_eq!((status, &body["audit"], &body["audit_lag_seconds"]), (200, &json!("unknown"), &Value::Null));
}
