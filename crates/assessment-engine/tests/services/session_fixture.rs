//! People who are asked to take small assessments.

use assessment_engine::{
    Campaign, CustomAssessmentId, DeliverySettings, InterviewSessionId, Refused,
    authoring::Input,
    campaigns::{NewAssignee, NewCampaign},
    invitations::AssessmentChoice,
    sessions::SessionView,
};
use assessment_format::{
    Slug,
    session::{SaveOutcome, Stage},
};
use kernel::{Actor, Ctx, EmailAddress, Mail, Name, Scope, Secret, Timestamp, invitation::Invitee};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Person, TestOrganization, World};

/// What a small assessment asks beside its three items on two dimensions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SampleAssessment {
    pub(crate) disclosure: &'static str,
    /// A text that a person has to rate.
    pub(crate) text: bool,
    /// One question on `focus`, with an opening and a closing.
    pub(crate) interview: bool,
}

/// All that can be asked is in it, and everyone sees everything.
pub(crate) const WHOLE: SampleAssessment =
    SampleAssessment { disclosure: "full", text: true, interview: true };
/// Items that code scores.
pub(crate) const PLAIN: SampleAssessment =
    SampleAssessment { disclosure: "full", text: false, interview: false };

impl SampleAssessment {
    pub(crate) fn file(self, version: &str, threshold: &str) -> String {
        let interview = "## Interview guidelines\n\
             ### Opening\n\
             Good to have you.\n\
             ### Ask about Focus\n\
             - Tell me about a thing you finished.\n\
             \x20 - What was hardest?\n\
             ### Closing\n\
             Thank you.\n\n";
        let text = "4. What did you finish last?\n\
             \x20  - id: t1\n\
             \x20  - measures: reach\n\
             \x20  - answer: text\n";
        format!(
            "---\n\
             schema: assessment/1\n\
             name: Readiness\n\
             version: \"{version}\"\n\
             type: multi-dimensional\n\
             scale: {{ min: 1, max: 5 }}\n\
             result_disclosure: {disclosure}\n\
             time_limit_minutes: 60\n\
             answer: agree-5\n\
             ---\n\
             # Readiness\n\
             \n\
             ## Dimensions\n\
             ### Focus\n\
             - weight: 50%\n\
             Stays with a thing.\n\
             ### Reach\n\
             - weight: 50%\n\
             Sees the next thing.\n\
             \n\
             ## Result categories\n\
             ### Ready\n\
             - when: overall >= {threshold}\n\
             Go ahead.\n\
             ### Growing\n\
             - default: true\n\
             Take your time.\n\
             \n\
             {interview}\
             ## Items\n\
             1. I finish what I begin.\n\
             \x20  - id: i1\n\
             \x20  - measures: focus\n\
             2. What comes next surprises me.\n\
             \x20  - id: i2\n\
             \x20  - measures: reach (reversed)\n\
             3. I like mornings.\n\
             \x20  - id: i3\n\
             \x20  - required: false\n\
             {text}",
            disclosure = self.disclosure,
            interview = if self.interview { interview } else { "" },
            text = if self.text { text } else { "" },
        )
    }
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

impl World {
    /// A published, active assessment of the owner's.
    pub(crate) async fn published(
        &self,
        org: &TestOrganization,
        fixture: SampleAssessment,
    ) -> CustomAssessmentId {
        let (authoring, ctx) = (&self.assessments.authoring, &org.owner.ctx);
        let input = Input::Markdown(fixture.file("1.0", "4"));
        let draft = authoring.write(ctx, org.id, input, None).await.unwrap();
        authoring.publish(ctx, org.id, draft.id).await.unwrap();
        authoring.activate(ctx, org.id, draft.id).await.unwrap();
        draft.id
    }

    /// Publishes another version of it.
    pub(crate) async fn publish_version(&self, org: &TestOrganization, id: CustomAssessmentId, file: String) {
        let (authoring, ctx) = (&self.assessments.authoring, &org.owner.ctx);
        let version = authoring.get(ctx, org.id, id).await.unwrap().version();
        authoring.replace_source(ctx, org.id, id, version, Input::Markdown(file)).await.unwrap();
        authoring.publish(ctx, org.id, id).await.unwrap();
    }

