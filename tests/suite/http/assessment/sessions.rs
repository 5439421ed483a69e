//! An assessment from the first letter to the result, as a stranger with curl would take it.

use kernel::OrganizationId;
use serde_json::{Value, json};

use super::{
    super::world::{Person, Server, seen, token_of},
    place, servers, text,
};

pub(in super::super) fn file(version: &str, disclosure: &str, interview: bool) -> String {
    let guidelines = "## Interview guidelines\n\
         ### Ask about Focus\n\
         - Tell me about a thing you finished.\n\
         ### Closing\n\
         Thank you.\n\n";
    format!(
        "---\n\
         schema: assessment/1\n\
         name: Readiness\n\
         version: \"{version}\"\n\
         type: multi-dimensional\n\
         scale: {{ min: 1, max: 5 }}\n\
         result_disclosure: {disclosure}\n\
         time_limit_minutes: 60\n\
         answer: agree-5\n\
         ---\n\
         # Readiness\n\
         \n\
         ## Dimensions\n\
         ### Focus\n\
         - weight: 50%\n\
         Stays with a thing.\n\
         ### Reach\n\
         - weight: 50%\n\
         Sees the next thing.\n\
         \n\
         ## Result categories\n\
         ### Ready\n\
         - when: overall >= 4\n\
         Go ahead.\n\
         ### Growing\n\
         - default: true\n\
         Take your time.\n\
         \n\
         {guidelines}\
         ## Items\n\
         1. I finish what I begin.\n\
         \x20  - id: i1\n\
         \x20  - measures: focus\n\
         2. What comes next surprises me.\n\
         \x20  - id: i2\n\
         \x20  - measures: reach (reversed)\n",
        guidelines = if interview { guidelines } else { "" },
    )
}

pub(in super::super) async fn send(
    server: &Server,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let call = server.call(method, path).bearer_auth(token);
    let call = if body.is_null() { call } else { call.json(&body) };
    seen(call.send().await.unwrap()).await
}

/// A published, active assessment and an active campaign with it; where the assessment is, and where the campaign.
pub(in super::super) async fn campaign(
    server: &Server,
    who: &Person,
    organization: OrganizationId,
    file: String,
) -> (String, String) {
    campaign_on(server, who, organization, file, json!({})).await
}

/// The same on these terms.
pub(super) async fn campaign_on(
    server: &Server,
    who: &Person,
    organization: OrganizationId,
    file: String,
    terms: Value,
) -> (String, String) {
    let collection = place(organization);
    let call =
        server.call("POST", &collection).bearer_auth(who.token()).header("Content-Type", "text/markdown");
    let written = seen(call.body(file).send().await.unwrap()).await.1;
    let assessment = format!("{collection}/{}", text(&written["id"]));
    for action in ["publish", "activate"] {
        let (status, body) =
            send(server, who.token(), "POST", &format!("{assessment}/{action}"), Value::Null).await;
        assert!(status < 300, "{status} {body}");
    }
    let campaigns = format!("/v1/organizations/{organization}/campaigns");
    let new = json!({ "name": "Spring", "assessment_type": "custom", "custom_assessment_id": written["id"], "terms": terms });
    let (status, prepared) = send(server, who.token(), "POST", &campaigns, new).await;
    assert_eq!(status, 201, "{prepared}");
    let campaign = format!("{campaigns}/{}", text(&prepared["id"]));
    let (status, body) =
        send(server, who.token(), "POST", &format!("{campaign}/activate"), Value::Null).await;
    assert_eq!(status, 200, "{body}");
    (assessment, campaign)
}

