//! Notifications as people meet them: in their inbox, on an open stream, and by mail as they prefer.

use std::{slice::from_ref, sync::Arc, time::Duration};

use contracts::fixture::FixedClock;
use identity::{OrganizationLimits, Role};
use kernel::OrganizationId;
use reqwest::Response;
use serde_json::{Value, json};

use super::{
    assessment::sessions::{campaign, file, send},
    world::{Person, Server, nobody, seen},
};

const INBOX: &str = "/v1/me/notifications";
const PREFERENCES: &str = "/v1/me/notification-preferences";

async fn both() -> [Server; 2] {
    Server::on_both_as(|_| {}).await
}

async fn get(server: &Server, who: &Person, path: &str) -> Value {
    let (status, body) = send(server, who.token(), "GET", path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Waits until the inbox holds so many.
async fn inbox(server: &Server, who: &Person, count: usize) -> Vec<Value> {
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

async fn prefer(server: &Server, who: &Person, preferences: Value) -> (u16, Value) {
    let version = format!("\"{}\"", get(server, who, PREFERENCES).await["version"]);
    let call = server.call("PUT", PREFERENCES).bearer_auth(who.token()).header("If-Match", version);
    seen(call.json(&preferences).send().await.unwrap()).await
}

/// An owner with an organisation, and a member of it, whose joining the owner was told of.
async fn owner_and_member(server: &Server) -> (Person, Person, OrganizationId) {
    let ann = server.person("ann@example.org").await;
    let bob = server.person("bob@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    server.join(north, &ann, &bob, Role::Member).await;
    inbox(server, &ann, 1).await;
    (ann, bob, north)
}

async fn assign(server: &Server, by: &Person, campaign: &str, to: &Person) {
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

/// A mail about a notification carries a link that ends such mails without signing in, and begins them again; what
/// happens still shows in the product.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_end_by_the_link_in_them() {
    for server in both().await {
        let (ann, _, north) = owner_and_member(&server).await;
        let mail = server.letter("ann@example.org", "notification/notice").await;
        let link = mail.unsubscribe.as_ref().unwrap().expose().to_owned();
        let path = link.split_once("/v1/").map(|(_, path)| format!("/v1/{path}")).unwrap();
        let page = server.call("GET", &path).send().await.unwrap();
        assert_eq!(page.status(), 303, "who looks at every link unsubscribes nobody");
        assert!(page.headers()["location"].to_str().unwrap().contains("/unsubscribe#notifications="));
        let system = async || get(&server, &ann, PREFERENCES).await["channels"]["system"]["email"].clone();
        assert_eq!(system().await, "instant");
        for _ in 0..2 {
            let (status, ended) = seen(server.call("POST", &path).send().await.unwrap()).await;
            assert_eq!((status, &ended["notification_types"]), (200, &json!(["system"])));
        }
        assert_eq!(system().await, "off");
        let forged = path.replace("token=", "token=A");
        let (status, refused) = seen(server.call("POST", &forged).send().await.unwrap()).await;
        assert_eq!((status, &refused["code"]), (422, &json!("notification.invalid_link")));

        let cleo = server.person("cleo@example.org").await;
        server.join(north, &ann, &cleo, Role::Member).await;
        let told = inbox(&server, &ann, 2).await;
        assert_eq!(told[0]["mailed_at"], Value::Null);
        assert_eq!(seen(server.call("DELETE", &path).send().await.unwrap()).await.0, 200);
        assert_eq!(system().await, "instant");
        let dora = server.person("dora@example.org").await;
        server.join(north, &ann, &dora, Role::Member).await;
        inbox(&server, &ann, 3).await;
        let mails = |server: &Server| {
            let sent = server.mailer.sent();
            sent.iter().filter(|mail| mail.template == "notification/notice").count()
        };
        for _ in 0..100 {
            if mails(&server) == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(mails(&server), 2);
    }
}

/// Preferences hold for letters beside notices too; digests and quiet hours keep the person's clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_come_when_the_person_wants_them() {
    let clock = Arc::new(FixedClock::default());
    for server in Server::on_both_as(|options| options.clock = clock.clone()).await {
        let (ann, bob, north) = owner_and_member(&server).await;
        let night = json!({ "from": "00:00", "until": "23:59" });
        let digest = json!({ "assessment": { "in_app": true, "email": "digest" } });
        let (status, chosen) = prefer(
            &server,
            &bob,
            json!({ "channels": digest, "digest": { "interval": "daily", "hour": 18 } }),
        )
        .await;
        assert_eq!((status, &chosen["version"]), (200, &json!(1)));
        assert_eq!(chosen["channels"]["task"], json!({ "in_app": true, "email": "off" }), "the usual holds");
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        assign(&server, &ann, &campaign, &bob).await;
        let second = server.person("cleo@example.org").await;
        server.join(north, &ann, &second, Role::Member).await;
        assert_eq!(prefer(&server, &second, json!({ "channels": {}, "quiet_hours": night })).await.0, 200);
        assign(&server, &ann, &campaign, &second).await;
        inbox(&server, &bob, 1).await;
        inbox(&server, &second, 1).await;
        let to = |address: &str| {
            let sent = server.mailer.sent();
            let templates = sent.iter().filter(|mail| mail.to == address).map(|mail| mail.template);
            templates.filter(|template| !template.starts_with("identity/")).collect::<Vec<_>>()
        };
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!((to("bob@example.org"), to("cleo@example.org")), (vec![], vec![]), "not yet");
        // It was noon; at six in the evening the digest goes, a minute before midnight the night ends.
        clock.advance(Duration::from_secs(6 * 3600));
        let letter = server.letter("bob@example.org", "notification/notice").await;
        assert_eq!(letter.values["title"], "You are asked to take an assessment: Spring", "one goes alone");
        assert_eq!(to("cleo@example.org"), Vec::<&str>::new());
        clock.advance(Duration::from_secs(6 * 3600 - 60));
        server.letter("cleo@example.org", "assessment/campaign-invitation").await;
        assert_eq!(to("bob@example.org"), ["notification/notice"], "the letter gave way to the digest");
        let bob = server.sign_in("bob@example.org").await;
        let found = &inbox(&server, &bob, 1).await[0];
        assert!(found["mailed_at"].is_string(), "{found}");
        clock.advance(Duration::from_secs(12 * 3600 + 60));
    }
}

/// Whoever has the address that was asked is told in the product, too, and gets the letter whatever they prefer: the
/// organisation learns nothing of their account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asked_by_their_address_is_told_as_well() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let dora = server.person("dora@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let night = json!({ "channels": {}, "quiet_hours": { "from": "00:00", "until": "23:59" } });
        assert_eq!(prefer(&server, &dora, night).await.0, 200);
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let people = json!({ "people": [{ "email": "dora@example.org" }] });
        let assignments = format!("{campaign}/assignments");
        assert_eq!(send(&server, ann.token(), "POST", &assignments, people).await.0, 201);
        server.letter("dora@example.org", "assessment/campaign-invitation").await;
        let told = &inbox(&server, &dora, 1).await[0];
        assert_eq!(told["title"], "You are asked to take an assessment: Spring");
        let link = told["action_url"].as_str().unwrap();
        assert!(link.contains("/assessment#assignment="), "{link}");
        let listed = get(&server, &ann, &assignments).await;
        assert_eq!(listed["items"][0]["delivery"]["status"], "sent");
    }
}

/// A mail that waits for its organisation comes later, and one that nobody wants any more does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_mailed_and_what_is_not_wanted_is_not() {
    let clock = Arc::new(FixedClock::default());
    for server in Server::on_both_as(|options| options.clock = clock.clone()).await {
        let (ann, bob, north) = owner_and_member(&server).await;
        let cleo = server.person("cleo@example.org").await;
        server.join(north, &ann, &cleo, Role::Member).await;
        let digest = json!({ "channels": { "assessment": { "in_app": true, "email": "digest" } },
            "digest": { "interval": "daily", "hour": 18 } });
        for who in [&bob, &cleo] {
            assert_eq!(prefer(&server, who, digest.clone()).await.0, 200);
        }
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        for who in [&bob, &cleo] {
            assign(&server, &ann, &campaign, who).await;
            inbox(&server, who, 1).await;
        }
        let off = json!({ "channels": { "assessment": { "in_app": true, "email": "off" } } });
        assert_eq!(prefer(&server, &cleo, off).await.0, 200);
        let limits = &server.platform.identity.organization_limits;
        limits.decide(&nobody(), north, OrganizationLimits::pause_mail).await.unwrap();
        clock.advance(Duration::from_secs(6 * 3600));
        tokio::time::sleep(Duration::from_millis(700)).await;
        let mails = || {
            let sent = server.mailer.sent();
            let told =
                sent.iter().filter(|mail| mail.template == "notification/notice" && mail.to != ann.email);
            told.map(|mail| mail.to.clone()).collect::<Vec<_>>()
        };
        assert_eq!(mails(), Vec::<String>::new(), "letters of the organisation are paused");
        limits.decide(&nobody(), north, |limits, _| limits.mail_paused_at = None).await.unwrap();
        clock.advance(Duration::from_secs(16 * 60));
        server.letter("bob@example.org", "notification/notice").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(mails(), ["bob@example.org"], "the other one wanted none any more");
        clock.advance(Duration::from_secs(18 * 3600 - 16 * 60));
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
