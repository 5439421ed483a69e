//! Reading without a unit: the views lists and summaries are made of.

use std::ops::Deref;

use assessment_format::{
    Slug, Version,
    definition::{Disclosure, Kind, Style},
    scoring::Outcome,
    session::{Progress, Stage},
    summary::{FEWEST, Tally},
};
use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, Page, PageRequest, StoreError, Timestamp,
    invitation::Invitee,
    letters::{DeliveryStatus, LetterHistory},
};
use serde::Serialize;

use crate::{
    authoring::{
        assessment::{
            AssessmentStatus, CustomAssessmentId, MarketplaceStatus, PriceTier, SourceType, TemplateName,
        },
        published::{PublishedVersion, PublishedVersionId},
    },
    campaigns::{
        assignment::Assignment,
        campaign::{Campaign, CampaignId, CampaignStatus},
    },
    coaching::coaching_session::CoachingSession,
    marketplace::listing::Listing,
    participants::participation::Participation,
    results::result::{AssessmentResult, AssessmentResultId},
    sessions::interview_session::InterviewSessionId,
};

/// An assessment in a list: what stands on the row, without its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the aggregate and in the settings of the definition")]
pub struct AssessmentSummary {
    pub id: CustomAssessmentId,
    pub created_by: AccountId,
    pub name: String,
    pub slug: Slug,
    pub description: String,
    pub version: Version,
    pub kind: Kind,
    pub style: Style,
    pub allow_override: bool,
    pub disclosure: Disclosure,
    pub source_type: SourceType,
    pub status: AssessmentStatus,
    pub template: Option<TemplateName>,
    pub latest: Option<Version>,
    pub marketplace_status: MarketplaceStatus,
    pub price_tier: Option<PriceTier>,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    /// How often it was saved.
    pub revision: i64,
}

/// A published version in a list, without its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the published version")]
pub struct VersionSummary {
    pub id: PublishedVersionId,
    pub version: Version,
    pub checksum: [u8; 32],
    pub published_by: AccountId,
    pub published_at: Timestamp,
}

/// Which assessments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AssessmentFilter {
    /// Only with this status.
    pub status: Option<AssessmentStatus>,
}

/// Which campaigns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CampaignFilter {
    /// Only with this status.
    pub status: Option<CampaignStatus>,
    /// Only of this assessment.
    pub assessment: Option<CustomAssessmentId>,
    /// Only those this person made.
    pub created_by: Option<AccountId>,
}

/// An assignment and how far the person has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentView {
    /// The assignment.
    pub assignment: Assignment,
    /// How far its session had come when it was last saved; `None` before it was opened.
    pub progress: Option<Progress>,
}

/// Who was asked, with how far the newest letter to them has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<T> {
    /// Who, in what.
    pub of: T,
    /// How far their letter has come; `None` where none was to be sent yet.
    pub delivery: Option<DeliveryStatus>,
}

impl<T> Deref for Asked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.of
    }
}

impl<T> Asked<T> {
    /// A letter that was asked for just now, or before nobody told what became of it.
    pub(crate) fn new(of: T, invitee: impl FnOnce(&T) -> &Invitee) -> Self {
        let delivery = LetterHistory::status(None, invitee(&of).asked_at());
        Self { of, delivery }
    }
}

/// How far the people of a campaign have come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many are asked; withdrawn ones left out.
    pub assigned: u64,
    /// How many were sent a letter, or are about to be; those whose letter did not reach them left out.
    pub invited: u64,
    /// How many were sent a letter that was refused or came back.
    pub undelivered: u64,
    /// How many sessions stand at each stage, as they were last saved.
    pub stages: Vec<(Stage, u64)>,
}

/// Which results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ResultFilter {
    /// Of this assessment.
    pub assessment: CustomAssessmentId,
    /// Only of this campaign.
    pub campaign: Option<CampaignId>,
    /// Only of what this person runs.
    pub run_by: Option<AccountId>,
}

/// What a summary counts: the results of one major version, which all score alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TallyFilter {
    /// Which results.
    pub results: ResultFilter,
    /// Of versions with this major number.
    pub major: u16,
}

impl TallyFilter {
    /// Counts groups of results into `tally`: those of each campaign, and all of coaching. Small ones are left out,
    /// unless one campaign alone was asked for.
    pub fn merge(&self, groups: impl IntoIterator<Item = Tally>, tally: &mut Tally) {
        let counts = |group: &Tally| self.results.campaign.is_some() || group.results() >= FEWEST;
        for group in groups.into_iter().filter(counts) {
            // Groups of one definition fit each other.
            let _ = tally.merge(&group);
        }
    }
}