/// Asks an address, opens the link of its letter, and returns the pass and what is asked.
pub(super) async fn invited(server: &Server, who: &Person, campaign: &str, address: &str) -> (String, Value) {
    let people = json!({ "people": [{ "email": address }] });
    let (status, body) = send(server, who.token(), "POST", &format!("{campaign}/assignments"), people).await;
    assert_eq!(status, 201, "{body}");
    let letter = server.letter(address, "assessment/campaign-invitation").await;
    let token = json!({ "token": token_of(&letter).expose() });
    let (status, opened) = seen(server.post("/v1/assignments/open", token).await).await;
    assert_eq!(status, 200, "{opened}");
    (text(&opened["pass"]), opened["assignment"].clone())
}

/// Takes it with these two steps; where the session is.
pub(super) async fn take(server: &Server, pass: &str, asked: &Value, steps: [u8; 2]) -> String {
    let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
    let (status, session) = send(server, pass, "POST", &start, Value::Null).await;
    assert_eq!(status, 200, "{session}");
    let session = format!("/v1/interview-sessions/{}", text(&session["id"]));
    for (item, step) in ["i1", "i2"].into_iter().zip(steps) {
        let answer = json!({ "sequence": 1, "reply": { "step": step } });
        let (status, saved) = send(server, pass, "PUT", &format!("{session}/answers/{item}"), answer).await;
        assert_eq!((status, &saved["outcome"]), (200, &json!("stored")), "{saved}");
    }
    let (status, done) = send(server, pass, "POST", &format!("{session}/submit"), Value::Null).await;
    assert_eq!(status, 200, "{done}");
    session
}

#[tokio::test]
async fn an_invited_person_takes_it_without_an_account_and_both_sides_see_the_result() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (pass, asked) = invited(&server, &ann, &campaign, "ben@elsewhere.org").await;
        assert!(pass.starts_with("tsg_"));
        assert_eq!(
            (&asked["status"], &asked["organization_name"]),
            (&json!("not_started"), &json!("North Wind"))
        );
        let listed = send(&server, &pass, "GET", "/v1/me/assignments", Value::Null).await.1;
        assert_eq!(listed["items"], json!([asked]));

        let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
        let (_, session) = send(&server, &pass, "POST", &start, Value::Null).await;
        assert_eq!((&session["status"], &session["missing"]), (&json!("in_progress"), &json!(["i1", "i2"])));
        let item = &session["questionnaire"]["items"][0];
        assert_eq!(item["form"], json!({ "answer": "agree", "steps": 5, "labels": [] }));
        let shown = session.to_string();
        for hidden in ["focus", "reach", "measures", "points", "correct", "weight"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        let path = format!("/v1/interview-sessions/{}", text(&session["id"]));
        let nothing = json!({ "sequence": 1 });
        let (status, refused) = send(&server, &pass, "PUT", &format!("{path}/answers/i1"), nothing).await;
        assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/reply")));
        let (status, refused) = send(&server, &pass, "POST", &format!("{path}/submit"), Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.incomplete")));
        assert_eq!(refused["errors"][1]["pointer"], json!("/answers/i2"));
        for outsider in [ann.token(), "tsg_forged"] {
            let (status, _) = send(&server, outsider, "GET", &path, Value::Null).await;
            assert!(matches!(status, 401 | 404), "{status}");
        }
        take(&server, &pass, &asked, [5, 1]).await;
        let late = json!({ "sequence": 9, "reply": { "step": 1 } });
        let (status, refused) = send(&server, &pass, "PUT", &format!("{path}/answers/i1"), late).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.event_not_allowed")));

        let mine = send(&server, &pass, "GET", "/v1/me/results", Value::Null).await.1;
        let one = format!("/v1/me/results/{}", text(&mine["items"][0]["id"]));
        let (status, whole) = send(&server, &pass, "GET", &one, Value::Null).await;
        assert_eq!((status, &whole["disclosed"]["overallScore"]), (200, &json!(5)), "{whole}");
        assert_eq!(send(&server, ann.token(), "GET", &one, Value::Null).await.0, 404);
        let results = format!("{assessment}/results");
        let list = send(&server, ann.token(), "GET", &results, Value::Null).await.1;
        let result = &list["items"][0];
        assert_eq!(result["subject"]["email"], json!("ben@elsewhere.org"));
        let one = format!("{results}/{}", text(&result["id"]));
        let (status, whole) = send(&server, ann.token(), "GET", &one, Value::Null).await;
        assert_eq!((status, &whole["matched_category"]), (200, &json!("Ready")));
        assert_eq!(whole["assessment_definition_snapshot"]["dimensions"][0]["id"], json!("focus"));
        assert_eq!(whole["explanation"]["overall"]["score"], json!(5));
        assert_eq!(whole["ai_insights"], Value::Null);
        assert_eq!(
            send(&server, &pass, "GET", &one, Value::Null).await.0,
            404,
            "a pass opens no organisation"
        );
    }
}

