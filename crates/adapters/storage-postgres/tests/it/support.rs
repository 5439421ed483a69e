//! Small things the tests share.

use std::time::Duration;

use contracts::fixture::recorder;
use identity::{
    Account, EmailAddress, Membership, Organization, OrganizationProfile, PasswordHash, Preferences, Profile,
    Role, Roles, text::Name,
};
use kernel::{AccountId, Actor, Ctx, Id, OrganizationId, PlatformRole, Scope, Store, Timestamp};
use sqlx::{Connection as _, PgConnection, Row as _};
use storage_postgres::{PostgresStorage, Settings, testing::TestDatabase};
use uuid::Uuid;

pub(crate) fn ctx(scope: Scope) -> Ctx {
    Ctx::new(Actor::System, scope)
}

pub(crate) fn id<T>(number: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

pub(crate) fn account(number: u128) -> Account {
    let email = EmailAddress::new(&format!("person{number}@example.org")).expect("an address");
    let hash = PasswordHash("hash".to_owned());
    Account::open(id(number), email, hash, Profile::default(), PlatformRole::User, noon())
}

/// A unit of the identity domain.
pub(crate) async fn begin(storage: &PostgresStorage, scope: Scope) -> Box<identity::Unit> {
    storage.begin(&ctx(scope)).await.expect("a unit")
}

/// An organisation with these owners, kept.
pub(crate) async fn founded(storage: &PostgresStorage, number: u128, owners: &[u128]) -> OrganizationId {
    let name = Name::new("North").expect("a name");
    let settings = Preferences::default();
    let profile = OrganizationProfile { name, slug: None, requires_second_factor: false, settings };
    let mut organization = Organization::found(id(number), profile, noon());
    let mut unit = begin(storage, Scope::Identity).await;
    unit.save_organization(&mut organization).await.expect("saved");
    for owner in owners {
        unit.save_account(&mut account(*owner)).await.expect("saved");
        let (at, who): (OrganizationId, AccountId) = (organization.id, id(*owner));
        let mut membership =
            Membership::join(id(number * 1000 + owner), at, who, Roles::only(Role::Owner), noon());
        unit.save_membership(&mut membership).await.expect("saved");
    }
    unit.commit().await.expect("committed");
    organization.id
}

pub(crate) async fn storage(database: &TestDatabase, connections: u32) -> PostgresStorage {
    let mut settings = Settings::new(&database.app_url);
    settings.max_connections = connections;
    settings.acquire_timeout = Duration::from_secs(20);
    PostgresStorage::connect(&settings, recorder()).await.expect("connected")
}

pub(crate) async fn superuser(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(&database.superuser_url).await.expect("a superuser's connection")
}

/// The app's sessions in this database that are inside a transaction.
pub(crate) async fn open_transactions(connection: &mut PgConnection) -> i64 {
    let count = sqlx::query(
        "SELECT count(*) AS open FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'touchstone_app' AND state LIKE 'idle in transaction%'",
    );
    count.fetch_one(connection).await.expect("the activity").get("open")
}

/// Waits until all transactions are over.
pub(crate) async fn all_over(connection: &mut PgConnection) -> bool {
    for _ in 0..100 {
        if open_transactions(connection).await == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Ends all connections of the program: each tells its statistics when it ends.
pub(crate) async fn gone(storage: &PostgresStorage, admin: &mut PgConnection) {
    const THERE: &str = "
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'touchstone_app'";
    storage.close().await;
    for _ in 0..500 {
        let there: i64 = sqlx::query_scalar(THERE).fetch_one(&mut *admin).await.expect("counted");
        if there == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("somebody stays");
}
