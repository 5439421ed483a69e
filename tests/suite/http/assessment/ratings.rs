//! The interview, and ratings of it.

use serde_json::{Value, json};

use super::{
    super::world::Server,
    results::file_of,
    servers,
    sessions::{campaign, campaign_on, file, invited, send, take},
    text,
};

async fn turns(server: &Server, pass: &str, path: &str, number: u32, words: &str) -> (u16, Value) {
    send(server, pass, "POST", &format!("{path}/turns"), json!({ "number": number, "text": words })).await
}

#[tokio::test]
async fn a_quote_that_was_not_said_is_refused_and_the_last_rating_makes_the_result() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", true)).await;
        let (pass, asked) = invited(&server, &ann, &campaign, "ben@elsewhere.org").await;
        let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
        let session = send(&server, &pass, "POST", &start, Value::Null).await.1;
        assert_eq!(session["interview"]["turns"][0]["text"], json!("Tell me about a thing you finished."));
        assert_eq!(session["interview"]["goes_on"], json!(true));
        let path = format!("/v1/interview-sessions/{}", text(&session["id"]));
        let words = "I wrote the yearly report to its end, with all the tables and the long list of sources \
                     that nobody had kept in order for years.";
        let (status, spoken) = turns(&server, &pass, &path, 2, words).await;
        assert_eq!((status, &spoken["outcome"]), (200, &json!("stored")));
        assert_eq!((&spoken["turns"][0]["text"], &spoken["goes_on"]), (&json!("Thank you."), &json!(false)));
        assert_eq!(turns(&server, &pass, &path, 2, words).await.1["outcome"], json!("repeated"));
        assert_eq!(
            turns(&server, &pass, &path, 2, "No.").await.1["code"],
            json!("assessment.turn_out_of_order")
        );
        let over = turns(&server, &pass, &path, 4, "And more.").await;
        assert_eq!((over.0, &over.1["code"]), (409, &json!("assessment.no_interview")));
        for (item, step) in [("i1", 5), ("i2", 1)] {
            let answer = json!({ "sequence": 1, "reply": { "step": step } });
            send(&server, &pass, "PUT", &format!("{path}/answers/{item}"), answer).await;
        }
        let done = send(&server, &pass, "POST", &format!("{path}/submit"), Value::Null).await.1;
        assert_eq!(done["status"], json!("needs_rating"));

        let session_path = format!("/v1/organizations/{north}/interview-sessions/{}", text(&session["id"]));
        let material =
            send(&server, ann.token(), "GET", &session_path, Value::Null).await.1["material"].clone();
        assert_eq!(material["missing"], json!([{ "dimension": "focus", "item": null }]));
        assert_eq!(material["transcript"][1]["text"], json!(words));
        let rate = async |text: &str| {
            let evidence = json!([{ "turn": 2, "text": text }]);
            let body = json!({ "dimension": "focus", "score": 4.5, "evidence": evidence });
            send(&server, ann.token(), "POST", &format!("{session_path}/ratings"), body).await
        };
        for unsaid in ["the Yearly report", "the monthly report", " "] {
            let (status, refused) = rate(unsaid).await;
            assert_eq!((status, &refused["code"]), (422, &json!("assessment.rating_invalid")), "{unsaid}");
            assert_eq!(refused["errors"][0]["pointer"], json!("/evidence/0"));
        }
        let (status, rated) = rate("the yearly report").await;
        assert_eq!((status, &rated["status"]), (200, &json!("released")), "{rated}");
        assert_eq!(rated["material"]["ratings"][0]["score"], json!(4.5));
        let (status, refused) = rate("the yearly report").await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.event_not_allowed")));
        let mine = send(&server, &pass, "GET", "/v1/me/results", Value::Null).await.1;
        let one = format!("/v1/me/results/{}", text(&mine["items"][0]["id"]));
        let disclosed = send(&server, &pass, "GET", &one, Value::Null).await.1["disclosed"].clone();
        // focus: the answer 5 and the rating 4.5.
        assert_eq!(disclosed["dimensions"][0]["score"], json!(4.75));

        let results = format!("{assessment}/results");
        let listed = send(&server, ann.token(), "GET", &results, Value::Null).await.1;
        let one = format!("{results}/{}", text(&listed["items"][0]["id"]));
        let said = send(&server, ann.token(), "GET", &one, Value::Null).await.1["turns"].clone();
        let by: Vec<_> = said.as_array().unwrap().iter().map(|turn| turn["by"].clone()).collect();
        assert_eq!(by, ["interviewer", "person", "interviewer"]);
        assert_eq!((&said[0]["dimension"], &said[1]["text"]), (&json!("focus"), &json!(words)));
        for (format, query) in [("csv", "?content=answers"), ("ndjson", "?content=both")] {
            let order = format!("{results}/exports{query}");
            let task = send(&server, ann.token(), "POST", &order, json!({ "format": format })).await.1;
            let task = format!("/v1/organizations/{north}/tasks/{}", text(&task["task_id"]));
            let written = String::from_utf8(file_of(&server, &ann, &task).await.1).unwrap();
            if format == "csv" {
                let lines =
                    "\"Interviewer: Tell me about a thing you finished.\nPerson: I wrote the yearly report";
                assert!(written.contains(lines), "{written}");
            } else {
                let row: Value = serde_json::from_str(&written).unwrap();
                assert_eq!(
                    (&row["turns"][1]["text"], &row["turns"][1]["by"]),
                    (&json!(words), &json!("person"))
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_voided_counts_for_nothing() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (pass, asked) = invited(&server, &ann, &campaign, "ben@elsewhere.org").await;
        let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
        let session = send(&server, &pass, "POST", &start, Value::Null).await.1;
        let session_path = format!("/v1/organizations/{north}/interview-sessions/{}", text(&session["id"]));
        let early = json!({ "minutes": 30, "reason": "The power was out." });
        let (status, refused) =
            send(&server, ann.token(), "POST", &format!("{session_path}/reopen"), early).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.event_not_allowed")));
        assert!(text(&refused["detail"]).contains("`void`"), "{refused}");
        let why = json!({ "reason": "Somebody else had answered." });
        let (status, voided) = send(&server, ann.token(), "POST", &format!("{session_path}/void"), why).await;
        assert_eq!((status, &voided["status"]), (200, &json!("voided")), "{voided}");
        let path = format!("/v1/interview-sessions/{}", text(&session["id"]));
        let answer = json!({ "sequence": 1, "reply": { "step": 5 } });
        let (status, refused) = send(&server, &pass, "PUT", &format!("{path}/answers/i1"), answer).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.event_not_allowed")));
        let results =
            send(&server, ann.token(), "GET", &format!("{assessment}/results"), Value::Null).await.1;
        assert_eq!(results["items"], json!([]));

        let by_hand = json!({ "release": { "when": "by_hand" } });
        let (assessment, campaign) =
            campaign_on(&server, &ann, north, file("1.0", "full", false), by_hand).await;
        let results = format!("{assessment}/results");
        for (address, voided) in [("cid@elsewhere.org", false), ("dan@elsewhere.org", true)] {
            let (pass, asked) = invited(&server, &ann, &campaign, address).await;
            let session = take(&server, &pass, &asked, [5, 1]).await;
            let seen = send(&server, &pass, "GET", "/v1/me/results", Value::Null).await.1;
            assert_eq!(seen["items"], json!([]), "nobody released it");
            let session_path = format!("/v1/organizations/{north}{}", session.trim_start_matches("/v1"));
            let (act, body) = if voided {
                ("void", json!({ "reason": "Somebody else had answered." }))
            } else {
                ("release", Value::Null)
            };
            let (status, session) =
                send(&server, ann.token(), "POST", &format!("{session_path}/{act}"), body).await;
            assert_eq!(status, 200, "{session}");
            let seen = send(&server, &pass, "GET", "/v1/me/results", Value::Null).await.1;
            assert_eq!(seen["items"].as_array().unwrap().len(), usize::from(!voided));
        }
        let list = send(&server, ann.token(), "GET", &results, Value::Null).await.1;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        let preview = json!({ "preview": true });
        let preview = send(&server, ann.token(), "POST", &format!("{results}/rescore"), preview).await.1;
        assert_eq!(preview["results"], json!(1), "{preview}");
    }
}
