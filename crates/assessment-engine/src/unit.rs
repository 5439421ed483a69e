//! The unit of work of assessments: the sum of its ports.
//!
//! Each `save` inserts at version 0 and otherwise updates the version that was read, or fails with
//! [`StoreError::Stale`]; it hands the aggregate's change records to the unit and sets the new version. Each `put`
//! adds a row that never changes, and leaves the record to the aggregate it belongs to.

use std::slice;

use assessment_format::{
    Answers, Rater, Rating, Ratings, Slug, Transcript, Version, interview::Turn, rating::Target,
    session::StoredAnswer,
};
use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, OrganizationId, Store, StoreError, Timestamp, Unique, UnitOfWork,
    claims::Claims,
    invitation::{Invitee, PendingInvitations},
    letters::Letters,
    task::Tasks,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    authoring::{
        assessment::{CustomAssessment, CustomAssessmentId, TemplateName},
        published::{PublishedVersion, PublishedVersionId},
    },
    campaigns::{
        assignment::{Assignment, AssignmentId},
        campaign::{Campaign, CampaignId},
    },
    coaching::coaching_session::{CoachingSession, CoachingSessionId},
    marketplace::listing::Listing,
    participants::participation::Participation,
    reading::TallyFilter,
    results::result::{AssessmentResult, AssessmentResultId, Run},
    sessions::interview_session::{InterviewSession, InterviewSessionId, Origin},
};

/// One slug an organisation.
pub const SLUG: Unique = Unique("custom_assessments_organization_id_slug_key");
/// One copy of a template an organisation.
pub const TEMPLATE: Unique = Unique("custom_assessments_organization_id_template_key");
/// One row a published version of an assessment.
pub const VERSION: Unique = Unique("custom_assessment_versions_assessment_version_key");
/// One assignment a member and campaign.
pub const ASSIGNED_ACCOUNT: Unique = Unique("campaign_assignments_account_key");
/// One assignment an address and campaign.
pub const ASSIGNED_EMAIL: Unique = Unique("campaign_assignments_email_key");
/// One interview session an assignment or coaching session.
pub const SESSION: Unique = Unique("interview_sessions_origin_key");
/// One result a session.
pub const RESULT: Unique = Unique("custom_assessment_results_origin_key");

/// All of them, so that a test finds each in the migrated schema.
pub const UNIQUES: [Unique; 7] = [SLUG, TEMPLATE, VERSION, ASSIGNED_ACCOUNT, ASSIGNED_EMAIL, SESSION, RESULT];

