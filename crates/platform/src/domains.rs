//! The domains a platform is made of: what is listed of every domain is read from here.

use kernel::Domain;

/// All that are linked, in the order the documentation page shows their operations.
pub const DOMAINS: &[&Domain] = &[
    &identity::DOMAIN,
    #[cfg(feature = "audit")]
    &audit::DOMAIN,
    #[cfg(feature = "assessments")]
    &assessment_engine::DOMAIN,
    &kernel::PLATFORM,
];
