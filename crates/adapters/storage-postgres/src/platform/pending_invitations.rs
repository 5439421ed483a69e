//! Who was asked by an address that nobody had registered.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows pub")]

use async_trait::async_trait;
use kernel::{
    EmailAddress, OrganizationId, StoreError, Timestamp,
    invitation::{Invited, PendingInvitations},
};
use sea_orm::{Condition, QueryOrder as _, entity::prelude::*, sea_query::OnConflict};

use crate::{col::Col, driver::Query, read::FromRow, unit::PostgresUnit};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "platform", table_name = "pending_invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_normalized: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Col<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub invited_id: Uuid,
    pub organization_id: Col<OrganizationId>,
    pub parent_id: Option<Uuid>,
    pub created_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Invited {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model { kind, invited_id: id, organization_id, parent_id: parent, .. } = row;
        Ok(Self { kind: kind.0, organization: organization_id.0, parent, id })
    }
}

fn asked(email: &EmailAddress, kinds: &[u8]) -> Condition {
    let kinds = kinds.iter().copied().map(Col::of);
    Condition::all()
        .add(Column::EmailNormalized.eq(email.normalized()))
        .add(Column::Kind.is_in::<Col<u8>, _>(kinds))
}

#[async_trait]
impl PendingInvitations for PostgresUnit {
    /// Whoever adds these may not read them: without a conflict target PostgreSQL asks for no privilege to read.
    async fn put_pending_email_invitations(
        &mut self,
        asked: &[(EmailAddress, Invited)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = |(email, invited): &(EmailAddress, Invited)| Model {
            email_normalized: email.normalized(),
            kind: Col::of(invited.kind),
            invited_id: invited.id,
            organization_id: Col::of(invited.organization),
            parent_id: invited.parent,
            created_at: Col::of(now),
        };
        let rows = asked.iter().map(row).collect();
        self.tx.put_all::<Model>(rows, OnConflict::new().do_nothing().to_owned()).await
    }

    async fn pending_email_invitations(
        &mut self,
        email: &EmailAddress,
        kinds: &[u8],
    ) -> Result<Vec<Invited>, StoreError> {
        let all = Entity::find()
            .filter(asked(email, kinds))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::InvitedId);
        self.tx.find_all(all).await
    }

    async fn delete_pending_email_invitations(
        &mut self,
        email: &EmailAddress,
        kinds: &[u8],
    ) -> Result<(), StoreError> {
        self.tx.execute(Query::of(&Entity::delete_many().filter(asked(email, kinds)))).await.map(drop)
    }
}
