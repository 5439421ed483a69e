//! Organisations.

use async_trait::async_trait;
use identity::{
    Organization, OrganizationState, OrganizationStatus, Preferences, Slug, text::Name, unit::Organizations,
};
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<OrganizationId>,
    pub name: Col<Name>,
    pub slug: Option<Col<Slug>>,
    pub requires_second_factor: bool,
    pub settings: Col<Preferences>,
    pub status: Word<OrganizationStatus>,
    pub created_at: Col<Timestamp>,
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
            self.state().clone();
        Model {
            id: Col::of(id),
            name: Col::of(name),
            slug: slug.map(Col::of),
            requires_second_factor,
            settings: Col::of(settings),
            status: Col::of(status),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Organization {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = OrganizationState {
            id: row.id.0,
            name: row.name.0,
            slug: row.slug.map(Col::into_inner),
            requires_second_factor: row.requires_second_factor,
            settings: row.settings.0,
            status: row.status.0,
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl Organizations for PostgresUnit {
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), StoreError> {
        self.save(organization).await
    }
}
