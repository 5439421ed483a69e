//! Results: those of persons for whoever runs what they took, summaries for whoever may not see persons, and for a
//! person their own, as far as the assessment discloses it.

pub mod export;
mod own;
pub mod rescoring;
pub(crate) mod responses;
pub mod result;
mod summary;

use assessment_format::{Definition, Explanation, Scorer, session::Stage};
use kernel::{AccountId, Ctx, EmailAddress, Name, OrganizationId, Page, PageRequest, Permit, Reach};

pub use self::{
    export::{Content, EXPORT, ExportOptions, ExportParameters, Format, Separator},
    own::{OwnResult, OwnResultDetails},
    responses::{GivenAnswer, GivenResponses},
    summary::DisclosedSummary,
};
use crate::{
    authoring::{assessment::CustomAssessmentId, published::PublishedVersion},
    campaigns::campaign::CampaignId,
    invitations::InvitationSource,
    opened::Opened,
    ports::Ports,
    reading::ResultFilter,
    refusal::Refused,
    results::result::{AssessmentResult, AssessmentResultId, Run},
    rule::Action,
    sessions::{completion::Collected, interview_session::InterviewSession},
    unit::Unit,
};

/// The service of results.
#[derive(Debug, Clone)]
pub struct ResultService {
    ports: Ports,
}

/// Who took it, as the organisation knows them: a member, or whoever had an address. That an address has an account is
/// not told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The member.
    pub account: Option<AccountId>,
    /// The address that was asked.
    pub email: Option<EmailAddress>,
    /// How letters address the person.
    pub name: Option<Name>,
}

/// A result in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedResult {
    /// The result.
    pub result: AssessmentResult,
    /// Whose it is.
    pub subject: Subject,
}

/// A result, whole.
#[derive(Debug, Clone)]
pub struct ResultDetails {
    /// The result with its newest run.
    pub result: AssessmentResult,
    /// Whose it is.
    pub subject: Subject,
    /// The version whose rules the run used: its definition is the snapshot.
    pub published: std::sync::Arc<PublishedVersion>,
    /// How each number came about; `None` where what was answered is gone, or scored otherwise by now.
    pub explanation: Option<Explanation>,
    /// What was answered and said; `None` for a program, which does not open that.
    pub responses: Option<GivenResponses>,
    /// The runs before, oldest first.
    pub older_runs: Vec<Run>,
}

impl ResultService {
    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// The results of an assessment, or of one campaign of it, newest first; of what one runs, where one may see no
    /// more. What was voided is left out.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        assessment: CustomAssessmentId,
        campaign: Option<CampaignId>,
        page: &PageRequest,
    ) -> Result<Page<ListedResult>, Refused> {
        let of = (assessment, campaign);
        let (permit, filter) = self.within(ctx, organization, of, Action::ViewResults).await?;
        let page = self.ports.reading.results(&permit.ctx, &filter, page).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for result in page.items {
            let subject = subject(&mut *unit, &result).await?;
            items.push(ListedResult { result, subject });
        }
        Ok(Page { items, next: page.next })
    }

    /// One result, with the definition it was scored by and how each number came about.
    pub async fn one(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        assessment: CustomAssessmentId,
        id: AssessmentResultId,
    ) -> Result<ResultDetails, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::ViewResults).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let found = unit.result(id).await?.filter(|result| result.assessment == assessment);
        let opened = self.ports.opened(permit, unit, found, Action::ViewResults).await?;
        let Opened { permit, mut unit, found: result } = opened;
        let session = session_of(&mut *unit, &result).await?.ok_or(Refused::Missing("result"))?;
        let collected = Collected::of(&mut *unit, result.session).await?;
        let older_runs = unit.older_runs(id).await?;
        let subject = subject(&mut *unit, &result).await?;
        drop(unit);
        let published = self.ports.published(&permit.ctx, organization, result.run.published).await?;
        let explanation = explained(&published.definition, &result.run, &collected);
        let asked = self.ports.published(&permit.ctx, organization, session.published).await?;
        let Collected { answers, transcript, ratings: _ } = collected;
        let responses = ctx.actor.account().map(|_| GivenResponses::of(&asked, &answers, &transcript));
        Ok(ResultDetails { result, subject, published, explanation, responses, older_runs })
    }

    /// Which results the caller may see of an assessment or campaign.
    async fn within(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        (assessment, campaign): (CustomAssessmentId, Option<CampaignId>),
        action: Action,
    ) -> Result<(Permit, ResultFilter), Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &action).await?;
        let run_by = (permit.reach < Reach::Tenant).then_some(permit.account);
        check(&self.ports, &permit, assessment, campaign, action).await?;
        Ok((permit, ResultFilter { assessment, campaign, run_by }))
    }
}

/// Refuses an assessment that is not there, and a campaign that is not one of it, or not within reach.
pub(super) async fn check(
    ports: &Ports,
    permit: &Permit,
    assessment: CustomAssessmentId,
    campaign: Option<CampaignId>,
    action: Action,
) -> Result<(), Refused> {
    let mut unit = ports.store.begin(&permit.ctx).await?;
    unit.custom_assessment(assessment).await?.ok_or(Refused::Missing("assessment"))?;
    let Some(id) = campaign else { return Ok(()) };
    let found = unit.campaign(id).await?.filter(|found| found.plan.chosen.assessment == assessment);
    ports.opened(permit.clone(), unit, found, action).await.map(drop)
}

/// Whose a result is, as the organisation knows them.
pub(super) async fn subject(unit: &mut Unit, result: &AssessmentResult) -> Result<Subject, Refused> {
    let source = InvitationSource::of(unit, result.origin.id(), Some(result.origin.kind())).await?;
    let Some(source) = source else { return Ok(Subject::default()) };
    let invitee = source.invitee();
    Ok(Subject {
        account: invitee.account.filter(|_| invitee.email.is_none()),
        email: invitee.email.clone(),
        name: invitee.name.clone(),
    })
}

/// Where a result was taken, unless that was voided.
async fn session_of(unit: &mut Unit, result: &AssessmentResult) -> Result<Option<InterviewSession>, Refused> {
    let session = unit.interview_session(result.session).await?;
    Ok(session.filter(|session| session.progress.status.stage() != Stage::Voided))
}

/// How each number of a run came about, where what was answered gives the same again.
fn explained(definition: &Definition, run: &Run, collected: &Collected) -> Option<Explanation> {
    let scorer = Scorer::new(definition);
    let (outcome, explanation) = scorer.explain(&collected.answers, &collected.ratings);
    (outcome == run.outcome).then_some(explanation)
}
