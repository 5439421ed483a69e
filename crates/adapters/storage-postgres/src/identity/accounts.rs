//! Accounts.

use async_trait::async_trait;
use identity::{
    Account, AccountState, AccountStatus, EmailAddress, PasswordHash, Profile, Streak, WebAddress,
    unit::Accounts,
};
use kernel::{AccountId, PlatformRole, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{email, instant, name, named, optional, preferences, unreadable};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub email: Option<String>,
    pub email_normalized: Option<String>,
    pub pending_email: Option<String>,
    pub email_verified_at: Option<TimeDateTimeWithTimeZone>,
    pub password_hash: Option<String>,
    pub password_changed_at: TimeDateTimeWithTimeZone,
    pub status: String,
    pub platform_role: String,
    pub full_name: Option<String>,
    pub display_name: Option<String>,
    pub avatar_url: Option<String>,
    pub profession: Option<String>,
    pub timezone: String,
    pub preferences: Json,
    pub login_streak: i32,
    pub login_streak_max: i32,
    pub login_streak_last_date: Option<TimeDate>,
    pub quiz_streak: i32,
    pub quiz_streak_max: i32,
    pub quiz_streak_last_date: Option<TimeDate>,
    pub last_login_at: Option<TimeDateTimeWithTimeZone>,
    pub epoch: i64,
    pub created_at: TimeDateTimeWithTimeZone,
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
            status,
            platform_role,
            profile: Profile { full_name, display_name, avatar_url, profession, timezone, preferences },
            login_streak,
            quiz_streak,
            last_login_at,
            epoch,
            created_at,
        } = self.state();
        Model {
            id: id.uuid(),
            email: email.as_ref().map(ToString::to_string),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            pending_email: pending_email.as_ref().map(ToString::to_string),
            email_verified_at: email_verified_at.map(instant),
            password_hash: password_hash.as_ref().map(|hash| hash.0.clone()),
            password_changed_at: instant(*password_changed_at),
            status: status.name().to_owned(),
            platform_role: platform_role.name().to_owned(),
            full_name: full_name.as_ref().map(ToString::to_string),
            display_name: display_name.as_ref().map(ToString::to_string),
            avatar_url: avatar_url.as_ref().map(|url| url.as_str().to_owned()),
            profession: profession.as_ref().map(ToString::to_string),
            timezone: timezone.clone(),
            preferences: preferences.to_json(),
            login_streak: login_streak.current,
            login_streak_max: login_streak.max,
            login_streak_last_date: login_streak.last_date,
            quiz_streak: quiz_streak.current,
            quiz_streak_max: quiz_streak.max,
            quiz_streak_last_date: quiz_streak.last_date,
            last_login_at: last_login_at.map(instant),
            epoch: *epoch,
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Account {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            email: address,
            email_normalized: _,
            pending_email,
            email_verified_at,
            password_hash,
            password_changed_at,
            status,
            platform_role,
            full_name,
            display_name,
            avatar_url,
            profession,
            timezone,
            preferences: settings,
            login_streak,
            login_streak_max,
            login_streak_last_date,
            quiz_streak,
            quiz_streak_max,
            quiz_streak_last_date,
            last_login_at,
            epoch,
            created_at,
            version,
        } = row;
        let web = |column: &str, text: &str| WebAddress::new(text).map_err(|error| unreadable(column, error));
        let profile = Profile {
            full_name: optional("full_name", full_name.as_ref(), name)?,
            display_name: optional("display_name", display_name.as_ref(), name)?,
            avatar_url: optional("avatar_url", avatar_url.as_ref(), web)?,
            profession: optional("profession", profession.as_ref(), name)?,
            timezone,
            preferences: preferences("preferences", settings)?,
        };
        let streak = |current, max, last_date| Streak { current, max, last_date };
        let state = AccountState {
            id: AccountId::from_uuid(id),
            email: optional("email", address.as_ref(), email)?,
            pending_email: optional("pending_email", pending_email.as_ref(), email)?,
            email_verified_at: email_verified_at.map(Timestamp::new),
            password_hash: password_hash.map(PasswordHash),
            password_changed_at: Timestamp::new(password_changed_at),
            status: account_status(&status)?,
            platform_role: role(&platform_role)?,
            profile,
            login_streak: streak(login_streak, login_streak_max, login_streak_last_date),
            quiz_streak: streak(quiz_streak, quiz_streak_max, quiz_streak_last_date),
            last_login_at: last_login_at.map(Timestamp::new),
            epoch,
            created_at: Timestamp::new(created_at),
        };
        Ok(Account::restore(state, version))
    }
}

pub(super) fn account_status(text: &str) -> Result<AccountStatus, StoreError> {
    named("status", text, AccountStatus::ALL, AccountStatus::name)
}

pub(super) fn role(text: &str) -> Result<PlatformRole, StoreError> {
    named("platform_role", text, [PlatformRole::User, PlatformRole::SuperAdmin], PlatformRole::name)
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
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
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
            self.tx.execute(sqlx::query(statement).bind(account.uuid())).await?;
        }
        Ok(())
    }
}
