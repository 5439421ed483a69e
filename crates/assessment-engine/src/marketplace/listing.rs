//! What the marketplace shows: a public projection, so that no organisation's table is opened to others.

use std::sync::Arc;

use assessment_format::{Definition, Slug, Version};
use kernel::{OrganizationId, Timestamp};

use crate::authoring::{
    assessment::{CustomAssessmentId, MarketplaceStatus, PriceTier},
    published::PublishedVersionId,
};

/// An assessment that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Which assessment: identifies the listing too.
    pub assessment: CustomAssessmentId,
    /// Who offers it.
    pub organization: OrganizationId,
    /// What that is called.
    pub publisher: String,
    /// How it is called in addresses.
    pub slug: Slug,
    /// Which published version.
    pub published: PublishedVersionId,
    /// How that is called.
    pub version: Version,
    /// What it says.
    pub definition: Arc<Definition>,
    /// The markdown it was read from.
    pub source: Option<String>,
    /// How it stands: waiting ones are for the platform alone.
    pub status: MarketplaceStatus,
    /// What it costs.
    pub price_tier: PriceTier,
    /// When it was offered.
    pub offered_at: Timestamp,
}
