//! What a person is asked in: an assignment with its campaign, or a coaching session. Both are taken alike.

use kernel::{AccountId, Id, OrganizationId, StoreError, Timestamp, invitation::Invitee};
use uuid::Uuid;

use crate::{
    campaigns::{
        assignment::Assignment,
        campaign::{Campaign, CampaignStatus},
    },
    coaching::coaching_session::{CoachingSession, CoachingStatus},
    invitations::{
        ExtraTime,
        delivery::{AssessmentRef, DeliverySettings},
    },
    refusal::Refused,
    sessions::interview_session::{InterviewSessionId, Origin, OriginKind},
    unit::Unit,
};

/// What a person is asked in.
#[derive(Debug, Clone)]
pub(crate) enum InvitationSource {
    Campaign(Campaign, Assignment),
    Coaching(CoachingSession),
}

impl InvitationSource {
    /// The assignment or coaching session of this id; `kind` where it is known.
    pub(crate) async fn of(
        unit: &mut Unit,
        id: Uuid,
        kind: Option<OriginKind>,
    ) -> Result<Option<Self>, StoreError> {
        if kind != Some(OriginKind::Coaching)
            && let Some(assignment) = unit.assignment(Id::from_uuid(id)).await?
        {
            let campaign = unit.campaign(assignment.campaign).await?;
            return Ok(campaign.map(|campaign| Self::Campaign(campaign, assignment)));
        }
        if kind == Some(OriginKind::Campaign) {
            return Ok(None);
        }
        Ok(unit.coaching_session(Id::from_uuid(id)).await?.map(Self::Coaching))
    }

    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::Campaign(campaign, assignment) => {
                Origin::Campaign { campaign: campaign.id, assignment: assignment.id }
            }
            Self::Coaching(session) => Origin::Coaching(session.id),
        }
    }

    pub(crate) fn organization(&self) -> OrganizationId {
        match self {
            Self::Campaign(_, assignment) => assignment.organization,
            Self::Coaching(session) => session.organization,
        }
    }

    pub(crate) fn invitee(&self) -> &Invitee {
        match self {
            Self::Campaign(_, assignment) => &assignment.invitee,
            Self::Coaching(session) => &session.coachee,
        }
    }

    /// Who runs the campaign or coaches.
    pub(crate) fn run_by(&self) -> AccountId {
        match self {
            Self::Campaign(campaign, _) => campaign.created_by,
            Self::Coaching(session) => session.coach,
        }
    }

    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Campaign(campaign, _) => campaign.plan.name.as_str(),
            Self::Coaching(session) => session.arrangement.title.as_str(),
        }
    }

    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Campaign(campaign, _) => &campaign.plan.message,
            Self::Coaching(session) => &session.arrangement.message,
        }
    }

    pub(crate) fn chosen(&self) -> AssessmentRef {
        match self {
            Self::Campaign(campaign, _) => campaign.plan.chosen,
            Self::Coaching(session) => session.arrangement.chosen,
        }
    }

    pub(crate) fn delivery(&self) -> DeliverySettings {
        match self {
            Self::Campaign(campaign, _) => campaign.plan.delivery,
            Self::Coaching(session) => session.arrangement.delivery,
        }
    }

    pub(crate) fn opens_at(&self) -> Option<Timestamp> {
        match self {
            Self::Campaign(campaign, _) => campaign.plan.opens_at,
            Self::Coaching(_) => None,
        }
    }

    pub(crate) fn closes_at(&self) -> Option<Timestamp> {
        match self {
            Self::Campaign(campaign, _) => campaign.plan.closes_at,
            Self::Coaching(session) => session.arrangement.closes_at,
        }
    }

    pub(crate) fn scheduled_at(&self) -> Option<Timestamp> {
        match self {
            Self::Campaign(..) => None,
            Self::Coaching(session) => session.arrangement.scheduled_at,
        }
    }

    /// How many minutes the person has beyond everyone else.
    pub(crate) fn granted_minutes(&self) -> u32 {
        self.extra().map_or(0, |ExtraTime { minutes, .. }| u32::from(minutes.get()))
    }

    /// Time the person has beyond everyone else.
    pub(crate) fn extra(&self) -> Option<&ExtraTime> {
        match self {
            Self::Campaign(_, assignment) => assignment.extra.as_ref(),
            Self::Coaching(session) => session.arrangement.extra.as_ref(),
        }
    }

    pub(crate) fn created_at(&self) -> Timestamp {
        match self {
            Self::Campaign(_, assignment) => assignment.created_at,
            Self::Coaching(session) => session.created_at,
        }
    }

    /// Where the person takes it, once it was opened.
    pub(crate) fn session(&self) -> Option<InterviewSessionId> {
        match self {
            Self::Campaign(_, assignment) => assignment.session,
            Self::Coaching(session) => session.session,
        }
    }

    /// Whether the person is asked: not in a draft, and not after it was taken back.
    pub(crate) fn stands(&self) -> bool {
        match self {
            Self::Campaign(campaign, assignment) => {
                campaign.status != CampaignStatus::Draft && assignment.withdrawn_at.is_none()
            }
            Self::Coaching(_) => true,
        }
    }

    /// Whether the person may begin now.
    pub(crate) fn window(&self, now: Timestamp) -> Result<(), Refused> {
        if let Some(at) = self.opens_at().filter(|at| now < *at) {
            return Err(Refused::NotYet(at));
        }
        let over = self.closes_at().is_some_and(|at| at <= now);
        match self {
            Self::Campaign(campaign, _) if over || campaign.status == CampaignStatus::Closed => {
                Err(Refused::Closed("the campaign is over; nobody begins any more"))
            }
            Self::Coaching(session) if over || session.status == CoachingStatus::Closed => {
                Err(Refused::Closed("the coaching session is over; nothing new begins"))
            }
            _ => Ok(()),
        }
    }

    /// The person opened it.
    pub(crate) async fn open(
        &mut self,
        unit: &mut Unit,
        session: InterviewSessionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match self {
            Self::Campaign(_, assignment) => {
                assignment.open(session, now);
                unit.save_assignment(assignment).await
            }
            Self::Coaching(coaching) => {
                coaching.open(session, now);
                unit.save_coaching_session(coaching).await
            }
        }
    }
}
