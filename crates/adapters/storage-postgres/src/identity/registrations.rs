//! Registrations.

use async_trait::async_trait;
use identity::{
    EmailAddress, PasswordHash, Registration, RegistrationId, RegistrationState, unit::Registrations,
};
use kernel::{StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*};

use super::value::{email, instant, name, optional};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub email: String,
    pub email_normalized: String,
    pub password_hash: String,
    pub full_name: Option<String>,
    pub timezone: String,
    pub expires_at: TimeDateTimeWithTimeZone,
    pub completed_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Registration {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let RegistrationState {
            id,
            email,
            password_hash,
            full_name,
            timezone,
            created_at,
            expires_at,
            completed_at,
        } = self.state();
        Model {
            id: id.uuid(),
            email: email.to_string(),
            email_normalized: email.normalized(),
            password_hash: password_hash.0.clone(),
            full_name: full_name.as_ref().map(ToString::to_string),
            timezone: timezone.clone(),
            expires_at: instant(*expires_at),
            completed_at: completed_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Registration {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            email: address,
            email_normalized: _,
            password_hash,
            full_name,
            timezone,
            expires_at,
            completed_at,
            created_at,
            version,
        } = row;
        let state = RegistrationState {
            id: RegistrationId::from_uuid(id),
            email: email("email", &address)?,
            password_hash: PasswordHash(password_hash),
            full_name: optional("full_name", full_name.as_ref(), name)?,
            timezone,
            created_at: Timestamp::new(created_at),
            expires_at: Timestamp::new(expires_at),
            completed_at: completed_at.map(Timestamp::new),
        };
        Ok(Registration::restore(state, version))
    }
}

#[async_trait]
impl Registrations for PostgresUnit {
    async fn registration(&mut self, id: RegistrationId) -> Result<Option<Registration>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn open_registration(
        &mut self,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Option<Registration>, StoreError> {
        let newest = Entity::find()
            .filter(Column::EmailNormalized.eq(email.normalized()))
            .filter(Column::CompletedAt.is_null())
            .filter(Column::ExpiresAt.gt(instant(now)))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        self.tx.find_one(newest).await
    }

    async fn save_registration(&mut self, registration: &mut Registration) -> Result<(), StoreError> {
        self.save(registration).await
    }

    async fn purge_registrations(&mut self, email: &EmailAddress) -> Result<Vec<RegistrationId>, StoreError> {
        let all = Entity::delete_many().filter(Column::EmailNormalized.eq(email.normalized()));
        let purged = all.exec_with_returning(&self.tx).await;
        let purged = self.tx.checked(purged)?;
        Ok(purged.into_iter().map(|row| RegistrationId::from_uuid(row.id)).collect())
    }
}
