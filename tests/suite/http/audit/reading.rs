//! Who reads what.

use audit::{ConsistencyProof, Hash, InclusionProof, rule::AUDIT_READ};
use identity::permission::MEMBERS_READ;
use kernel::Role;
use serde_json::json;

use super::{AuditWorkers, events, found, get, id_of, key, opened, patch, servers, trail_of};
use crate::http::world::seen;

#[tokio::test]
async fn an_admin_reads_what_the_founder_changed() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let ben = server.person("ben@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        server.join(organization, &ann, &ben, Role::Admin).await;
        let path = format!("/v1/organizations/{organization}");
        patch(&server, &ann, &path, json!({ "name": "South Wind" })).await;

        let trail = events(&server, ben.token(), &trail_of(organization)).await;
        let item = found(&trail, "organization.edit");
        let event = &item["event"];
        assert_eq!(event["actor"]["kind"], "account");
        assert_eq!(event["actor"]["id"], json!(ann.ctx.actor.id()));
        assert_eq!(event["outcome"], "success");
        assert_eq!(event["organization_id"], json!(organization));
        assert_eq!(event["target"]["kind"], "organization");
        assert_eq!(event["target"]["version_before"], 1);
        assert_eq!(event["target"]["version_after"], 2);
        assert_eq!(event["request"]["route"], "PATCH /v1/organizations/{organization_id}");
        assert_eq!(
            item["difference"],
            json!([{ "op": "test", "path": "/name", "value": "North Wind" },
                   { "op": "replace", "path": "/name", "value": "South Wind" }])
        );
        assert_eq!(item["address"], "127.0.0.1");
        assert!(!event.to_string().contains("127.0.0.1"), "the address is sealed in what is hashed");
        assert_eq!((&item["erased"], &item["ocsf_class"]), (&json!(false), &json!(6003)));
        assert_eq!(found(&trail, "membership.join")["ocsf_class"], 3005);
        let newest_first = trail.is_sorted_by(|one, next| {
            one["event"]["occurred_at"].as_str() >= next["event"]["occurred_at"].as_str()
        });
        assert!(newest_first, "{trail:#?}");
    }
}

#[tokio::test]
async fn ones_own_trail_shows_what_was_done_with_ones_account_and_nothing_of_others() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let ben = server.person("ben@example.org").await;
        patch(&server, &ann, "/v1/me", json!({ "display_name": "Anna" })).await;
        let own = events(&server, ann.token(), "/v1/me/audit/events").await;
        let edit = found(&own, "account.edit_profile");
        assert_eq!(edit["difference"], json!([{ "op": "add", "path": "/display_name", "value": "Anna" }]));
        assert!(!edit["event"].to_string().contains("Anna"), "personal fields are sealed in what is hashed");
        found(&own, "session.begin");
        for item in &own {
            assert_eq!(item["event"]["subject_id"], json!(ann.ctx.actor.id()), "{item:#}");
        }
        let others = events(&server, ben.token(), "/v1/me/audit/events").await;
        assert!(others.iter().all(|item| item["event"]["subject_id"] == json!(ben.ctx.actor.id())));
    }
}

