//! Ordering results as a file.

mod file;
pub mod tasks;

use kernel::{
    Change, Ctx, OrganizationId, Target,
    task::{Task, TaskRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    authoring::assessment::{CustomAssessment, CustomAssessmentId},
    campaigns::campaign::CampaignId,
    reading::ResultFilter,
    refusal::Refused,
    results::ResultService,
    rule::Action,
};

/// What the task is called.
pub const EXPORT: &str = "assessment.export_results";

kernel::named! {
    /// In which form results are written.
    pub enum Format {
        /// Comma-separated values (RFC 4180), UTF-8, a line of names first.
        Csv = "csv",
        /// A JSON object on each line.
        Ndjson = "ndjson",
    }
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// How names of such files end.
    pub const fn extension(self) -> &'static str {
        self.name()
    }
}

/// What was ordered: kept with the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportParameters {
    /// In which form.
    pub format: Format,
    /// Only of this campaign.
    pub campaign: Option<CampaignId>,
    /// Only of what this person runs: no further than they could see themselves.
    pub run_by: Option<kernel::AccountId>,
}

impl ExportParameters {
    /// Which results it holds.
    pub(crate) const fn filter(&self, assessment: CustomAssessmentId) -> ResultFilter {
        ResultFilter { assessment, campaign: self.campaign, run_by: self.run_by }
    }
}

impl ResultService {
    /// Orders the results of an assessment, or of one campaign of it, as a file; it holds what the caller could see. A
    /// program cannot fetch it, so it cannot order it.
    pub async fn export(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        assessment: CustomAssessmentId,
        campaign: Option<CampaignId>,
        format: Format,
    ) -> Result<Task, Refused> {
        let of = (assessment, campaign);
        let (permit, filter) = self.within(ctx, organization, of, Action::ViewResults).await?;
        let Some(requested_by) = ctx.actor.account() else {
            let attempt = CustomAssessment::attempt("assessment_result.export");
            let attempt = attempt.on(assessment.uuid()).of(organization);
            return Err(self.ports.denied(&permit.ctx, attempt, Refused::PersonNeeded).await);
        };
        let total = self.ports.reading.count_results(&permit.ctx, &filter).await?;
        let export = ExportParameters { format, campaign, run_by: filter.run_by };
        let parameters = serde_json::to_value(export).map_err(|error| Refused::Fault(error.to_string()))?;
        let now = self.ports.clock.now();
        let request = TaskRequest {
            name: EXPORT.to_owned(),
            related_type: CustomAssessment::KIND.to_owned(),
            related_id: assessment.uuid(),
            parameters,
        };
        let file_name = format!("results-{assessment}.{}", format.extension());
        let output = Some((format.media_type(), file_name));
        let mut task = Task::queue(
            self.ports.ids.next(),
            organization,
            request,
            Some(total),
            output,
            Some(requested_by),
            now,
        );
        let change =
            Change::new("assessment_result.export", Target::new(CustomAssessment::KIND, assessment), now)
                .of(organization)
                .plain("task_id", &Value::Null, &task.id)
                .plain("campaign_id", &Value::Null, &campaign)
                .plain("format", &Value::Null, &format)
                .plain("results", &Value::Null, &total);
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        unit.save_task(&mut task).await?;
        unit.record(change);
        unit.commit().await?;
        Ok(task)
    }
}
