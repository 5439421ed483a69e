//! Coaching over HTTP.

use serde_json::{Value, json};

use super::{
    super::world::{seen, token_of},
    servers,
    sessions::send,
    text,
};

#[tokio::test]
async fn a_coach_arranges_changes_reminds_and_ends() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let collection = format!("/v1/organizations/{north}/coaching-sessions");
        let new = json!({
            "coachee": { "email": "cleo@example.net", "name": "Cleo" }, "title": "Finding a role",
            "scheduled_at": "2100-01-01T09:00:00Z"
        });
        let call =
            || server.call("POST", &collection).bearer_auth(ann.token()).header("Idempotency-Key", "coach-1");
        let made = call().json(&new).send().await.unwrap();
        let place = made.headers()["location"].to_str().unwrap().to_owned();
        let (status, arranged) = seen(made).await;
        assert_eq!((status, &arranged["assessment_type"]), (201, &json!("archetype")), "{arranged}");
        assert_eq!(
            arranged["coachee"],
            json!({ "account_id": null, "email": "cleo@example.net", "name": "Cleo" })
        );
        assert_eq!(seen(call().json(&new).send().await.unwrap()).await.1, arranged);
        let letter = server.letter("cleo@example.net", "assessment/coaching-invitation").await;
        assert!(mail::render(&letter).unwrap().text.contains("You meet on 1 January 2100"));

        for (body, pointer) in [
            (json!({ "coachee": { "email": "ann@example.org" }, "title": "Me" }), "/coachee/email"),
            (
                json!({ "coachee": { "account_id": ann.ctx.actor.account() }, "title": "Me" }),
                "/coachee/account_id",
            ),
            (
                json!({ "coachee": { "email": "x@example.net" }, "title": "Me", "assessment_type": "industry4" }),
                "/assessment_type",
            ),
            (json!({ "coachee": {}, "title": "Me" }), "/coachee"),
            (
                json!({ "coachee": { "email": "x@example.net" }, "title": "Me", "duration_minutes": 4 }),
                "/duration_minutes",
            ),
            (
                json!({ "coachee": { "email": "x@example.net" }, "title": "Me", "time_zone": "Berlin" }),
                "/time_zone",
            ),
        ] {
            let (status, refused) = send(&server, ann.token(), "POST", &collection, body).await;
            assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!(pointer)), "{refused}");
        }

        let beside = json!({
            "coachee": { "email": "dora@example.net" }, "title": "Another", "scheduled_at": "2100-01-01T09:59:00Z",
            "duration_minutes": 5, "time_zone": "Europe/Berlin"
        });
        let (status, refused) = send(&server, ann.token(), "POST", &collection, beside).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.time_taken")), "{refused}");

        let version = send(&server, ann.token(), "GET", &place, Value::Null).await.1["version"].to_string();
        let patch = json!({ "scheduled_at": null, "duration_minutes": 90, "time_zone": "Asia/Tokyo", "extra_time": { "minutes": 5, "reason": "a slow line" } });
        let call = server
            .call("PATCH", &place)
            .bearer_auth(ann.token())
            .header("If-Match", format!("\"{version}\""));
        let (status, mut changed) = seen(call.json(&patch).send().await.unwrap()).await;
        assert_eq!(
            (status, &changed["scheduled_at"], &changed["extra_time"]),
            (200, &Value::Null, &patch["extra_time"])
        );
        assert_eq!((&changed["duration_minutes"], &changed["time_zone"]), (&json!(90), &json!("Asia/Tokyo")));
        let mut listed = send(&server, ann.token(), "GET", &collection, Value::Null).await.1;
        // How far the letter has come may be told between the two.
        for one in [&mut changed, &mut listed["items"][0]] {
            assert!(one.as_object_mut().unwrap().remove("delivery").is_some());
        }
        assert_eq!(listed["items"], json!([changed]));

        let (status, _) = send(&server, ann.token(), "POST", &format!("{place}/remind"), Value::Null).await;
        assert_eq!(status, 200);
        let newer = server.letter("cleo@example.net", "assessment/coaching-reminder").await;
        let open =
            |token: kernel::Secret| server.post("/v1/assignments/open", json!({ "token": token.expose() }));
        assert_eq!(open(token_of(&letter)).await.status(), 200, "for a day beside the newer one");
        assert_eq!(open(token_of(&newer)).await.status(), 200);
        let (status, refused) =
            send(&server, ann.token(), "POST", &format!("{place}/remind"), Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.closed")));
        let (status, closed) =
            send(&server, ann.token(), "POST", &format!("{place}/close"), Value::Null).await;
        assert_eq!((status, text(&closed["status"])), (200, "closed".to_owned()));
        assert_eq!(open(token_of(&newer)).await.status(), 409);
    }
}
