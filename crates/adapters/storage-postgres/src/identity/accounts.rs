//! Accounts.

use async_trait::async_trait;
use identity::{
    Account, AccountState, AccountStatus, EmailAddress, PasswordHash, Preferences, Profile, Streak,
    WebAddress, text::Name, unit::Accounts,
};
use kernel::{AccountId, PlatformRole, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Word},
    driver::query,
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<AccountId>,
    pub email: Option<Col<EmailAddress>>,
    pub email_normalized: Option<String>,
    pub pending_email: Option<Col<EmailAddress>>,
    pub email_verified_at: Option<Col<Timestamp>>,
    pub password_hash: Option<Col<PasswordHash>>,
    pub password_changed_at: Col<Timestamp>,
    pub password_expires_at: Option<Col<Timestamp>>,
    pub status: Word<AccountStatus>,
    pub platform_role: Word<PlatformRole>,
    pub full_name: Option<Col<Name>>,
    pub display_name: Option<Col<Name>>,
    pub avatar_url: Option<Col<WebAddress>>,
    pub profession: Option<Col<Name>>,
    pub timezone: String,
    pub preferences: Col<Preferences>,
    pub login_streak: i32,
    pub login_streak_max: i32,
    pub login_streak_last_date: Option<TimeDate>,
    pub quiz_streak: i32,
    pub quiz_streak_max: i32,
    pub quiz_streak_last_date: Option<TimeDate>,
    pub last_login_at: Option<Col<Timestamp>>,
    pub epoch: i64,
    pub created_at: Col<Timestamp>,
    pub version: i64,
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::sessions::Entity>,
    #[sea_orm(has_many)]
    pub memberships: HasMany<super::memberships::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Account {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let AccountState {
            id,
            email,
            pending_email,
            email_verified_at,
            password_hash,
            password_changed_at,
            password_expires_at,
            status,
            platform_role,
            profile: Profile { full_name, display_name, avatar_url, profession, timezone, preferences },
            login_streak,
            quiz_streak,
            last_login_at,
            epoch,
            created_at,
        } = self.state().clone();
        Model {
            id: Col::of(id),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            email: email.map(Col::of),
            pending_email: pending_email.map(Col::of),
            email_verified_at: email_verified_at.map(Col::of),
            password_hash: password_hash.map(Col::of),
            password_changed_at: Col::of(password_changed_at),
            password_expires_at: password_expires_at.map(Col::of),
            status: Col::of(status),
            platform_role: Col::of(platform_role),
            full_name: full_name.map(Col::of),
            display_name: display_name.map(Col::of),
            avatar_url: avatar_url.map(Col::of),
            profession: profession.map(Col::of),
            timezone,
            preferences: Col::of(preferences),
            login_streak: login_streak.current,
            login_streak_max: login_streak.max,
            login_streak_last_date: login_streak.last_date,
            quiz_streak: quiz_streak.current,
            quiz_streak_max: quiz_streak.max,
            quiz_streak_last_date: quiz_streak.last_date,
            last_login_at: last_login_at.map(Col::of),
            epoch,
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Account {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let profile = Profile {
            full_name: row.full_name.map(Col::into_inner),
            display_name: row.display_name.map(Col::into_inner),
            avatar_url: row.avatar_url.map(Col::into_inner),
            profession: row.profession.map(Col::into_inner),
            timezone: row.timezone,
            preferences: row.preferences.0,
        };
        let streak = |current, max, last_date| Streak { current, max, last_date };
        let state = AccountState {
            id: row.id.0,
            email: row.email.map(Col::into_inner),
            pending_email: row.pending_email.map(Col::into_inner),
            email_verified_at: row.email_verified_at.map(Col::into_inner),
            password_hash: row.password_hash.map(Col::into_inner),
            password_changed_at: row.password_changed_at.0,
            password_expires_at: row.password_expires_at.map(Col::into_inner),
            status: row.status.0,
            platform_role: row.platform_role.0,
            profile,
            login_streak: streak(row.login_streak, row.login_streak_max, row.login_streak_last_date),
            quiz_streak: streak(row.quiz_streak, row.quiz_streak_max, row.quiz_streak_last_date),
            last_login_at: row.last_login_at.map(Col::into_inner),
            epoch: row.epoch,
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

/// What stays of an erased person elsewhere, without what is personal in it.
const TRACES: [&str; 3] = [
    "UPDATE identity.sessions SET user_agent = NULL, ip_address = NULL WHERE account_id = $1",
    "UPDATE identity.memberships SET job_title = NULL, department = NULL WHERE account_id = $1",
    "DELETE FROM identity.one_time_tokens WHERE subject_id = $1",
];

#[async_trait]
impl Accounts for PostgresUnit {
    async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        let by_email = Entity::find().filter(Column::EmailNormalized.eq(email.normalized()));
        self.tx.find_one(by_email).await
    }

    async fn save_account(&mut self, account: &mut Account) -> Result<(), StoreError> {
        self.save(account).await
    }

    async fn forget_traces(&mut self, account: AccountId) -> Result<(), StoreError> {
        for statement in TRACES {
            self.tx.execute(query(statement).bind(account.uuid())).await?;
        }
        Ok(())
    }
}
