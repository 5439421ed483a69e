//! The domains this server is made of: what is listed of every domain is read from here.

use kernel::Domain;

/// All of them, in the order the documentation page shows their operations.
pub const DOMAINS: [&Domain; 4] =
    [&identity::DOMAIN, &audit::DOMAIN, &assessment_engine::DOMAIN, &kernel::PLATFORM];
