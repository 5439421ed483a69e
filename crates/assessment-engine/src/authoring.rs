//! Writing assessments: from a first file to a version that never changes.

pub mod assessment;
mod change;
mod input;
pub mod published;
pub mod templates;
mod versions;

use assessment_format::{Checked, Slug, markdown};
use kernel::{Ctx, OrganizationId, Page, PageRequest, Permit, StoreError};

pub use self::{change::AssessmentChange, input::Input, versions::Changes};
use crate::{
    authoring::{
        assessment::{
            AssessmentStatus, CustomAssessment, CustomAssessmentId, Draft, MarketplaceStatus, NewAssessment,
            SourceType,
        },
        templates::free_slug,
    },
    opened::Opened,
    ports::Ports,
    reading::{AssessmentFilter, AssessmentSummary},
    refusal::Refused,
    rule::Action,
    unit::{SLUG, TEMPLATE},
};

/// How often a slug that somebody else took meanwhile is numbered anew.
pub(super) const ATTEMPTS: usize = 5;

/// The service authors use.
#[derive(Debug, Clone)]
pub struct AuthoringService {
    ports: Ports,
}

impl AuthoringService {
    /// A service over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Checks a file or a definition against every rule. Nothing is kept.
    pub async fn lint(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        input: &Input,
    ) -> Result<Checked, Refused> {
        self.ports.gate.permit(ctx, organization, &Action::WriteAssessments).await?;
        Ok(input.check())
    }

    /// Begins a draft. A slug that is given, here or in the file, must be free; one that is made of the name is
    /// numbered until it is.
    pub async fn write(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        input: Input,
        slug: Option<Slug>,
    ) -> Result<CustomAssessment, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::WriteAssessments).await?;
        let source_type = input.source_type();
        let draft = input.draft()?;
        let slug = slug.or_else(|| draft.definition.settings.slug.clone());
        begin(&self.ports, &permit, organization, draft, source_type, slug).await
    }

    /// The organisation's assessments, newest first.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        filter: &AssessmentFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentSummary>, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::ViewAssessments).await?;
        Ok(self.ports.reading.assessments(&permit.ctx, filter, page).await?)
    }

    /// One assessment with its draft.
    pub async fn get(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
    ) -> Result<CustomAssessment, Refused> {
        Ok(self.open(ctx, organization, id, Action::ViewAssessments).await?.found)
    }

    /// Changes what stands in a field of its own; the file is printed anew, with the comments of its front matter.
    pub async fn edit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        version: i64,
        change: AssessmentChange,
    ) -> Result<CustomAssessment, Refused> {
        let opened = self.open_to_edit(ctx, organization, id, version).await?;
        let before = &opened.found.draft;
        let definition = change.applied_to(&before.definition)?;
        let is_same = definition == before.definition;
        let printed =
            |source: &String| if is_same { source.clone() } else { markdown::reprint(source, &definition) };
        let source = before.source.as_ref().map(printed);
        self.redraft(opened, Draft { definition, source }, change.slug).await
    }

    /// Puts another file or definition in the draft's place. A slug that is new in it becomes the assessment's.
    pub async fn replace_source(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        version: i64,
        input: Input,
    ) -> Result<CustomAssessment, Refused> {
        let opened = self.open_to_edit(ctx, organization, id, version).await?;
        let draft = input.draft()?;
        let before = &opened.found.draft.definition.settings.slug;
        let slug = draft.definition.settings.slug.clone().filter(|slug| Some(slug) != before.as_ref());
        self.redraft(opened, draft, slug).await
    }

    /// People can be asked to take it from now on.
    pub async fn activate(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
    ) -> Result<CustomAssessment, Refused> {
        let mut opened = self.open(ctx, organization, id, Action::WriteAssessments).await?;
        if opened.found.latest.is_none() {
            return Err(Refused::Unpublished);
        }
        if opened.found.status != AssessmentStatus::Active {
            opened.found.activate(self.ports.clock.now());
        }
        opened.save().await
    }

    /// Nobody new is asked to take it, and the marketplace shows it no more.
    pub async fn archive(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
    ) -> Result<CustomAssessment, Refused> {
        let mut opened = self.open(ctx, organization, id, Action::WriteAssessments).await?;
        let (assessment, now) = (&mut opened.found, self.ports.clock.now());
        if assessment.latest.is_none() {
            let hint = "nothing of it was published, so that there is nothing to keep; delete it instead";
            return Err(Refused::Status { status: assessment.status, hint });
        }
        if assessment.marketplace_status != MarketplaceStatus::Private {
            assessment.offer(MarketplaceStatus::Private, assessment.price_tier, None, now);
        }
        if assessment.status != AssessmentStatus::Archived {
            assessment.archive(now);
        }
        opened.save().await
    }

    /// Deletes a draft of which nothing was ever published.
    pub async fn delete(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        version: i64,
    ) -> Result<(), Refused> {
        let opened = self.open(ctx, organization, id, Action::WriteAssessments).await?;
        let Opened { mut unit, found: mut assessment, .. } = opened;
        assessment.unchanged_since(version)?;
        if assessment.latest.is_some() {
            return Err(Refused::InUse);
        }
        assessment.delete(self.ports.clock.now());
        unit.delete_custom_assessment(&mut assessment).await?;
        Ok(unit.commit().await?)
    }

    async fn open(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        action: Action,
    ) -> Result<Opened<CustomAssessment>, Refused> {
        self.ports.open(ctx, organization, id, action).await
    }

    async fn open_to_edit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        version: i64,
    ) -> Result<Opened<CustomAssessment>, Refused> {
        let opened = self.open(ctx, organization, id, Action::WriteAssessments).await?;
        opened.found.unchanged_since(version)?;
        not_archived(&opened.found)?;
        Ok(opened)
    }

    async fn redraft(
        &self,
        mut opened: Opened<CustomAssessment>,
        draft: Draft,
        slug: Option<Slug>,
    ) -> Result<CustomAssessment, Refused> {
        let assessment = &mut opened.found;
        let slug = slug.unwrap_or_else(|| assessment.slug.clone());
        if draft != assessment.draft || slug != assessment.slug {
            assessment.edit(draft, slug.clone(), self.ports.clock.now());
        }
        opened.save().await.map_err(|refused| match refused {
            Refused::Store(StoreError::Duplicate(SLUG)) => Refused::SlugTaken(slug),
            refused => refused,
        })
    }
}