#[tokio::test]
async fn a_key_reads_with_its_scope_alone_and_what_is_denied_is_on_record() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let eve = server.person("eve@example.org").await;
        let root = server.administrator("root@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        let other = server.organization(&eve, "Storm").await;
        let reader = key(&server, &ann, organization, &[AUDIT_READ]).await;
        let counter = key(&server, &ann, organization, &[MEMBERS_READ]).await;
        let path = trail_of(organization);

        assert_eq!(get(&server, &reader, &path).await.status(), 200);
        assert_eq!(get(&server, &reader, &trail_of(other)).await.status(), 404);
        for elsewhere in ["/v1/me/audit/events", "/v1/admin/audit/events"] {
            assert_eq!(get(&server, &reader, elsewhere).await.status(), 403, "{elsewhere}");
        }
        let (status, body) = seen(get(&server, &counter, &path).await).await;
        assert_eq!((status, &body["code"]), (403, &json!("identity.scope_missing")));
        assert_eq!(get(&server, eve.token(), &path).await.status(), 404);

        let denied = events(&server, ann.token(), &format!("{path}?outcome=denied")).await;
        let eves = json!(eve.ctx.actor.id());
        assert!(
            denied.iter().all(|item| item["event"]["actor"]["id"] != eves),
            "they are no member: {denied:#?}"
        );
        let everywhere = events(&server, root.token(), "/v1/admin/audit/events?outcome=denied").await;
        let theirs = everywhere
            .iter()
            .find(|item| item["event"]["actor"]["id"] == eves)
            .expect("the platform sees it");
        assert_eq!(theirs["event"]["reason"], "request.not_found");
        assert_eq!(
            (&theirs["event"]["organization_id"], &theirs["event"]["target"]["id"]),
            (&json!(null), &json!(organization))
        );
        let denied = found(&denied, "audit.read");
        assert_eq!(denied["event"]["actor"]["kind"], "service");
        assert_eq!(denied["event"]["reason"], "identity.scope_missing");
        assert_eq!(
            denied["event"]["request"]["route"],
            "GET /v1/organizations/{organization_id}/audit/events"
        );
    }
}

#[tokio::test]
async fn reading_leaves_a_trace_that_says_what_was_looked_for() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        let path = trail_of(organization);
        events(&server, ann.token(), &format!("{path}?action=organization.edit&outcome=success")).await;
        let reads = events(&server, ann.token(), &format!("{path}?action=audit.read")).await;
        let [this, before] = &reads[..] else { panic!("{reads:#?}") };
        assert_eq!(this["difference"], json!([{ "op": "add", "path": "/action", "value": "audit.read" }]));
        assert_eq!(
            before["difference"],
            json!([{ "op": "add", "path": "/action", "value": "organization.edit" },
                   { "op": "add", "path": "/outcome", "value": "success" }])
        );
        assert_eq!(
            (&before["ocsf_class"], &before["event"]["target"]["kind"]),
            (&json!(6003), &json!("organization"))
        );
    }
}

