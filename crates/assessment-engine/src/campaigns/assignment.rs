//! An assignment: one person is asked in a campaign.

use kernel::{
    AccountId, Change, EmailAddress, Id, Lane, Name, Notice, OrganizationId, Owner, Target, Timestamp,
    invitation::Invitee,
};
use serde_json::Value;

use crate::{
    campaigns::campaign::{Campaign, CampaignId},
    invitations::ExtraTime,
    notices,
    sessions::interview_session::InterviewSessionId,
};

/// Identifies an assignment.
pub type AssignmentId = Id<Assignment>;

/// All an assignment consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentState {
    /// Identifies it.
    pub id: AssignmentId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// In which campaign.
    pub campaign: CampaignId,
    /// Who is asked.
    pub invitee: Invitee,
    /// Time this person has beyond everyone else.
    pub extra: Option<ExtraTime>,
    /// Where the person takes it, once it was opened.
    pub session: Option<InterviewSessionId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// One person is asked in a campaign.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Assignment(AssignmentState) as "campaign_assignment" of |assignment| Owner::Organization(assignment.organization)
}

impl Assignment {
    /// Asks a person; the letter goes out with [`Assignment::invite`].
    pub fn assign(
        id: AssignmentId,
        organization: OrganizationId,
        campaign: CampaignId,
        invitee: Invitee,
        extra: Option<ExtraTime>,
        now: Timestamp,
    ) -> Self {
        let (session, withdrawn_at) = (None, None);
        let state = AssignmentState {
            id,
            organization,
            campaign,
            invitee,
            extra,
            session,
            created_at: now,
            withdrawn_at,
        };
        let mut assignment = Self::restore(state, 0);
        let of = &assignment.state;
        let change = assignment
            .change("campaign_assignment.assign", now)
            .plain("campaign_id", &Value::Null, &of.campaign)
            .plain("account_id", &Value::Null, &of.invitee.account)
            .personal("email", &Value::Null, &of.invitee.email)
            .personal("name", &Value::Null, &of.invitee.name)
            .personal("extra", &Value::Null, &of.extra);
        assignment.record(change);
        assignment
    }

    /// A letter is to be sent, in this lane, and this notice beside it.
    pub fn invite(&mut self, lane: Lane, notice: Option<Notice>, now: Timestamp) {
        let change = self.change("campaign_assignment.invite", now).lane(lane).notify(notice);
        let change = self.state.invitee.invite(change);
        self.record(change);
    }

    /// A reminder is to be sent, in this lane, and this notice beside it.
    pub fn remind(&mut self, lane: Lane, notice: Option<Notice>, now: Timestamp) {
        let change = self.change("campaign_assignment.remind", now).lane(lane).notify(notice);
        let change = self.state.invitee.remind(change);
        self.record(change);
    }

    /// It is known who has the address, and they are told what they are asked while the campaign is open. Who that is,
    /// is nothing the organisation learns.
    pub fn link(&mut self, account: AccountId, campaign: Option<&Campaign>, now: Timestamp) {
        self.state.invitee.account = Some(account);
        let waits = self.state.session.is_none();
        let open = campaign.filter(|campaign| waits && campaign.is_open(now));
        let notice = open.and_then(|campaign| notices::assigned(self, campaign));
        let change = self.change("campaign_assignment.link", now).secret("account_id").notify(notice);
        self.record(change);
    }

    /// The person opened it.
    pub fn open(&mut self, session: InterviewSessionId, now: Timestamp) {
        let before = self.state.session.replace(session);
        let change =
            self.change("campaign_assignment.open", now).plain("session_id", &before, &Some(session));
        self.record(change);
    }

    /// The address was wrong: the person is asked at this one.
    pub fn correct(&mut self, email: EmailAddress, name: Option<Name>, now: Timestamp) {
        let before = self.state.invitee.readdress(email, name);
        let invitee = &self.state.invitee;
        let change = self
            .change("campaign_assignment.correct", now)
            .personal("email", &before.email, &invitee.email)
            .personal("name", &before.name, &invitee.name);
        self.record(change);
    }

    /// The person gets this much time beyond everyone else, in place of what was granted before.
    pub fn grant(&mut self, extra: Option<ExtraTime>, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.extra, extra);
        let change =
            self.change("campaign_assignment.grant", now).personal("extra", &before, &self.state.extra);
        self.record(change);
    }

    /// It is taken back: nobody opens it any more.
    pub fn withdraw(&mut self, now: Timestamp) {
        let before = self.state.withdrawn_at.replace(now);
        let change =
            self.change("campaign_assignment.withdraw", now).plain("withdrawn_at", &before, &Some(now));
        self.record(change);
    }

    /// The person had their data erased.
    pub fn forget(&mut self, now: Timestamp) {
        self.state.invitee.forget();
        self.state.extra = None;
        let change = self.change("campaign_assignment.forget", now);
        self.record(change.secret("invitee"));
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(self.state.invitee.subject(self.state.id))
    }
}
