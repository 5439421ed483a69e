//! What is kept of a person is given to them whole and forgotten with them: by their account, or by the link in their
//! letter.

use std::collections::BTreeSet;

use kernel::{Domain, PersonalData};
use platform::DOMAINS;
use serde_json::{Value, json};

use super::{
    assessment::sessions::{campaign, file, send},
    world::{Server, seen, token_of},
};

/// Domains that keep nothing of people beside, and why.
const KEEP_NOTHING: [(&str, &str); 4] = [
    ("identity", "what it keeps is the frame of the export, and goes in the unit that erases the account"),
    ("audit", "GET /v1/me/audit-events lists it; the keys of what is sealed are destroyed with the account"),
    ("platform", "tasks and letters name things by their ids alone"),
    ("webhook", "endpoints and deliveries are an organisation's, and name people by their ids alone"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_domain_gives_out_and_forgets_what_it_keeps_of_people() {
    let server = Server::on_memory().await;
    let give: BTreeSet<&str> =
        server.platform.personal_data.iter().map(|of| PersonalData::domain(&**of)).collect();
    let all: BTreeSet<&str> = DOMAINS.iter().map(|domain: &&Domain| domain.name).collect();
    let excused: BTreeSet<&str> = KEEP_NOTHING.iter().map(|(name, _)| *name).collect();
    let accounted: BTreeSet<&str> = give.union(&excused).copied().collect();
    assert_eq!(accounted, all, "a domain without `PersonalData`");
    assert!(give.is_disjoint(&excused));
}

async fn answered(server: &Server, bearer: &str, id: &str) -> String {
    let start = format!("/v1/me/assignments/{id}/start");
    let session =
        send(server, bearer, "POST", &start, Value::Null).await.1["id"].as_str().unwrap().to_owned();
    for (item, step) in [("i1", 5), ("i2", 2)] {
        let path = format!("/v1/interview-sessions/{session}/answers/{item}");
        let reply = json!({ "sequence": 1, "reply": { "step": step } });
        assert_eq!(send(server, bearer, "PUT", &path, reply).await.0, 200);
    }
    let submit = format!("/v1/interview-sessions/{session}/submit");
    assert_eq!(send(server, bearer, "POST", &submit, Value::Null).await.0, 200);
    session
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_exports_what_every_domain_keeps() {
    for server in Server::on_both_as(|_| {}).await {
        let ann = server.person("ann@example.org").await;
        let cleo = server.person("cleo@example.net").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "teaser", false)).await;
        let people = json!({ "people": [{ "email": "cleo@example.net", "name": "Cleo", "extra_time": { "minutes": 15, "reason": "reads slowly" } }] });
        let asked = send(&server, ann.token(), "POST", &format!("{campaign}/assignments"), people).await.1;
        let id = asked["items"][0]["id"].as_str().unwrap().to_owned();
        server.letter("cleo@example.net", "assessment/campaign-invitation").await;
        let mine = async || send(&server, cleo.token(), "GET", "/v1/me/assignments", Value::Null).await.1;
        for _ in 0..100 {
            if mine().await["items"].as_array().is_some_and(|items| !items.is_empty()) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        answered(&server, cleo.token(), &id).await;
        let (status, export) = send(&server, cleo.token(), "GET", "/v1/me/export", Value::Null).await;
        assert_eq!((status, &export["account"]["email"]), (200, &json!("cleo@example.net")));
        let part = &export["domains"]["assessment"]["participations"][0];
        assert_eq!((&part["title"], &part["organization_name"]), (&json!("Spring"), &json!("North Wind")));
        assert_eq!(part["extra_time"]["reason"], "reads slowly");
        let answer = &part["session"]["answers"][0];
        assert_eq!(
            (&answer["wording"], &answer["reply"]),
            (&json!("I finish what I begin."), &json!({ "step": 5 }))
        );
        assert_eq!(part["result"]["category"]["name"], "Ready", "as far as the assessment discloses: {part}");
        assert!(part["result"].get("overallScore").is_none_or(Value::is_null), "a teaser tells no score");
        let members = format!("/v1/organizations/{north}/members");
        let own = send(&server, ann.token(), "GET", &members, Value::Null).await.1["items"][0].clone();
        let own = format!("{members}/{}", own["account_id"].as_str().unwrap());
        let described = server.call("PATCH", &own).bearer_auth(ann.token()).header("If-Match", "\"1\"");
        let described = described.json(&json!({ "job_title": "Weaver" })).send().await.unwrap();
        assert_eq!(described.status(), 200);
        let (_, export) = send(&server, ann.token(), "GET", "/v1/me/export", Value::Null).await;
        assert_eq!(export["domains"]["assessment"]["participations"], json!([]), "nobody else's is in it");
        let membership = &export["memberships"][0];
        assert_eq!((&membership["roles"], &membership["job_title"]), (&json!(["owner"]), &json!("Weaver")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_exports_and_erases_by_the_link() {
    for server in Server::on_both_as(|_| {}).await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let people = json!({ "people": [{ "email": "cleo@example.net" }, { "email": "dora@example.net" }] });
        let asked = send(&server, ann.token(), "POST", &format!("{campaign}/assignments"), people).await.1;
        let open = async |address: &str| {
            let letter = server.letter(address, "assessment/campaign-invitation").await;
            let token = json!({ "token": token_of(&letter).expose() });
            seen(server.post("/v1/assignments/open", token).await).await
        };
        let pass = open("cleo@example.net").await.1["pass"].as_str().unwrap().to_owned();
        let dora = open("dora@example.net").await.1["pass"].as_str().unwrap().to_owned();
        let id = asked["items"][0]["id"].as_str().unwrap().to_owned();
        answered(&server, &pass, &id).await;
        let (status, kept) = send(&server, &pass, "GET", "/v1/me/guest-data", Value::Null).await;
        assert_eq!((status, &kept["email"]), (200, &json!("cleo@example.net")));
        assert_eq!(kept["session"]["answers"].as_array().map(Vec::len), Some(2));
        assert!(kept["result"]["overallScore"].is_number(), "{kept}");
        let (status, refused) = send(&server, ann.token(), "DELETE", "/v1/me/guest-data", Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.account_erases")));

        assert_eq!(send(&server, &pass, "DELETE", "/v1/me/guest-data", Value::Null).await.0, 204);
        for gone in ["GET", "DELETE"] {
            assert_eq!(send(&server, &pass, gone, "/v1/me/guest-data", Value::Null).await.0, 404, "{gone}");
        }
        let (status, forgotten) = open("cleo@example.net").await;
        assert_eq!((status, &forgotten["code"]), (404, &json!("request.not_found")));
        let listed =
            send(&server, ann.token(), "GET", &format!("{campaign}/assignments"), Value::Null).await.1;
        assert_eq!(
            (&listed["items"][0]["email"], &listed["items"][0]["status"]),
            (&Value::Null, &json!("released"))
        );
        let dora = send(&server, &dora, "GET", "/v1/me/guest-data", Value::Null).await;
        assert_eq!((dora.0, &dora.1["email"]), (200, &json!("dora@example.net")), "others' stays");
    }
}
