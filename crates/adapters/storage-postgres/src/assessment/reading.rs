//! Reading without a unit: each call is a short read transaction, which ends in the background.

use std::collections::{BTreeMap, HashMap};

use assessment_engine::{
    AssessmentResult, AssessmentResultId, Assessments, Assignment, Campaign, CampaignId, CoachingSession,
    CustomAssessmentId, Listing, MarketplaceStatus, Participation, PublishedVersion, PublishedVersionId,
    reading::{
        AssessmentFilter, AssessmentSummary, AssignmentView, CampaignFilter, Figures, ResultFilter,
        ScoringInput, TallyFilter, VersionSummary,
    },
};
use assessment_format::{
    session::{Progress, Stage},
    summary::Tally,
};
use async_trait::async_trait;
use kernel::{AccountId, Ctx, Page, PageRequest, Scope, StoreError};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, prelude::Expr};
use uuid::Uuid;

use super::{
    assignments, campaigns, coaching, empty_page, listings, lists, people, results, scoring_inputs, sessions,
    value::{named, unsigned},
    versions,
};
use crate::{
    PostgresStorage,
    page::{Direction, Paged as _},
    tx::Tx,
};

/// Who is asked, by how far the session has come, if it was opened.
const FIGURES: &str = "
SELECT s.status, count(*) AS assigned, count(a.invited_at) AS invited
FROM assessment.campaign_assignments a LEFT JOIN assessment.interview_sessions s
  ON s.organization_id = a.organization_id AND s.campaign_id = $1 AND s.assignment_id = a.id
WHERE a.campaign_id = $1 AND a.withdrawn_at IS NULL
GROUP BY s.status";

const PROGRESS: &str = "
SELECT origin_id, progress FROM assessment.interview_sessions
WHERE origin_id = ANY($1) AND session_type = 'campaign'";

/// How far the sessions of these assignments have come.
async fn progress(tx: &Tx, assignments: &[Uuid]) -> Result<HashMap<Uuid, Progress>, StoreError> {
    if assignments.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.fetch_all(sqlx::query(PROGRESS).bind(assignments)).await?;
    let of = |row| Ok((tx.get(row, "origin_id")?, sessions::read_progress(tx.get(row, "progress")?)?));
    rows.iter().map(of).collect()
}

#[async_trait]
impl Assessments for PostgresStorage {
    async fn assessments(
        &self,
        ctx: &Ctx,
        filter: &AssessmentFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentSummary>, StoreError> {
        use lists::assessment::{Column, Entity};
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let list = ("assessments", organization, filter);
        let mut of = Entity::find().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(status) = filter.status {
            of = of.filter(Column::Status.eq(status.name()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.created_at, of.id.uuid())))
    }

    async fn versions(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        use lists::version::{Column, Entity};
        let list = ("versions", assessment);
        let of = Entity::find().filter(Column::AssessmentId.eq(assessment.uuid()));
        let rows = of.page((Column::PublishedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.published_at, of.id.uuid())))
    }

    async fn published_version(
        &self,
        ctx: &Ctx,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        let tx = self.reading(ctx).await?;
        tx.find_one(versions::Entity::find_by_id(id.uuid())).await
    }

    async fn campaigns(
        &self,
        ctx: &Ctx,
        filter: &CampaignFilter,
        page: &PageRequest,
    ) -> Result<Page<Campaign>, StoreError> {
        use campaigns::{Column, Entity};
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let list = ("campaigns", organization, filter);
        let CampaignFilter { status, assessment, created_by } = filter;
        let mut of = Entity::find().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(status) = status {
            of = of.filter(Column::Status.eq(status.name()));
        }
        if let Some(assessment) = assessment {
            of = of.filter(Column::CustomAssessmentId.eq(assessment.uuid()));
        }
        if let Some(by) = created_by {
            of = of.filter(Column::CreatedBy.eq(by.uuid()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.created_at, of.id.uuid())))
    }

    async fn assignments(
        &self,
        ctx: &Ctx,
        campaign: CampaignId,
        page: &PageRequest,
    ) -> Result<Page<AssignmentView>, StoreError> {
        use assignments::{Column, Entity};
        let list = ("assignments", campaign);
        let of = Entity::find().filter(Column::CampaignId.eq(campaign.uuid()));
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::OldestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found: Vec<Assignment> = tx.find_all(rows).await?;
        let found = Page::cut(found, page, &list, |of| (of.created_at, of.id.uuid()));
        let ids: Vec<Uuid> = found.items.iter().map(|of| of.id.uuid()).collect();
        let mut progress = progress(&tx, &ids).await?;
        Ok(found.map(|assignment| {
            let progress = progress.remove(&assignment.id.uuid());
            AssignmentView { assignment, progress }
        }))
    }