    /// An active campaign of this person's.
    pub(crate) async fn campaign(
        &self,
        org: &TestOrganization,
        by: &Person,
        assessment: CustomAssessmentId,
        delivery: DeliverySettings,
        window: (Option<Timestamp>, Option<Timestamp>),
    ) -> Campaign {
        let new = NewCampaign {
            name: Name::new("Spring").unwrap(),
            message: String::new(),
            choice: AssessmentChoice::Own { assessment, version: None },
            delivery,
            opens_at: window.0,
            closes_at: window.1,
            remind_hours: None,
        };
        let campaigns = &self.assessments.campaigns;
        let campaign = campaigns.prepare(&by.ctx, org.id, new).await.unwrap();
        campaigns.activate(&by.ctx, org.id, campaign.id).await.unwrap()
    }

    /// Asks somebody in it; tells which assignment that is.
    pub(crate) async fn ask(&self, org: &TestOrganization, campaign: &Campaign, who: Invitee) -> Uuid {
        let asked = vec![NewAssignee { invitee: who, extra: None }];
        let ctx = &org.owner.ctx;
        let assigned = self.assessments.campaigns.assign(ctx, org.id, campaign.id, asked).await.unwrap();
        assigned[0].id.uuid()
    }

    /// Asks an address, and returns the token of its letter.
    pub(crate) async fn invite(&self, org: &TestOrganization, campaign: &Campaign, address: &str) -> Secret {
        let email = EmailAddress::new(address).unwrap();
        self.ask(org, campaign, Invitee::address(email, None)).await;
        let letters = self.work_off().await;
        token(letters.iter().rev().find(|letter| letter.to == address).unwrap())
    }

    /// Opens a link; the context of the guest with the pass.
    pub(crate) async fn admit(&self, token: &Secret) -> Ctx {
        let opened = self.assessments.sessions.open(&nobody(), token).await.unwrap();
        let (invitation, organization) = (opened.assignment.id, opened.assignment.organization);
        Ctx::new(Actor::Guest { invitation, organization }, Scope::Tenant(organization))
    }

    /// A member of the organisation who began; their session.
    pub(crate) async fn begun(
        &self,
        org: &TestOrganization,
        campaign: &Campaign,
        who: &Person,
    ) -> InterviewSessionId {
        let id = self.ask(org, campaign, Invitee::member(who.account)).await;
        self.assessments.sessions.start(&who.ctx, id).await.unwrap().session.id
    }

    pub(crate) async fn answer(
        &self,
        ctx: &Ctx,
        session: InterviewSessionId,
        item: &str,
        sequence: u64,
        reply: Value,
    ) -> Result<SaveOutcome, Refused> {
        let reply = if reply.is_null() { None } else { Some(&reply) };
        self.assessments.sessions.answer(ctx, session, &slug(item), sequence, reply).await
    }

    /// Answers what must be answered with these two steps, and submits.
    pub(crate) async fn fill(&self, ctx: &Ctx, session: InterviewSessionId, steps: [u8; 2]) -> SessionView {
        for (item, step) in ["i1", "i2"].into_iter().zip(steps) {
            self.answer(ctx, session, item, 1, json!({ "step": step })).await.unwrap();
        }
        self.assessments.sessions.submit(ctx, session).await.unwrap()
    }

    /// A guest of this address who took it with these answers; the context of their pass.
    pub(crate) async fn taken(
        &self,
        org: &TestOrganization,
        campaign: &Campaign,
        address: &str,
        steps: [u8; 2],
    ) -> (Ctx, InterviewSessionId) {
        let token = self.invite(org, campaign, address).await;
        let guest = self.admit(&token).await;
        let Actor::Guest { invitation, .. } = guest.actor else { unreachable!("admitted as a guest") };
        let session = self.assessments.sessions.start(&guest, invitation).await.unwrap().session.id;
        let view = self.fill(&guest, session, steps).await;
        assert!(matches!(stage(&view), Stage::Scored | Stage::Released));
        (guest, session)
    }
}

pub(crate) fn stage(view: &SessionView) -> Stage {
    view.session.progress.status.stage()
}

pub(crate) fn nobody() -> Ctx {
    Ctx::new(Actor::Anonymous, Scope::Identity)
}

/// The token in a letter's link.
pub(crate) fn token(letter: &Mail) -> Secret {
    let link = letter.link.as_ref().unwrap().expose();
    Secret::new(link.split_once("#token=").unwrap().1.to_owned())
}

/// The assignment a guest's context serves.
pub(crate) fn invitation(guest: &Ctx) -> Uuid {
    guest.actor.id().unwrap()
}
