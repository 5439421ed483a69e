//! Invitations.

use async_trait::async_trait;
use identity::{
    EmailAddress, Invitation, InvitationId, InvitationState, InvitationStatus, unit::Invitations,
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{email, instant, named, optional, role_names, roles};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub email: Option<String>,
    pub email_normalized: Option<String>,
    pub roles: Vec<String>,
    pub invited_by: Uuid,
    pub status: String,
    pub expires_at: TimeDateTimeWithTimeZone,
    pub created_at: TimeDateTimeWithTimeZone,
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

    fn row(&self, version: i64) -> Model {
        let InvitationState { id, organization, email, roles, invited_by, status, created_at, expires_at } =
            self.state();
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            email: email.as_ref().map(ToString::to_string),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            roles: role_names(roles),
            invited_by: invited_by.uuid(),
            status: status.name().to_owned(),
            expires_at: instant(*expires_at),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Invitation {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            email: address,
            email_normalized: _,
            roles: names,
            invited_by,
            status,
            expires_at,
            created_at,
            version,
        } = row;
        let state = InvitationState {
            id: InvitationId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            email: optional("email", address.as_ref(), email)?,
            roles: roles("roles", &names)?,
            invited_by: AccountId::from_uuid(invited_by),
            status: named("status", &status, InvitationStatus::ALL, InvitationStatus::name)?,
            created_at: Timestamp::new(created_at),
            expires_at: Timestamp::new(expires_at),
        };
        Ok(Invitation::restore(state, version))
    }
}

#[async_trait]
impl Invitations for PostgresUnit {
    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
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

    async fn save_invitation(&mut self, invitation: &mut Invitation) -> Result<(), StoreError> {
        self.save(invitation).await
    }
}
