//! Organisations.

use async_trait::async_trait;
use identity::{Organization, OrganizationState, OrganizationStatus, Slug, unit::Organizations};
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{instant, name, named, optional, preferences, unreadable};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub slug: Option<String>,
    pub requires_second_factor: bool,
    pub settings: Json,
    pub status: String,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
    #[sea_orm(has_many)]
    pub memberships: HasMany<super::memberships::Entity>,
    #[sea_orm(has_many)]
    pub invitations: HasMany<super::invitations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Organization {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let OrganizationState { id, name, slug, requires_second_factor, settings, status, created_at } =
            self.state();
        Model {
            id: id.uuid(),
            name: name.to_string(),
            slug: slug.as_ref().map(|slug| slug.as_str().to_owned()),
            requires_second_factor: *requires_second_factor,
            settings: settings.to_json(),
            status: status.name().to_owned(),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Organization {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model { id, name: title, slug, requires_second_factor, settings, status, created_at, version } =
            row;
        let read_slug = |column: &str, text: &str| Slug::new(text).map_err(|error| unreadable(column, error));
        let state = OrganizationState {
            id: OrganizationId::from_uuid(id),
            name: name("name", &title)?,
            slug: optional("slug", slug.as_ref(), read_slug)?,
            requires_second_factor,
            settings: preferences("settings", settings)?,
            status: named("status", &status, OrganizationStatus::ALL, OrganizationStatus::name)?,
            created_at: Timestamp::new(created_at),
        };
        Ok(Organization::restore(state, version))
    }
}

#[async_trait]
impl Organizations for PostgresUnit {
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), StoreError> {
        self.save(organization).await
    }
}
