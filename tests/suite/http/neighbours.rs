//! Many people behind one address, with the limits that are set unless told: who proves who they are is never held
//! back, and who guesses is.

use std::{num::NonZeroU32, sync::Arc};

use http_shell::settings::Rates;
use mail::MemoryMailer;
use platform::{Options, Platform};
use reqwest::Response;
use serde_json::{Value, json};
use storage_postgres::testing::fresh_database;
use tokio::task::JoinSet;

use super::{
    assessment::sessions::{campaign, file, send},
    world::{PASSWORD, Server, seen, token_of},
};

const CLASS: usize = 300;
const AT_ONCE: usize = 10;

async fn limited() -> [Arc<Server>; 2] {
    let settings = http_shell::Settings::default;
    assert_eq!(settings().rates, Some(Rates::default()), "these are the limits");
    let mailer = Arc::new(MemoryMailer::new());
    let platform = Platform::in_memory(Options::for_tests(mailer.clone())).await.expect("composed");
    let on_memory = Server::serve(platform, mailer, None, settings());
    let (database, mailer) = (fresh_database().await, Arc::new(MemoryMailer::new()));
    let options = Options::for_tests(mailer.clone());
    let storage = database.storage(options.recorder()).await;
    let platform = Platform::on_postgres(storage, options).await.expect("composed");
    [on_memory, Server::serve(platform, mailer, Some(database), settings())].map(Arc::new)
}

/// Everyone's turn, ten people at a time; how each was answered.
async fn each<T, F>(people: Vec<T>, turn: impl Fn(T) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (mut waiting, mut running, mut done) = (people.into_iter(), JoinSet::new(), Vec::new());
    loop {
        while running.len() < AT_ONCE
            && let Some(person) = waiting.next()
        {
            running.spawn(turn(person));
        }
        match running.join_next().await {
            Some(answered) => done.push(answered.expect("a turn is taken")),
            None => return done,
        }
    }
}