#[tokio::test]
async fn filters_narrow_and_pages_follow_one_another() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let ben = server.person("ben@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        server.join(organization, &ann, &ben, Role::Admin).await;
        for n in 0..5 {
            let path = format!("/v1/organizations/{organization}");
            patch(&server, &ben, &path, json!({ "name": format!("Wind {n}") })).await;
        }
        let path = trail_of(organization);
        let edits = format!("{path}?action=organization.edit");
        let mut seen_names = Vec::new();
        let mut after = String::new();
        loop {
            let (status, body) =
                seen(get(&server, ann.token(), &format!("{edits}&limit=2{after}")).await).await;
            assert_eq!(status, 200, "{body}");
            for item in body["items"].as_array().unwrap() {
                seen_names.push(item["difference"][1]["value"].as_str().unwrap().to_owned());
            }
            let Some(next) = body["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen_names, ["Wind 4", "Wind 3", "Wind 2", "Wind 1", "Wind 0"]);

        let count = async |query: &str| events(&server, ann.token(), &format!("{path}?{query}")).await.len();
        let (anns, bens) = (ann.ctx.actor.id().unwrap(), ben.ctx.actor.id().unwrap());
        assert_eq!(count(&format!("actor={bens}&action=organization.edit")).await, 5);
        assert_eq!(count(&format!("actor={anns}&action=organization.edit")).await, 0);
        assert_eq!(count(&format!("target={organization}&action=organization.edit")).await, 5);
        assert_eq!(count(&format!("target={bens}&action=organization.edit")).await, 0);
        assert_eq!(count("action=no.such_action").await, 0);
        assert_eq!(count("from=2000-01-01T00:00:00Z&until=2000-01-02T00:00:00Z").await, 0);
        let all = events(&server, ann.token(), &edits).await;
        let third = all[2]["event"]["occurred_at"].as_str().unwrap();
        assert_eq!(count(&format!("action=organization.edit&from={third}")).await, 3, "from is included");
        assert_eq!(count(&format!("action=organization.edit&until={third}")).await, 2, "until is not");

        let refused = async |query: &str| {
            let (status, body) = seen(get(&server, ann.token(), &format!("{path}?{query}")).await).await;
            assert_eq!(status, 422, "{query}: {body}");
            body["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(refused("actor=ann").await, "/actor");
        assert_eq!(refused("target=1").await, "/target");
        assert_eq!(refused("outcome=maybe").await, "/outcome");
        assert_eq!(refused("from=yesterday").await, "/from");
        assert_eq!(refused("action=").await, "/action");
        assert_eq!(refused("action=a%00b").await, "/action");
        assert_eq!(refused("from=2000-01-02T00:00:00Z&until=2000-01-01T00:00:00Z").await, "/until");
        assert_eq!(refused("subject=x").await, "/subject", "a typo never passes silently");
        let other = format!("action=membership.join{after}");
        let (status, body) = seen(get(&server, ann.token(), &format!("{path}?{other}")).await).await;
        assert_eq!((status, &body["code"]), (422, &json!("request.cursor_of_other_filter")));
    }
}

#[tokio::test]
async fn who_is_erased_becomes_unreadable_and_the_proofs_still_hold() {
    for server in servers().await {
        let mut workers = AuditWorkers::new(&server);
        let ann = server.person("ann@example.org").await;
        let ben = server.person("ben@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        server.join(organization, &ann, &ben, Role::Member).await;
        // What Ben does carries their address.
        let id = ben.ctx.actor.id().unwrap();
        let leave = format!("/v1/organizations/{organization}/leave");
        let left = server.call("POST", &leave).bearer_auth(ben.token()).send().await.unwrap();
        assert_eq!(left.status(), 204);
        let path = format!("{}?actor={id}&action=membership.leave", trail_of(organization));
        let before = events(&server, ann.token(), &path).await;
        assert_eq!((&before[0]["erased"], &before[0]["address"]), (&json!(false), &json!("127.0.0.1")));
        let size = workers.sign(&server).await;
        let proof_path = format!("/v1/audit/events/{}/proof", id_of(&before[0]));
        let (_, old) = seen(get(&server, ann.token(), &proof_path).await).await;

        let me = get(&server, ben.token(), "/v1/me").await;
        let tag = me.headers()["etag"].to_str().unwrap().to_owned();
        let erase = server.call("DELETE", "/v1/me").bearer_auth(ben.token()).header("If-Match", tag);
        assert_eq!(erase.send().await.unwrap().status(), 204);
        let after = events(&server, ann.token(), &path).await;
        assert_eq!(after[0]["event"], before[0]["event"], "not a letter of what was hashed changes");
        assert_eq!((&after[0]["erased"], &after[0]["address"]), (&json!(true), &json!(null)));

        let larger = workers.sign(&server).await;
        let (_, new) = seen(get(&server, ann.token(), &proof_path).await).await;
        assert_eq!(new["leaf_hash"], old["leaf_hash"]);
        let mut roots = Vec::new();
        for proof in [&old, &new] {
            let inclusion: InclusionProof = serde_json::from_value(proof.clone()).unwrap();
            let checkpoint = opened(&proof["checkpoint"], &proof["key"]);
            let leaf: Hash = proof["leaf_hash"].as_str().unwrap().parse().unwrap();
            inclusion.verify(leaf, checkpoint.root).unwrap();
            roots.push(checkpoint.root);
        }
        let path = format!("/v1/audit/consistency?from={size}&to={larger}");
        let consistency: ConsistencyProof = get(&server, ann.token(), &path).await.json().await.unwrap();
        consistency.verify(roots[0], roots[1]).unwrap();
    }
}
