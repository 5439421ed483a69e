//! The row of a delivery.

use ::webhook::{Attempt, DeliveryStatus, EndpointId, WebhookDelivery, WebhookDeliveryId, WebhookEvent};
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Doc, Word},
    read::FromRow,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "webhook", table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub endpoint_id: Col<EndpointId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<WebhookDeliveryId>,
    pub event_id: Uuid,
    pub event_type: String,
    pub occurred_at: Col<Timestamp>,
    pub target_kind: String,
    pub target_id: Uuid,
    pub target_version: Option<i64>,
    pub body: String,
    pub status: Word<DeliveryStatus>,
    pub attempts: Col<u32>,
    pub due_at: Option<Col<Timestamp>>,
    pub replayed_at: Option<Col<Timestamp>>,
    pub record: Doc<Vec<Attempt>>,
    pub created_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for WebhookDelivery {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.0,
            endpoint: row.endpoint_id.0,
            event: WebhookEvent {
                id: row.event_id,
                event_type: row.event_type,
                occurred_at: row.occurred_at.0,
                organization: row.organization_id.0,
                target_kind: row.target_kind,
                target_id: row.target_id,
                version: row.target_version,
            },
            body: row.body,
            created_at: row.created_at.0,
            status: row.status.0,
            attempts: row.attempts.0,
            due_at: row.due_at.map(Col::into_inner),
            replayed_at: row.replayed_at.map(Col::into_inner),
            record: row.record.0,
        })
    }
}
