//! What is published stays, and so do older runs.

use kernel::{Scope, StoreError};
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{World, run, try_sql, within};
use crate::support::superuser;

const ATTEMPTS: [&str; 6] = [
    "UPDATE assessment.custom_assessment_versions SET source_markdown = 'forged'",
    "DELETE FROM assessment.custom_assessment_versions",
    "TRUNCATE assessment.custom_assessment_versions CASCADE",
    "UPDATE assessment.scoring_runs SET overall_hundredths = 500",
    "DELETE FROM assessment.scoring_runs",
    "TRUNCATE assessment.scoring_runs",
];

async fn written() -> World {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let session = world.take(&fixture, 2, 200).await;
    let result = world.score(&session, 300, [300, 320]).await;
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    let replaced = unit.replace_runs(&[(result.id, run(&session, 2, [310, 330]))]).await;
    assert_eq!(replaced.expect("replaced"), 1);
    unit.commit().await.expect("committed");
    world
}

#[tokio::test]
async fn no_role_of_the_program_alters_a_published_version_or_an_older_run() {
    let world = written().await;
    let tenant = world.north.to_string();
    for role in ["tenant", "account", "identity", "worker", "platform"] {
        for attempt in ATTEMPTS {
            let mut app = within(&world.database, role, &tenant, &tenant).await;
            assert_eq!(try_sql(&mut app, attempt).await, Err("42501".to_owned()), "{role}: {attempt}");
        }
    }
}

#[tokio::test]
async fn neither_the_owner_nor_a_superuser_in_replica_mode_alters_them_by_a_statement() {
    let world = written().await;
    let mut owner = PgConnection::connect(&world.database.owner_url).await.expect("connected");
    let mut superuser = superuser(&world.database).await;
    let mut replica = PgConnection::connect(&world.database.superuser_url).await.expect("connected");
    replica.execute("SET session_replication_role = replica").await.expect("replica mode");
    for attempt in ATTEMPTS {
        for connection in [&mut owner, &mut superuser, &mut replica] {
            assert_eq!(try_sql(connection, attempt).await, Err("23001".to_owned()), "{attempt}");
        }
    }
    for table in ["custom_assessment_versions", "scoring_runs"] {
        let rows: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM assessment.{table}")))
                .fetch_one(&mut superuser)
                .await
                .expect("counted");
        assert_eq!(rows, 1, "{table}");
    }
}

#[tokio::test]
async fn an_assessment_with_a_published_version_is_not_deleted() {
    let world = World::new().await;
    let published = world.publish(world.north, 1, 100).await;
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    let found = unit.custom_assessment(published.assessment).await.expect("read");
    let mut assessment = found.expect("it is there");
    assessment.delete(super::noon());
    let refused = unit.delete_custom_assessment(&mut assessment).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    let mut app = within(&world.database, "tenant", &world.north.to_string(), "").await;
    let refused = try_sql(&mut app, "DELETE FROM assessment.custom_assessments").await;
    assert!(refused.as_ref().is_err_and(|error| error.starts_with("23")), "{refused:?}");
}
