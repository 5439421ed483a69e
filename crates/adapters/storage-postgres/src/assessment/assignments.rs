//! Who is asked in campaigns, and the port of all that asks people.

use assessment_engine::{
    Assignment, AssignmentId, AssignmentState, Campaign, CampaignId, CampaignStatus, CoachingSession,
    CoachingSessionId, InterviewSessionId, Participation, unit::Campaigns,
};
use assessment_format::session::{Minutes, Reason};
use async_trait::async_trait;
use kernel::{AccountId, EmailAddress, Name, OrganizationId, StoreError, Timestamp, invitation::Invitee};
use sea_orm::{
    QueryOrder as _, QuerySelect as _, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    campaigns, coaching,
    formats::{Integer, Text, extra, extra_columns},
    participations,
};
use crate::{
    col::Col,
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "campaign_assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<AssignmentId>,
    pub organization_id: Col<OrganizationId>,
    pub campaign_id: Col<CampaignId>,
    pub account_id: Option<Col<AccountId>>,
    pub email: Option<Col<EmailAddress>>,
    pub email_normalized: Option<String>,
    pub full_name: Option<Col<Name>>,
    pub invited_at: Option<Col<Timestamp>>,
    pub reminded_at: Option<Col<Timestamp>>,
    pub extra_minutes: Option<Integer<Minutes>>,
    pub extra_reason: Option<Text<Reason>>,
    pub session_id: Option<Col<InterviewSessionId>>,
    pub withdrawn_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Assignment {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;
    const LATE: bool = false;

    fn row(&self, version: i64) -> Model {
        let AssignmentState { id, organization, campaign, invitee, extra, session, created_at, withdrawn_at } =
            self.state().clone();
        let Invitee { account, email, name, invited_at, reminded_at } = invitee;
        let (extra_minutes, extra_reason) = extra_columns(extra);
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            campaign_id: Col::of(campaign),
            account_id: account.map(Col::of),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            email: email.map(Col::of),
            full_name: name.map(Col::of),
            invited_at: invited_at.map(Col::of),
            reminded_at: reminded_at.map(Col::of),
            extra_minutes,
            extra_reason,
            session_id: session.map(Col::of),
            withdrawn_at: withdrawn_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Assignment {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let invitee = Invitee {
            account: row.account_id.map(Col::into_inner),
            email: row.email.map(Col::into_inner),
            name: row.full_name.map(Col::into_inner),
            invited_at: row.invited_at.map(Col::into_inner),
            reminded_at: row.reminded_at.map(Col::into_inner),
        };
        let state = AssignmentState {
            id: row.id.0,
            organization: row.organization_id.0,
            campaign: row.campaign_id.0,
            invitee,
            extra: extra((row.extra_minutes, row.extra_reason)),
            session: row.session_id.map(Col::into_inner),
            created_at: row.created_at.0,
            withdrawn_at: row.withdrawn_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}

/// Those of a campaign that stand, oldest first.
fn standing(campaign: CampaignId) -> Select<Entity> {
    Entity::find()
        .filter(Column::CampaignId.eq(campaign.uuid()))
        .filter(Column::WithdrawnAt.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
}

/// Before it was opened, and until it is submitted.
const NOT_SUBMITTED: &str = "NOT EXISTS (
  SELECT FROM assessment.interview_sessions s
  WHERE s.organization_id = campaign_assignments.organization_id AND s.origin_id = campaign_assignments.id
    AND s.session_type = 'campaign' AND s.status NOT IN ('not_started', 'in_progress', 'paused'))";

/// The last letter reached the person, as far as anybody knows: no further one goes where one came back from.
const REACHED: &str = "NOT EXISTS (
  SELECT FROM platform.letters l
  WHERE l.organization_id = campaign_assignments.organization_id AND l.about_id = campaign_assignments.id
    AND l.status IN ('refused', 'bounced'))";

#[async_trait]
impl Campaigns for PostgresUnit {
    async fn campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.tx.find_one(campaigns::Entity::find_by_id(id)).await
    }

    /// FOR SHARE keeps any UPDATE of the row waiting; FOR KEY SHARE would let it through.
    async fn campaign_for_share(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.tx.find_one(campaigns::Entity::find_by_id(id).lock_shared()).await
    }

    async fn unclosed_campaigns(&mut self, organization: OrganizationId) -> Result<u64, StoreError> {
        let unclosed = campaigns::Entity::find()
            .filter(campaigns::Column::OrganizationId.eq(organization.uuid()))
            .filter(campaigns::Column::Status.ne(CampaignStatus::Closed.name()));
        self.tx.count(unclosed).await
    }

    async fn asked_since(
        &mut self,
        organization: OrganizationId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let (organization, since) = (organization.uuid(), since.to_offset_date_time());
        let assigned = Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::CreatedAt.gt(since));
        let coached = coaching::Entity::find()
            .filter(coaching::Column::OrganizationId.eq(organization))
            .filter(coaching::Column::CreatedAt.gt(since));
        Ok(self.tx.count(assigned).await? + self.tx.count(coached).await?)
    }

    async fn save_campaign(&mut self, campaign: &mut Campaign) -> Result<(), StoreError> {
        self.save(campaign).await
    }

    async fn assignment(&mut self, id: AssignmentId) -> Result<Option<Assignment>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn assignments_among(
        &mut self,
        campaign: CampaignId,
        people: &[&Invitee],
    ) -> Result<Vec<Assignment>, StoreError> {
        let accounts: Vec<_> = people.iter().filter_map(|of| of.account).map(AccountId::uuid).collect();
        let addresses: Vec<_> =
            people.iter().filter_map(|of| of.email.as_ref()).map(EmailAddress::normalized).collect();
        let among = Column::AccountId.eq_any(accounts).or(Column::EmailNormalized.eq_any(addresses));
        self.tx.find_all(standing(campaign).filter(among)).await
    }

    async fn save_assignments(&mut self, assignments: &mut [Assignment]) -> Result<(), StoreError> {
        self.save_all(assignments).await
    }

    async fn assignments_to_invite(
        &mut self,
        campaign: CampaignId,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let waiting = standing(campaign).filter(Column::InvitedAt.is_null());
        self.tx.find_all(waiting.limit(u64::from(most))).await
    }

    async fn assignments_to_remind(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let reminded = Column::RemindedAt.is_null().or(Column::RemindedAt.lt(Col::<_>::of(since)));
        let waiting = standing(campaign)
            .filter(Column::InvitedAt.is_not_null())
            .filter(reminded)
            .filter(Expr::cust(NOT_SUBMITTED))
            .filter(Expr::cust(REACHED));
        self.tx.find_all(waiting.limit(u64::from(most))).await
    }

    async fn coaching_session(
        &mut self,
        id: CoachingSessionId,
    ) -> Result<Option<CoachingSession>, StoreError> {
        self.tx.find_one(coaching::Entity::find_by_id(id)).await
    }

    async fn save_coaching_session(&mut self, session: &mut CoachingSession) -> Result<(), StoreError> {
        self.save(session).await
    }

    async fn put_participations(&mut self, participations: &[Participation]) -> Result<(), StoreError> {
        participations::put(&self.tx, participations).await
    }
}
