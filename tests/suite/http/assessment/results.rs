//! Summaries, exports through tasks, and scoring anew.

use std::time::Duration;

use identity::Role;
use serde_json::{Value, json};

use super::{
    super::world::{Person, Server},
    servers,
    sessions::{campaign, file, invited, send, take},
    text,
};

/// The task, once it is over.
async fn over(server: &Server, who: &Person, place: &str) -> Value {
    for _ in 0..200 {
        let task = send(server, who.token(), "GET", place, Value::Null).await.1;
        if task["status"] == "succeeded" || task["status"] == "failed" {
            return task;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{place} is not over");
}

#[tokio::test]
async fn managers_see_the_summary_alone_and_from_five_results_up() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let max = server.person("max@example.org").await;
        server.join(north, &ann, &max, Role::Manager).await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let summary = format!("{assessment}/results/summary");
        for n in 0..5 {
            let (status, few) = send(&server, max.token(), "GET", &summary, Value::Null).await;
            assert_eq!((status, &few["code"]), (409, &json!("assessment.too_few_results")));
            let (pass, asked) = invited(&server, &ann, &campaign, &format!("p{n}@elsewhere.org")).await;
            take(&server, &pass, &asked, [5, if n < 4 { 1 } else { 5 }]).await;
        }
        let (status, shown) = send(&server, max.token(), "GET", &summary, Value::Null).await;
        assert_eq!((status, &shown["summary"]["results"]), (200, &json!(5)), "{shown}");
        assert_eq!(shown["summary"]["dimensions"][1]["scores"]["mean"], json!(4.2));
        assert_eq!(shown["summary"]["overall"]["spread"], Value::Null, "five results have no quartiles");
        let list = send(&server, max.token(), "GET", &format!("{assessment}/results"), Value::Null).await.1;
        assert_eq!(list["items"], json!([]), "what others run is not theirs to see");
        let all = send(&server, ann.token(), "GET", &format!("{assessment}/results"), Value::Null).await.1;
        let one = format!("{assessment}/results/{}", text(&all["items"][0]["id"]));
        assert_eq!(send(&server, max.token(), "GET", &one, Value::Null).await.0, 404);
        let of_campaign = format!("{summary}?campaign_id={}", campaign.rsplit_once('/').unwrap().1);
        assert_eq!(
            send(&server, max.token(), "GET", &of_campaign, Value::Null).await.1["summary"],
            shown["summary"]
        );
    }
}

