//! Running campaigns: preparing them, asking people, watching how far they come.

pub mod assignment;
mod assignments;
pub mod campaign;
pub mod timers;

use kernel::{Ctx, OrganizationId, Page, PageRequest, Permit, Reach, Timestamp};

pub use self::assignments::{AssignmentEdit, NewAssignee};
use crate::{
    authoring::assessment::{AssessmentStatus, CustomAssessmentId},
    campaigns::campaign::{Campaign, CampaignId, CampaignStatus, Plan},
    invitations::{
        assessment_choice::{self, AssessmentChoice},
        delivery::DeliverySettings,
        validation,
    },
    opened::Opened,
    ports::Ports,
    reading::{CampaignFilter, Figures},
    refusal::Refused,
    rule::Action,
};

/// The service of campaigns. What somebody may do with their own reaches the campaigns they made.
#[derive(Debug, Clone)]
pub struct CampaignService {
    ports: Ports,
}

/// A campaign to be prepared.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// What it is called.
    pub name: kernel::Name,
    /// What invitations say; may be empty.
    pub message: String,
    /// What is taken.
    pub choice: AssessmentChoice,
    /// How.
    pub delivery: DeliverySettings,
    /// Before this nobody begins.
    pub opens_at: Option<Timestamp>,
    /// From this on nobody begins.
    pub closes_at: Option<Timestamp>,
    /// How many hours before the end people are reminded.
    pub remind_hours: Option<u16>,
}

