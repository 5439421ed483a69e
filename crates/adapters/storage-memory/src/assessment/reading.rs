//! Reading assessments, campaigns and results without a unit.

use std::collections::{BTreeMap, HashMap};

use assessment_engine::{
    AssessmentResult, AssessmentResultId, Assessments, Assignment, Campaign, CampaignId, CoachingSession,
    CustomAssessment, CustomAssessmentId, InterviewSession, InterviewSessionId, Listing, MarketplaceStatus,
    Participation, PublishedVersion, PublishedVersionId,
    reading::{
        AssessmentFilter, AssessmentSummary, AssignmentView, CampaignFilter, Figures, Responses,
        ResultFilter, ScoringInput, TallyFilter, VersionSummary,
    },
};
use assessment_format::{Transcript, session::Stage, summary::Tally};
use async_trait::async_trait;
use kernel::{AccountId, Ctx, Page, PageRequest, Scope, StoreError, letters::LetterHistory};

use super::{
    responses::{AnswerRow, RatingRow, TurnRow},
    rows,
};
use crate::{
    MemoryStorage,
    key::{Key, RowId},
    scoped_view::{Order, ScopedView, empty_page},
};

#[async_trait]
impl Assessments for MemoryStorage {
    async fn assessments(
        &self,
        ctx: &Ctx,
        filter: &AssessmentFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentSummary>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let key = Key::organization(organization);
        let list = ("assessments", organization, filter);
        ScopedView::new(&state, ctx).page(
            &key,
            Order::NewestFirst,
            &list,
            page,
            |assessment: &CustomAssessment| {
                filter.status.is_none_or(|status| status == assessment.status).then(|| summary(assessment))
            },
        )
    }

    async fn versions(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        let state = self.shared.read();
        let (key, list) = (Key::parent(assessment), ("versions", assessment));
        ScopedView::new(&state, ctx).page(&key, Order::NewestFirst, &list, page, |of: &PublishedVersion| {
            Some(VersionSummary {
                id: of.id,
                version: of.version,
                checksum: of.checksum,
                published_by: of.published_by,
                published_at: of.published_at,
            })
        })
    }

