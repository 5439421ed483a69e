//! Campaigns over HTTP: what is set, who is asked, and how far they come.

use std::time::Duration;

use kernel::OrganizationId;
use serde_json::{Value, json};

use super::{
    super::world::{Person, Server, seen, token_of},
    servers,
    sessions::{campaign, file, invited, send, take},
    text,
};

fn campaigns(organization: OrganizationId) -> String {
    format!("/v1/organizations/{organization}/campaigns")
}

/// Changes what was read last.
async fn change(server: &Server, who: &Person, method: &str, path: &str, body: Value) -> (u16, Value) {
    let read = path.split('?').next().unwrap_or_default();
    let version = send(server, who.token(), "GET", read, Value::Null).await.1["version"].to_string();
    let call =
        server.call(method, path).bearer_auth(who.token()).header("If-Match", format!("\"{version}\""));
    let call = if body.is_null() { call } else { call.json(&body) };
    seen(call.send().await.unwrap()).await
}

fn in_days(server: &Server, days: u64) -> String {
    server.platform.clock.now().plus(Duration::from_secs(days * 24 * 3600)).to_string()
}

#[tokio::test]
async fn a_campaign_is_prepared_changed_activated_and_closed() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let collection = campaigns(north);
        let new = json!({
            "name": " Spring ", "message": "Take your time.", "assessment_type": "archetype",
            "interview_style_override": 4,
            "terms": {
                "time_limit_minutes": 45, "pauses": { "most": 2, "minutes": 30 }, "on_deadline": "abandon",
                "release": { "when": "at", "at": "2100-01-01T00:00:00Z" }, "raters": "anyone"
            },
            "closes_at": in_days(&server, 14), "remind_hours": 48
        });
        let call = || {
            server.call("POST", &collection).bearer_auth(ann.token()).header("Idempotency-Key", "spring-1")
        };
        let made = call().json(&new).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let place = made.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(made.headers()["etag"], "\"1\"");
        let (_, prepared) = seen(made).await;
        assert_eq!(place, format!("{collection}/{}", text(&prepared["id"])));
        assert_eq!(
            (
                &prepared["name"],
                &prepared["status"],
                &prepared["assessment_version"],
                &prepared["activated_at"]
            ),
            (&json!("Spring"), &json!("draft"), &json!("1.0"), &Value::Null)
        );
        assert_eq!(prepared["terms"], new["terms"]);
        let again = call().json(&new).send().await.unwrap();
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(seen(again).await.1, prepared);
        let listed =
            send(&server, ann.token(), "GET", &format!("{collection}?status=draft"), Value::Null).await.1;
        assert_eq!(listed["items"], json!([prepared]));
        let (status, refused) =
            send(&server, ann.token(), "GET", &format!("{collection}?status=over"), Value::Null).await;
        assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/status")));

        let patch = json!({ "interview_style_override": null, "terms": { "pauses": null, "time_limit_minutes": null } });
        let (status, changed) = change(&server, &ann, "PATCH", &place, patch).await;
        assert_eq!(status, 200, "{changed}");
        assert_eq!(changed["interview_style_override"], Value::Null);
        assert_eq!(
            changed["terms"],
            json!({
                "time_limit_minutes": null, "pauses": null, "on_deadline": "abandon",
                "release": new["terms"]["release"], "raters": "anyone"
            }),
            "what was left out stays"
        );
        let stale = server.call("PATCH", &place).bearer_auth(ann.token()).header("If-Match", "\"1\"");
        assert_eq!(stale.json(&json!({ "name": "X" })).send().await.unwrap().status(), 412);
        let bare = server.call("PATCH", &place).bearer_auth(ann.token()).json(&json!({ "name": "X" }));
        assert_eq!(bare.send().await.unwrap().status(), 428);

        let (status, active) =
            send(&server, ann.token(), "POST", &format!("{place}/activate"), Value::Null).await;
        assert_eq!((status, &active["status"]), (200, &json!("active")));
        let (status, refused) = change(
            &server,
            &ann,
            "PATCH",
            &place,
            json!({ "opens_at": null, "terms": { "raters": "person" } }),
        )
        .await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.closed")));
        let (status, _) =
            change(&server, &ann, "PATCH", &place, json!({ "closes_at": in_days(&server, 3) })).await;
        assert_eq!(status, 200);
        let (status, refused) =
            change(&server, &ann, "PATCH", &place, json!({ "closes_at": "2001-01-01T00:00:00Z" })).await;
        assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/closes_at")));

        let close = || send(&server, ann.token(), "POST", &place, Value::Null);
        assert_eq!(close().await.0, 405);
        let (status, closed) =
            send(&server, ann.token(), "POST", &format!("{place}/close"), Value::Null).await;
        assert_eq!((status, &closed["status"]), (200, &json!("closed")));
        let (status, refused) =
            send(&server, ann.token(), "POST", &format!("{place}/remind"), Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.closed")));
    }
}

