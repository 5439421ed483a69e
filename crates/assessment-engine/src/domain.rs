//! What the rest of Touchstone lists of this domain.

use assessment_format::{rating::RatingRefused, session};
use kernel::{Domain, Tag, rules};

use crate::{
    Action, Refused,
    actions::ACTIONS,
    events::EVENTS,
    rule::{ASSESSMENTS_READ, ASSESSMENTS_WRITE, CAMPAIGNS_READ, CAMPAIGNS_WRITE, RESULTS_READ},
    unit::UNIQUES,
};

/// Assessments as a domain.
pub const DOMAIN: Domain = Domain {
    name: "assessment",
    schema: "assessment",
    rules: &rules(&Action::ALL),
    key_scopes: &[ASSESSMENTS_READ, ASSESSMENTS_WRITE, CAMPAIGNS_READ, CAMPAIGNS_WRITE, RESULTS_READ],
    actions: ACTIONS,
    events: EVENTS,
    reasons: &[],
    codes: &[Refused::CODES, session::Refused::CODES, RatingRefused::CODES],
    uniques: &UNIQUES,
    tags: &[
        Tag::new(
            "custom assessments",
            "Writing assessments, checking them, publishing versions that never change",
        ),
        Tag::new("marketplace", "Templates, and what other organisations offer"),
        Tag::new("campaigns", "Asking many people to take an assessment"),
        Tag::new("coaching", "Asking one coachee"),
        Tag::new("taking", "What I am asked to take, and taking it"),
        Tag::new("results", "What came of it, as far as it may be seen"),
    ],
};
