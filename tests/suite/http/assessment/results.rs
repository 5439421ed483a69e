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
