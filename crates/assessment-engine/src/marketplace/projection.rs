//! Keeps what the marketplace shows true to what organisations offer.

use async_trait::async_trait;
use kernel::{Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, OrganizationId, Scope};

use crate::{
    authoring::assessment::{AssessmentStatus, CustomAssessment, CustomAssessmentId, MarketplaceStatus},
    marketplace::listing::Listing,
    ports::Ports,
    refusal::Refused,
};

const OFFER: &str = "custom_assessment.offer";

/// Writes listings: of what waits the newest published version, of what everyone sees the version that was decided
/// upon, and nothing else.
#[derive(Debug, Clone)]
pub struct MarketplaceProjection {
    ports: Ports,
}

impl MarketplaceProjection {
    /// How often it looks again when the assessment was changed while its listing was written.
    const ATTEMPTS: usize = 10;

    /// The projection over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Another may write an older state while this one writes: whoever wrote last looks once more.
    async fn project(&self, organization: OrganizationId, delivery: &Delivery) -> Result<(), Refused> {
        let id = Id::from_uuid(delivery.target_id);
        let mut seen = self.assessment(organization, id).await?;
        for _ in 0..Self::ATTEMPTS {
            let listing = match &seen {
                Some(assessment) => self.listing_of(assessment, delivery).await?,
                None => None,
            };
            self.write(id, listing).await?;
            let now = self.assessment(organization, id).await?;
            let version = |of: &Option<CustomAssessment>| of.as_ref().map(CustomAssessment::version);
            if version(&now) == version(&seen) {
                return Ok(());
            }
            seen = now;
        }
        Err(Refused::Stale)
    }

    async fn assessment(
        &self,
        organization: OrganizationId,
        id: CustomAssessmentId,
    ) -> Result<Option<CustomAssessment>, Refused> {
        let mut unit = self.ports.store.begin_in(&system(), Scope::Tenant(organization)).await?;
        Ok(unit.custom_assessment(id).await?)
    }

    /// What the marketplace shall show of it, if anything.
    async fn listing_of(
        &self,
        assessment: &CustomAssessment,
        delivery: &Delivery,
    ) -> Result<Option<Listing>, Refused> {
        let status = assessment.marketplace_status;
        let is_offered = matches!(status, MarketplaceStatus::PendingReview | MarketplaceStatus::Published);
        let (Some((latest, _)), Some(price_tier)) = (assessment.latest, assessment.price_tier) else {
            return Ok(None);
        };
        if !is_offered || assessment.status == AssessmentStatus::Archived {
            return Ok(None);
        }
        let organization = assessment.organization;
        let Some(publisher) = self.ports.people.organization_name(organization).await? else {
            return Ok(None);
        };
        let platform = system().within(Scope::Platform);
        let before = self.ports.reading.listing(&platform, assessment.id).await?;
        let published = match &before {
            Some(before) if status == MarketplaceStatus::Published => before.published,
            _ => latest,
        };
        let offered_at = match &before {
            Some(before) if delivery.topic != OFFER => before.offered_at,
            _ => delivery.occurred_at,
        };
        let published = self.ports.published(&system(), organization, published).await?;
        Ok(Some(Listing {
            assessment: assessment.id,
            organization,
            publisher,
            slug: assessment.slug.clone(),
            published: published.id,
            version: published.version,
            definition: published.definition.clone(),
            source: published.source.clone(),
            status,
            price_tier,
            offered_at,
        }))
    }

    async fn write(&self, id: CustomAssessmentId, listing: Option<Listing>) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin_in(&system(), Scope::Worker).await?;
        match listing {
            Some(listing) => unit.put_listing(&listing).await?,
            None => unit.remove_listing(id).await?,
        }
        Ok(unit.commit().await?)
    }
}

fn system() -> Ctx {
    Ctx::new(Actor::System, Scope::Worker)
}

#[async_trait]
impl EventHandler for MarketplaceProjection {
    fn topics(&self) -> &'static [&'static str] {
        &[
            OFFER,
            "custom_assessment.list",
            "custom_assessment.reject",
            "custom_assessment.withdraw",
            "custom_assessment.archive",
            "custom_assessment.publish",
            "custom_assessment.edit",
        ]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = delivery.organization else {
            return Err(EventHandlerError::GiveUp("an assessment belongs to an organisation".to_owned()));
        };
        Ok(self.project(organization, delivery).await?)
    }
}