    async fn published_version(
        &self,
        ctx: &Ctx,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(RowId::of(id)).cloned())
    }

    async fn campaigns(
        &self,
        ctx: &Ctx,
        filter: &CampaignFilter,
        page: &PageRequest,
    ) -> Result<Page<Campaign>, StoreError> {
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let (key, list) = (Key::organization(organization), ("campaigns", organization, filter));
        ScopedView::new(&state, ctx).page(&key, Order::NewestFirst, &list, page, |campaign: &Campaign| {
            let asked = filter.status.is_none_or(|status| status == campaign.status)
                && filter.assessment.is_none_or(|of| of == campaign.plan.chosen.assessment)
                && filter.created_by.is_none_or(|by| by == campaign.created_by);
            asked.then(|| campaign.clone())
        })
    }

    async fn assignments(
        &self,
        ctx: &Ctx,
        campaign: CampaignId,
        page: &PageRequest,
    ) -> Result<Page<AssignmentView>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let (key, list) = (Key::parent(campaign), ("assignments", campaign));
        view.page(&key, Order::OldestFirst, &list, page, |assignment: &Assignment| {
            let progress = view.session(assignment).map(|session| session.progress.clone());
            Some(AssignmentView { assignment: assignment.clone(), progress })
        })
    }

    async fn figures(&self, ctx: &Ctx, campaign: CampaignId) -> Result<Figures, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let (mut figures, mut stages) = (Figures::default(), BTreeMap::<Stage, u64>::new());
        let assignments = view.under::<Assignment>(&Key::parent(campaign));
        for assignment in assignments.filter(|assignment| assignment.withdrawn_at.is_none()) {
            figures.assigned += 1;
            let asked_at = assignment.invitee.asked_at();
            let history = view.get::<LetterHistory>(RowId::of(assignment.id));
            let undelivered = LetterHistory::status(history, asked_at).is_some_and(|of| of.status.failed());
            figures.undelivered += u64::from(undelivered);
            figures.invited += u64::from(assignment.invitee.invited_at.is_some() && !undelivered);
            if let Some(session) = view.session(assignment) {
                *stages.entry(session.progress.status.stage()).or_default() += 1;
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
        let Scope::Tenant(organization) = ctx.scope else { return Ok(empty_page()) };
        let state = self.shared.read();
        let (key, list) = (Key::organization(organization), ("coaching", organization, coach));
        ScopedView::new(&state, ctx).page(
            &key,
            Order::NewestFirst,
            &list,
            page,
            |session: &CoachingSession| {
                coach.is_none_or(|coach| coach == session.coach).then(|| session.clone())
            },
        )
    }

    async fn participations(
        &self,
        ctx: &Ctx,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Participation>, StoreError> {
        let state = self.shared.read();
        let (key, list) = (Key::account(account), ("participations", account));
        ScopedView::new(&state, ctx)
            .page(&key, Order::NewestFirst, &list, page, |of: &Participation| Some(*of))
    }

    async fn results(
        &self,
        ctx: &Ctx,
        filter: &ResultFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentResult>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let (key, list) = (Key::parent(filter.assessment), ("results", filter));
        view.page(&key, Order::NewestFirst, &list, page, |result: &AssessmentResult| {
            (asked(filter, result) && view.counts(result)).then(|| result.clone())
        })
    }

    async fn scoring_inputs(
        &self,
        ctx: &Ctx,
        filter: &ResultFilter,
        after: Option<AssessmentResultId>,
        most: u32,
    ) -> Result<Vec<ScoringInput>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        let later = |result: &&AssessmentResult| after.is_none_or(|after| result.id > after);
        let mut results: Vec<_> = view.results(filter).filter(later).collect();
        results.sort_by_key(|result| result.id);
        results.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(results.into_iter().map(|result| view.scoring_input(result)).collect())
    }

    async fn responses(
        &self,
        ctx: &Ctx,
        sessions: &[InterviewSessionId],
    ) -> Result<Vec<Responses>, StoreError> {
        let state = self.shared.read();
        let view = ScopedView::new(&state, ctx);
        if ctx.scope.organization().is_none() {
            return Ok(Vec::new());
        }
        Ok(sessions.iter().filter_map(|session| view.responses(*session)).collect())
    }

    async fn count_results(&self, ctx: &Ctx, filter: &ResultFilter) -> Result<u64, StoreError> {
        let state = self.shared.read();
        let count = ScopedView::new(&state, ctx).results(filter).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn tally(&self, ctx: &Ctx, filter: &TallyFilter, tally: &mut Tally) -> Result<(), StoreError> {
        let state = self.shared.read();
        let results = ScopedView::new(&state, ctx).results(&filter.results);
        let same = results.filter(|result| result.run.version.major() == filter.major);
        let (empty, mut groups) = (tally.emptied(), HashMap::new());
        for result in same {
            let group: &mut Tally = groups.entry(result.origin.campaign()).or_insert_with(|| empty.clone());
            group.add(&result.run.outcome);
        }
        filter.merge(groups.into_values(), tally);
        Ok(())
    }

    async fn listings(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, StoreError> {
        let state = self.shared.read();
        let key = rows::listed(MarketplaceStatus::Published);
        ScopedView::new(&state, ctx)
            .page(&key, Order::NewestFirst, &"listings", page, |of: &Listing| Some(of.clone()))
    }

    async fn listing(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
    ) -> Result<Option<Listing>, StoreError> {
        let state = self.shared.read();
        Ok(ScopedView::new(&state, ctx).get(RowId::of(assessment)).cloned())
    }

    async fn offers(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, StoreError> {
        let state = self.shared.read();
        let key = rows::listed(MarketplaceStatus::PendingReview);
        ScopedView::new(&state, ctx)
            .page(&key, Order::OldestFirst, &"offers", page, |of: &Listing| Some(of.clone()))
    }
}

impl<'a> ScopedView<'a> {
    /// Where a person takes what they were assigned.
    fn session(self, assignment: &Assignment) -> Option<&'a InterviewSession> {
        self.holder(&rows::session_of(assignment.id.uuid()))
    }

    fn results(self, filter: &ResultFilter) -> impl Iterator<Item = &'a AssessmentResult> {
        let results = self.under::<AssessmentResult>(&Key::parent(filter.assessment));
        results.filter(move |result| asked(filter, result) && self.counts(result))
    }

    /// Whether its session was not voided.
    fn counts(self, result: &AssessmentResult) -> bool {
        let session: Option<&InterviewSession> = self.get(RowId::of(result.session));
        session.is_none_or(|session| session.progress.status.stage() != Stage::Voided)
    }

    fn responses(self, session: InterviewSessionId) -> Option<Responses> {
        let of = Key::parent(session);
        let answers = self.under::<AnswerRow>(&of).map(|of| (of.item.clone(), of.answer.clone())).collect();
        let mut turns: Vec<_> = self.under::<TurnRow>(&of).map(|of| of.turn.clone()).collect();
        turns.sort_by_key(|turn| turn.number);
        let published = self.get::<InterviewSession>(RowId::of(session))?.published;
        Some(Responses { session, published, answers, transcript: Transcript::restore(turns) })
    }

    fn scoring_input(self, result: &AssessmentResult) -> ScoringInput {
        let responses = Key::parent(result.session);
        let answers = self.under::<AnswerRow>(&responses).map(|of| (of.item.clone(), of.answer.clone()));
        let ratings = self.under::<RatingRow>(&responses);
        ScoringInput {
            id: result.id,
            session: result.session,
            published: result.run.published,
            run: result.run.number,
            scorer_version: result.run.scorer_version,
            outcome: result.run.outcome.clone(),
            answers: answers.collect(),
            ratings: ratings.map(|of| (of.target.clone(), of.rater.clone(), of.rating.clone())).collect(),
        }
    }
}

fn asked(filter: &ResultFilter, result: &AssessmentResult) -> bool {
    result.assessment == filter.assessment
        && filter.campaign.is_none_or(|campaign| result.origin.campaign() == Some(campaign))
        && filter.run_by.is_none_or(|by| by == result.run_by)
}

fn summary(assessment: &CustomAssessment) -> AssessmentSummary {
    let settings = &assessment.draft.definition.settings;
    AssessmentSummary {
        id: assessment.id,
        created_by: assessment.created_by,
        name: settings.name.clone(),
        slug: assessment.slug.clone(),
        description: settings.description.clone(),
        version: settings.version,
        kind: settings.kind,
        style: settings.interview.style,
        allow_override: settings.interview.allow_override,
        disclosure: settings.disclosure,
        source_type: assessment.source_type,
        status: assessment.status,
        template: assessment.template,
        latest: assessment.latest.map(|(_, version)| version),
        marketplace_status: assessment.marketplace_status,
        price_tier: assessment.price_tier,
        created_at: assessment.created_at,
        published_at: assessment.published_at,
        revision: assessment.version(),
    }
}
