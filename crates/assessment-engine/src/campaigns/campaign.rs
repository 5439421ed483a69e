//! A campaign: an organisation asks many people to take one assessment, within a window of time.

use std::time::Duration;

use kernel::{AccountId, Change, Id, Name, OrganizationId, Owner, Target, Timestamp};
use serde_json::Value;

use crate::invitations::delivery::{AssessmentRef, DeliverySettings};

/// Identifies a campaign.
pub type CampaignId = Id<Campaign>;

/// Told when an active campaign's window opens.
pub const OPEN_DUE: &str = "campaign.open_due";
/// Told when people are to be reminded.
pub const REMIND_DUE: &str = "campaign.remind_due";
/// Told when the window ends.
pub const CLOSE_DUE: &str = "campaign.close_due";

kernel::named! {
    /// How far a campaign has come.
    pub enum CampaignStatus {
        /// It is being prepared: nobody was asked.
        Draft = "draft",
        /// People are asked, once its window opens.
        Active = "active",
        /// Nobody begins any more.
        Closed = "closed",
    }
}

/// What can be set about a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is called; people see it.
    pub name: Name,
    /// What invitations say, at most 2,000 characters; may be empty.
    pub message: String,
    /// What is taken.
    pub chosen: AssessmentRef,
    /// How.
    pub delivery: DeliverySettings,
    /// Before this nobody begins; from its activation on where there is none.
    pub opens_at: Option<Timestamp>,
    /// From this on nobody begins, and no time limit reaches beyond it.
    pub closes_at: Option<Timestamp>,
    /// How many hours before the end those who are not done are reminded: 1 to 720.
    pub remind_hours: Option<u16>,
}

/// All a campaign consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignState {
    /// Identifies it.
    pub id: CampaignId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who runs it, and sees its results.
    pub created_by: AccountId,
    /// What is set.
    pub plan: Plan,
    /// How far it has come.
    pub status: CampaignStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was activated.
    pub activated_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// An organisation asks many people to take one assessment.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Campaign(CampaignState) as "campaign" of |campaign| Owner::Organization(campaign.organization)
}

impl Campaign {
    /// Prepares one.
    pub fn prepare(
        id: CampaignId,
        organization: OrganizationId,
        created_by: AccountId,
        plan: Plan,
        now: Timestamp,
    ) -> Self {
        let state = CampaignState {
            id,
            organization,
            created_by,
            plan,
            status: CampaignStatus::Draft,
            created_at: now,
            activated_at: None,
            closed_at: None,
        };
        let mut campaign = Self::restore(state, 0);
        let change =
            campaign.change("campaign.prepare", now).plain("status", &Value::Null, &campaign.state.status);
        let change = campaign.differences(change, None);
        campaign.record(change);
        campaign
    }

    /// Whether people may begin now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let plan = &self.state.plan;
        self.state.status == CampaignStatus::Active
            && plan.opens_at.is_none_or(|at| at <= now)
            && plan.closes_at.is_none_or(|at| now < at)
    }

    /// Other things are set. What is possible at which status is for the service.
    pub fn edit(&mut self, plan: Plan, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.plan, plan);
        let change = self.differences(self.change("campaign.edit", now), Some(&before));
        let change =
            if self.state.status == CampaignStatus::Active { self.timed(change, now) } else { change };
        self.record(change);
    }

    /// People are asked, once its window opens.
    pub fn activate(&mut self, now: Timestamp) {
        let change = self.turn(CampaignStatus::Active, "campaign.activate", now);
        self.state.activated_at.get_or_insert(now);
        let change = self.timed(change, now);
        self.record(change);
    }

    /// Nobody begins any more.
    pub fn close(&mut self, now: Timestamp) {
        let change = self.turn(CampaignStatus::Closed, "campaign.close", now);
        self.state.closed_at = Some(now);
        self.record(change);
    }

    /// When those who are not done are reminded.
    pub fn reminds_at(&self) -> Option<Timestamp> {
        let hours = |count: u16| Duration::from_secs(3_600 * u64::from(count));
        Some(self.state.plan.closes_at?.minus(hours(self.state.plan.remind_hours?)))
    }

    /// Somebody has to look at it again when its window opens and ends, and when people are to be reminded.
    fn timed(&self, change: Change, now: Timestamp) -> Change {
        let opens_at = self.state.plan.opens_at.unwrap_or(now).max(now);
        let change = change.timer(OPEN_DUE, opens_at);
        let change = match self.reminds_at().filter(|at| *at > now) {
            Some(at) => change.timer(REMIND_DUE, at),
            None => change,
        };
        match self.state.plan.closes_at {
            Some(at) => change.timer(CLOSE_DUE, at),
            None => change,
        }
    }

    fn differences(&self, change: Change, before: Option<&Plan>) -> Change {
        let old = |value: fn(&Plan) -> Value| before.map_or(Value::Null, value);
        let new = |value: fn(&Plan) -> Value| value(&self.state.plan);
        let json =
            |change: Change, path, value: fn(&Plan) -> Value| change.plain(path, &old(value), &new(value));
        let change = json(change, "name", |plan| plan.name.as_str().into());
        let change = json(change, "message", |plan| plan.message.as_str().into());
        let change = json(change, "assessment_type", |plan| plan.chosen.kind.name().into());
        let change = json(change, "custom_assessment_id", |plan| plan.chosen.assessment.to_string().into());
        let change = json(change, "assessment_version", |plan| plan.chosen.version.to_string().into());
        let change = json(change, "opens_at", |plan| told(plan.opens_at));
        let change = json(change, "closes_at", |plan| told(plan.closes_at));
        let change = json(change, "remind_hours", |plan| plan.remind_hours.into());
        json(change, "terms", |plan| serde_json::to_value(plan.delivery).unwrap_or_default())
    }

    fn turn(&mut self, status: CampaignStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.change(action, now).plain("status", &before, &status)
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now).of(self.state.organization)
    }
}

fn told(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.to_string().into())
}