#[tokio::test]
async fn results_are_written_to_a_file_beside_requests() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        for n in 0..2 {
            let (pass, asked) = invited(&server, &ann, &campaign, &format!("+p{n}@elsewhere.org")).await;
            take(&server, &pass, &asked, [5, 1]).await;
        }
        let order = async |format: &str| {
            let call = server.call("POST", &format!("{assessment}/results/exports")).bearer_auth(ann.token());
            let answer = call.json(&json!({ "format": format })).send().await.unwrap();
            assert_eq!(answer.status(), 202);
            answer.headers()["location"].to_str().unwrap().to_owned()
        };
        let place = order("csv").await;
        let task = over(&server, &ann, &place).await;
        assert_eq!(
            (&task["status"], &task["result"]),
            (&json!("succeeded"), &json!({ "results": 2 })),
            "{task}"
        );
        for column in [
            "task_id",
            "task_name",
            "status",
            "result",
            "error",
            "related_type",
            "related_id",
            "user_id",
            "done",
            "total",
        ] {
            assert!(task.get(column).is_some(), "{column} in {task}");
        }
        assert_eq!((&task["task_name"], &task["done"]), (&json!("assessment.export_results"), &json!(2)));
        let file =
            server.call("GET", &format!("{place}/output")).bearer_auth(ann.token()).send().await.unwrap();
        assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8; header=present");
        assert!(
            file.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment; filename=\"results-")
        );
        let csv = file.text().await.unwrap();
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines.len(), 4, "{csv}");
        assert!(lines[0].starts_with("result_id,") && lines[0].ends_with(",Focus,Reach"), "{csv}");
        assert!(lines[1].contains(",'+p1@elsewhere.org,"), "no spreadsheet takes it for a formula: {csv}");

        let place = order("ndjson").await;
        over(&server, &ann, &place).await;
        let file =
            server.call("GET", &format!("{place}/output")).bearer_auth(ann.token()).send().await.unwrap();
        let lines = file.text().await.unwrap();
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((rows.len(), &rows[0]["dimension_scores"]), (2, &json!({ "focus": 5, "reach": 5 })));

        let ben = server.person("ben@example.org").await;
        assert_eq!(send(&server, ben.token(), "GET", &place, Value::Null).await.0, 404);
        server.join(north, &ann, &ben, Role::Manager).await;
        assert_eq!(send(&server, ben.token(), "GET", &place, Value::Null).await.0, 404);
        assert_eq!(send(&server, ben.token(), "GET", &format!("{place}/output"), Value::Null).await.0, 404);
        let tasks = format!("/v1/organizations/{north}/tasks");
        assert_eq!(send(&server, ben.token(), "GET", &tasks, Value::Null).await.1["items"], json!([]));
        let all = send(&server, ann.token(), "GET", &tasks, Value::Null).await.1;
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn scoring_anew_is_previewed_and_then_puts_new_runs_before_the_old() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        for (n, steps) in [[5, 1], [4, 3]].into_iter().enumerate() {
            let (pass, asked) = invited(&server, &ann, &campaign, &format!("p{n}@elsewhere.org")).await;
            take(&server, &pass, &asked, steps).await;
        }
        let results = format!("{assessment}/results");
        let before = send(&server, ann.token(), "GET", &results, Value::Null).await.1;
        let read = server.call("GET", &assessment).bearer_auth(ann.token()).send().await.unwrap();
        let tag = read.headers()["etag"].to_str().unwrap().to_owned();
        let source = server.call("PUT", &format!("{assessment}/source")).bearer_auth(ann.token());
        let source = source.header("If-Match", tag).header("Content-Type", "text/markdown");
        let other = file("2.0", "full", false).replace("overall >= 4", "overall >= 3");
        assert_eq!(source.body(other).send().await.unwrap().status(), 200);
        let (status, body) =
            send(&server, ann.token(), "POST", &format!("{assessment}/publish"), Value::Null).await;
        assert!(status < 300, "{status} {body}");

        let rescore = format!("{results}/rescore");
        let same = json!({ "preview": true });
        let (status, preview) = send(&server, ann.token(), "POST", &rescore, same).await;
        assert_eq!(
            (status, &preview["results"], &preview["changed"]),
            (200, &json!(2), &json!(0)),
            "{preview}"
        );
        let by_new = json!({ "preview": true, "version": "2.0" });
        let (_, preview) = send(&server, ann.token(), "POST", &rescore, by_new).await;
        assert_eq!(preview["categories"], json!([{ "from": "Growing", "to": "Ready", "results": 1 }]));
        assert_eq!(send(&server, ann.token(), "GET", &results, Value::Null).await.1, before);

        let apply = json!({ "preview": false, "version": "2.0" });
        let (status, task) = send(&server, ann.token(), "POST", &rescore, apply).await;
        assert_eq!((status, &task["task_name"]), (202, &json!("assessment.rescore")), "{task}");
        let place = format!("/v1/organizations/{north}/tasks/{}", text(&task["task_id"]));
        let task = over(&server, &ann, &place).await;
        assert_eq!(task["result"], json!({ "results": 2, "replaced": 2 }), "{task}");
        let no_file = send(&server, ann.token(), "GET", &format!("{place}/output"), Value::Null).await;
        assert_eq!((no_file.0, &no_file.1["code"]), (409, &json!("task.no_output")));
        let after = send(&server, ann.token(), "GET", &results, Value::Null).await.1;
        for (old, new) in before["items"].as_array().unwrap().iter().zip(after["items"].as_array().unwrap()) {
            assert_eq!((&new["run"], &new["assessment_version"]), (&json!(2), &json!("2.0")));
            assert_eq!(new["overall_score"], old["overall_score"]);
            let whole =
                send(&server, ann.token(), "GET", &format!("{results}/{}", text(&new["id"])), Value::Null)
                    .await
                    .1;
            assert_eq!(whole["older_runs"][0]["matched_category"], old["matched_category"]);
            assert_eq!(whole["matched_category"], json!("Ready"));
        }
    }
}

