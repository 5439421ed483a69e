//! Reading without a unit: each call is a short read transaction, which ends in the background.

use std::collections::{BTreeMap, HashMap};

use assessment_engine::{
    AssessmentResult, AssessmentResultId, Assessments, Assignment, Campaign, CampaignId, CoachingSession,
    CustomAssessmentId, InterviewSessionId, Listing, MarketplaceStatus, OriginKind, Participation,
    PublishedVersion, PublishedVersionId,
    reading::{
        AssessmentFilter, AssessmentSummary, AssignmentView, CampaignFilter, Figures, Responses,
        ResultFilter, ScoringInput, TallyFilter, VersionSummary,
    },
};
use assessment_format::{
    session::{Progress, Stage},
    summary::Tally,
};
use async_trait::async_trait;
use kernel::{AccountId, Ctx, Page, PageRequest, Scope, StoreError};
use sea_orm::{ColumnTrait as _, DerivePartialModel, EntityTrait as _, FromQueryResult, QueryFilter as _};
use uuid::Uuid;

use super::{
    assessments, assignments, campaigns, coaching, empty_page, formats::Text, listings, participations,
    results, scoring_inputs, sessions, versions,
};
use crate::{
    PostgresStorage,
    col::{Col, Doc},
    driver::query,
    page::{Direction, Paged as _},
    tx::Tx,
};

/// Who is asked, by how far the session has come, if it was opened: counted beside joins that are no relations.
const FIGURES: &str = "
SELECT s.status, count(*) AS assigned, count(a.invited_at) FILTER (WHERE l.about_id IS NULL) AS invited,
  count(l.about_id) AS undelivered
FROM assessment.campaign_assignments a LEFT JOIN assessment.interview_sessions s
  ON s.organization_id = a.organization_id AND s.campaign_id = $1 AND s.assignment_id = a.id
LEFT JOIN platform.letters l
  ON l.organization_id = a.organization_id AND l.about_id = a.id AND l.status IN ('refused', 'bounced')
    AND l.status_at >= greatest(a.invited_at, a.reminded_at)
WHERE a.organization_id = $2 AND a.campaign_id = $1 AND a.withdrawn_at IS NULL
GROUP BY s.status";

#[derive(FromQueryResult)]
struct StageFigures {
    status: Option<Text<Stage>>,
    assigned: Col<u64>,
    invited: Col<u64>,
    undelivered: Col<u64>,
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "sessions::Entity")]
struct SessionProgress {
    origin_id: Uuid,
    progress: Doc<Progress>,
}

/// How far the sessions of these assignments have come.
async fn progress(tx: &Tx, assignments: Vec<Uuid>) -> Result<HashMap<Uuid, Progress>, StoreError> {
    use sessions::{Column, Entity};
    if assignments.is_empty() {
        return Ok(HashMap::new());
    }
    let of = Entity::find()
        .filter(Column::OriginId.eq_any(assignments))
        .filter(Column::SessionType.eq(OriginKind::Campaign.name()));
    let found = tx.find_partial::<_, SessionProgress, SessionProgress>(of).await?;
    Ok(found.into_iter().map(|of| (of.origin_id, of.progress.0)).collect())
}

#[async_trait]
impl Assessments for PostgresStorage {
    async fn assessments(
        &self,
        ctx: &Ctx,
        filter: &AssessmentFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentSummary>, StoreError> {
        use assessments::{Column, Entity, Listed};
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let list = ("assessments", organization, filter);
        let mut of = Entity::find().filter(Column::OrganizationId.eq(organization.uuid()));
        if let Some(status) = filter.status {
            of = of.filter(Column::Status.eq(status.name()));
        }
        let rows = of.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_partial::<_, Listed, _>(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.created_at, of.id.uuid())))
    }

    async fn versions(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        use versions::{Column, Entity, Listed};
        let list = ("versions", assessment);
        let of = Entity::find().filter(Column::AssessmentId.eq(assessment.uuid()));
        let rows = of.page((Column::PublishedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let tx = self.reading(ctx).await?;
        let found = tx.find_partial::<_, Listed, _>(rows).await?;
        Ok(Page::cut(found, page, &list, |of| (of.published_at, of.id.uuid())))
    }

    async fn published_version(
        &self,
        ctx: &Ctx,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        let tx = self.reading(ctx).await?;
        tx.find_one(versions::Entity::find_by_id(id)).await
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
        let ids = found.items.iter().map(|of| of.id.uuid()).collect();
        let mut progress = progress(&tx, ids).await?;
        Ok(found.map(|assignment| {
            let progress = progress.remove(&assignment.id.uuid());
            AssignmentView { assignment, progress }
        }))
    }

    async fn figures(&self, ctx: &Ctx, campaign: CampaignId) -> Result<Figures, StoreError> {
        let (mut figures, mut stages) = (Figures::default(), BTreeMap::new());
        let tx = self.reading(ctx).await?;
        if !tx.can_read_entity::<assignments::Entity>() {
            return Ok(figures);
        }
        for row in
            tx.find_rows::<StageFigures>(query(FIGURES).bind(campaign.uuid()).bind(tx.tenant())).await?
        {
            figures.assigned += row.assigned.0;
            figures.invited += row.invited.0;
            figures.undelivered += row.undelivered.0;
            stages.extend(row.status.map(|stage| (stage.0, row.assigned.0)));
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
        use participations::{Column, Entity};
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
        use results::Column;
        let list = ("results", filter);
        let of = results::counted(filter);
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

    async fn responses(
        &self,
        ctx: &Ctx,
        sessions: &[InterviewSessionId],
    ) -> Result<Vec<Responses>, StoreError> {
        scoring_inputs::responses(&self.reading(ctx).await?, sessions).await
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
        tx.find_one(listings::Entity::find_by_id(assessment)).await
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
