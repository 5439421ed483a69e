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

kernel::named! {
    /// What is written of each result, beside whose it is and when.
    pub enum Content {
        /// Scores and category.
        Scores = "scores",
        /// What was answered and said.
        Answers = "answers",
        /// All of it.
        Both = "both",
    }
}

kernel::named! {
    /// What stands between the values of a line.
    pub enum Separator {
        /// As RFC 4180 has it.
        Comma = "comma",
        /// As spreadsheets expect it where the comma is a decimal point.
        Semicolon = "semicolon",
        /// As text is pasted into a spreadsheet.
        Tab = "tab",
    }
}

impl Content {
    pub(crate) const fn has_scores(self) -> bool {
        matches!(self, Self::Scores | Self::Both)
    }

    pub(crate) const fn has_answers(self) -> bool {
        matches!(self, Self::Answers | Self::Both)
    }
}

impl Separator {
    pub(crate) const fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

/// What a file of results is to hold, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportOptions {
    /// Only of this campaign.
    pub campaign: Option<CampaignId>,
    /// In which form.
    pub format: Format,
    /// What of each result. Orders of earlier versions are for scores.
    #[serde(default = "scores")]
    pub content: Content,
    /// What stands between values, where the form knows that; a comma unless told.
    #[serde(default)]
    pub separator: Option<Separator>,
    /// Whether the file begins with a byte order mark, by which spreadsheets know UTF-8, where the form knows that.
    #[serde(default)]
    pub bom: bool,
}

const fn scores() -> Content {
    Content::Scores
}

impl ExportOptions {
    /// All scores, in this form.
    pub const fn of(format: Format) -> Self {
        Self { campaign: None, format, content: scores(), separator: None, bom: false }
    }

    /// The media type of the file, and how its name ends.
    const fn kind(&self) -> (&'static str, &'static str) {
        match (self.format, self.separator) {
            (Format::Ndjson, _) => ("application/x-ndjson", "ndjson"),
            (Format::Csv, Some(Separator::Tab)) => ("text/tab-separated-values; charset=utf-8", "tsv"),
            (Format::Csv, _) => ("text/csv; charset=utf-8; header=present", "csv"),
        }
    }

    /// Refuses what the form does not know.
    fn check(&self) -> Result<(), Refused> {
        let unknown = match (self.format, self.separator, self.bom) {
            (Format::Ndjson, Some(_), _) => "/separator",
            (Format::Ndjson, None, true) => "/bom",
            _ => return Ok(()),
        };
        let detail = "is for `csv`; lines of JSON have neither separators nor a byte order mark".to_owned();
        Err(Refused::Invalid { pointer: unknown.to_owned(), detail })
    }
}

/// What was ordered: kept with the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportParameters {
    /// What the file holds.
    #[serde(flatten)]
    pub options: ExportOptions,
    /// Only of what this person runs: no further than they could see themselves.
    pub run_by: Option<kernel::AccountId>,
}

impl ExportParameters {
    /// Which results it holds.
    pub(crate) const fn filter(&self, assessment: CustomAssessmentId) -> ResultFilter {
        ResultFilter { assessment, campaign: self.options.campaign, run_by: self.run_by }
    }
}

impl ResultService {
    /// Orders the results of an assessment, or of one campaign of it, as a file; it holds what the caller could see,
    /// who sees what a person answered wherever they see the person's result. A program cannot fetch it, so it cannot
    /// order it.
    pub async fn export(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        assessment: CustomAssessmentId,
        options: ExportOptions,
    ) -> Result<Task, Refused> {
        let of = (assessment, options.campaign);
        let (permit, filter) = self.within(ctx, organization, of, Action::ViewResults).await?;
        let Some(requested_by) = ctx.actor.account() else {
            let attempt = CustomAssessment::attempt("assessment_result.export");
            let attempt = attempt.on(assessment.uuid()).of(organization);
            return Err(self.ports.denied(&permit.ctx, attempt, Refused::PersonNeeded).await);
        };
        options.check()?;
        let total = self.ports.reading.count_results(&permit.ctx, &filter).await?;
        let export = ExportParameters { options, run_by: filter.run_by };
        let parameters = serde_json::to_value(export).map_err(|error| Refused::Fault(error.to_string()))?;
        let now = self.ports.clock.now();
        let request = TaskRequest {
            name: EXPORT.to_owned(),
            related_type: CustomAssessment::KIND.to_owned(),
            related_id: assessment.uuid(),
            parameters,
        };
        let (media_type, extension) = options.kind();
        let output = Some((media_type, format!("results-{assessment}.{extension}")));
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
                .plain("campaign_id", &Value::Null, &options.campaign)
                .plain("format", &Value::Null, &options.format)
                .plain("content", &Value::Null, &options.content)
                .plain("results", &Value::Null, &total);
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        unit.save_task(&mut task).await?;
        unit.record(change);
        unit.commit().await?;
        Ok(task)
    }
}