impl CampaignService {
    /// A service over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Prepares a campaign. First use of a built-in type makes the organisation's copy of it.
    pub async fn prepare(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        new: NewCampaign,
    ) -> Result<Campaign, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::RunCampaigns).await?;
        let now = self.ports.clock.now();
        let NewCampaign { name, message, choice, delivery, opens_at, closes_at, remind_hours } = new;
        validation::check_message(&message)?;
        validation::check_delivery(&delivery)?;
        validation::check_window(opens_at, closes_at, remind_hours)?;
        validation::check_end(closes_at, now)?;
        let chosen =
            assessment_choice::choose(&self.ports, &permit, organization, &choice, delivery.style).await?;
        let plan = Plan { name, message, chosen, delivery, opens_at, closes_at, remind_hours };
        let id = self.ports.ids.next();
        let mut campaign = Campaign::prepare(id, organization, permit.account, plan, now);
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        self.ports.quotas.admit_campaign(&mut *unit, organization).await?;
        unit.save_campaign(&mut campaign).await?;
        unit.commit().await?;
        Ok(campaign)
    }

    /// One campaign.
    pub async fn get(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<Campaign, Refused> {
        Ok(self.ports.open(ctx, organization, id, Action::ViewCampaigns).await?.found)
    }

    /// The campaigns, newest first, or those one made.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        status: Option<CampaignStatus>,
        assessment: Option<CustomAssessmentId>,
        page: &PageRequest,
    ) -> Result<Page<Campaign>, Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::ViewCampaigns).await?;
        let created_by = (permit.reach < Reach::Tenant).then_some(permit.account);
        let filter = CampaignFilter { status, assessment, created_by };
        Ok(self.ports.reading.campaigns(&permit.ctx, &filter, page).await?)
    }

    /// Changes the campaign read at `version`: of a draft everything, of an active one its name, message, end and
    /// reminder, of a closed one nothing.
    ///
    /// Sessions keep the rules they began with. So an earlier end, which must lie in the future, stops new
    /// beginnings and takes no time from anyone, and a later end gives those who began before no more.
    pub async fn edit(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
        version: i64,
        choice: Option<AssessmentChoice>,
        set: impl FnOnce(&mut Plan) + Send,
    ) -> Result<Campaign, Refused> {
        let mut opened = self.ports.open::<Campaign>(ctx, organization, id, Action::RunCampaigns).await?;
        opened.found.unchanged_since(version)?;
        let now = self.ports.clock.now();
        let before = &opened.found.plan;
        let mut plan = before.clone();
        set(&mut plan);
        match opened.found.status {
            CampaignStatus::Draft => {}
            CampaignStatus::Active => validation::check_active(before, &plan, choice.is_some())?,
            CampaignStatus::Closed => {
                return Err(Refused::Closed("a closed campaign is not changed any more"));
            }
        }
        validation::check_message(&plan.message)?;
        validation::check_delivery(&plan.delivery)?;
        validation::check_window(plan.opens_at, plan.closes_at, plan.remind_hours)?;
        if plan.closes_at != before.closes_at {
            validation::check_end(plan.closes_at, now)?;
        }
        let before = (plan.chosen, plan.delivery.style);
        (opened, plan.chosen) =
            assessment_choice::rechoose(&self.ports, opened, organization, choice, before).await?;
        if plan != opened.found.plan {
            opened.found.edit(plan, now);
        }
        opened.save().await
    }

    /// From now on people are asked, once the window opens.
    pub async fn activate(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<Campaign, Refused> {
        let mut opened = self.ports.open::<Campaign>(ctx, organization, id, Action::RunCampaigns).await?;
        let (campaign, now) = (&mut opened.found, self.ports.clock.now());
        match campaign.status {
            CampaignStatus::Draft => {}
            CampaignStatus::Active => return Err(Refused::Closed("the campaign is active already")),
            CampaignStatus::Closed => {
                return Err(Refused::Closed("the campaign is closed; prepare another one"));
            }
        }
        if campaign.plan.closes_at.is_some_and(|at| at <= now) {
            return Err(Refused::Closed("the campaign's window has ended; set a later `closes_at` first"));
        }
        campaign.activate(now);
        let assessment = opened.unit.custom_assessment(campaign.plan.chosen.assessment).await?;
        let status = assessment.map_or(AssessmentStatus::Archived, |assessment| assessment.status);
        if status != AssessmentStatus::Active {
            return Err(Refused::Status { status, hint: assessment_choice::CHOOSE_ACTIVE });
        }
        opened.save().await
    }

    /// From now on nobody begins. Whoever began goes on until their own deadline.
    pub async fn close(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<Campaign, Refused> {
        let mut opened = self.ports.open::<Campaign>(ctx, organization, id, Action::RunCampaigns).await?;
        if opened.found.status == CampaignStatus::Closed {
            return Err(Refused::Closed("the campaign is closed already"));
        }
        opened.found.close(self.ports.clock.now());
        opened.save().await
    }

    /// Reminds everyone who was invited and is not done, apart from those who were reminded within 24 hours.
    pub async fn remind(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<(), Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &Action::RunCampaigns).await?;
        let Opened { mut unit, found: campaign, .. } = self.hold(permit, id).await?;
        let now = self.ports.clock.now();
        if !campaign.is_open(now) {
            return Err(Refused::Closed("people are reminded while the campaign is open"));
        }
        unit.record(timers::reminding(&campaign, timers::a_day_before(now), now));
        Ok(unit.commit().await?)
    }

    /// How far the people of a campaign have come.
    pub async fn figures(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<Figures, Refused> {
        let permit = self.view(ctx, organization, id).await?;
        Ok(self.ports.reading.figures(&permit.ctx, id).await?)
    }

    /// Leave to see a campaign there is. No unit is open any more, so that others can be asked.
    async fn view(&self, ctx: &Ctx, organization: OrganizationId, id: CampaignId) -> Result<Permit, Refused> {
        Ok(self.ports.open::<Campaign>(ctx, organization, id, Action::ViewCampaigns).await?.permit)
    }

    /// A campaign that nobody changes until the unit ends, for what relies on how far it has come.
    async fn hold(&self, permit: Permit, id: CampaignId) -> Result<Opened<Campaign>, Refused> {
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let found = unit.campaign_for_share(id).await?;
        self.ports.opened(permit, unit, found, Action::RunCampaigns).await
    }
}