#[tokio::test]
async fn two_tabs_a_lost_answer_and_a_lost_submission_leave_what_was_meant() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (pass, asked) = invited(&server, &ann, &campaign, "ben@elsewhere.org").await;
        let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
        let session = send(&server, &pass, "POST", &start, Value::Null).await.1;
        let path = format!("/v1/interview-sessions/{}", text(&session["id"]));
        let put = async |sequence: u64, step: u8| {
            let answer = json!({ "sequence": sequence, "reply": { "step": step } });
            send(&server, &pass, "PUT", &format!("{path}/answers/i1"), answer).await
        };
        assert_eq!(put(1, 2).await.1["outcome"], json!("stored"));
        assert_eq!(put(1, 2).await.1["outcome"], json!("repeated"));
        let (a, b, c, d) = tokio::join!(put(4, 4), put(2, 2), put(3, 3), put(5, 5));
        assert!([&a, &b, &c, &d].iter().all(|(status, _)| *status == 200), "{a:?} {b:?} {c:?} {d:?}");
        let kept = send(&server, &pass, "GET", &path, Value::Null).await.1;
        assert_eq!(
            (&kept["answers"]["i1"]["sequence"], &kept["answers"]["i1"]["reply"]),
            (&json!(5), &json!({ "step": 5 }))
        );
        let (status, refused) = put(5, 1).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.sequence_reused")));
        let two = json!({ "sequence": 1, "reply": { "step": 1 } });
        send(&server, &pass, "PUT", &format!("{path}/answers/i2"), two).await;
        let submit = || {
            let call = server.call("POST", &format!("{path}/submit")).bearer_auth(&pass);
            call.header("Idempotency-Key", "5f0a1c52-submit").send()
        };
        let first = seen(submit().await.unwrap()).await;
        let again = submit().await.unwrap();
        assert_eq!(again.headers()["idempotency-replayed"], "true", "nobody saw the first answer");
        assert_eq!(seen(again).await, first);
        assert_eq!((first.0, &first.1["status"]), (200, &json!("released")));
    }
}

#[tokio::test]
async fn teaser_and_none_show_exactly_that() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        for (disclosure, seen) in [
            (
                "teaser",
                json!({ "disclosure": "teaser", "category": { "name": "Ready", "description": "Go ahead." } }),
            ),
            ("none", json!({ "disclosure": "none" })),
        ] {
            let (_, campaign) = campaign(&server, &ann, north, file("1.0", disclosure, false)).await;
            let address = format!("{disclosure}@elsewhere.org");
            let (pass, asked) = invited(&server, &ann, &campaign, &address).await;
            take(&server, &pass, &asked, [5, 1]).await;
            let mine = send(&server, &pass, "GET", "/v1/me/results", Value::Null).await.1;
            let one = format!("/v1/me/results/{}", text(&mine["items"][0]["id"]));
            let whole = send(&server, &pass, "GET", &one, Value::Null).await.1;
            assert_eq!(whole["disclosed"], seen);
            let told = whole.to_string();
            for hidden in ["score", "Focus", "explanation"] {
                assert!(!told.contains(hidden), "{hidden} in {told}");
            }
        }
    }
}
