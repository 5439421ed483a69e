//! The lanes of the outbox, seen from outside: whoever waits for a letter is not kept waiting by thousands of others.

use std::time::{Duration, Instant};

use platform::{WorkerOptions, shutdown};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::{
    assessment::sessions::{campaign, file, send},
    world::{PASSWORD, Server},
};

/// Letters of 7 organisations, to people who are gone: each costs its handler a look.
const BULK: &str = "
INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at, lane)
SELECT ('00000000-0000-7000-8000-00000000000' || n % 7)::uuid, 'campaign_assignment.invite', 'campaign_assignment',
  gen_random_uuid(), '{}', now(), now(), 2
FROM generate_series(1, $count) AS letters (n)";

async fn register(server: &Server, address: &str) {
    let body = json!({ "email": address, "password": PASSWORD });
    assert_eq!(server.post("/v1/auth/register", body).await.status(), 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_letter_does_not_wait_for_a_campaign() {
    const PEOPLE: usize = 400;
    let idle = || WorkerOptions { outbox: None, ..WorkerOptions::default() };
    for server in [Server::on_memory_with(idle()).await, Server::on_postgres_with(idle()).await] {
        let work = || {
            let (stop, stopping) = shutdown::channel();
            (stop, server.platform.start_work(&WorkerOptions::default(), &stopping))
        };
        let (stop, mut first) = work();
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        stop.stop();
        while first.join_next().await.is_some() {}

        let before = server.mailer.sent().len();
        let people: Vec<Value> =
            (0..PEOPLE).map(|n| json!({ "email": format!("person{n}@example.org") })).collect();
        let assignments = format!("{campaign}/assignments");
        let asked = send(&server, ann.token(), "POST", &assignments, json!({ "people": people })).await;
        assert_eq!(asked.0, 201, "{}", asked.1);
        register(&server, "ben@example.org").await;
        let one = json!({ "people": [{ "email": "cleo@example.org" }] });
        assert_eq!(send(&server, ann.token(), "POST", &assignments, one).await.0, 201);

        let (_stop, _second) = work();
        server.letter("ben@example.org", "identity/verify-email").await;
        server.letter("cleo@example.org", "assessment/campaign-invitation").await;
        // However busy the machine is: what goes first is a matter of order.
        let sent = server.mailer.sent().split_off(before);
        let place = |to: &str| sent.iter().position(|mail| mail.to == to).unwrap();
        let places = [place("ben@example.org"), place("cleo@example.org")];
        assert!(places.iter().all(|place| *place < PEOPLE / 4), "{places:?} of {}", sent.len());
    }
}

/// `just bench-lanes`: what waits in the lowest lane, and how long a letter takes meanwhile; while the lane is entered,
/// and once it is full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures"]
async fn a_verification_letter_beside_a_hundred_thousand() {
    for (count, full) in [(0, false), (100_000, false), (100_000, true)] {
        let server = Server::on_postgres().await;
        let database = server.database.as_ref().unwrap();
        let pool = sqlx::PgPool::connect(&database.superuser_url).await.unwrap();
        let waiting = async |of: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM platform.outbox WHERE lane = 2 {of}");
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
        };
        register(&server, "first@example.org").await;
        server.letter("first@example.org", "identity/verify-email").await;
        let insert = BULK.replace("$count", &count.to_string());
        sqlx::query(AssertSqlSafe(insert)).execute(&pool).await.unwrap();
        while full && waiting("AND turn IS NULL AND due_at <= now()").await > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let (begun, first) = (Instant::now(), waiting("").await);
        let mut times = Vec::new();
        for n in 0..20 {
            let address = format!("person{n}@example.org");
            register(&server, &address).await;
            let answered = Instant::now();
            server.letter(&address, "identity/verify-email").await;
            times.push(answered.elapsed());
        }
        let (last, took) = (waiting("").await, begun.elapsed());
        times.sort();
        let (median, longest) = (times[10], times[19]);
        println!(
            "{first} wait, {last} after {took:.1?}: a letter takes {median:.0?}, the longest {longest:.0?}"
        );
        assert!(longest < Duration::from_secs(2) && (count == 0 || last > 0));
    }
}
