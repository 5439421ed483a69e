//! Organisations.

use async_trait::async_trait;
use identity::{Organization, OrganizationState, OrganizationStatus, Slug, unit::Organizations};
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::{Set, entity::prelude::*};

use super::value::{instant, name, named, optional, preferences, unreadable};
use crate::unit::{AggregateRow, Owner, PostgresUnit};

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
    type Row = ActiveModel;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Owner {
        Owner { organization: Some(self.id), account: None, supervised: false }
    }

    fn row(&self, version: i64) -> ActiveModel {
        let OrganizationState { id, name, slug, requires_second_factor, settings, status, created_at } =
            self.state();
        ActiveModel {
            id: Set(id.uuid()),
            name: Set(name.to_string()),
            slug: Set(slug.as_ref().map(|slug| slug.as_str().to_owned())),
            requires_second_factor: Set(*requires_second_factor),
            settings: Set(settings.to_json()),
            status: Set(status.name().to_owned()),
            created_at: Set(instant(*created_at)),
            version: Set(version),
        }
    }
}

pub(super) fn restore(row: Model) -> Result<Organization, StoreError> {
    let Model { id, name: title, slug, requires_second_factor, settings, status, created_at, version } = row;
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

#[async_trait]
impl Organizations for PostgresUnit {
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid()), restore).await
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), StoreError> {
        self.save(organization).await
    }
}
