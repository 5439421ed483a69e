//! The timers of campaigns: people are invited once the window opens, reminded before it ends, and then it closes.
//!
//! A timer may come early, late or twice: what is done is decided by the campaign and the clock. Many people are
//! invited and reminded in parts, each a unit of its own that tells the next.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{
    Actor, Change, Ctx, Delivery, EventHandler, EventHandlerError, Id, Lane, OrganizationId, Scope,
    StoreError, Target, Timestamp,
};
use serde_json::{Value, json};

use crate::{
    campaigns::{
        assignment::Assignment,
        campaign::{CLOSE_DUE, Campaign, CampaignId, CampaignStatus, OPEN_DUE, REMIND_DUE},
    },
    notices,
    ports::Ports,
    refusal::Refused,
    unit::Unit,
};

/// Told when more people of an open campaign are to be invited.
const INVITE: &str = "campaign.invite";
/// Told when people of an open campaign are to be reminded.
const REMIND: &str = "campaign.remind";
const ASSIGN: &str = "campaign_assignment.assign";

/// How many people are invited or reminded in a unit.
const PART: u32 = 200;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Reacts to the timers of campaigns.
#[derive(Debug, Clone)]
pub struct CampaignTimers {
    ports: Ports,
}

/// Those who are not done are to be reminded, unless they were since then.
pub(crate) fn reminding(campaign: &Campaign, since: Timestamp, now: Timestamp) -> Change {
    let target = Target::new(Campaign::KIND, campaign.id);
    Change::new(REMIND, target, now)
        .of(campaign.organization)
        .lane(Lane::Bulk)
        .with(json!({ "since": since }))
}

/// Nobody is reminded twice within a day.
pub(crate) fn a_day_before(now: Timestamp) -> Timestamp {
    now.minus(DAY)
}

impl CampaignTimers {
    /// Over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn begin(&self, organization: OrganizationId) -> Result<Box<Unit>, StoreError> {
        let scope = Scope::Tenant(organization);
        self.ports.store.begin(&Ctx::new(Actor::System, scope)).await
    }

    /// Invites a part of those who were not.
    async fn invite(&self, mut unit: Box<Unit>, id: CampaignId) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let Some(campaign) = unit.campaign_for_share(id).await?.filter(|found| found.is_open(now)) else {
            return Ok(());
        };
        let mut people = unit.assignments_to_invite(id, PART).await?;
        let invited = people.len();
        for assignment in &mut people {
            assignment.invite(Lane::Bulk, notices::assigned(assignment, &campaign), now);
        }
        unit.save_assignments(&mut people).await?;
        if is_full(invited) {
            let target = Target::new(Campaign::KIND, id);
            let change = Change::new(INVITE, target, now).of(campaign.organization).lane(Lane::Bulk);
            unit.record(change.plain("invited", &Value::Null, &invited));
        }
        Ok(unit.commit().await?)
    }

    /// Invites somebody who was assigned in the very moment the campaign opened.
    async fn invite_one(&self, mut unit: Box<Unit>, delivery: &Delivery) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let found = unit.assignment(Id::from_uuid(delivery.target_id)).await?;
        let waits = |found: &Assignment| found.withdrawn_at.is_none() && found.invitee.invited_at.is_none();
        let Some(mut assignment) = found.filter(waits) else { return Ok(()) };
        let campaign = unit.campaign_for_share(assignment.campaign).await?;
        let Some(campaign) = campaign.filter(|campaign| campaign.is_open(now)) else { return Ok(()) };
        assignment.invite(Lane::Bulk, notices::assigned(&assignment, &campaign), now);
        unit.save_assignment(&mut assignment).await?;
        Ok(unit.commit().await?)
    }

    /// Reminds a part of those who are not done and were not reminded since then; the end of the window tells since
    /// when where nobody does.
    async fn remind(
        &self,
        mut unit: Box<Unit>,
        id: CampaignId,
        since: Option<Timestamp>,
    ) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let Some(campaign) = unit.campaign_for_share(id).await?.filter(|found| found.is_open(now)) else {
            return Ok(());
        };
        let since = match since {
            Some(since) => since,
            None => match campaign.reminds_at().filter(|at| *at <= now) {
                Some(at) => at.min(a_day_before(now)),
                None => return Ok(()),
            },
        };
        let mut people = unit.assignments_to_remind(id, since, PART).await?;
        let reminded = people.len();
        for assignment in &mut people {
            assignment.remind(Lane::Bulk, notices::reminded(assignment, &campaign), now);
        }
        unit.save_assignments(&mut people).await?;
        if is_full(reminded) {
            let change = reminding(&campaign, since, now);
            unit.record(change.plain("reminded", &Value::Null, &reminded));
        }
        Ok(unit.commit().await?)
    }

    async fn close(&self, mut unit: Box<Unit>, id: CampaignId) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let is_over = |found: &Campaign| {
            found.status == CampaignStatus::Active && found.plan.closes_at.is_some_and(|at| at <= now)
        };
        let Some(mut campaign) = unit.campaign(id).await?.filter(is_over) else { return Ok(()) };
        campaign.close(now);
        unit.save_campaign(&mut campaign).await?;
        Ok(unit.commit().await?)
    }
}

/// Whether more may wait.
fn is_full(part: usize) -> bool {
    u32::try_from(part).is_ok_and(|people| people >= PART)
}

#[async_trait]
impl EventHandler for CampaignTimers {
    fn topics(&self) -> &'static [&'static str] {
        &[OPEN_DUE, REMIND_DUE, CLOSE_DUE, INVITE, REMIND, ASSIGN]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        let unit = self.begin(organization).await?;
        let campaign = Id::from_uuid(delivery.target_id);
        match delivery.topic.as_str() {
            REMIND_DUE => self.remind(unit, campaign, None).await?,
            REMIND => {
                let since = delivery.data.get("since").cloned().map(serde_json::from_value);
                let since = since.and_then(Result::ok).unwrap_or_else(|| a_day_before(delivery.occurred_at));
                self.remind(unit, campaign, Some(since)).await?;
            }
            CLOSE_DUE => self.close(unit, campaign).await?,
            ASSIGN => self.invite_one(unit, delivery).await?,
            _ => self.invite(unit, campaign).await?,
        }
        Ok(())
    }
}