/// Begins a draft: under `slug`, or under the one of its definition with the first number that is free.
pub(super) async fn begin(
    ports: &Ports,
    permit: &Permit,
    organization: OrganizationId,
    draft: Draft,
    source_type: SourceType,
    slug: Option<Slug>,
) -> Result<CustomAssessment, Refused> {
    let mut attempts = 1..=ATTEMPTS;
    loop {
        let mut unit = ports.store.begin(&permit.ctx).await?;
        let free = match &slug {
            Some(slug) => slug.clone(),
            None => free_slug(&mut *unit, organization, &draft.definition.slug()).await?,
        };
        let new = NewAssessment {
            id: ports.ids.next(),
            organization,
            created_by: permit.account,
            slug: free,
            draft: draft.clone(),
            source_type,
            template: None,
        };
        ports.quotas.admit_assessment(&mut *unit, organization).await?;
        let mut assessment = CustomAssessment::write(new, ports.clock.now());
        let kept = match unit.save_custom_assessment(&mut assessment).await {
            Ok(()) => unit.commit().await,
            failed => failed,
        };
        match (kept.map_err(Refused::from), &slug) {
            (Ok(()), _) => return Ok(assessment),
            (Err(Refused::Store(StoreError::Duplicate(SLUG))), Some(slug)) => {
                return Err(Refused::SlugTaken(slug.clone()));
            }
            (Err(refused), _) if attempts.next().is_none() || !refused.was_outrun() => return Err(refused),
            (Err(_), _) => {}
        }
    }
}

impl Refused {
    /// Whether somebody else took the slug, or made the copy of the template, since this unit looked: a new one
    /// sees it.
    pub(crate) fn was_outrun(&self) -> bool {
        matches!(self, Self::Store(StoreError::Duplicate(SLUG | TEMPLATE)))
    }
}

pub(super) fn not_archived(assessment: &CustomAssessment) -> Result<(), Refused> {
    match assessment.status {
        status @ AssessmentStatus::Archived => {
            Err(Refused::Status { status, hint: "activate it again first" })
        }
        AssessmentStatus::Draft | AssessmentStatus::Active => Ok(()),
    }
}
