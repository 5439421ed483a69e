//! Invitations.

use async_trait::async_trait;
use identity::{
    EmailAddress, Invitation, InvitationId, InvitationState, InvitationStatus, Roles, unit::Invitations,
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<InvitationId>,
    pub organization_id: Col<OrganizationId>,
    pub email: Option<Col<EmailAddress>>,
    pub email_normalized: Option<String>,
    pub roles: Col<Roles>,
    pub invited_by: Col<AccountId>,
    pub status: Word<InvitationStatus>,
    pub expires_at: Col<Timestamp>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organizations::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Invitation {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;
    const LATE: bool = false;

    fn row(&self, version: i64) -> Model {
        let InvitationState { id, organization, email, roles, invited_by, status, created_at, expires_at } =
            self.state().clone();
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            email: email.map(Col::of),
            roles: Col::of(roles),
            invited_by: Col::of(invited_by),
            status: Col::of(status),
            expires_at: Col::of(expires_at),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Invitation {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = InvitationState {
            id: row.id.0,
            organization: row.organization_id.0,
            email: row.email.map(Col::into_inner),
            roles: row.roles.0,
            invited_by: row.invited_by.0,
            status: row.status.0,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl Invitations for PostgresUnit {
    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn pending_invitation(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<Invitation>, StoreError> {
        let pending = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::EmailNormalized.eq(email.normalized()))
            .filter(Column::Status.eq(InvitationStatus::Pending.name()));
        self.tx.find_one(pending).await
    }

    async fn invitations_of(&mut self, email: &EmailAddress) -> Result<Vec<Invitation>, StoreError> {
        let of = Entity::find().filter(Column::EmailNormalized.eq(email.normalized()));
        self.tx.find_all(of).await
    }

    async fn open_invitations(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let open = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::Status.eq(InvitationStatus::Pending.name()))
            .filter(Column::ExpiresAt.gt(at.to_offset_date_time()));
        self.tx.count(open).await
    }

    async fn save_invitation(&mut self, invitation: &mut Invitation) -> Result<(), StoreError> {
        self.save(invitation).await
    }
}
