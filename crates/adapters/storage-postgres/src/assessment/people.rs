//! What people were asked for, and the marketplace: what no organisation's scope reads.

use assessment_engine::{
    CustomAssessmentId, Listing, Origin, OriginKind, Participation,
    unit::{Marketplace, Participations},
};
use async_trait::async_trait;
use kernel::{AccountId, EmailAddress, OrganizationId, StoreError, Timestamp};
use sea_orm::{EntityTrait as _, QueryFilter as _, QueryOrder as _, entity::prelude::*};

use super::{
    listings,
    value::{campaign_of, instant, named, origin},
};
use crate::read::FromRow;
use crate::{tx::Tx, unit::PostgresUnit};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "participations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub origin_id: Uuid,
    pub session_type: String,
    pub organization_id: Uuid,
    pub created_at: TimeDateTimeWithTimeZone,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Participation {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model { account_id, origin_id, session_type, organization_id, created_at } = row;
        Ok(Participation {
            account: AccountId::from_uuid(account_id),
            organization: OrganizationId::from_uuid(organization_id),
            kind: named("session_type", &session_type, OriginKind::ALL.iter().copied(), OriginKind::name)?,
            origin: origin_id,
            created_at: Timestamp::new(created_at),
        })
    }
}

// Whoever adds these may not read them: without a conflict target PostgreSQL asks for no privilege to read.

const PARTICIPATE: &str = "
INSERT INTO assessment.participations (account_id, origin_id, session_type, organization_id, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

const ASK: &str = "
INSERT INTO assessment.asked_addresses (email_normalized, origin_id, session_type, campaign_id, organization_id,
  created_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

pub(super) async fn put_participation(tx: &Tx, participation: &Participation) -> Result<(), StoreError> {
    let Participation { account, organization, kind, origin, created_at } = participation;
    let query = sqlx::query(PARTICIPATE)
        .bind(account.uuid())
        .bind(origin)
        .bind(kind.name())
        .bind(organization.uuid())
        .bind(instant(*created_at));
    tx.execute(query).await.map(drop)
}

pub(super) async fn put_pending_email_invitation(
    tx: &Tx,
    email: &EmailAddress,
    organization: OrganizationId,
    origin: Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let query = sqlx::query(ASK)
        .bind(email.normalized())
        .bind(origin.id())
        .bind(origin.kind().name())
        .bind(campaign_of(origin))
        .bind(organization.uuid())
        .bind(instant(now));
    tx.execute(query).await.map(drop)
}

#[async_trait]
impl Participations for PostgresUnit {
    async fn participations(&mut self, account: AccountId) -> Result<Vec<Participation>, StoreError> {
        let all = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::OriginId);
        self.tx.find_all(all).await
    }

    async fn delete_participation(&mut self, account: AccountId, origin: Uuid) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        let delete = Entity::delete_by_id((account.uuid(), origin)).exec(&self.tx).await;
        self.tx.checked(delete).map(drop)
    }
}

#[async_trait]
impl Marketplace for PostgresUnit {
    async fn put_listing(&mut self, listing: &Listing) -> Result<(), StoreError> {
        listings::put(&self.tx, listing).await
    }

    async fn remove_listing(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        self.tx.ensure_open()?;
        let delete = listings::Entity::delete_by_id(assessment.uuid()).exec(&self.tx).await;
        self.tx.checked(delete).map(drop)
    }

    async fn pending_email_invitations(
        &mut self,
        email: &EmailAddress,
    ) -> Result<Vec<(OrganizationId, Origin)>, StoreError> {
        const ASKED: &str = "
SELECT organization_id, session_type, origin_id, campaign_id FROM assessment.asked_addresses
WHERE email_normalized = $1 ORDER BY created_at, origin_id";
        if !self.tx.can_read_table("asked_addresses")? {
            return Ok(Vec::new());
        }
        let tx = &self.tx;
        let rows = tx.fetch_all(sqlx::query(ASKED).bind(email.normalized())).await?;
        let asked = |row| {
            let organization = OrganizationId::from_uuid(tx.get(row, "organization_id")?);
            let (kind, campaign) = (tx.get(row, "session_type")?, tx.get(row, "campaign_id")?);
            Ok((organization, origin(kind, tx.get(row, "origin_id")?, campaign)?))
        };
        rows.iter().map(asked).collect()
    }

    async fn delete_pending_email_invitations(&mut self, email: &EmailAddress) -> Result<(), StoreError> {
        const FORGET: &str = "DELETE FROM assessment.asked_addresses WHERE email_normalized = $1";
        self.tx.execute(sqlx::query(FORGET).bind(email.normalized())).await.map(drop)
    }
}
