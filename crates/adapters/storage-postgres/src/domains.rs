//! The domains this adapter was built to keep.

use kernel::Domain;

/// Each by a feature of its own; the platform and the audit trail always.
pub const DOMAINS: &[&Domain] = &[
    &kernel::PLATFORM,
    &::audit::DOMAIN,
    #[cfg(feature = "identity")]
    &::identity::DOMAIN,
    #[cfg(feature = "assessment-engine")]
    &assessment_engine::DOMAIN,
];