#[tokio::test]
async fn every_fault_of_a_campaign_is_pointed_at() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    let id = "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6";
    let refused = async |new: Value| {
        let (status, body) = send(&server, ann.token(), "POST", &campaigns(north), new).await;
        assert_eq!(status, 422, "{body}");
        let errors = body["errors"].as_array().unwrap();
        let mut places: Vec<String> = errors.iter().map(|error| text(&error["pointer"])).collect();
        places.sort();
        places
    };
    let all = json!({
        "name": "", "assessment_type": "astrology", "assessment_version": "one", "interview_style_override": 6,
        "terms": { "on_deadline": "explode", "release": { "when": "at" }, "raters": "nobody" },
        "opens_at": "tomorrow", "closes_at": "2027-02-30T00:00:00Z"
    });
    assert_eq!(
        refused(all).await,
        [
            "/assessment_type",
            "/assessment_version",
            "/closes_at",
            "/interview_style_override",
            "/name",
            "/opens_at",
            "/terms/on_deadline",
            "/terms/raters",
            "/terms/release"
        ]
    );
    let sound = |more: Value| {
        let mut new = json!({ "name": "Spring", "assessment_type": "archetype" });
        for (field, value) in more.as_object().unwrap() {
            new[field] = value.clone();
        }
        new
    };
    for (more, place) in [
        (json!({ "assessment_type": "custom" }), "/custom_assessment_id"),
        (json!({ "assessment_type": "custom", "custom_assessment_id": id }), "/custom_assessment_id"),
        (json!({ "custom_assessment_id": id }), "/custom_assessment_id"),
        (json!({ "assessment_version": "1.0" }), "/assessment_version"),
        (json!({ "remind_hours": 24 }), "/remind_hours"),
        (json!({ "terms": { "time_limit_minutes": 0 } }), "/terms/time_limit_minutes"),
        (
            json!({ "terms": { "release": { "when": "scored", "at": "2100-01-01T00:00:00Z" } } }),
            "/terms/release",
        ),
        (json!({ "window": "spring" }), "/window"),
    ] {
        assert_eq!(refused(sound(more)).await, [place]);
    }
    let many: Vec<Value> = (0..501).map(|n| json!({ "email": format!("p{n}@example.net") })).collect();
    let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
    for (people, place) in [
        (json!([]), "/people"),
        (json!(many), "/people"),
        (json!([{ "email": "nobody" }]), "/people/0/email"),
        (json!([{}]), "/people/0"),
        (json!([{ "email": "cleo@example.net", "account_id": id }]), "/people/0"),
        (json!([{ "account_id": id }]), "/people/0/account_id"),
        (
            json!([{ "email": "a@example.net", "extra_time": { "minutes": 0, "reason": "x" } }]),
            "/people/0/extra_time/minutes",
        ),
        (
            json!([{ "email": "a@example.net", "extra_time": { "minutes": 5, "reason": " " } }]),
            "/people/0/extra_time/reason",
        ),
    ] {
        let (status, body) = send(
            &server,
            ann.token(),
            "POST",
            &format!("{campaign}/assignments"),
            json!({ "people": people }),
        )
        .await;
        assert_eq!((status, &body["errors"][0]["pointer"]), (422, &json!(place)), "{body}");
    }
}