    async fn figures(&self, ctx: &Ctx, campaign: CampaignId) -> Result<Figures, StoreError> {
        let (mut figures, mut stages) = (Figures::default(), BTreeMap::new());
        let tx = self.reading(ctx).await?;
        if !tx.can_read_table("campaign_assignments")? {
            return Ok(figures);
        }
        for row in tx.fetch_all(sqlx::query(FIGURES).bind(campaign.uuid())).await? {
            let assigned = unsigned(tx.get(&row, "assigned")?);
            figures.assigned += assigned;
            figures.invited += unsigned(tx.get(&row, "invited")?);
            if let Some(status) = tx.get::<Option<&str>>(&row, "status")? {
                stages.insert(named("status", status, Stage::ALL, Stage::name)?, assigned);
            }
        }
        figures.stages = stages.into_iter().collect();
        Ok(figures)
    }

    async fn coaching_sessions(
        &self,
        ctx: &Ctx,
        coach: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<CoachingSession>, StoreError> {
        use coaching::{Column, Entity};
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let list = ("coaching", organization, coach);
        let mut of = Entity::find().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(coach) = coach {
            of = of.filter(Column::CoachId.eq(coach.uuid()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.created_at, of.id.uuid())))
    }

    async fn participations(
        &self,
        ctx: &Ctx,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Participation>, StoreError> {
        use people::{Column, Entity};
        let list = ("participations", account);
        let of = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let rows = of.page((Column::CreatedAt, Column::OriginId), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.created_at, of.origin)))
    }

    async fn results(
        &self,
        ctx: &Ctx,
        filter: &ResultFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentResult>, StoreError> {
        use results::{Column, Entity};
        let list = ("results", filter);
        let ResultFilter { assessment, campaign, run_by } = filter;
        let mut of = Entity::find().filter(Column::AssessmentId.eq(assessment.uuid()));
        if let Some(campaign) = campaign {
            of = of.filter(Column::CampaignId.eq(campaign.uuid()));
        }
        if let Some(by) = run_by {
            of = of.filter(Column::RunBy.eq(by.uuid()));
        }
        let of = of.filter(Expr::cust(scoring_inputs::COUNTS));
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.created_at, of.id.uuid())))
    }

    async fn scoring_inputs(
        &self,
        ctx: &Ctx,
        filter: &ResultFilter,
        after: Option<AssessmentResultId>,
        most: u32,
    ) -> Result<Vec<ScoringInput>, StoreError> {
        scoring_inputs::batch(&self.reading(ctx).await?, filter, after, most).await
    }

    async fn count_results(&self, ctx: &Ctx, filter: &ResultFilter) -> Result<u64, StoreError> {
        scoring_inputs::count(&self.reading(ctx).await?, filter).await
    }

    async fn tally(&self, ctx: &Ctx, filter: &TallyFilter, tally: &mut Tally) -> Result<(), StoreError> {
        scoring_inputs::tally(&self.reading(ctx).await?, filter, tally).await
    }

    async fn listings(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, StoreError> {
        self.marketplace(ctx, MarketplaceStatus::Published, Direction::NewestFirst, page).await
    }

    async fn listing(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
    ) -> Result<Option<Listing>, StoreError> {
        let tx = self.reading(ctx).await?;
        tx.find_one(listings::Entity::find_by_id(assessment.uuid())).await
    }

    async fn offers(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, StoreError> {
        self.marketplace(ctx, MarketplaceStatus::PendingReview, Direction::OldestFirst, page).await
    }
}

impl PostgresStorage {
    async fn marketplace(
        &self,
        ctx: &Ctx,
        status: MarketplaceStatus,
        direction: Direction,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        use listings::{Column, Entity};
        let list = ("marketplace", status);
        let of = Entity::find().filter(Column::Status.eq(status.name()));
        let rows = of.page((Column::OfferedAt, Column::AssessmentId), direction, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.offered_at, of.assessment.uuid())))
    }
}
