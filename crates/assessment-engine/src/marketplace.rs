//! The marketplace and the templates: what others wrote, and how it becomes one's own.

pub mod listing;
pub mod projection;
mod review;

use assessment_format::Slug;
use kernel::{Actor, Ctx, OrganizationId, Page, PageRequest, Permit, PlatformRole, StoreError};

pub use self::review::{Decision, Verdict};
use crate::{
    authoring::{
        ATTEMPTS,
        assessment::{
            CustomAssessment, CustomAssessmentId, Draft, MarketplaceStatus, PriceTier, SourceType,
            TemplateName,
        },
        begin,
        templates::{Template, copied},
    },
    marketplace::listing::Listing,
    ports::Ports,
    refusal::Refused,
    rule::Action,
    unit::SLUG,
};

/// The service of templates and listings.
#[derive(Debug, Clone)]
pub struct MarketplaceService {
    ports: Ports,
}

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// A built-in assessment: an organisation has one copy at most.
    Template(TemplateName),
    /// What another organisation offers: each import is a copy of its own.
    Listing(CustomAssessmentId),
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The organisation's own copy.
    pub assessment: CustomAssessment,
    /// Whether it was made just now; the copy of a template may have been there.
    pub is_new: bool,
}

impl Listing {
    /// Whether whoever sees it may read what it says: not where that costs something, unless it waits for a decision.
    pub fn is_open(&self) -> bool {
        self.price_tier == PriceTier::Free || self.status == MarketplaceStatus::PendingReview
    }
}

impl MarketplaceService {
    /// A service over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// The built-in assessments. For whoever is signed in, and programs that may read assessments.
    pub async fn templates(&self, ctx: &Ctx) -> Result<&'static [Template], Refused> {
        self.visitor(ctx).await?;
        Ok(Template::all())
    }

    /// One of them.
    pub async fn template(&self, ctx: &Ctx, name: TemplateName) -> Result<&'static Template, Refused> {
        self.visitor(ctx).await?;
        Ok(Template::of(name))
    }

    /// What the marketplace shows, newest first. For whoever is signed in, and programs that may read assessments.
    pub async fn listings(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, Refused> {
        let ctx = self.visitor(ctx).await?;
        Ok(self.ports.reading.listings(&ctx, page).await?)
    }

    /// One listing; whoever decides about them sees those that wait, too.
    pub async fn listing(&self, ctx: &Ctx, id: CustomAssessmentId) -> Result<Listing, Refused> {
        let decides = matches!(ctx.actor, Actor::Account { platform_role: PlatformRole::SuperAdmin, .. });
        // With one factor administrators are visitors as everyone is.
        let ctx = if decides && ctx.actor.has_second_factor() {
            self.ports.gate.permit_platform(ctx, &Action::ReviewMarketplace).await?
        } else {
            self.visitor(ctx).await?
        };
        let found = self.ports.reading.listing(&ctx, id).await?;
        found.ok_or(Refused::Missing("listing"))
    }

    /// Copies a template or a free listing into the organisation, as a draft. A slug that is given must be free.
    pub async fn import(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        what: Import,
        slug: Option<Slug>,
    ) -> Result<Imported, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::WriteAssessments).await?;
        match what {
            Import::Template(template) => self.import_template(&permit, organization, template, slug).await,
            Import::Listing(id) => {
                let listing = self.ports.reading.listing(&permit.ctx, id).await?;
                let shown = |listing: &Listing| listing.status == MarketplaceStatus::Published;
                let listing = listing.filter(shown).ok_or(Refused::Missing("listing"))?;
                if listing.price_tier != PriceTier::Free {
                    return Err(Refused::PurchaseRequired(listing.price_tier));
                }
                let draft = Draft { definition: listing.definition, source: listing.source };
                let imported = SourceType::Imported;
                let assessment = begin(&self.ports, &permit, organization, draft, imported, slug).await?;
                Ok(Imported { assessment, is_new: true })
            }
        }
    }

    async fn import_template(
        &self,
        permit: &Permit,
        organization: OrganizationId,
        template: TemplateName,
        slug: Option<Slug>,
    ) -> Result<Imported, Refused> {
        let mut attempts = 1..=ATTEMPTS;
        loop {
            match (self.try_template(permit, organization, template, slug.clone()).await, &slug) {
                (Err(Refused::Store(StoreError::Duplicate(SLUG))), Some(slug)) => {
                    return Err(Refused::SlugTaken(slug.clone()));
                }
                (Err(refused), _) if refused.was_outrun() && attempts.next().is_some() => {}
                (ended, _) => return ended,
            }
        }
    }

    async fn try_template(
        &self,
        permit: &Permit,
        organization: OrganizationId,
        template: TemplateName,
        slug: Option<Slug>,
    ) -> Result<Imported, Refused> {
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        if let Some(assessment) = unit.copy_of_template(organization, template).await? {
            return Ok(Imported { assessment, is_new: false });
        }
        self.ports.quotas.admit_assessment(&mut *unit, organization).await?;
        let (by, now) = (permit.account, self.ports.clock.now());
        let mut assessment = copied(&self.ports, &mut *unit, organization, by, template, slug, now).await?;
        unit.save_custom_assessment(&mut assessment).await?;
        unit.commit().await?;
        Ok(Imported { assessment, is_new: true })
    }

    /// Whoever is signed in, or a program that may read assessments.
    async fn visitor(&self, ctx: &Ctx) -> Result<Ctx, Refused> {
        match ctx.actor {
            Actor::Service { organization, .. } => {
                Ok(self.ports.gate.permit(ctx, organization, &Action::ViewAssessments).await?.ctx)
            }
            _ => Ok(self.ports.gate.permit_own(ctx).await?.0),
        }
    }
}
