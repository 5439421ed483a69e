//! Databases for tests: one cluster for the process, one migrated template, a copy for each test.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use audit::EventRecorder;
use embedded_postgres::testing::TemporaryCluster;
use tokio::sync::OnceCell;

use crate::{PostgresStorage, Settings, bootstrap_sql, migrate};

const TEMPLATE: &str = "touchstone_template";
const SUPERUSER: &str = "postgres";

static CLUSTER: OnceCell<TemporaryCluster> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// An empty, migrated database of its own. It goes with the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestDatabase {
    /// For `touchstone_app`, which serves.
    pub app_url: String,
    /// For `touchstone_owner`, which migrates.
    pub owner_url: String,
    /// For whoever may do anything.
    pub superuser_url: String,
}

impl TestDatabase {
    /// Storage over it, with few connections.
    pub async fn storage(&self, recorder: Arc<EventRecorder>) -> PostgresStorage {
        let mut settings = Settings::new(&self.app_url);
        settings.acquire_timeout = std::time::Duration::from_secs(20);
        PostgresStorage::connect(&settings, recorder).await.expect("the app's role may serve")
    }
}

impl PostgresStorage {
    /// How often other threads than the caller's waited for an answer of PostgreSQL so far: those that serve requests,
    /// and not the work beside them. Statements that are prepared for the first time are not counted.
    pub fn flights(&self) -> u64 {
        let flights = self.pool.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let own = thread::current().id();
        flights.iter().filter(|(thread, _)| **thread != own).map(|(_, count)| count).sum()
    }
}

/// The cluster of this process.
pub async fn cluster() -> &'static TemporaryCluster {
    CLUSTER.get_or_init(start).await
}

/// A migrated database.
pub async fn fresh_database() -> TestDatabase {
    database(TEMPLATE).await
}

/// A database with roles and owner, but without any table.
pub async fn blank_database() -> TestDatabase {
    database("template0").await
}

async fn database(template: &str) -> TestDatabase {
    let cluster = cluster().await;
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    create(cluster, &name, template).await;
    let url = |role| cluster.url(role, &name);
    let [app_url, owner_url, superuser_url] = ["touchstone_app", "touchstone_owner", SUPERUSER].map(url);
    TestDatabase { app_url, owner_url, superuser_url }
}

async fn create(cluster: &TemporaryCluster, name: &str, template: &str) {
    let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
    cluster.sql("postgres", &create).await.expect("a database can be created");
    cluster.sql(name, &bootstrap_sql(name)).await.expect("a superuser can set it up");
}

async fn start() -> TemporaryCluster {
    let cluster = TemporaryCluster::start_with(|settings| settings.max_connections = 400).await;
    let cluster = cluster.unwrap_or_else(|error| panic!("tests need PostgreSQL: {error}"));
    create(&cluster, TEMPLATE, "template0").await;
    migrate(&cluster.url("touchstone_owner", TEMPLATE)).await.expect("an empty database can be migrated");
    cluster
}