/// A result as it is scored anew: where it stands, and of which session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the result")]
pub struct ScoringInput {
    pub id: AssessmentResultId,
    pub session: InterviewSessionId,
    pub published: PublishedVersionId,
    pub run: u32,
    pub scorer_version: u16,
    pub outcome: Outcome,
    /// What was answered.
    pub answers: assessment_format::Answers,
    /// What was concluded.
    pub ratings: assessment_format::Ratings,
}

/// What a person answered and said in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responses {
    /// In which.
    pub session: InterviewSessionId,
    /// The version they were asked by, which a run may have been scored otherwise than by.
    pub published: PublishedVersionId,
    /// What was answered.
    pub answers: assessment_format::Answers,
    /// What was said.
    pub transcript: assessment_format::Transcript,
}

/// Read port. Every method reads in the scope of `ctx` and sees nothing outside.
///
/// Lists are keyset pages, complete and stable under inserts: newest first, assignments oldest first. Scope: tenant,
/// unless said otherwise. Results of sessions that were voided are left out, wherever results are read.
#[async_trait]
pub trait Assessments: Send + Sync {
    /// The organisation's assessments.
    async fn assessments(
        &self,
        ctx: &Ctx,
        filter: &AssessmentFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentSummary>, StoreError>;

    /// The published versions of an assessment.
    async fn versions(
        &self,
        ctx: &Ctx,
        assessment: CustomAssessmentId,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError>;

    /// A published version.
    async fn published_version(
        &self,
        ctx: &Ctx,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError>;

    /// The organisation's campaigns.
    async fn campaigns(
        &self,
        ctx: &Ctx,
        filter: &CampaignFilter,
        page: &PageRequest,
    ) -> Result<Page<Campaign>, StoreError>;

    /// Who is asked in a campaign, oldest first; withdrawn ones too.
    async fn assignments(
        &self,
        ctx: &Ctx,
        campaign: CampaignId,
        page: &PageRequest,
    ) -> Result<Page<AssignmentView>, StoreError>;

    /// How far the people of a campaign have come.
    async fn figures(&self, ctx: &Ctx, campaign: CampaignId) -> Result<Figures, StoreError>;

    /// The organisation's coaching sessions, or only those of this coach.
    async fn coaching_sessions(
        &self,
        ctx: &Ctx,
        coach: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<CoachingSession>, StoreError>;

    /// What a person was asked for, in any organisation. Scope: account.
    async fn participations(
        &self,
        ctx: &Ctx,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Participation>, StoreError>;

    /// Results.
    async fn results(
        &self,
        ctx: &Ctx,
        filter: &ResultFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentResult>, StoreError>;

    /// Results with what they were computed from, for scoring them anew: up to `most` after this one, in the order of
    /// their ids.
    async fn scoring_inputs(
        &self,
        ctx: &Ctx,
        filter: &ResultFilter,
        after: Option<AssessmentResultId>,
        most: u32,
    ) -> Result<Vec<ScoringInput>, StoreError>;

    /// What was answered and said in these sessions, in any order; a session that is not there is left out.
    async fn responses(
        &self,
        ctx: &Ctx,
        sessions: &[InterviewSessionId],
    ) -> Result<Vec<Responses>, StoreError>;

    /// How many results there are.
    async fn count_results(&self, ctx: &Ctx, filter: &ResultFilter) -> Result<u64, StoreError>;

    /// Counts results into `tally`, which is of a definition of that major version. Where no campaign is named,
    /// those of campaigns with fewer than [`FEWEST`] of them are left out, and all of coaching count as one
    /// campaign: else the difference of two summaries would be a person's result.
    async fn tally(&self, ctx: &Ctx, filter: &TallyFilter, tally: &mut Tally) -> Result<(), StoreError>;

    /// What the marketplace shows. Scope: any of a person or an organisation.
    async fn listings(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, StoreError>;

    /// One listing. Scope: any of a person or an organisation; the platform sees those that wait too.
    async fn listing(&self, ctx: &Ctx, assessment: CustomAssessmentId)
    -> Result<Option<Listing>, StoreError>;

    /// What waits for a decision, oldest first. Scope: platform.
    async fn offers(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, StoreError>;
}
