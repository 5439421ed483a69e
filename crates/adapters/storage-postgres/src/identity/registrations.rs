//! Registrations.

use async_trait::async_trait;
use identity::{
    EmailAddress, PasswordHash, Registration, RegistrationId, RegistrationState, unit::Registrations,
};
use kernel::{StoreError, Timestamp};
use sea_orm::{QueryOrder as _, Set, entity::prelude::*};

use super::value::{email, instant, name, optional};
use crate::unit::{AggregateRow, Owner, PostgresUnit};

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
    type Row = ActiveModel;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Owner {
        Owner { organization: None, account: None, supervised: false }
    }

    fn row(&self, version: i64) -> ActiveModel {
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
        ActiveModel {
            id: Set(id.uuid()),
            email: Set(email.to_string()),
            email_normalized: Set(email.normalized()),
            password_hash: Set(password_hash.0.clone()),
            full_name: Set(full_name.as_ref().map(ToString::to_string)),
            timezone: Set(timezone.clone()),
            expires_at: Set(instant(*expires_at)),
            completed_at: Set(completed_at.map(instant)),
            created_at: Set(instant(*created_at)),
            version: Set(version),
        }
    }
}

fn restore(row: Model) -> Result<Registration, StoreError> {
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

#[async_trait]
impl Registrations for PostgresUnit {
    async fn registration(&mut self, id: RegistrationId) -> Result<Option<Registration>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid()), restore).await
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
        self.tx.find_one(newest, restore).await
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
