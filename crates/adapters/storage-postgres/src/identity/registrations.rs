//! Registrations.

use async_trait::async_trait;
use identity::{
    EmailAddress, PasswordHash, Registration, RegistrationId, RegistrationState, text::Name,
    unit::Registrations,
};
use kernel::{Id, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*};

use crate::{
    col::Col,
    driver::query,
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<RegistrationId>,
    pub email: Col<EmailAddress>,
    pub email_normalized: String,
    pub password_hash: Col<PasswordHash>,
    pub full_name: Option<Col<Name>>,
    pub timezone: String,
    pub expires_at: Col<Timestamp>,
    pub completed_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
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
        } = self.state().clone();
        Model {
            id: Col::of(id),
            email_normalized: email.normalized(),
            email: Col::of(email),
            password_hash: Col::of(password_hash),
            full_name: full_name.map(Col::of),
            timezone,
            expires_at: Col::of(expires_at),
            completed_at: completed_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Registration {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = RegistrationState {
            id: row.id.0,
            email: row.email.0,
            password_hash: row.password_hash.0,
            full_name: row.full_name.map(Col::into_inner),
            timezone: row.timezone,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            completed_at: row.completed_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl Registrations for PostgresUnit {
    async fn registration(&mut self, id: RegistrationId) -> Result<Option<Registration>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn open_registration(
        &mut self,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Option<Registration>, StoreError> {
        let newest = Entity::find()
            .filter(Column::EmailNormalized.eq(email.normalized()))
            .filter(Column::CompletedAt.is_null())
            .filter(Column::ExpiresAt.gt(now.to_offset_date_time()))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        self.tx.find_one(newest).await
    }

    async fn save_registration(&mut self, registration: &mut Registration) -> Result<(), StoreError> {
        self.save(registration).await
    }

    async fn purge_registrations(&mut self, email: &EmailAddress) -> Result<Vec<RegistrationId>, StoreError> {
        const PURGE: &str = "DELETE FROM identity.registrations WHERE email_normalized = $1 RETURNING id";
        let purged = self.tx.fetch_all(query(PURGE).bind(email.normalized())).await?;
        purged.iter().map(|row| Ok(Id::from_uuid(self.tx.get(row, "id")?))).collect()
    }
}
