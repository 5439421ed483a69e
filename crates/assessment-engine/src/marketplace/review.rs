//! Offering an assessment, and what the platform decides about it.

use assessment_format::Version;
use kernel::{Ctx, OrganizationId, Page, PageRequest, Scope, SingleLine};

use crate::{
    authoring::assessment::{
        AssessmentStatus, CustomAssessment, CustomAssessmentId, MarketplaceStatus, PriceTier,
    },
    marketplace::{MarketplaceService, listing::Listing},
    refusal::Refused,
    rule::Action,
};

kernel::named! {
    /// What the platform decides.
    pub enum Decision {
        /// Everyone sees it.
        Publish = "publish",
        /// It is refused.
        Reject = "reject",
    }
}

/// A decision about what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What is decided.
    pub decision: Decision,
    /// The version that was looked at: another that came meanwhile is not decided upon.
    pub version: Version,
    /// Why: told to those who offer it. A refusal needs one.
    pub note: Option<SingleLine<1000>>,
}

impl MarketplaceService {
    /// Offers an assessment to the marketplace: its newest published version waits for a decision.
    pub async fn offer(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        price_tier: PriceTier,
    ) -> Result<CustomAssessment, Refused> {
        let mut opened =
            self.ports.open::<CustomAssessment>(ctx, organization, id, Action::WriteAssessments).await?;
        let assessment = &mut opened.found;
        match assessment.marketplace_status {
            MarketplaceStatus::Private | MarketplaceStatus::Rejected => {}
            offered @ (MarketplaceStatus::PendingReview | MarketplaceStatus::Published) => {
                return Err(Refused::AlreadyOffered(offered));
            }
        }
        if assessment.latest.is_none() {
            return Err(Refused::Unpublished);
        }
        if assessment.status != AssessmentStatus::Active {
            return Err(Refused::Status {
                status: assessment.status,
                hint: "activate it before you offer it",
            });
        }
        let waiting = MarketplaceStatus::PendingReview;
        assessment.offer(waiting, Some(price_tier), None, self.ports.clock.now());
        opened.save().await
    }

    /// Takes an assessment out of the marketplace, or back before there was a decision. Copies that were made stay.
    pub async fn withdraw(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        version: i64,
    ) -> Result<CustomAssessment, Refused> {
        let mut opened =
            self.ports.open::<CustomAssessment>(ctx, organization, id, Action::WriteAssessments).await?;
        let assessment = &mut opened.found;
        if assessment.version() != version {
            return Err(Refused::Stale);
        }
        if assessment.marketplace_status != MarketplaceStatus::Private {
            let price_tier = assessment.price_tier;
            assessment.offer(MarketplaceStatus::Private, price_tier, None, self.ports.clock.now());
        }
        opened.save().await
    }

    /// What waits for a decision, oldest first. For those who administrate the platform.
    pub async fn offers(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Listing>, Refused> {
        let ctx = self.ports.gate.permit_platform(ctx, &Action::ReviewMarketplace).await?;
        Ok(self.ports.reading.offers(&ctx, page).await?)
    }

    /// Decides about an offer. For those who administrate the platform; what they decide stands in the trail of the
    /// organisation that offers.
    pub async fn review(
        &self,
        ctx: &Ctx,
        id: CustomAssessmentId,
        verdict: Verdict,
    ) -> Result<CustomAssessment, Refused> {
        let ctx = self.ports.gate.permit_platform(ctx, &Action::ReviewMarketplace).await?;
        let Verdict { decision, version, note } = verdict;
        let status = match decision {
            Decision::Publish => MarketplaceStatus::Published,
            Decision::Reject if note.is_none() => {
                let detail = "say why it is refused, so that its author can mend it".to_owned();
                return Err(Refused::Invalid { pointer: "/note".to_owned(), detail });
            }
            Decision::Reject => MarketplaceStatus::Rejected,
        };
        let listing = self.ports.reading.listing(&ctx, id).await?.ok_or(Refused::Missing("listing"))?;
        let mut unit = self.ports.store.begin_in(&ctx, Scope::Tenant(listing.organization)).await?;
        let found = unit.custom_assessment(id).await?;
        let mut assessment = found.ok_or(Refused::Missing("listing"))?;
        let is_latest = assessment.latest.is_some_and(|(latest, _)| latest == listing.published);
        let waits = assessment.marketplace_status == MarketplaceStatus::PendingReview;
        if !waits || !is_latest || listing.version != version {
            return Err(Refused::NotOffered);
        }
        let (price_tier, note) = (assessment.price_tier, note.map(|note| note.to_string()));
        assessment.offer(status, price_tier, note, self.ports.clock.now());
        unit.save_custom_assessment(&mut assessment).await?;
        unit.commit().await?;
        Ok(assessment)
    }
}
