//! Who is asked in campaigns, and the port of all that asks people.

use assessment_engine::{
    Assignment, AssignmentId, AssignmentState, Campaign, CampaignId, CoachingSession, CoachingSessionId,
    Origin, Participation, unit::Campaigns,
};
use async_trait::async_trait;
use kernel::{EmailAddress, Id, OrganizationId, StoreError, Timestamp};
use sea_orm::{
    QueryOrder as _, QuerySelect as _, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    campaigns, coaching, people,
    value::{InviteeColumns, extra, extra_columns, instant},
};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "campaign_assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub campaign_id: Uuid,
    pub account_id: Option<Uuid>,
    pub email: Option<String>,
    pub email_normalized: Option<String>,
    pub full_name: Option<String>,
    pub token_digest: Option<Vec<u8>>,
    pub token_expires_at: Option<TimeDateTimeWithTimeZone>,
    pub invited_at: Option<TimeDateTimeWithTimeZone>,
    pub reminded_at: Option<TimeDateTimeWithTimeZone>,
    pub extra_minutes: Option<i32>,
    pub extra_reason: Option<String>,
    pub session_id: Option<Uuid>,
    pub withdrawn_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Assignment {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let AssignmentState { id, organization, campaign, invitee, extra, session, created_at, withdrawn_at } =
            self.state();
        let InviteeColumns {
            account_id,
            email,
            email_normalized,
            full_name,
            token_digest,
            token_expires_at,
            invited_at,
            reminded_at,
        } = InviteeColumns::of(invitee);
        let (extra_minutes, extra_reason) = extra_columns(extra.as_ref());
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            campaign_id: campaign.uuid(),
            account_id: account_id,
            email: email,
            email_normalized: email_normalized,
            full_name: full_name,
            token_digest: token_digest,
            token_expires_at: token_expires_at,
            invited_at: invited_at,
            reminded_at: reminded_at,
            extra_minutes: extra_minutes,
            extra_reason: extra_reason,
            session_id: session.map(Id::uuid),
            withdrawn_at: withdrawn_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Assignment {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            campaign_id,
            account_id,
            email,
            email_normalized,
            full_name,
            token_digest,
            token_expires_at,
            invited_at,
            reminded_at,
            extra_minutes,
            extra_reason,
            session_id,
            withdrawn_at,
            created_at,
            version,
        } = row;
        let invitee = InviteeColumns {
            account_id,
            email,
            email_normalized,
            full_name,
            token_digest,
            token_expires_at,
            invited_at,
            reminded_at,
        };
        let state = AssignmentState {
            id: AssignmentId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            campaign: CampaignId::from_uuid(campaign_id),
            invitee: invitee.invitee()?,
            extra: extra(extra_minutes, extra_reason.as_ref())?,
            session: session_id.map(Id::from_uuid),
            created_at: Timestamp::new(created_at),
            withdrawn_at: withdrawn_at.map(Timestamp::new),
        };
        Ok(Assignment::restore(state, version))
    }
}

/// So many of a campaign that stand, oldest first.
fn standing(campaign: CampaignId, most: u32) -> Select<Entity> {
    Entity::find()
        .filter(Column::CampaignId.eq(campaign.uuid()))
        .filter(Column::WithdrawnAt.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(u64::from(most))
}

/// Before it was opened, and until it is submitted.
const NOT_SUBMITTED: &str = "NOT EXISTS (
  SELECT FROM assessment.interview_sessions s
  WHERE s.organization_id = campaign_assignments.organization_id AND s.origin_id = campaign_assignments.id
    AND s.session_type = 'campaign' AND s.status NOT IN ('not_started', 'in_progress', 'paused'))";

#[async_trait]
impl Campaigns for PostgresUnit {
    async fn campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.tx.find_one(campaigns::Entity::find_by_id(id.uuid())).await
    }

    async fn save_campaign(&mut self, campaign: &mut Campaign) -> Result<(), StoreError> {
        self.save(campaign).await
    }

    async fn assignment(&mut self, id: AssignmentId) -> Result<Option<Assignment>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn save_assignment(&mut self, assignment: &mut Assignment) -> Result<(), StoreError> {
        self.save(assignment).await
    }

    async fn assignments_to_invite(
        &mut self,
        campaign: CampaignId,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let waiting = standing(campaign, most).filter(Column::InvitedAt.is_null());
        self.tx.find_all(waiting).await
    }

    async fn assignments_to_remind(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let reminded = Column::RemindedAt.is_null().or(Column::RemindedAt.lt(instant(since)));
        let waiting = standing(campaign, most)
            .filter(Column::InvitedAt.is_not_null())
            .filter(reminded)
            .filter(Expr::cust(NOT_SUBMITTED));
        self.tx.find_all(waiting).await
    }

    async fn coaching_session(
        &mut self,
        id: CoachingSessionId,
    ) -> Result<Option<CoachingSession>, StoreError> {
        self.tx.find_one(coaching::Entity::find_by_id(id.uuid())).await
    }

    async fn save_coaching_session(&mut self, session: &mut CoachingSession) -> Result<(), StoreError> {
        self.save(session).await
    }

    async fn put_participation(&mut self, participation: &Participation) -> Result<(), StoreError> {
        people::put_participation(&self.tx, participation).await
    }

    async fn put_pending_email_invitation(
        &mut self,
        email: &EmailAddress,
        organization: OrganizationId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        people::put_pending_email_invitation(&self.tx, email, organization, origin, now).await
    }
}