/// In how many seconds to come back; the sentence says the same as the header.
async fn told_to_come_back(answer: Response, code: &str) -> u64 {
    let header = answer.headers()["retry-after"].to_str().expect("a number").to_owned();
    let (status, body) = seen(answer).await;
    assert_eq!((status, &body["code"]), (429, &json!(code)));
    let detail = body["detail"].as_str().expect("a sentence");
    assert!(detail.contains(&format!("try again in {header} s")), "{header}: {detail}");
    header.parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_class_of_300_guests_behind_one_address_begins() {
    for server in limited().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let address = |n: usize| format!("guest{n}@elsewhere.org");
        let people: Vec<Value> = (0..CLASS).map(|n| json!({ "email": address(n) })).collect();
        let ask = json!({ "people": people });
        let (status, asked) =
            send(&server, ann.token(), "POST", &format!("{campaign}/assignments"), ask).await;
        assert_eq!(status, 201, "{asked}");
        let mut links = Vec::new();
        for n in 0..CLASS {
            let letter = server.letter(&address(n), "assessment/campaign-invitation").await;
            links.push(token_of(&letter).expose().to_owned());
        }
        let begin = |link: String| {
            let server = server.clone();
            async move {
                let mut statuses = Vec::new();
                for file in ["/assessment", "/pages/page.css", "/pages/assessment.js"] {
                    statuses.push(server.call("GET", file).send().await.expect("answered").status().as_u16());
                }
                let (status, opened) =
                    seen(server.post("/v1/assignments/open", json!({ "token": link })).await).await;
                statuses.push(status);
                let id = opened["assignment"]["id"].as_str().unwrap_or_default();
                let (pass, start) =
                    (opened["pass"].as_str().unwrap_or_default(), format!("/v1/me/assignments/{id}/start"));
                statuses.push(send(&server, pass, "POST", &start, Value::Null).await.0);
                statuses
            }
        };
        let answered = each(links.clone(), begin).await;
        let held_back = answered.iter().filter(|statuses| **statuses != [200; 5]).collect::<Vec<_>>();
        assert!(held_back.is_empty(), "{} of {CLASS} did not begin: {held_back:?}", held_back.len());

        let forged: String = links[0].chars().rev().collect();
        let mut guesses = 0;
        let refused = loop {
            let answer = server.post("/v1/assignments/open", json!({ "token": forged })).await;
            match answer.status().as_u16() {
                404 => guesses += 1,
                _ => break answer,
            }
        };
        told_to_come_back(refused, "request.rate_limited").await;
        assert!((50..=70).contains(&guesses), "{guesses} forged links bought no bucket of their own");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_sign_ins_behind_one_address_with_right_passwords_are_never_refused() {
    for server in limited().await {
        let mut people = Vec::new();
        for n in 0..CLASS / 10 {
            let address = format!("person{n}@example.org");
            server.person(&address).await;
            people.push(address);
        }
        let come_and_go = |email: String| {
            let server = server.clone();
            async move {
                let login = json!({ "email": email, "password": PASSWORD });
                let (first, tokens) = seen(server.post("/v1/auth/login", login).await).await;
                let token = json!({ "refresh_token": tokens["refresh_token"] });
                let (second, tokens) = seen(server.post("/v1/auth/refresh", token).await).await;
                let token = json!({ "refresh_token": tokens["refresh_token"] });
                let (third, _) = seen(server.post("/v1/auth/logout", token).await).await;
                [first, second, third]
            }
        };
        for _ in 0..10 {
            let answered = each(people.clone(), come_and_go).await;
            assert!(answered.iter().all(|statuses| *statuses == [200, 200, 204]), "{answered:?}");
        }
    }
}

#[tokio::test]
async fn a_banned_address_is_told_when_to_come_back_and_a_known_device_passes() {
    for server in limited().await {
        let ann = server.person("ann@example.org").await;
        let login = async |email: &str, password: &str, device: Value| {
            let login = json!({ "email": email, "password": password, "device_token": device });
            server.post("/v1/auth/login", login).await
        };
        for n in 0..15 {
            let (status, body) =
                seen(login(&format!("p{n}@example.org"), "not the right password", Value::Null).await).await;
            assert_eq!((status, &body["code"]), (401, &json!("identity.wrong_credentials")));
        }
        let refused = login("ann@example.org", PASSWORD, Value::Null).await;
        let wait = told_to_come_back(refused, "identity.address_banned").await;
        assert!((200..=300).contains(&wait), "five minutes, of which some have passed: {wait}");
        let device = ann.tokens.device_token.as_ref().expect("a first sign-in makes one").expose();
        assert_eq!(login("ann@example.org", PASSWORD, json!(device)).await.status(), 200);

        let now = server.platform.clock.now();
        let locked =
            server.platform.throttle.locked(now, &kernel::PageRequest::default()).await.expect("listed");
        let keys: Vec<_> =
            locked.items.iter().map(|(key, counter)| (key.as_str(), counter.failed.len())).collect();
        assert_eq!(keys, [("address:127.0.0.1", 15)]);
        assert!(server.platform.throttle.lift("address:127.0.0.1").await.expect("lifted"));
        assert_eq!(login("ann@example.org", PASSWORD, Value::Null).await.status(), 200);
    }
}

#[tokio::test]
async fn failures_weigh_on_the_address_and_a_session_and_a_pass_have_buckets_of_their_own() {
    let mailer = Arc::new(MemoryMailer::new());
    let platform = Platform::in_memory(Options::for_tests(mailer.clone())).await.expect("composed");
    let few = |n| NonZeroU32::new(n).expect("more than none");
    let rates = Some(Rates { anonymous: few(3), account: few(30) });
    let server = Server::serve(platform, mailer, None, http_shell::Settings { rates, ..Default::default() });
    let ann = server.person("ann@example.org").await;
    for _ in 0..3 {
        let wrong = json!({ "email": "ann@example.org", "password": "not the right password" });
        assert_eq!(server.post("/v1/auth/login", wrong).await.status(), 401);
    }
    let right = json!({ "email": "ann@example.org", "password": PASSWORD });
    told_to_come_back(server.post("/v1/auth/login", right).await, "request.rate_limited").await;
    let forged = server.call("GET", "/v1/me").bearer_auth("tsg_forged").send().await.expect("answered");
    told_to_come_back(forged, "request.rate_limited").await;
    let me = server.call("GET", "/v1/me").bearer_auth(ann.token()).send().await.expect("answered");
    assert_eq!(me.status(), 200);
}
