//! New runs for stored results, a batch at a time, each batch with one record.

use std::collections::HashMap;

use assessment_format::{SCORER_VERSION, Scorer};
use async_trait::async_trait;
use kernel::{
    Actor, Change, Ctx, Delivery, EventHandler, EventHandlerError, Id, OrganizationId, Scope, Target,
    task::{CONTINUE, Chunk, QUEUED, Task},
};
use serde_json::{Value, json};

use crate::{
    authoring::{
        assessment::{CustomAssessment, CustomAssessmentId},
        published::PublishedVersionId,
    },
    ports::{LAST_ATTEMPT, Ports},
    reading::{ResultFilter, ScoringInput},
    refusal::Refused,
    results::{
        rescoring::{Plan, RESCORE, Rescore, RescoringService, batch, rescored},
        result::{AssessmentResultId, Run},
    },
    unit::Unit,
};

/// How many results a batch looks at.
const BATCH: u32 = 500;

/// What was done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many results were looked at.
    pub results: u64,
    /// How many have a new run.
    pub replaced: u64,
}

/// New runs that are ready to be put in place.
struct Ready {
    looked_at: u64,
    runs: Vec<(AssessmentResultId, Run)>,
    next: Option<AssessmentResultId>,
}

impl RescoringService {
    /// Puts new runs in place for an operator, who need not ask the gate, telling how many results were looked at.
    /// Broken off it can be run again: what was done is not done twice.
    pub async fn apply_all(
        &self,
        tenant: &Ctx,
        organization: OrganizationId,
        of: Rescore,
        mut seen: impl FnMut(u64) + Send,
    ) -> Result<Applied, Refused> {
        let plan = self.plan(tenant, of).await?;
        let filter = ResultFilter::of(of.assessment, of.campaign);
        let (mut applied, mut after) = (Applied::default(), None);
        loop {
            let ready = self.ready(tenant, organization, &filter, plan, after).await?;
            let mut unit = self.ports.store.begin(tenant).await?;
            let replaced = self.put(&mut *unit, organization, of.assessment, plan, &ready).await?;
            if replaced > 0 || ready.next.is_none() {
                unit.commit().await?;
            }
            applied.results += ready.looked_at;
            applied.replaced += replaced;
            seen(ready.looked_at);
            match ready.next {
                Some(next) => after = Some(next),
                None => return Ok(applied),
            }
        }
    }

    /// Scores the next batch.
    async fn ready(
        &self,
        tenant: &Ctx,
        organization: OrganizationId,
        filter: &ResultFilter,
        plan: Plan,
        after: Option<AssessmentResultId>,
    ) -> Result<Ready, Refused> {
        let (inputs, next) = batch(&self.ports, tenant, filter, after, BATCH).await?;
        let rules = self.rules(tenant, organization, plan, &inputs).await?;
        let scorers: HashMap<PublishedVersionId, Scorer<'_>> =
            rules.iter().map(|(id, published)| (*id, Scorer::new(&published.definition))).collect();
        let now = self.ports.clock.now();
        let run = |one: &ScoringInput| {
            let by = plan.published.unwrap_or(one.published);
            let run = rescored(one, rules.get(&by)?, scorers.get(&by)?, now)?;
            Some((one.id, run))
        };
        let runs = inputs.iter().filter_map(run).collect();
        Ok(Ready { looked_at: inputs.len() as u64, runs, next })
    }

    /// Puts the runs of a batch in place, with one record; with the last the summaries are forgotten.
    async fn put(
        &self,
        unit: &mut Unit,
        organization: OrganizationId,
        assessment: CustomAssessmentId,
        plan: Plan,
        ready: &Ready,
    ) -> Result<u64, Refused> {
        let replaced = if ready.runs.is_empty() { 0 } else { unit.replace_runs(&ready.runs).await? };
        if replaced > 0 {
            let target = Target::new(CustomAssessment::KIND, assessment);
            let change = Change::new("assessment_result.rescore", target, self.ports.clock.now())
                .of(organization)
                .plain("results", &Value::Null, &replaced)
                .plain("campaign_id", &Value::Null, &plan.campaign)
                .plain("assessment_version_id", &Value::Null, &plan.published)
                .plain("scorer_version", &Value::Null, &SCORER_VERSION);
            unit.record(change);
            unit.delete_disclosed_summaries(assessment).await?;
        }
        Ok(replaced)
    }
}

/// Reacts to re-scorings that were ordered, a batch at a time.
#[derive(Debug, Clone)]
pub struct RescoringTasks {
    rescoring: RescoringService,
}

impl RescoringTasks {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { rescoring: RescoringService::new(ports) }
    }

    async fn next_chunk(&self, organization: OrganizationId, id: Id<Task>) -> Result<(), Refused> {
        let ports = &self.rescoring.ports;
        let ctx = Ctx::new(Actor::System, Scope::Tenant(organization));
        let mut unit = ports.store.begin(&ctx).await?;
        let found = unit.task(id).await?;
        drop(unit);
        let Some(mut task) = found.filter(|task| task.request.name == RESCORE && !task.status.is_over())
        else {
            return Ok(());
        };
        let assessment = CustomAssessmentId::from_uuid(task.request.related_id);
        let Ok(plan) = serde_json::from_value::<Plan>(task.request.parameters.clone()) else {
            return ports.give_up(organization, id, "the request cannot be read").await;
        };
        let so_far = |key: &str| task.cursor.get(key).cloned();
        let after = so_far("after").and_then(|id| serde_json::from_value(id).ok());
        let replaced = so_far("replaced").and_then(|count| count.as_u64()).unwrap_or(0);
        let filter = ResultFilter::of(assessment, plan.campaign);
        let ready = self.rescoring.ready(&ctx, organization, &filter, plan, after).await?;
        let mut unit = ports.store.begin(&ctx).await?;
        let replaced =
            replaced + self.rescoring.put(&mut *unit, organization, assessment, plan, &ready).await?;
        let cursor = json!({ "after": ready.next, "replaced": replaced });
        let chunk = Chunk { steps: ready.looked_at, cursor, size_bytes: None };
        let now = ports.clock.now();
        if ready.next.is_some() {
            task.advance(chunk, now);
        } else {
            let result = json!({ "results": task.done + chunk.steps, "replaced": replaced });
            task.succeed(chunk, result, now);
        }
        unit.save_task(&mut task).await?;
        Ok(unit.commit().await?)
    }
}

#[async_trait]
impl EventHandler for RescoringTasks {
    fn topics(&self) -> &'static [&'static str] {
        &[QUEUED, CONTINUE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        match self.next_chunk(organization, Id::from_uuid(delivery.target_id)).await {
            // Somebody else did the batch.
            Ok(()) | Err(Refused::Stale) => Ok(()),
            Err(refused) if delivery.attempts >= LAST_ATTEMPT => {
                let id = Id::from_uuid(delivery.target_id);
                Ok(self.rescoring.ports.give_up(organization, id, &refused.to_string()).await?)
            }
            Err(refused) => Err(refused.into()),
        }
    }
}
