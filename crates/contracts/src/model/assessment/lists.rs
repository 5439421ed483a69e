//! What assessments tell without a unit.

use assessment_engine::{
    AssessmentStatus, CampaignId, CampaignStatus, CustomAssessmentId, PublishedVersion,
    reading::{AssessmentFilter, CampaignFilter, ResultFilter, TallyFilter},
};
use assessment_format::summary::Tally;
use kernel::{AccountId, Scope, task::TaskId};

use super::{Any, Kind};
use crate::{
    StorageUnderTest,
    model::{Pair, side::all},
    world::ctx,
};

/// What is read without a unit.
#[derive(Debug, Clone, Copy)]
pub enum List {
    /// A tenant's assessments.
    Assessments,
    /// The published versions of an assessment.
    Versions,
    /// A tenant's campaigns.
    Campaigns,
    /// Who is asked in a campaign, and how far they have come.
    Assignments,
    /// A tenant's coaching sessions.
    CoachingSessions,
    /// The results of an assessment, counted too.
    Results,
    /// What results are scored anew from.
    ScoringInputs,
    /// What a person was asked for.
    Participations,
    /// What the marketplace shows.
    Listings,
    /// A tenant's tasks, and what one of them wrote.
    Tasks,
}

/// A list, and what it is of.
pub(in crate::model) struct Query {
    list: List,
    of: u8,
    published: PublishedVersion,
    campaign: CampaignId,
    account: AccountId,
    task: TaskId,
}

impl Pair {
    /// What both are asked; nothing when there is nothing yet to ask for.
    pub(in crate::model) fn query(&self, list: List, of: u8, scope: Scope) -> Option<Query> {
        let pick = |kind| self.assessment.pick_of(scope.organization(), kind, of);
        let (Any::Campaign(campaign), Any::Task(task)) = (pick(Kind::Campaign)?, pick(Kind::Task)?) else {
            return None;
        };
        let published = self.version(scope.organization(), of)?.clone();
        Some(Query { list, of, published, campaign: campaign.id, account: self.account(of), task: task.id })
    }
}

impl Query {
    fn assessment(&self) -> CustomAssessmentId {
        self.published.assessment
    }

    /// `what`, for some of the numbers.
    fn some<T>(&self, bit: u8, what: T) -> Option<T> {
        (self.of & bit != 0).then_some(what)
    }

    fn results(&self) -> ResultFilter {
        let (campaign, run_by) = (self.some(8, self.campaign), self.some(16, self.account));
        ResultFilter { assessment: self.assessment(), campaign, run_by }
    }

    /// Reads it.
    pub(in crate::model) async fn read(&self, storage: &StorageUnderTest, scope: Scope) -> Vec<String> {
        let (reading, ctx) = (&storage.assessments, &ctx(scope));
        let results = &self.results();
        match self.list {
            List::Assessments => {
                let filter = &AssessmentFilter { status: self.some(4, AssessmentStatus::Active) };
                all(async |page| reading.assessments(ctx, filter, &page).await).await
            }
            List::Versions => all(async |page| reading.versions(ctx, self.assessment(), &page).await).await,
            List::Campaigns => {
                let status = self.some(4, CampaignStatus::Active);
                let (assessment, created_by) = (self.some(8, self.assessment()), self.some(16, self.account));
                let filter = &CampaignFilter { status, assessment, created_by };
                all(async |page| reading.campaigns(ctx, filter, &page).await).await
            }
            List::Assignments => {
                let mut told = all(async |page| reading.assignments(ctx, self.campaign, &page).await).await;
                told.push(format!("{:?}", reading.figures(ctx, self.campaign).await));
                told
            }
            List::CoachingSessions => {
                let coach = self.some(16, self.account);
                all(async |page| reading.coaching_sessions(ctx, coach, &page).await).await
            }
            List::Results => {
                let mut told = all(async |page| reading.results(ctx, results, &page).await).await;
                told.push(format!("{:?}", reading.count_results(ctx, results).await));
                let mut tally = Tally::new(&self.published.definition);
                let of = &TallyFilter { results: *results, major: self.published.version.major() };
                told.push(format!("{:?}", reading.tally(ctx, of, &mut tally).await));
                told.push(format!("{tally:?}"));
                told
            }
            List::ScoringInputs => {
                let inputs = reading.scoring_inputs(ctx, results, None, 9).await;
                let sessions: Vec<_> = inputs.iter().flatten().map(|input| input.session).collect();
                let mut responses = reading.responses(ctx, &sessions).await;
                if let Ok(found) = &mut responses {
                    found.sort_by_key(|of| of.session);
                }
                vec![format!("{inputs:?}"), format!("{responses:?}")]
            }
            List::Participations => {
                all(async |page| reading.participations(ctx, self.account, &page).await).await
            }
            List::Listings => {
                let mut told = all(async |page| reading.listings(ctx, &page).await).await;
                told.push(format!("{:?}", reading.listing(ctx, self.assessment()).await));
                if scope == Scope::Platform {
                    told.extend(all(async |page| reading.offers(ctx, &page).await).await);
                }
                told
            }
            List::Tasks => {
                let (only, tasks) = (self.some(16, self.account), &storage.tasks);
                let mut told = all(async |page| tasks.tasks(ctx, only, &page).await).await;
                told.push(format!("{:?}", tasks.output(ctx, self.task, u32::from(self.of % 3) + 1).await));
                told
            }
        }
    }
}