/// With a text and a choice that count for nothing, and labels at the ends of a scale.
fn with_more(version: &str) -> String {
    let file =
        file(version, "full", false).replace("  - id: i2\n", "  - id: i2\n   - labels: Never | Always\n");
    format!(
        "{file}\
         3. What holds you back, \"really\"?\n\
         \x20  - id: i3\n\
         \x20  - answer: text\n\
         4. Which of these?\n\
         \x20  - id: i4\n\
         \x20  - required: false\n\
         \x20  - [ ] Meetings\n\
         \x20  - [ ] Noise\n\
         5. How many hours?\n\
         \x20  - id: i5\n\
         \x20  - answer: number\n\
         \x20  - range: -10..10\n\
         \x20  - required: false\n"
    )
}

/// The media type and the octets of what a task wrote.
pub(super) async fn file_of(server: &Server, who: &Person, place: &str) -> (String, Vec<u8>) {
    assert_eq!(over(server, who, place).await["status"], "succeeded");
    let file = server.call("GET", &format!("{place}/output")).bearer_auth(who.token()).send().await.unwrap();
    let kind = file.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, file.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn what_was_answered_is_shown_and_written_in_the_words_it_was_asked_in() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, with_more("1.0")).await;
        let (pass, asked) = invited(&server, &ann, &campaign, "ben@elsewhere.org").await;
        let start = format!("/v1/me/assignments/{}/start", text(&asked["id"]));
        let session = send(&server, &pass, "POST", &start, Value::Null).await.1;
        let session = format!("/v1/interview-sessions/{}", text(&session["id"]));
        let words = "=1+1; \"meetings\",\nall day";
        let replies = [
            ("i1", json!({ "step": 5 })),
            ("i2", json!({ "step": 1 })),
            ("i3", json!({ "text": words })),
            ("i4", json!({ "option": 2 })),
            ("i5", json!({ "number": -7 })),
        ];
        for (item, reply) in &replies {
            let answer = json!({ "sequence": 1, "reply": reply });
            let kept = send(&server, &pass, "PUT", &format!("{session}/answers/{item}"), answer).await;
            assert_eq!(kept.0, 200, "{}", kept.1);
        }
        assert_eq!(send(&server, &pass, "POST", &format!("{session}/submit"), Value::Null).await.0, 200);

        // Asked otherwise by now, and scored by the rules of then: the words stay those that were answered.
        let tag = server.call("GET", &assessment).bearer_auth(ann.token()).send().await.unwrap();
        let tag = tag.headers()["etag"].to_str().unwrap().to_owned();
        let source = server.call("PUT", &format!("{assessment}/source")).bearer_auth(ann.token());
        let source = source.header("If-Match", tag).header("Content-Type", "text/markdown");
        let other = with_more("1.1").replace("I finish what I begin.", "I finish what I have begun.");
        assert_eq!(source.body(other).send().await.unwrap().status(), 200);
        let publish = format!("{assessment}/publish");
        assert!(send(&server, ann.token(), "POST", &publish, Value::Null).await.0 < 300);
        let apply = json!({ "preview": false, "version": "1.1" });
        let rescored =
            send(&server, ann.token(), "POST", &format!("{assessment}/results/rescore"), apply).await.1;
        over(&server, &ann, &format!("/v1/organizations/{north}/tasks/{}", text(&rescored["task_id"]))).await;

        let results = format!("{assessment}/results");
        let listed = send(&server, ann.token(), "GET", &results, Value::Null).await.1;
        let one = format!("{results}/{}", text(&listed["items"][0]["id"]));
        let shown = send(&server, ann.token(), "GET", &one, Value::Null).await.1;
        assert_eq!(
            (&shown["assessment_version"], &shown["answered_version"]),
            (&json!("1.1"), &json!("1.0"))
        );
        let answers = shown["answers"].as_array().unwrap();
        let readable: Vec<&str> = answers.iter().map(|of| of["readable"].as_str().unwrap()).collect();
        assert_eq!(readable, ["5", "1 (Never)", words, "Noise", "-7"]);
        for (answer, (item, reply)) in answers.iter().zip(&replies) {
            assert_eq!((&answer["item"], &answer["reply"]), (&json!(item), reply));
            assert!(answer["answered_at"].is_string());
        }
        assert_eq!(answers[0]["wording"], json!("I finish what I begin."));
        assert_eq!(shown["turns"], json!([]));

        let expires_at = server.platform.clock.now().plus(Duration::from_secs(3600));
        let new = json!({ "name": "Payroll", "scopes": ["results.read"], "expires_at": expires_at });
        let keys = format!("/v1/organizations/{north}/api-keys");
        let key = text(&send(&server, ann.token(), "POST", &keys, new).await.1["key"]);
        let (status, program) = send(&server, &key, "GET", &one, Value::Null).await;
        assert_eq!((status, &program["overall_score"]), (200, &shown["overall_score"]));
        for field in ["answers", "turns", "answered_version"] {
            assert_eq!(program[field], Value::Null, "a program does not open what was said: {field}");
        }

        let order = async |query: &str, format: &str| {
            let path = format!("{results}/exports{query}");
            let call = server.call("POST", &path).bearer_auth(ann.token());
            let answer = call.json(&json!({ "format": format })).send().await.unwrap();
            let status = answer.status().as_u16();
            let place = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
            (status, place.unwrap_or_default(), answer.json::<Value>().await.unwrap())
        };
        let place = order("?content=both&separator=semicolon&bom=1", "csv").await.1;
        let (kind, bytes) = file_of(&server, &ann, &place).await;
        assert!(kind.starts_with("text/csv"), "{kind}");
        let csv = String::from_utf8(bytes).unwrap();
        let (head, rest) = csv.strip_prefix('\u{feff}').unwrap().split_once("\r\n").unwrap();
        let items = "answered_version;transcript;i1: I finish what I have begun.;i2: What comes next surprises me.;\
                     \"i3: What holds you back, \"\"really\"\"?\";i4: Which of these?;i5: How many hours?";
        assert!(head.starts_with("result_id;") && head.contains(";overall_score;"), "{head}");
        assert!(head.ends_with(items), "{head}");
        let cells = ";1.0;;5;1 (Never);\"'=1+1; \"\"meetings\"\",\nall day\";Noise;-7\r\n";
        assert!(rest.ends_with(cells), "{rest}");

        let place = order("?content=answers&separator=tab", "csv").await.1;
        let (kind, bytes) = file_of(&server, &ann, &place).await;
        let tsv = String::from_utf8(bytes).unwrap();
        assert!(
            kind.starts_with("text/tab-separated-values") && tsv.starts_with("result_id\t"),
            "{kind} {tsv}"
        );
        assert!(!tsv.contains("overall_score") && tsv.contains("\ti4: Which of these?\t"), "{tsv}");

        let place = order("?content=answers", "ndjson").await.1;
        let (_, bytes) = file_of(&server, &ann, &place).await;
        let row: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((&row["answers"], &row["answered_version"]), (&shown["answers"], &json!("1.0")));
        assert_eq!((&row["turns"], row.get("overall_score")), (&json!([]), None));
        let place = order("", "ndjson").await.1;
        let row: Value = serde_json::from_slice(&file_of(&server, &ann, &place).await.1).unwrap();
        assert_eq!((row.get("answers"), &row["overall_score"]), (None, &json!(5)), "scores unless told");

        for (query, format, pointer) in [
            ("?content=all", "csv", "/content"),
            ("?separator=pipe", "csv", "/separator"),
            ("?bom=2", "csv", "/bom"),
            ("?separator=tab", "ndjson", "/separator"),
            ("?bom=1", "ndjson", "/bom"),
        ] {
            let (status, _, refused) = order(query, format).await;
            assert_eq!(
                (status, &refused["errors"][0]["pointer"]),
                (422, &json!(pointer)),
                "{query} {refused}"
            );
        }
    }
}
