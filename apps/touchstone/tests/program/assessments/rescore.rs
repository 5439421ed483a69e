//! `touchstone assessment rescore`, beside a server.

use serde_json::{Value, json};

use super::SOUND;
use crate::{
    client::{Connection, PASSWORD, Recorded, bearer, call, sign_in, sign_up},
    run::{Place, stderr},
};

const EMAIL: &str = "ann@example.org";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[test]
fn stored_results_are_scored_anew_beside_a_server_and_the_old_runs_stay() {
    let place = Place::new();
    let server = Recorded::start(&place, &[]);
    let address = server.address;
    sign_up(&place, address, EMAIL, PASSWORD);
    let token = bearer(&sign_in(address, EMAIL));
    let act = |operation: &str, body: Value, status: u16| {
        let answer = call(address, operation, std::slice::from_ref(&token), &body, status);
        serde_json::from_str::<Value>(&answer.text).unwrap_or_default()
    };
    let organization = text(&act("POST /v1/organizations", json!({ "name": "North Wind" }), 201)["id"]);
    let under = format!("/v1/organizations/{organization}");
    let markdown = [token.clone(), "Content-Type: text/markdown".to_owned()];
    let written = Connection::open(address).unwrap();
    let written = { written }.send(&format!("POST {under}/custom-assessments"), &markdown, SOUND).unwrap();
    assert_eq!(written.status, 201, "{}", written.text);
    let assessment = text(&written.json()["id"]);
    let shelf = format!("{under}/custom-assessments/{assessment}");
    for action in ["publish", "activate"] {
        act(&format!("POST {shelf}/{action}"), Value::Null, 200);
    }
    let new = json!({ "name": "Spring", "assessment_type": "custom", "custom_assessment_id": assessment });
    let campaign = text(&act(&format!("POST {under}/campaigns"), new, 201)["id"]);
    act(&format!("POST {under}/campaigns/{campaign}/activate"), Value::Null, 200);
    let me = text(&act("GET /v1/me", Value::Null, 200)["id"]);
    let people = json!({ "people": [{ "account_id": me }] });
    act(&format!("POST {under}/campaigns/{campaign}/assignments"), people, 201);
    let asked = text(&act("GET /v1/me/assignments", Value::Null, 200)["items"][0]["id"]);
    let session = act(&format!("POST /v1/me/assignments/{asked}/start"), Value::Null, 200);
    let taken = format!("/v1/interview-sessions/{}", text(&session["id"]));
    for item in session["missing"].as_array().unwrap() {
        let answer = json!({ "sequence": 1, "reply": { "step": 4 } });
        act(&format!("PUT {taken}/answers/{}", text(item)), answer, 200);
    }
    act(&format!("POST {taken}/submit"), Value::Null, 200);

    let which = ["assessment", "rescore", "--organization", &organization, "--assessment", &assessment];
    let with = |more: &[&str]| place.say(&[&which[..], more].concat());
    assert_eq!(with(&["--preview"]), "1 result, 0 would come out otherwise.\n");
    let preview: Value = serde_json::from_str(&with(&["--json"])).unwrap();
    assert_eq!((&preview["results"], &preview["changed"]), (&json!(1), &json!(0)));
    assert_eq!(with(&["--apply"]), "1 result, 0 with a new run. The old runs stay.\n");

    let source =
        call(address, &format!("GET {shelf}"), std::slice::from_ref(&token), &Value::Null, 200).json();
    let tag = format!("If-Match: \"{}\"", source["revision"]);
    let other = SOUND
        .replace("version: \"1.0\"", "version: \"1.1\"")
        .replace("# Team Fit\n", "# Team Fit\n\nNew words.\n");
    let headers = [token.clone(), "Content-Type: text/markdown".to_owned(), tag];
    let put = Connection::open(address).unwrap();
    let put = { put }.send(&format!("PUT {shelf}/source"), &headers, &other).unwrap();
    assert_eq!(put.status, 200, "{}", put.text);
    act(&format!("POST {shelf}/publish"), Value::Null, 200);
    assert_eq!(with(&["--version", "1.1"]), "1 result, 0 would come out otherwise.\n");
    let applied: Value = serde_json::from_str(&with(&["--version", "1.1", "--apply", "--json"])).unwrap();
    assert_eq!(applied, json!({ "results": 1, "replaced": 1 }));
    let listed = act(&format!("GET {shelf}/results"), Value::Null, 200)["items"][0].clone();
    assert_eq!((&listed["run"], &listed["assessment_version"]), (&json!(2), &json!("1.1")));
    let whole = act(&format!("GET {shelf}/results/{}", text(&listed["id"])), Value::Null, 200);
    assert_eq!(whole["older_runs"][0]["assessment_version"], json!("1.0"));

    let refused = place.run(&[&which[..], &["--version", "9.0"]].concat());
    assert_eq!(refused.status.code(), Some(14), "{}", stderr(&refused));
    let both = place.run(&[&which[..], &["--preview", "--apply"]].concat());
    assert_eq!(both.status.code(), Some(2), "{}", stderr(&both));
}