/// Assessments and their published versions. Scope: tenant.
#[async_trait]
pub trait CustomAssessments: Send {
    /// The assessment.
    async fn custom_assessment(
        &mut self,
        id: CustomAssessmentId,
    ) -> Result<Option<CustomAssessment>, StoreError>;
    /// The organisation's copy of a template.
    async fn copy_of_template(
        &mut self,
        organization: OrganizationId,
        template: TemplateName,
    ) -> Result<Option<CustomAssessment>, StoreError>;
    /// How many of the organisation's assessments are not archived.
    async fn unarchived_assessments(&mut self, organization: OrganizationId) -> Result<u64, StoreError>;
    /// Which of the organisation's slugs are this one or begin with it and a hyphen.
    async fn slugs_like(
        &mut self,
        organization: OrganizationId,
        stem: &Slug,
    ) -> Result<Vec<Slug>, StoreError>;
    /// Keeps it. MUST fail with [`SLUG`] or [`TEMPLATE`] where another has that.
    async fn save_custom_assessment(&mut self, assessment: &mut CustomAssessment) -> Result<(), StoreError>;
    /// Deletes it: its last change says so. MUST fail with [`StoreError::Stale`] where a version of it was published.
    async fn delete_custom_assessment(&mut self, assessment: &mut CustomAssessment)
    -> Result<(), StoreError>;
    /// A published version.
    async fn published_version(
        &mut self,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError>;
    /// The published version of an assessment with this number.
    async fn version_of(
        &mut self,
        assessment: CustomAssessmentId,
        version: Version,
    ) -> Result<Option<PublishedVersion>, StoreError>;
    /// Keeps a published version for good. MUST fail with [`VERSION`] where the assessment has one of that number,
    /// and nothing may ever change or delete it.
    async fn put_published_version(&mut self, published: &PublishedVersion) -> Result<(), StoreError>;
}

/// Campaigns, who is asked in them, and coaching sessions. Scope: tenant.
#[async_trait]
pub trait Campaigns: Send {
    /// The campaign.
    async fn campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError>;
    /// The campaign, which nobody changes until the unit ends. An adapter that cannot lock MUST let the later commit
    /// fail with `Stale`.
    async fn campaign_for_share(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError>;
    /// How many of the organisation's campaigns are not closed.
    async fn unclosed_campaigns(&mut self, organization: OrganizationId) -> Result<u64, StoreError>;
    /// How many people the organisation asked since then, in campaigns and as coachees.
    async fn asked_since(
        &mut self,
        organization: OrganizationId,
        since: Timestamp,
    ) -> Result<u64, StoreError>;
    /// Keeps it.
    async fn save_campaign(&mut self, campaign: &mut Campaign) -> Result<(), StoreError>;
    /// The assignment.
    async fn assignment(&mut self, id: AssignmentId) -> Result<Option<Assignment>, StoreError>;
    /// The assignments of a campaign that ask one of these people, by their account or their address; withdrawn ones
    /// left out.
    async fn assignments_among(
        &mut self,
        campaign: CampaignId,
        people: &[&Invitee],
    ) -> Result<Vec<Assignment>, StoreError>;
    /// Keeps one; see [`Campaigns::save_assignments`].
    async fn save_assignment(&mut self, assignment: &mut Assignment) -> Result<(), StoreError> {
        self.save_assignments(slice::from_mut(assignment)).await
    }
    /// Keeps all. MUST fail with [`ASSIGNED_ACCOUNT`] or [`ASSIGNED_EMAIL`] where the campaign asks a person already;
    /// assignments that were withdrawn do not count.
    async fn save_assignments(&mut self, assignments: &mut [Assignment]) -> Result<(), StoreError>;
    /// Up to `most` assignments of a campaign that nobody was sent a letter for, oldest first; withdrawn ones left out.
    async fn assignments_to_invite(
        &mut self,
        campaign: CampaignId,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError>;
    /// Up to `most` assignments of a campaign that were invited, not reminded since `since`, not withdrawn, and whose
    /// session is not yet submitted, oldest first.
    async fn assignments_to_remind(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<Assignment>, StoreError>;
    /// The coaching session.
    async fn coaching_session(
        &mut self,
        id: CoachingSessionId,
    ) -> Result<Option<CoachingSession>, StoreError>;
    /// Keeps it.
    async fn save_coaching_session(&mut self, session: &mut CoachingSession) -> Result<(), StoreError>;
    /// Tells people what is theirs. Again is no change.
    async fn put_participations(&mut self, participations: &[Participation]) -> Result<(), StoreError>;
}

/// Interview sessions with their answers, turns and ratings. Scope: tenant; a person's own scope reads sessions and
/// answers of theirs, locks the one, and keeps the other.
#[async_trait]
pub trait Sessions: Send {
    /// The session.
    async fn interview_session(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError>;
    /// The session of an assignment or coaching session.
    async fn session_of(&mut self, origin: Origin) -> Result<Option<InterviewSession>, StoreError>;
    /// The session, which nobody else changes until the unit ends, and whose answers nobody else saves. An adapter
    /// that cannot lock MUST let the later commit fail with `Stale`.
    async fn interview_session_for_update(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError>;
    /// The session, which nobody changes until the unit ends; others may save answers meanwhile. An adapter that
    /// cannot lock MUST let the later commit fail with `Stale`.
    async fn interview_session_for_answer(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError>;
    /// Keeps it. MUST fail with [`SESSION`] where its origin has one.
    async fn save_interview_session(&mut self, session: &mut InterviewSession) -> Result<(), StoreError>;
    /// All that was answered.
    async fn answers(&mut self, session: InterviewSessionId) -> Result<Answers, StoreError>;
    /// Keeps an answer, unless one with a sequence number as high or higher is there: that one stays and is returned.
    /// MUST hold when several come at once, and fail with [`StoreError::Stale`] where the session is not in progress.
    async fn save_answer(
        &mut self,
        session: &InterviewSession,
        item: &Slug,
        answer: &StoredAnswer,
    ) -> Result<Option<StoredAnswer>, StoreError>;
    /// All that was said.
    async fn transcript(&mut self, session: InterviewSessionId) -> Result<Transcript, StoreError>;
    /// Keeps a turn for good; another of its number is [`StoreError::Stale`], and so is one of a session that is not in
    /// progress.
    async fn put_turn(&mut self, session: &InterviewSession, turn: &Turn) -> Result<(), StoreError>;
    /// All ratings.
    async fn ratings(&mut self, session: InterviewSessionId) -> Result<Ratings, StoreError>;
    /// Keeps a rating in place of an earlier one by the same rater of the same target.
    async fn save_rating(
        &mut self,
        session: &InterviewSession,
        target: &Target,
        rater: &Rater,
        rating: &Rating,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Deletes answers, turns and ratings of a session: part of an erasure.
    async fn erase_responses(&mut self, session: InterviewSessionId) -> Result<(), StoreError>;
}

/// Keeps answers by what was seen of their session before, without reading it again.
#[async_trait]
pub trait AnswerStore: Store<Unit> {
    /// Keeps an answer where the session is still at this version, and no answer with a sequence number as high or
    /// higher is there; tells whether it did. Where not, nothing is changed, and [`Sessions`] tells why. Scope: as
    /// [`Sessions`]. An adapter SHOULD do it in one step.
    async fn keep_answer(
        &self,
        ctx: &Ctx,
        session: &InterviewSession,
        item: &Slug,
        answer: &StoredAnswer,
    ) -> Result<bool, StoreError> {
        let mut unit = self.begin(ctx).await?;
        let found = unit.interview_session_for_answer(session.id).await?;
        if found.is_none_or(|found| found.version() != session.version()) {
            return Ok(false);
        }
        let is_kept = match unit.save_answer(session, item, answer).await {
            Err(StoreError::Stale) => false,
            kept => kept?.is_none(),
        };
        if is_kept {
            unit.commit().await?;
        }
        Ok(is_kept)
    }
}

/// Results. Scope: tenant.
#[async_trait]
pub trait Results: Send {
    /// The result.
    async fn result(&mut self, id: AssessmentResultId) -> Result<Option<AssessmentResult>, StoreError>;
    /// The result of a session.
    async fn result_of(
        &mut self,
        session: InterviewSessionId,
    ) -> Result<Option<AssessmentResult>, StoreError>;
    /// Keeps it. MUST fail with [`RESULT`] where its session has one.
    async fn save_result(&mut self, result: &mut AssessmentResult) -> Result<(), StoreError>;
    /// Puts new runs in place, each numbered one above the one it replaces, which stays among the older runs. Those
    /// whose current run is another by now are left out; tells how many were replaced. The unit's record is one for
    /// all of them.
    async fn replace_runs(&mut self, runs: &[(AssessmentResultId, Run)]) -> Result<u64, StoreError>;
    /// The older runs of a result, oldest first.
    async fn older_runs(&mut self, id: AssessmentResultId) -> Result<Vec<Run>, StoreError>;
    /// The summary that was disclosed last, and of how many results it was.
    async fn disclosed_summary(&mut self, of: &TallyFilter) -> Result<Option<(u64, Value)>, StoreError>;
    /// Keeps the summary that is disclosed from now on.
    async fn save_disclosed_summary(
        &mut self,
        of: &TallyFilter,
        results: u64,
        summary: &Value,
    ) -> Result<(), StoreError>;
    /// Forgets the summaries of an assessment, because its results were scored anew.
    async fn delete_disclosed_summaries(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError>;
}

/// The marketplace's projection. Scope: worker.
#[async_trait]
pub trait Marketplace: Send {
    /// Keeps a listing in place of the one before.
    async fn put_listing(&mut self, listing: &Listing) -> Result<(), StoreError>;
    /// Takes a listing away, if it is there.
    async fn remove_listing(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError>;
}

/// What is a person's own. Scope: account.
#[async_trait]
pub trait Participations: Send {
    /// Everything the person was asked for, oldest first.
    async fn participations(&mut self, account: AccountId) -> Result<Vec<Participation>, StoreError>;
    /// Forgets one: part of an erasure.
    async fn delete_participation(&mut self, account: AccountId, origin: Uuid) -> Result<(), StoreError>;
}

/// All ports in one unit; adapters get it for free.
pub trait AssessmentUnit:
    UnitOfWork
    + CustomAssessments
    + Campaigns
    + Sessions
    + Results
    + Marketplace
    + Participations
    + PendingInvitations
    + Claims
    + Letters
    + Tasks
{
}

impl<T> AssessmentUnit for T where
    T: UnitOfWork
        + CustomAssessments
        + Campaigns
        + Sessions
        + Results
        + Marketplace
        + Participations
        + PendingInvitations
        + Claims
        + Letters
        + Tasks
{
}

/// The unit of work of assessments, open.
pub type Unit = dyn AssessmentUnit;
