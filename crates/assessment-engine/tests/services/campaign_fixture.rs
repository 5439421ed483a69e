//! Helpers: assessments that can be taken, campaigns that ask people, and links that are opened.

use std::time::Duration;

use assessment_engine::{
    Assignment, Campaign, CampaignId, CustomAssessmentId, DeliverySettings, InterviewSessionId,
    authoring::Input,
    campaigns::{NewAssignee, NewCampaign},
    invitations::AssessmentChoice,
};
use assessment_format::Slug;
use audit::{
    Event,
    ports::{EventLog, Filter},
};
use kernel::{
    Actor, Ctx, EmailAddress, Limit, Mail, Name, OrganizationId, Outcome, PageRequest, Scope, Secret,
    Timestamp, invitation::Invitee,
};
use serde_json::json;

use super::world::{Person, TestOrganization, World};

pub(crate) const HOUR: u64 = 3600;
pub(crate) const DAY: u64 = 24 * HOUR;

/// An assessment of two items, led in style 2 whoever asks otherwise.
const FILE: &str = "---\n\
    schema: assessment/1\n\
    name: Focus\n\
    version: \"1.0\"\n\
    type: single-outcome\n\
    scale: { min: 1, max: 5 }\n\
    interview: { style: 2, allow_override: false }\n\
    time_limit_minutes: 30\n\
    ---\n\
    # Focus\n\
    \n\
    ## Dimensions\n\
    ### Focus\n\
    - id: focus\n\
    - weight: 1.0\n\
    Stays with a thing.\n\
    \n\
    ## Result categories\n\
    ### Ready\n\
    - when: overall >= 4\n\
    ### Growing\n\
    - default: true\n\
    \n\
    ## Items\n\
    1. I finish what I begin.\n\
    \x20  - id: i1\n\
    \x20  - measures: focus\n\
    \x20  - answer: agree-5\n\
    2. Tell us more.\n\
    \x20  - id: i2\n\
    \x20  - answer: text\n\
    \x20  - required: false\n";

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn all() -> PageRequest {
    PageRequest { limit: Limit::MOST, after: None }
}

/// An address that is to be asked.
pub(crate) fn address(text: &str) -> NewAssignee {
    NewAssignee { invitee: Invitee::address(email(text), None), extra: None }
}

/// A member who is to be asked.
pub(crate) fn member(person: &Person) -> NewAssignee {
    NewAssignee { invitee: Invitee::member(person.account), extra: None }
}

/// Of this assessment, in no window.
pub(crate) fn of(assessment: CustomAssessmentId) -> NewCampaign {
    NewCampaign {
        name: name("Spring"),
        message: String::new(),
        choice: AssessmentChoice::Own { assessment, version: None },
        delivery: DeliverySettings::default(),
        opens_at: None,
        closes_at: None,
        remind_hours: None,
    }
}

impl World {
    /// In so many seconds.
    pub(crate) fn in_seconds(&self, seconds: u64) -> Timestamp {
        self.now().plus(Duration::from_secs(seconds))
    }

    /// A published, active assessment of the owner's.
    pub(crate) async fn assessment(&self, org: &TestOrganization) -> CustomAssessmentId {
        let (authoring, ctx) = (&self.assessments.authoring, &org.owner.ctx);
        let written = authoring.write(ctx, org.id, Input::Markdown(FILE.to_owned()), None).await.unwrap();
        authoring.publish(ctx, org.id, written.id).await.unwrap();
        authoring.activate(ctx, org.id, written.id).await.unwrap();
        written.id
    }

    /// An active campaign of the owner's.
    pub(crate) async fn open_campaign(&self, org: &TestOrganization, new: NewCampaign) -> Campaign {
        let (campaigns, ctx) = (&self.assessments.campaigns, &org.owner.ctx);
        let campaign = campaigns.prepare(ctx, org.id, new).await.unwrap();
        campaigns.activate(ctx, org.id, campaign.id).await.unwrap()
    }

    /// The owner asks people.
    pub(crate) async fn ask_all(
        &self,
        org: &TestOrganization,
        campaign: CampaignId,
        people: Vec<NewAssignee>,
    ) -> Vec<Assignment> {
        let asked =
            self.assessments.campaigns.assign(&org.owner.ctx, org.id, campaign, people).await.unwrap();
        asked.into_iter().map(|asked| asked.of).collect()
    }

    /// The assignment by now.
    pub(crate) async fn assignment(&self, org: &TestOrganization, of: &Assignment) -> Assignment {
        let campaigns = &self.assessments.campaigns;
        campaigns.assignment(&org.owner.ctx, org.id, of.campaign, of.id).await.unwrap().of.assignment
    }

    /// The whole trail, oldest first.
    pub(crate) async fn trail(&self) -> Vec<Event> {
        let log: &dyn EventLog = &self.storage;
        let platform = Ctx::new(Actor::System, Scope::Platform);
        let (mut page, mut events) = (all(), Vec::new());
        loop {
            let part = log.events(&platform, &Filter::default(), &page).await.unwrap();
            events.extend(part.items);
            page.after = part.next;
            if page.after.is_none() {
                events.reverse();
                break;
            }
        }
        let domains = [identity::DOMAIN, assessment_engine::DOMAIN, kernel::PLATFORM];
        let listed = domains.map(|domain| domain.actions).concat();
        for event in &events {
            assert!(listed.iter().any(|note| note.action == event.action), "{} is not listed", event.action);
        }
        events
    }

    /// How many attempts were denied.
    pub(crate) async fn denials(&self) -> usize {
        self.trail().await.iter().filter(|event| event.outcome == Outcome::Denied).count()
    }

    /// Opens the link in a letter; returns what a guest calls with.
    pub(crate) async fn opens(&self, letter: &Mail) -> Ctx {
        let token = token_of(letter);
        self.assessments.sessions.open(&stranger(), &token).await.unwrap();
        let link = self.assessments.sessions.read_link(&token).unwrap();
        guest(link.invited.id, link.invited.organization)
    }

    /// Begins, says something, and submits.
    pub(crate) async fn takes(&self, ctx: &Ctx, id: uuid::Uuid, words: &str) -> InterviewSessionId {
        let sessions = &self.assessments.sessions;
        let session = sessions.start(ctx, id).await.unwrap().session.id;
        let item = |id: &str| Slug::new(id).unwrap();
        sessions.answer(ctx, session, &item("i1"), 1, Some(&json!({ "step": 5 }))).await.unwrap();
        sessions.answer(ctx, session, &item("i2"), 1, Some(&json!({ "text": words }))).await.unwrap();
        sessions.submit(ctx, session).await.unwrap();
        session
    }
}

pub(crate) fn stranger() -> Ctx {
    Ctx::new(Actor::Anonymous, Scope::Identity)
}

pub(crate) fn guest(invitation: uuid::Uuid, organization: OrganizationId) -> Ctx {
    Ctx::new(Actor::Guest { invitation, organization }, Scope::Tenant(organization))
}

/// The token in a letter's link.
pub(crate) fn token_of(letter: &Mail) -> Secret {
    let link = letter.link.as_ref().unwrap().expose();
    Secret::new(link.split_once("#token=").unwrap().1)
}

/// Whom these letters of a template went to, in order.
pub(crate) fn receivers<'a>(letters: &'a [Mail], template: &str) -> Vec<&'a str> {
    let mut to: Vec<&str> =
        letters.iter().filter(|mail| mail.template == template).map(|mail| &*mail.to).collect();
    to.sort_unstable();
    to
}