#[tokio::test]
async fn people_are_asked_once_watched_and_withdrawn() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let asking = format!("{campaign}/assignments");
        let extra = json!({ "minutes": 15, "reason": "reads with a screen reader" });
        let people = json!({ "people": [
            { "email": "cleo@example.net", "name": "Cleo", "extra_time": extra },
            { "account_id": ann.ctx.actor.account().unwrap() }
        ] });
        let call =
            || server.call("POST", &asking).bearer_auth(ann.token()).header("Idempotency-Key", "ask-1");
        let (status, made) = seen(call().json(&people).send().await.unwrap()).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!(made["items"][0]["extra_time"], extra);
        let replayed = seen(call().json(&people).send().await.unwrap()).await;
        assert_eq!(replayed, (201, made.clone()), "nobody is asked twice");
        let twice = json!({ "people": [{ "email": "dora@example.net" }, { "email": "CLEO@example.net" }] });
        let (status, refused) = send(&server, ann.token(), "POST", &asking, twice).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.already_assigned")));
        assert!(text(&refused["detail"]).starts_with("CLEO@example.net"), "{refused}");

        let letter = server.letter("cleo@example.net", "assessment/campaign-invitation").await;
        assert!(letter.link.as_ref().unwrap().expose().contains("/assessment#token="));
        server.letter("ann@example.org", "assessment/campaign-invitation").await;
        let (pass, asked) = invited(&server, &ann, &campaign, "dora@example.net").await;
        take(&server, &pass, &asked, [5, 1]).await;
        let progress =
            send(&server, ann.token(), "GET", &format!("{campaign}/progress"), Value::Null).await.1;
        assert_eq!(
            [&progress["assigned"], &progress["invited"], &progress["not_opened"], &progress["released"]],
            [&json!(3), &json!(3), &json!(2), &json!(1)]
        );
        let listed = send(&server, ann.token(), "GET", &asking, Value::Null).await.1;
        let states: Vec<_> =
            listed["items"].as_array().unwrap().iter().map(|one| text(&one["status"])).collect();
        assert_eq!(states, ["not_opened", "not_opened", "released"]);

        let cleo = format!("{asking}/{}", text(&made["items"][0]["id"]));
        let more = json!({ "extra_time": { "minutes": 30, "reason": "writes with one hand" } });
        let (status, granted) = change(&server, &ann, "PATCH", &cleo, more.clone()).await;
        assert_eq!((status, &granted["extra_time"]), (200, &more["extra_time"]));
        let opened =
            seen(server.post("/v1/assignments/open", json!({ "token": token_of(&letter).expose() })).await)
                .await
                .1;
        assert_eq!(opened["assignment"]["minutes"], json!(90), "{opened}");
        let (status, refused) = change(&server, &ann, "DELETE", &cleo, Value::Null).await;
        assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/reason")));
        let (status, _) =
            change(&server, &ann, "DELETE", &format!("{cleo}?reason=the%20wrong%20Cleo"), Value::Null).await;
        assert_eq!(status, 204);
        let again = server.post("/v1/assignments/open", json!({ "token": token_of(&letter).expose() })).await;
        assert_eq!(again.status(), 409);
        let gone = send(&server, ann.token(), "GET", &cleo, Value::Null).await.1;
        assert_eq!(gone["status"], json!("voided"));
        assert!(gone["withdrawn_at"].is_string());
        let dora = format!("{asking}/{}", text(&asked["id"]));
        let (status, refused) =
            change(&server, &ann, "DELETE", &format!("{dora}?reason=oops"), Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.event_not_allowed")));
    }
}

#[tokio::test]
async fn two_who_ask_one_address_at_once_ask_it_once() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let asking = format!("{campaign}/assignments");
        let people = json!({ "people": [{ "email": "cleo@example.net" }] });
        let ask = || send(&server, ann.token(), "POST", &asking, people.clone());
        let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
        let mut states = [a.0, b.0, c.0, d.0];
        states.sort_unstable();
        assert_eq!(states, [201, 409, 409, 409]);
        let listed = send(&server, ann.token(), "GET", &asking, Value::Null).await.1;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn first_uses_of_a_built_in_type_at_once_make_one_copy() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let collection = campaigns(north);
        let new = json!({ "name": "Spring", "assessment_type": "education" });
        let prepare = || send(&server, ann.token(), "POST", &collection, new.clone());
        let (a, b, c) = tokio::join!(prepare(), prepare(), prepare());
        for (status, body) in [&a, &b, &c] {
            assert_eq!(*status, 201, "{body}");
            assert_eq!(body["custom_assessment_id"], a.1["custom_assessment_id"]);
        }
    }
}

#[tokio::test]
async fn five_hundred_people_are_asked_in_one_call() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let people: Vec<Value> = (0..500).map(|n| json!({ "email": format!("p{n}@example.net") })).collect();
        let people = json!({ "people": people });
        let (status, made) =
            send(&server, ann.token(), "POST", &format!("{campaign}/assignments"), people).await;
        assert_eq!(status, 201);
        assert_eq!(made["items"].as_array().unwrap().len(), 500);
        let last =
            server.mailer.wait_for(|mail| mail.to == "p499@example.net", Duration::from_secs(60)).await;
        assert!(last.is_some(), "the last letter came");
    }
}
