//! People using identity over HTTP, on both kinds of storage.

use std::{collections::BTreeSet, time::Duration};

use kernel::PageRequest;
use serde_json::{Value, json};

use super::world::{PASSWORD, Server, seen, token_of};

async fn servers() -> [Server; 2] {
    [Server::on_memory().await, Server::on_postgres().await]
}

#[tokio::test]
async fn from_registering_to_inviting_a_colleague_who_joins() {
    for server in servers().await {
        let ann = json!({ "email": "ann@example.org", "password": PASSWORD, "full_name": "Ann Lee" });
        assert_eq!(server.post("/v1/auth/register", ann).await.status(), 202);
        let letter = server.letter("ann@example.org", "identity/verify-email").await;
        let token = json!({ "token": token_of(&letter).expose() });
        assert_eq!(server.post("/v1/auth/verify-email", token.clone()).await.status(), 204);
        assert_eq!(server.post("/v1/auth/verify-email", token).await.status(), 409);
        let login = json!({ "email": "ann@example.org", "password": PASSWORD });
        let tokens: Value = server.post("/v1/auth/login", login).await.json().await.unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        let found = server
            .call("POST", "/v1/organizations")
            .bearer_auth(access)
            .json(&json!({ "name": "North Wind" }));
        let organization: Value = found.send().await.unwrap().json().await.unwrap();
        assert_eq!(organization["roles"], json!(["owner"]));
        let path = format!("/v1/organizations/{}/invitations", organization["id"].as_str().unwrap());
        let invite = json!({ "email": "ben@example.org", "roles": ["recruiter", "interviewer"] });
        let invited = server.call("POST", &path).bearer_auth(access).json(&invite).send().await.unwrap();
        assert_eq!(invited.status(), 201);

        let ben = server.person("ben@example.org").await;
        let letter = server.letter("ben@example.org", "identity/invitation").await;
        let accept = server.call("POST", "/v1/invitations/accept").bearer_auth(ben.token());
        let joined = accept.json(&json!({ "token": token_of(&letter).expose() })).send().await.unwrap();
        assert_eq!(joined.status(), 200);
        let members = format!("/v1/organizations/{}/members", organization["id"].as_str().unwrap());
        let members = server.call("GET", &members).bearer_auth(ben.token()).send().await.unwrap();
        let members: Value = members.json().await.unwrap();
        let seen: BTreeSet<&str> = members["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| member["email"].as_str().unwrap())
            .collect();
        assert_eq!(seen, BTreeSet::from(["ann@example.org", "ben@example.org"]));
    }
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    for server in servers().await {
        server.person("known@example.org").await;
        let headers = |answer: &reqwest::Response| {
            let names =
                answer.headers().iter().filter(|(name, _)| *name != "x-request-id" && *name != "date");
            names.map(|(name, value)| format!("{name}: {value:?}")).collect::<BTreeSet<_>>()
        };
        let calls = [
            ("/v1/auth/register", json!({ "password": PASSWORD })),
            ("/v1/auth/login", json!({ "password": "some other password" })),
            ("/v1/auth/forgot-password", json!({})),
            ("/v1/auth/resend-verification", json!({})),
        ];
        for (path, body) in calls {
            let ask = async |email: &str| {
                let mut body = body.clone();
                body["email"] = json!(email);
                let answer = server.post(path, body).await;
                (headers(&answer), seen(answer).await)
            };
            assert_eq!(ask("known@example.org").await, ask("unkno@example.org").await, "{path}");
        }
    }
}

#[tokio::test]
async fn fifty_parallel_refreshes_leave_one_lineage_and_a_replay_ends_it() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let old = json!({ "refresh_token": ann.tokens.refresh_token.expose() });
        let calls = (0..50).map(|_| server.post("/v1/auth/refresh", old.clone()));
        let answers = futures(calls).await;
        let mut tokens = BTreeSet::new();
        for answer in answers {
            assert_eq!(answer.status(), 200);
            let body: Value = answer.json().await.unwrap();
            tokens.insert(body["refresh_token"].as_str().unwrap().to_owned());
        }
        assert_eq!(tokens.len(), 1);
    }
}

