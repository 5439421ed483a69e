//! Whoever is demoted or removed while their own command runs does not finish it.

use std::time::Duration;

use identity::{Role, Roles, membership::MemberChange};
use kernel::{AccountId, OrganizationId, PageRequest};
use serde_json::{Value, json};

use super::world::{Person, Server};

/// How often two try it at the same moment.
const ROUNDS: usize = 25;

struct Scene {
    server: Server,
    organization: OrganizationId,
    owner: Person,
    two: [Person; 2],
}

impl Scene {
    async fn on(server: Server) -> Self {
        let owner = server.person("ann@example.org").await;
        let organization = server.organization(&owner, "North").await;
        let two = [server.person("bob@example.org").await, server.person("cy@example.org").await];
        for one in &two {
            server.join(organization, &owner, one, Role::Admin).await;
        }
        Self { server, organization, owner, two }
    }

    async fn version_of(&self, account: AccountId) -> i64 {
        let members = &self.server.platform.identity.members;
        let page = members.list(&self.owner.ctx, self.organization, &PageRequest::default()).await;
        let found = page.expect("listed").items.into_iter().find(|member| member.account.id == account);
        found.expect("a member").membership.version()
    }

    async fn make(&self, by: &Person, account: AccountId, version: i64, role: Role) -> bool {
        let change = MemberChange { roles: Some(Roles::only(role)), ..MemberChange::default() };
        let members = &self.server.platform.identity.members;
        members.update(&by.ctx, self.organization, account, version, change).await.is_ok()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_demote_each_other_at_once_one_fails() {
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        let scene = Scene::on(server).await;
        let [bob, cy] = &scene.two;
        let [bob_id, cy_id] = [bob, cy].map(|of| of.ctx.actor.account().expect("a person"));
        let mut succeeded = 0;
        for round in 0..ROUNDS {
            let (bobs, cys) = (scene.version_of(bob_id).await, scene.version_of(cy_id).await);
            let (one, other) = tokio::join!(
                scene.make(bob, cy_id, cys, Role::Member),
                scene.make(cy, bob_id, bobs, Role::Member)
            );
            assert!(!(one && other), "both demoted the other in round {round}");
            succeeded += usize::from(one || other);
            for (account, before) in [(bob_id, bobs), (cy_id, cys)] {
                let version = scene.version_of(account).await;
                let back = version == before || scene.make(&scene.owner, account, version, Role::Admin).await;
                assert!(back, "the owner gives it back");
            }
        }
        assert!(succeeded > ROUNDS / 2, "mostly one of them does: {succeeded}");
    }
}

/// An answer that was kept is for who had leave then: whoever lost it is told so, and not what they once did.
#[tokio::test]
async fn a_repeated_request_tells_nothing_to_who_lost_their_leave() {
    const FILE: &str = include_str!("../../../docs/assessments/leadership-readiness.md");
    for server in [Server::on_memory().await, Server::on_postgres().await] {
        let scene = Scene::on(server).await;
        let [bob, cy] = &scene.two;
        let of = format!("/v1/organizations/{}", scene.organization);
        let invite = async || -> (u16, bool) {
            let call = scene.server.call("POST", &format!("{of}/invitations")).bearer_auth(bob.token());
            let asked = json!({ "email": "dora@example.org", "roles": ["member"] });
            told(&call.header("Idempotency-Key", "one").json(&asked).send().await.expect("answered"))
        };
        let write = async || -> (u16, bool) {
            let call = scene.server.call("POST", &format!("{of}/custom-assessments")).bearer_auth(cy.token());
            let call = call.header("Idempotency-Key", "one").header("content-type", "text/markdown");
            told(&call.body(FILE).send().await.expect("answered"))
        };
        let key = key_of(&scene, bob, &["invitations.write"]).await;
        let program = async || -> (u16, bool) {
            let call = scene.server.call("POST", &format!("{of}/invitations")).bearer_auth(&key);
            let asked = json!({ "email": "eve@example.org", "roles": ["member"] });
            told(&call.header("Idempotency-Key", "one").json(&asked).send().await.expect("answered"))
        };
        let all = async || (invite().await, write().await, program().await);
        assert_eq!(all().await, ((201, false), (201, false), (201, false)));
        // The program may not read invitations, which its maker may.
        assert_eq!(all().await, ((201, true), (201, true), (201, true)), "nobody saw the first answers");
        for who in [bob, cy] {
            let account = who.ctx.actor.account().expect("a person");
            let version = scene.version_of(account).await;
            assert!(scene.make(&scene.owner, account, version, Role::Member).await, "demoted");
        }
        assert_eq!(all().await, ((403, false), (403, false), (403, false)), "demoted");
        for who in [bob, cy] {
            let account = who.ctx.actor.account().expect("a person");
            let members = &scene.server.platform.identity.members;
            let version = scene.version_of(account).await;
            members.remove(&scene.owner.ctx, scene.organization, account, version).await.expect("removed");
        }
        assert_eq!(all().await, ((404, false), (404, false), (404, false)), "removed");
    }
}

/// The status, and whether it is a replay.
fn told(answer: &reqwest::Response) -> (u16, bool) {
    (answer.status().as_u16(), answer.headers().contains_key("idempotency-replayed"))
}

/// An API key of the organisation with these scopes.
async fn key_of(scene: &Scene, maker: &Person, scopes: &[&str]) -> String {
    let path = format!("/v1/organizations/{}/api-keys", scene.organization);
    let expires_at = scene.server.platform.clock.now().plus(Duration::from_secs(3600)).to_string();
    let new = json!({ "name": "Sync", "scopes": scopes, "expires_at": expires_at });
    let made = scene.server.call("POST", &path).bearer_auth(maker.token()).json(&new).send().await;
    let made: Value = made.expect("answered").json().await.expect("JSON");
    made["key"].as_str().unwrap_or_else(|| panic!("{made} holds no key")).to_owned()
}
