//! Endpoints.

use ::webhook::{
    Description, DisabledReason, Endpoint, EndpointId, EndpointSecret, EndpointState, EventFilters,
    ports::Endpoints, signing::SignatureScheme,
};
use async_trait::async_trait;
use kernel::{
    AccountId, OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp, outbound::CheckedUrl,
};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Word},
    page::{Direction, Paged as _, empty_page},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "webhook", table_name = "endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<EndpointId>,
    pub url: String,
    pub description: Option<Col<Description>>,
    pub events: Vec<String>,
    pub is_paused: bool,
    pub disabled_reason: Option<Word<DisabledReason>>,
    pub enabled_at: Col<Timestamp>,
    pub signature: Word<SignatureScheme>,
    pub secret: Vec<u8>,
    pub public_key: Option<String>,
    pub secret_created_at: Col<Timestamp>,
    pub previous_secret: Option<Vec<u8>>,
    pub previous_public_key: Option<String>,
    pub previous_secret_created_at: Option<Col<Timestamp>>,
    pub previous_secret_expires_at: Option<Col<Timestamp>>,
    pub created_by: Col<AccountId>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Endpoint {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let EndpointState {
            id,
            organization,
            url,
            description,
            events,
            is_paused,
            disabled,
            enabled_at,
            scheme,
            secrets,
            created_by,
            created_at,
        } = self.state().clone();
        let mut secrets = secrets.into_iter();
        // A row without a secret breaks a check: none is made without one.
        let (secret, public_key, secret_created_at) =
            secrets.next().map_or((Vec::new(), None, created_at), |newest| {
                (newest.sealed, newest.public_key, newest.created_at)
            });
        let previous = secrets.next();
        Model {
            organization_id: Col::of(organization),
            id: Col::of(id),
            url: url.expose().to_owned(),
            description: description.map(Col::of),
            events: events.iter().map(str::to_owned).collect(),
            is_paused,
            disabled_reason: disabled.map(Col::of),
            enabled_at: Col::of(enabled_at),
            signature: Col::of(scheme),
            secret,
            public_key,
            secret_created_at: Col::of(secret_created_at),
            previous_secret: previous.as_ref().map(|before| before.sealed.clone()),
            previous_public_key: previous.as_ref().and_then(|before| before.public_key.clone()),
            previous_secret_created_at: previous.as_ref().map(|before| Col::of(before.created_at)),
            previous_secret_expires_at: previous.and_then(|before| before.expires_at).map(Col::of),
            created_by: Col::of(created_by),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Endpoint {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let newest = EndpointSecret {
            sealed: row.secret,
            public_key: row.public_key,
            created_at: row.secret_created_at.0,
            expires_at: None,
        };
        let previous = row.previous_secret.zip(row.previous_secret_created_at);
        let previous = previous.map(|(sealed, created_at)| EndpointSecret {
            sealed,
            public_key: row.previous_public_key,
            created_at: created_at.0,
            expires_at: row.previous_secret_expires_at.map(Col::into_inner),
        });
        let state = EndpointState {
            id: row.id.0,
            organization: row.organization_id.0,
            url: CheckedUrl::assume(row.url),
            description: row.description.map(Col::into_inner),
            events: EventFilters::assume(row.events),
            is_paused: row.is_paused,
            disabled: row.disabled_reason.map(Col::into_inner),
            enabled_at: row.enabled_at.0,
            scheme: row.signature.0,
            secrets: [newest].into_iter().chain(previous).collect(),
            created_by: row.created_by.0,
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl Endpoints for PostgresUnit {
    async fn webhook_endpoint(&mut self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        self.tx.find_one(Entity::find().filter(Column::Id.eq(id.uuid()))).await
    }

    async fn webhook_endpoints(&mut self, page: &PageRequest) -> Result<Page<Endpoint>, StoreError> {
        let Scope::Tenant(organization) = self.ctx.scope else { return Ok(empty_page()) };
        let filter = ("webhook_endpoints", organization);
        let columns = (Column::CreatedAt, Column::Id);
        let rows = Entity::find().page(columns, Direction::OldestFirst, page, &filter)?;
        let found = self.tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &filter, |of: &Endpoint| (of.created_at, of.id.uuid())))
    }

    async fn listening_webhook_endpoints(&mut self) -> Result<Vec<Endpoint>, StoreError> {
        self.tx.find_all(Entity::find().filter(Column::DisabledReason.is_null())).await
    }

    async fn count_webhook_endpoints(&mut self, of: OrganizationId) -> Result<u64, StoreError> {
        self.tx.count(Entity::find().filter(Column::OrganizationId.eq(of.uuid()))).await
    }

    async fn save_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.save(endpoint).await
    }

    async fn save_resealed_webhook_endpoint(&mut self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.save_unrecorded(endpoint).await
    }

    async fn delete_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.save_removed(endpoint).await
    }
}
