//! The result of a session: what the newest scoring run gave. Older runs stay beside it.

use assessment_format::{
    Definition, Version,
    scoring::{Outcome, Report, SCORER_VERSION},
};
use kernel::{AccountId, Change, Id, OrganizationId, Owner, Target, Timestamp};
use serde_json::Value;

use crate::{
    authoring::{
        assessment::CustomAssessmentId,
        published::{PublishedVersion, PublishedVersionId},
    },
    sessions::interview_session::{InterviewSessionId, Origin},
};

/// Identifies a result.
pub type AssessmentResultId = Id<AssessmentResult>;

/// A scoring run: what was computed, by what, from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number in the result, from 1.
    pub number: u32,
    /// The published version whose rules were used.
    pub published: PublishedVersionId,
    /// How that is called.
    pub version: Version,
    /// The version of the scorer.
    pub scorer_version: u16,
    /// The scores, by the places of dimensions and categories in the definition.
    pub outcome: Outcome,
    /// The scores by the names of the dimensions: `{name: score or null}`.
    pub dimension_scores: Value,
    /// The category's name.
    pub matched_category: Option<String>,
    /// The category as the definition has it.
    pub matched_category_data: Option<Value>,
    /// When.
    pub scored_at: Timestamp,
}

impl Run {
    /// What a scorer gave.
    pub fn of(number: u32, published: &PublishedVersion, report: &Report<'_>, scored_at: Timestamp) -> Self {
        let definition: &Definition = report.definition();
        let scores = report
            .dimensions()
            .map(|scored| (scored.name.to_owned(), serde_json::to_value(scored.score).unwrap_or_default()));
        let category = report.category();
        Self {
            number,
            published: published.id,
            version: definition.settings.version,
            scorer_version: SCORER_VERSION,
            outcome: report.outcome().clone(),
            dimension_scores: Value::Object(scores.collect()),
            matched_category: category.map(|category| category.name.clone()),
            matched_category_data: category.and_then(|category| serde_json::to_value(category).ok()),
            scored_at,
        }
    }

    /// Whether another run gave the same scores and category.
    pub fn agrees(&self, other: &Self) -> bool {
        self.dimension_scores == other.dimension_scores
            && self.outcome.overall == other.outcome.overall
            && self.matched_category == other.matched_category
    }
}

/// All a result consists of, apart from its older runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentResultState {
    /// Identifies it.
    pub id: AssessmentResultId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Of which assessment.
    pub assessment: CustomAssessmentId,
    /// Of which session.
    pub session: InterviewSessionId,
    /// What the session belongs to.
    pub origin: Origin,
    /// Who runs the campaign or coaches.
    pub run_by: AccountId,
    /// Who took it; `None` for a guest, and once the person had their data erased.
    pub account: Option<AccountId>,
    /// The newest run.
    pub run: Run,
    /// What a language model said of it; `None` until one is attached.
    pub ai_insights: Option<Value>,
    /// When the session was submitted.
    pub completed_at: Timestamp,
    /// When it was first scored.
    pub created_at: Timestamp,
    /// When the person could see it.
    pub released_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// The result of a session.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub AssessmentResult(AssessmentResultState) as "assessment_result" of |result| Owner::Organization(result.organization)
}

impl AssessmentResult {
    /// A session was scored.
    pub fn score(state: AssessmentResultState, now: Timestamp) -> Self {
        let mut result = Self::restore(state, 0);
        let (of, run) = (&result.state, &result.state.run);
        // Scores are personal: the record keeps them sealed.
        let change = result
            .change("assessment_result.score", now)
            .plain("session_type", &Value::Null, &of.origin.kind())
            .plain("session_id", &Value::Null, &of.origin.id())
            .plain("assessment_version", &Value::Null, &run.version)
            .plain("scorer_version", &Value::Null, &run.scorer_version)
            .personal("dimension_scores", &Value::Null, &run.dimension_scores)
            .personal("overall_score", &Value::Null, &run.outcome.overall)
            .personal("matched_category", &Value::Null, &run.matched_category);
        result.record(change);
        result
    }

    /// The person may see it.
    pub fn release(&mut self, now: Timestamp) {
        let before = self.state.released_at.replace(now);
        let change = self.change("assessment_result.release", now).plain("released_at", &before, &Some(now));
        self.record(change);
    }

    /// It is known who took it.
    pub fn link(&mut self, account: AccountId, now: Timestamp) {
        self.state.account = Some(account);
        let change = self.change("assessment_result.link", now).secret("account_id");
        self.record(change);
    }

    /// The person had their data erased: the scores stay, and are nobody's.
    pub fn forget(&mut self, now: Timestamp) {
        self.state.account = None;
        let change = self.change("assessment_result.forget", now);
        self.record(change.secret("account"));
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        let subject = self.state.account.map_or(self.state.origin.id(), Id::uuid);
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(subject)
    }
}
