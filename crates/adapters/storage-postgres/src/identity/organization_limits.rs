//! What operators decided of organisations.

use async_trait::async_trait;
use identity::{OrganizationLimits, unit::Limits};
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{col::Col, read::FromRow, unit::PostgresUnit, upsert::replace};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "organization_limits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    pub mail_paused_at: Option<Col<Timestamp>>,
    pub asked_per_day: Option<Col<u64>>,
    pub open_invitations: Option<Col<u64>>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for OrganizationLimits {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            organization: row.organization_id.0,
            mail_paused_at: row.mail_paused_at.map(Col::into_inner),
            asked_per_day: row.asked_per_day.map(Col::into_inner),
            open_invitations: row.open_invitations.map(Col::into_inner),
        })
    }
}

#[async_trait]
impl Limits for PostgresUnit {
    async fn organization_limits(
        &mut self,
        organization: OrganizationId,
    ) -> Result<OrganizationLimits, StoreError> {
        let found: Option<OrganizationLimits> = self.tx.find_one(Entity::find_by_id(organization)).await?;
        Ok(found.unwrap_or_else(|| OrganizationLimits::none(organization)))
    }

    async fn put_organization_limits(&mut self, limits: &OrganizationLimits) -> Result<(), StoreError> {
        let row = Model {
            organization_id: Col::of(limits.organization),
            mail_paused_at: limits.mail_paused_at.map(Col::of),
            asked_per_day: limits.asked_per_day.map(Col::of),
            open_invitations: limits.open_invitations.map(Col::of),
            version: 1,
        };
        let decided = [Column::MailPausedAt, Column::AskedPerDay, Column::OpenInvitations];
        self.tx.put(row, replace([Column::OrganizationId], decided, Column::Version)).await.map(drop)
    }
}
