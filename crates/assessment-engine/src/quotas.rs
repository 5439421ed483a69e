//! How much an organisation may have and ask, so that none fills an installation or mails the world.

use std::time::Duration;

use kernel::{Allotment, Asking, OrganizationId, Quota, Timestamp};

use crate::{refusal::Refused, unit::Unit};

const DAY: Duration = Duration::from_secs(24 * 3600);

const ASSESSMENTS: Quota = Quota {
    setting: "assessments",
    of: "assessments of an organisation that are not archived",
    mend: "delete a draft or archive what is not used any more",
};
const CAMPAIGNS: Quota = Quota {
    setting: "campaigns",
    of: "campaigns of an organisation that are not closed",
    mend: "close one that is over",
};
const INVITATIONS: Quota = Quota {
    setting: "asked_per_day",
    of: "people whom an organisation asks within 24 hours, in campaigns and as coachees",
    mend: "ask the others tomorrow",
};

/// The most of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Assessments of an organisation, drafts and active ones; 1,000.
    pub assessments: u64,
    /// Campaigns of an organisation, drafts and active ones; 1,000.
    pub campaigns: u64,
    /// People whom an organisation asks within 24 hours, in campaigns and as coachees; 20,000, in its first week 500.
    pub asked_per_day: Allotment,
}

impl Default for Quotas {
    fn default() -> Self {
        let asked_per_day = Allotment { usual: 20_000, at_first: 500, new_for: 7 * DAY };
        Self { assessments: 1_000, campaigns: 1_000, asked_per_day }
    }
}

impl Quotas {
    /// Lets the unit add an assessment.
    pub(crate) async fn admit_assessment(self, unit: &mut Unit, of: OrganizationId) -> Result<(), Refused> {
        unit.take_turn(&ASSESSMENTS, of.uuid()).await?;
        Ok(ASSESSMENTS.admit(self.assessments, unit.unarchived_assessments(of).await?, 1)?)
    }

    /// Lets the unit add a campaign.
    pub(crate) async fn admit_campaign(self, unit: &mut Unit, of: OrganizationId) -> Result<(), Refused> {
        unit.take_turn(&CAMPAIGNS, of.uuid()).await?;
        Ok(CAMPAIGNS.admit(self.campaigns, unit.unclosed_campaigns(of).await?, 1)?)
    }

    /// Lets the unit ask so many people more.
    pub(crate) async fn admit_people(
        self,
        unit: &mut Unit,
        (of, asking): (OrganizationId, Asking),
        people: usize,
        now: Timestamp,
    ) -> Result<(), Refused> {
        unit.take_turn(&INVITATIONS, of.uuid()).await?;
        let asked = unit.asked_since(of, now.minus(DAY)).await?;
        let most = self.asked_per_day.of(asking.per_day, asking.founded_at, now);
        Ok(INVITATIONS.admit(most, asked, people as u64)?)
    }
}