/// All at once.
async fn futures<F>(calls: impl Iterator<Item = F>) -> Vec<F::Output>
where
    F: Future,
{
    let mut calls: Vec<_> = calls.map(|call| Some(Box::pin(call))).collect();
    let mut done: Vec<Option<F::Output>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|ctx| {
        for (call, done) in calls.iter_mut().zip(&mut done) {
            if let Some(running) = call
                && let std::task::Poll::Ready(output) = running.as_mut().poll(ctx)
            {
                *done = Some(output);
                *call = None;
            }
        }
        if calls.iter().all(Option::is_none) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn fifty_parallel_wrong_passwords_lock_the_account() {
    for server in servers().await {
        server.person("ann@example.org").await;
        let wrong = json!({ "email": "ann@example.org", "password": "not the right password" });
        for answer in futures((0..50).map(|_| server.post("/v1/auth/login", wrong.clone()))).await {
            let status = answer.status().as_u16();
            assert!(matches!(status, 401 | 503), "{status}");
        }
        // Locks of seconds may be over by now.
        let shortly = server.platform.clock.now().minus(Duration::from_secs(60));
        let locked = server.platform.throttle.locked(shortly, &PageRequest::default()).await.unwrap();
        let failures: Vec<u32> = locked.items.iter().map(|(_, counter)| counter.count).collect();
        assert!(matches!(failures.as_slice(), [6..=10]), "fifty at once pass no limit: {failures:?}");
    }
}

#[tokio::test]
async fn of_fifty_parallel_uses_of_a_link_one_works() {
    for server in servers().await {
        let ann = json!({ "email": "ann@example.org", "password": PASSWORD });
        server.post("/v1/auth/register", ann).await;
        let token = token_of(&server.letter("ann@example.org", "identity/verify-email").await);
        let token = json!({ "token": token.expose() });
        let calls = (0..50).map(|_| server.post("/v1/auth/verify-email", token.clone()));
        let worked = futures(calls).await.iter().filter(|answer| answer.status() == 204).count();
        assert_eq!(worked, 1);
    }
}

#[tokio::test]
async fn parallel_changes_of_one_version_leave_one_and_lose_none() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let me = server.call("GET", "/v1/me").bearer_auth(ann.token()).send().await.unwrap();
        let tag = me.headers()["etag"].to_str().unwrap().to_owned();
        let calls = (0..20).map(|n| {
            let body = json!({ "display_name": format!("Ann {n}") });
            server
                .call("PATCH", "/v1/me")
                .bearer_auth(ann.token())
                .header("If-Match", &tag)
                .json(&body)
                .send()
        });
        let statuses: Vec<u16> =
            futures(calls).await.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
    }
}

#[tokio::test]
async fn an_export_shows_everything_and_erasure_removes_it() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let export = server.call("GET", "/v1/me/export").bearer_auth(ann.token()).send().await.unwrap();
        let export: Value = export.json().await.unwrap();
        assert_eq!(export["account"]["email"], "ann@example.org");
        let tag = format!("\"{}\"", export["account"]["version"]);
        let erase = server.call("DELETE", "/v1/me").bearer_auth(ann.token()).header("If-Match", tag);
        assert_eq!(erase.send().await.unwrap().status(), 204);
        let me = server.call("GET", "/v1/me").bearer_auth(ann.token()).send().await.unwrap();
        assert_eq!(me.status(), 401);
        server.letter("ann@example.org", "identity/account-erased").await;
    }
}

#[tokio::test]
async fn administration_settings_are_put_first_without_and_then_with_their_version() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let path = "/v1/me/admin-settings";
        let get = server.call("GET", path).bearer_auth(ann.token()).send().await.unwrap();
        assert_eq!(get.status(), 404);
        let put = async |tag: Option<&str>, theme: &str| {
            let call = server
                .call("PUT", path)
                .bearer_auth(ann.token())
                .json(&json!({ "settings": { "theme": theme } }));
            let call = match tag {
                Some(tag) => call.header("If-Match", tag),
                None => call,
            };
            call.send().await.unwrap()
        };
        assert_eq!(
            put(Some("true"), "dark").await.status(),
            400,
            "what is no tag is not left out of account"
        );
        let first = put(None, "dark").await;
        assert_eq!(first.status(), 200);
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(put(None, "light").await.status(), 428);
        assert_eq!(put(Some(&tag), "light").await.status(), 200);
        assert_eq!(put(Some(&tag), "light").await.status(), 412);
    }
}
