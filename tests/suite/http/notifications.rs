//! Notifications as people meet them: in their inbox, on an open stream, and as they prefer.

use std::{slice::from_ref, time::Duration};

use identity::Role;
use kernel::OrganizationId;
use reqwest::Response;
use serde_json::{Value, json};

use super::{
    assessment::sessions::{campaign, file, send},
    world::{Person, Server, seen},
};

pub(super) const INBOX: &str = "/v1/me/notifications";
pub(super) const PREFERENCES: &str = "/v1/me/notification-preferences";

pub(super) async fn both() -> [Server; 2] {
    Server::on_both_as(|_| {}).await
}

pub(super) async fn get(server: &Server, who: &Person, path: &str) -> Value {
    let (status, body) = send(server, who.token(), "GET", path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Waits until the inbox holds so many.
pub(super) async fn inbox(server: &Server, who: &Person, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let items = get(server, who, INBOX).await["items"].as_array().unwrap().clone();
        if items.len() >= count {
            assert_eq!(items.len(), count, "{items:?}");
            return items;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} notifications did not come");
}

pub(super) async fn prefer(server: &Server, who: &Person, preferences: Value) -> (u16, Value) {
    let version = format!("\"{}\"", get(server, who, PREFERENCES).await["version"]);
    let call = server.call("PUT", PREFERENCES).bearer_auth(who.token()).header("If-Match", version);
    seen(call.json(&preferences).send().await.unwrap()).await
}

/// An owner with an organisation, and a member of it, whose joining the owner was told of.
pub(super) async fn owner_and_member(server: &Server) -> (Person, Person, OrganizationId) {
    let ann = server.person("ann@example.org").await;
    let bob = server.person("bob@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    server.join(north, &ann, &bob, Role::Member).await;
    inbox(server, &ann, 1).await;
    (ann, bob, north)
}

pub(super) async fn assign(server: &Server, by: &Person, campaign: &str, to: &Person) {
    let account = to.ctx.actor.account().unwrap();
    let people = json!({ "people": [{ "account_id": account }] });
    let (status, body) = send(server, by.token(), "POST", &format!("{campaign}/assignments"), people).await;
    assert_eq!(status, 201, "{body}");
}

/// A stream of events.
struct Events {
    answer: Response,
    text: String,
}

impl Events {
    async fn open(server: &Server, token: Option<&str>, query: &str) -> Result<Self, (u16, Value)> {
        let call = server.call("GET", &format!("{INBOX}/stream{query}"));
        let call = match token {
            Some(token) => call.bearer_auth(token),
            None => call,
        };
        let answer = call.send().await.unwrap();
        if answer.status() != 200 {
            return Err(seen(answer).await);
        }
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("content-type").as_deref(), Some("text/event-stream; charset=utf-8"));
        assert_eq!(header("content-encoding").as_deref(), Some("identity"));
        assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
        Ok(Self { answer, text: String::new() })
    }

    /// The next event: its id, name and data; `None` at the end. Comments and the time to come back are passed over.
    async fn next(&mut self) -> Option<(Option<i64>, String, Value)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let found = line("event: ").map(|name| {
                    let id = line("id: ").map(|id| id.parse().unwrap());
                    (id, name.to_owned(), serde_json::from_str(line("data: ").unwrap()).unwrap())
                });
                let over = self.text.len() - rest.len();
                self.text.drain(..over);
                if found.is_some() {
                    return found;
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.answer.chunk()).await;
            let chunk = chunk.expect("an event comes in time").ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event, which has this name.
    async fn expect(&mut self, name: &str) -> (Option<i64>, Value) {
        let (id, found, data) = self.next().await.expect("the stream goes on");
        assert_eq!(found, name, "{data}");
        (id, data)
    }
}

/// Somebody is asked in a campaign: it is in their inbox and on their open stream, the letter goes beside it, and they
/// mark it. Others see nothing of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asked_is_told_at_once() {
    for server in both().await {
        let (ann, bob, north) = owner_and_member(&server).await;
        let joined = &inbox(&server, &ann, 1).await[0];
        assert_eq!(joined["title"], "Somebody joined North Wind", "by the inviter and as owner: once");
        let mut events = Events::open(&server, Some(bob.token()), "").await.unwrap();
        assert_eq!(events.expect("unread").await.1, json!({ "count": 0, "at_least": false }));
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        assign(&server, &ann, &campaign, &bob).await;
        let (id, told) = events.expect("notification").await;
        assert_eq!(told["title"], "You are asked to take an assessment: Spring");
        assert_eq!(told["organization_id"], json!(north));
        assert_eq!((&told["notification_type"], &told["priority"]), (&json!("assessment"), &json!("high")));
        assert_eq!(told["related_entity_type"], "campaign_assignment");
        assert_eq!(id, told["number"].as_i64());
        assert_eq!(events.expect("unread").await.1["count"], 1);
        assert_eq!(inbox(&server, &bob, 1).await, from_ref(&told));
        server.letter("bob@example.org", "assessment/campaign-invitation").await;
        assert!(
            server
                .mailer
                .sent()
                .iter()
                .all(|mail| mail.to != "bob@example.org" || mail.template != "notification/notice")
        );
        assert_eq!(inbox(&server, &ann, 1).await.len(), 1, "who asked is not told");

        let place = format!("{INBOX}/{}", told["notification_id"].as_str().unwrap());
        let mark = async |who: &Person, body| send(&server, who.token(), "PATCH", &place, body).await;
        assert_eq!(mark(&ann, json!({ "is_read": true })).await.0, 404, "another's");
        let (status, marked) = mark(&bob, json!({ "is_archived": true })).await;
        assert_eq!((status, &marked["is_read"], &marked["is_archived"]), (200, &json!(true), &json!(true)));
        assert_eq!(events.expect("unread").await.1["count"], 0, "other devices hear of it");
        assert_eq!(mark(&bob, json!({ "is_read": null })).await.0, 422);
        assert_eq!(get(&server, &bob, INBOX).await["items"], json!([]));
        let archived =
            get(&server, &bob, &format!("{INBOX}?archived=true&type=assessment&unread=false")).await;
        assert_eq!(archived["items"].as_array().unwrap().len(), 1);
        assert_eq!(get(&server, &bob, &format!("{INBOX}?archived=true&type=task")).await["items"], json!([]));
    }
}

/// What cannot be chosen is said where it stands, and nothing of it is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preferences_are_checked_and_versioned() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        for (body, pointer) in [
            (
                json!({ "channels": { "system": { "in_app": false, "email": "off" } } }),
                "/channels/system/in_app",
            ),
            (json!({ "channels": { "letters": { "in_app": true, "email": "off" } } }), "/channels/letters"),
            (json!({ "channels": { "task": { "in_app": true, "email": "often" } } }), "/channels/task/email"),
            (json!({ "channels": {}, "digest": { "interval": "daily", "hour": 24 } }), "/digest/hour"),
            (
                json!({ "channels": {}, "quiet_hours": { "from": "22:00", "until": "24:00" } }),
                "/quiet_hours/until",
            ),
        ] {
            let (status, refused) = prefer(&server, &ann, body.clone()).await;
            assert_eq!(status, 422, "{body}: {refused}");
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        }
        let preferences = get(&server, &ann, PREFERENCES).await;
        assert_eq!((&preferences["version"], &preferences["quiet_hours"]), (&json!(0), &Value::Null));
        assert_eq!(preferences["channels"].as_object().unwrap().len(), 11);
        let chosen = json!({ "channels": {}, "quiet_hours": { "from": "22:30", "until": "06:05" } });
        assert_eq!(prefer(&server, &ann, chosen.clone()).await.1["quiet_hours"], chosen["quiet_hours"]);
        let stale = server.call("PUT", PREFERENCES).bearer_auth(ann.token()).header("If-Match", "\"0\"");
        assert_eq!(stale.json(&chosen).send().await.unwrap().status(), 412);
        assert_eq!(
            server
                .call("PUT", PREFERENCES)
                .bearer_auth(ann.token())
                .json(&chosen)
                .send()
                .await
                .unwrap()
                .status(),
            428
        );
        let export = get(&server, &ann, "/v1/me/export").await;
        assert_eq!(export["domains"]["notification"]["preferences"]["quiet_hours"][0], "22:30");
    }
}

