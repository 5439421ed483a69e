//! Whose it is, over HTTP: found on registration, forgotten on erasure.

use std::time::{Duration, Instant};

use kernel::{DeliveryState, PageRequest};
use serde_json::{Value, json};
use sqlx::Row as _;

use super::{
    super::world::Server,
    servers,
    sessions::{campaign, file, invited, send, take},
    text,
};

/// Asks until it is so, as the workers get to it.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came so far");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every row of every table but those of the programs themselves, as text.
async fn dump(server: &Server) -> String {
    let Some(database) = &server.database else { return String::new() };
    let pool = sqlx::PgPool::connect(&database.superuser_url).await.unwrap();
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let mut all = String::new();
    for table in sqlx::query(tables).fetch_all(&pool).await.unwrap() {
        let table: String = table.get(0);
        let rows = format!("SELECT to_jsonb(row)::text FROM {table} AS row");
        for row in sqlx::query(sqlx::AssertSqlSafe(rows)).fetch_all(&pool).await.unwrap() {
            let row: String = row.get(0);
            all.extend([&table, "\t", &row, "\n"]);
        }
    }
    all
}

#[tokio::test]
async fn who_registers_finds_it_and_whoever_is_erased_leaves_no_word() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (assessment, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (pass, asked) = invited(&server, &ann, &campaign, "canary-cleo@example.net").await;
        let session = take(&server, &pass, &asked, [5, 1]).await;

        let cleo = server.person("canary-cleo@example.net").await;
        let mine = async || send(&server, cleo.token(), "GET", "/v1/me/assignments", Value::Null).await.1;
        until(async || mine().await["items"].as_array().is_some_and(|items| items.len() == 1)).await;
        assert_eq!(mine().await["items"][0]["id"], asked["id"]);
        let results = send(&server, cleo.token(), "GET", "/v1/me/results", Value::Null).await.1;
        assert_eq!(results["items"].as_array().unwrap().len(), 1);
        let (status, refused) = send(&server, &pass, "GET", &session, Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("assessment.sign_in_needed")));
        let one = format!("{campaign}/assignments/{}", text(&asked["id"]));
        let shown = send(&server, ann.token(), "GET", &one, Value::Null).await.1;
        assert_eq!(
            (&shown["account_id"], &shown["email"]),
            (&Value::Null, &json!("canary-cleo@example.net"))
        );

        let version =
            send(&server, cleo.token(), "GET", "/v1/me", Value::Null).await.1["version"].to_string();
        let erase = server.call("DELETE", "/v1/me").bearer_auth(cleo.token());
        let erased = erase.header("If-Match", format!("\"{version}\"")).send().await.unwrap();
        assert_eq!(erased.status(), 204);
        until(async || send(&server, ann.token(), "GET", &one, Value::Null).await.1["email"] == Value::Null)
            .await;
        let results =
            send(&server, ann.token(), "GET", &format!("{assessment}/results"), Value::Null).await.1;
        let result = &results["items"][0];
        assert_eq!(result["matched_category"], json!("Ready"), "the scores stay: {results}");
        assert_eq!(result["subject"].get("email").unwrap_or(&Value::Null), &Value::Null);
        server.letter("canary-cleo@example.net", "identity/account-erased").await;
        until(async || !dump(&server).await.contains("canary-cleo")).await;
    }
}

/// Whose address it is is found while the letter is written: both change what the person is asked in.
#[tokio::test]
async fn no_delivery_about_somebody_with_an_account_needs_a_second_attempt() {
    const PEOPLE: usize = 6;
    const CAMPAIGNS: usize = 10;
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (place, _) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let assessment = place.rsplit('/').next().expect("it ends with an id");
        let addresses: Vec<String> = (0..PEOPLE).map(|number| format!("p{number}@example.net")).collect();
        for address in &addresses {
            server.person(address).await;
        }
        let people: Vec<Value> = addresses.iter().map(|address| json!({ "email": address })).collect();
        let campaigns = format!("/v1/organizations/{north}/campaigns");
        for number in 0..CAMPAIGNS {
            let new = json!({
                "name": format!("Round {number}"), "assessment_type": "custom", "custom_assessment_id": assessment
            });
            let made = send(&server, ann.token(), "POST", &campaigns, new).await.1;
            let campaign = format!("{campaigns}/{}", text(&made["id"]));
            send(&server, ann.token(), "POST", &format!("{campaign}/activate"), Value::Null).await;
            let asked = json!({ "people": people });
            let asked = send(&server, ann.token(), "POST", &format!("{campaign}/assignments"), asked).await;
            assert_eq!(asked.0, 201, "{}", asked.1);
        }
        let letters = || {
            server.mailer.sent().iter().filter(|mail| mail.template.ends_with("campaign-invitation")).count()
        };
        until(async || {
            let page = PageRequest::default();
            let waiting = server.platform.outbox.list(DeliveryState::Waiting, &page).await.unwrap().items;
            let again = waiting.iter().find(|entry| entry.delivery.attempts > 0);
            assert!(again.is_none(), "it is tried again later: {again:#?}");
            letters() == PEOPLE * CAMPAIGNS && waiting.is_empty()
        })
        .await;
    }
}
