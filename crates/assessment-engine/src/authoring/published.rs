//! A published version: write-once, named by everything that happens with it.

use std::sync::Arc;

use assessment_format::{Definition, Version};
use kernel::{AccountId, Id, OrganizationId, Timestamp};

use crate::authoring::assessment::CustomAssessmentId;

/// Identifies a published version.
pub type PublishedVersionId = Id<PublishedVersion>;

/// A published version. Nothing in it ever changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Identifies it.
    pub id: PublishedVersionId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Of which assessment.
    pub assessment: CustomAssessmentId,
    /// Which version: unique in the assessment, higher than those before.
    pub version: Version,
    /// What it says.
    pub definition: Arc<Definition>,
    /// The markdown it was read from, byte for byte.
    pub source: Option<String>,
    /// The SHA-256 of the canonical definition.
    pub checksum: [u8; 32],
    /// Who published it.
    pub published_by: AccountId,
    /// When.
    pub published_at: Timestamp,
}