/// A client that comes back sees what it missed, once; a ticket opens one stream; a sixth stream ends the oldest; and
/// none outlives its session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_resume_and_end_with_their_session() {
    for server in both().await {
        let (ann, bob, north) = owner_and_member(&server).await;
        let (_, first) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        assign(&server, &ann, &first, &bob).await;
        inbox(&server, &bob, 1).await;
        let mut events = Events::open(&server, Some(bob.token()), "?after=0").await.unwrap();
        let (seen_last, _) = events.expect("notification").await;
        events.expect("unread").await;
        drop(events);
        let (_, second) = campaign(&server, &ann, north, file("1.1", "full", false)).await;
        assign(&server, &ann, &second, &bob).await;
        inbox(&server, &bob, 2).await;
        let number = seen_last.unwrap();

        let call = server.call("GET", &format!("{INBOX}/stream")).bearer_auth(bob.token());
        let answer = call.header("Last-Event-ID", number.to_string()).send().await.unwrap();
        let mut resumed = Events { answer, text: String::new() };
        let (missed, _) = resumed.expect("notification").await;
        assert!(missed > Some(number));
        assert_eq!(resumed.expect("unread").await.1["count"], 2, "nothing is shown twice");
        let mut ahead = Events::open(&server, Some(bob.token()), "?after=999").await.unwrap();
        assert_eq!(ahead.expect("reset").await.0, missed, "a number from another time");
        for bad in ["?after=-1", "?after=x"] {
            let refused = Events::open(&server, Some(bob.token()), bad).await.err().unwrap();
            assert_eq!((refused.0, &refused.1["errors"][0]["pointer"]), (422, &json!("/after")));
        }

        let ticket = async || {
            let path = format!("{INBOX}/stream-ticket");
            let (status, issued) = send(&server, bob.token(), "POST", &path, Value::Null).await;
            assert_eq!(status, 201, "{issued}");
            format!("?ticket={}", issued["ticket"].as_str().unwrap())
        };
        let query = ticket().await;
        let mut by_ticket = Events::open(&server, None, &query).await.unwrap();
        by_ticket.expect("unread").await;
        let refused = Events::open(&server, None, &query).await.err().unwrap();
        assert_eq!((refused.0, &refused.1["code"]), (401, &json!("notification.invalid_ticket")), "used");
        assert_eq!(Events::open(&server, None, "?ticket=forged").await.err().unwrap().0, 401);
        assert_eq!(Events::open(&server, None, "").await.err().unwrap().0, 401);

        drop((ahead, by_ticket));
        let mut oldest = Events::open(&server, Some(bob.token()), "").await.unwrap();
        oldest.expect("unread").await;
        drop(resumed);
        let mut others = Vec::new();
        for _ in 0..5 {
            let mut stream = Events::open(&server, Some(bob.token()), "").await.unwrap();
            stream.expect("unread").await;
            others.push(stream);
        }
        oldest.expect("replaced").await;
        assert_eq!(oldest.next().await, None);
        let refresh = json!({ "refresh_token": bob.tokens.refresh_token.expose() });
        assert_eq!(server.post("/v1/auth/logout", refresh).await.status(), 204);
        for stream in &mut others {
            stream.expect("unauthenticated").await;
            assert_eq!(stream.next().await, None);
        }
    }
}

