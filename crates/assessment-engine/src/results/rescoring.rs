//! Scoring stored results anew: a preview that stores nothing, and runs that stand before older ones, which stay.
//!
//! Results are scored by the rules of their own version, or all by those of one other published version of the
//! assessment. They are read in batches, so that a million of them take no more memory than a thousand.

mod preview;
mod runs;

use std::{collections::HashMap, sync::Arc};

use assessment_format::{SCORER_VERSION, Scorer, Version};
use kernel::{
    Ctx, OrganizationId, Timestamp,
    task::{Task, TaskRequest},
};
use serde::{Deserialize, Serialize};

pub use self::{
    preview::{CategoryMoved, Difference, Moved, Preview},
    runs::{Applied, RescoringTasks},
};
use crate::{
    authoring::{
        assessment::{CustomAssessment, CustomAssessmentId},
        published::{PublishedVersion, PublishedVersionId},
    },
    campaigns::campaign::CampaignId,
    ports::Ports,
    reading::{ResultFilter, ScoringInput},
    refusal::Refused,
    results::{
        self,
        result::{AssessmentResultId, Run},
    },
    rule::Action,
};

/// What the task is called.
pub const RESCORE: &str = "assessment.rescore";

/// The service that scores anew.
#[derive(Debug, Clone)]
pub struct RescoringService {
    ports: Ports,
}

/// Which results are scored anew, and by which rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rescore {
    /// Of this assessment.
    pub assessment: CustomAssessmentId,
    /// Only of this campaign.
    pub campaign: Option<CampaignId>,
    /// By the rules of this version of the assessment; each by its own without.
    pub version: Option<Version>,
}

/// The same with the version found: what a task keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    campaign: Option<CampaignId>,
    published: Option<PublishedVersionId>,
}

/// The run that scoring a result anew gives: the same under the same rules, ever. `None` where it would say what the
/// present one says, by the same rules; and where what was answered was erased.
pub fn rescored(
    input: &ScoringInput,
    published: &PublishedVersion,
    scorer: &Scorer<'_>,
    at: Timestamp,
) -> Option<Run> {
    if is_erased(input) {
        return None;
    }
    let outcome = scorer.score(&input.answers, &input.ratings);
    let same =
        input.published == published.id && input.scorer_version == SCORER_VERSION && input.outcome == outcome;
    (!same).then(|| Run::of(input.run + 1, published, &scorer.report(outcome), at))
}

/// Whether what was answered is gone, because the person had their data erased: such a result stays as it is.
fn is_erased(input: &ScoringInput) -> bool {
    let spoke = input.answers.iter().next().is_some() || input.ratings.iter().next().is_some();
    !spoke && (input.outcome.overall.is_some() || input.outcome.dimensions.iter().any(Option::is_some))
}

impl RescoringService {
    /// Over this many results nobody waits for a preview.
    pub const MOST_AT_ONCE: u64 = 100_000;

    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Who would come out otherwise. Nothing is stored.
    pub async fn preview(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        of: Rescore,
    ) -> Result<Preview, Refused> {
        let (ctx, filter, plan) = self.permitted(ctx, organization, of).await?;
        let results = self.ports.reading.count_results(&ctx, &filter).await?;
        if results > Self::MOST_AT_ONCE {
            return Err(Refused::TooManyResults(results));
        }
        self.previewed(&ctx, organization, &filter, plan, |_| ()).await
    }

    /// Orders new runs for all results that would come out otherwise.
    pub async fn apply(&self, ctx: &Ctx, organization: OrganizationId, of: Rescore) -> Result<Task, Refused> {
        let (tenant, filter, plan) = self.permitted(ctx, organization, of).await?;
        let total = self.ports.reading.count_results(&tenant, &filter).await?;
        let request = TaskRequest {
            name: RESCORE.to_owned(),
            related_type: CustomAssessment::KIND.to_owned(),
            related_id: of.assessment.uuid(),
            parameters: serde_json::to_value(plan).map_err(|error| Refused::Fault(error.to_string()))?,
        };
        let (id, now) = (self.ports.ids.next(), self.ports.clock.now());
        let mut task = Task::queue(id, organization, request, Some(total), None, ctx.actor.account(), now);
        let mut unit = self.ports.store.begin(&tenant).await?;
        unit.save_task(&mut task).await?;
        unit.commit().await?;
        Ok(task)
    }

    async fn permitted(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        of: Rescore,
    ) -> Result<(Ctx, ResultFilter, Plan), Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::Rescore).await?;
        results::check(&self.ports, &permit, of.assessment, of.campaign, Action::Rescore).await?;
        let plan = self.plan(&permit.ctx, of).await?;
        Ok((permit.ctx, ResultFilter::of(of.assessment, of.campaign), plan))
    }

    async fn plan(&self, tenant: &Ctx, of: Rescore) -> Result<Plan, Refused> {
        let mut unit = self.ports.store.begin(tenant).await?;
        unit.custom_assessment(of.assessment).await?.ok_or(Refused::Missing("assessment"))?;
        let published = match of.version {
            None => None,
            Some(version) => {
                let found = unit.version_of(of.assessment, version).await?;
                Some(found.ok_or(Refused::Missing("version"))?.id)
            }
        };
        Ok(Plan { campaign: of.campaign, published })
    }

    /// The versions whose rules a batch of results is scored by.
    async fn rules(
        &self,
        tenant: &Ctx,
        organization: OrganizationId,
        plan: Plan,
        batch: &[ScoringInput],
    ) -> Result<HashMap<PublishedVersionId, Arc<PublishedVersion>>, Refused> {
        let mut rules = HashMap::new();
        for input in batch {
            for id in [Some(input.published), plan.published].into_iter().flatten() {
                if let std::collections::hash_map::Entry::Vacant(place) = rules.entry(id) {
                    place.insert(self.ports.published(tenant, organization, id).await?);
                }
            }
        }
        Ok(rules)
    }
}

/// A batch of stored results, and the last of them: where the next begins.
async fn batch(
    ports: &Ports,
    tenant: &Ctx,
    filter: &ResultFilter,
    after: Option<AssessmentResultId>,
    most: u32,
) -> Result<(Vec<ScoringInput>, Option<AssessmentResultId>), Refused> {
    let batch = ports.reading.scoring_inputs(tenant, filter, after, most).await?;
    let last = batch.last().map(|input| input.id);
    let full = u32::try_from(batch.len()).is_ok_and(|count| count >= most);
    Ok((batch, last.filter(|_| full)))
}