/// All up to one that was seen are read, and none that came later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_seen_is_read_at_once() {
    for server in both().await {
        let (ann, _, north) = owner_and_member(&server).await;
        for address in ["cleo@example.org", "dora@example.org"] {
            let person = server.person(address).await;
            server.join(north, &ann, &person, Role::Member).await;
        }
        let told = inbox(&server, &ann, 3).await;
        let read = async |up_to: &Value| {
            let path = format!("{INBOX}/read-all");
            send(&server, ann.token(), "POST", &path, json!({ "up_to": up_to })).await.0
        };
        assert_eq!(read(&told[1]["notification_id"]).await, 204);
        let unread = get(&server, &ann, &format!("{INBOX}/unread-count")).await;
        assert_eq!(unread, json!({ "count": 1, "at_least": false }));
        let left = get(&server, &ann, &format!("{INBOX}?unread=true")).await;
        assert_eq!(left["items"][0]["notification_id"], told[0]["notification_id"]);
        assert_eq!(read(&json!("0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6")).await, 404);
        let page = get(&server, &ann, &format!("{INBOX}?limit=2")).await;
        let next = format!("{INBOX}?limit=2&after={}", page["next"].as_str().unwrap());
        assert_eq!(get(&server, &ann, &next).await["items"].as_array().unwrap().len(), 1);
        let events = get(&server, &ann, "/v1/me/audit/events").await.to_string();
        assert!(!events.contains("notification"), "what one does in one's inbox is nobody's to read");
    }
}
