//! People who are asked to take small assessments.

use assessment_engine::{
    Slug,
    custom::{
        Campaign, CustomAssessmentId, InterviewSessionId, Invitee, Refused, Terms,
        authoring::Input,
        campaigns::{Asked, Choice, NewCampaign},
        taking::SessionView,
    },
    session::{Saved, Stage},
};
use kernel::{Actor, Ctx, EmailAddress, Mail, Name, Scope, Secret, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Office, Person, World};

/// What a small assessment asks beside its three items on two dimensions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Paper {
    pub(crate) disclosure: &'static str,
    /// A text that a person has to rate.
    pub(crate) text: bool,
    /// One question on `focus`, with an opening and a closing.
    pub(crate) interview: bool,
}

/// All that can be asked is in it, and everyone sees everything.
pub(crate) const WHOLE: Paper = Paper { disclosure: "full", text: true, interview: true };
/// Items that code scores.
pub(crate) const PLAIN: Paper = Paper { disclosure: "full", text: false, interview: false };

impl Paper {
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
    pub(crate) async fn paper(&self, office: &Office, paper: Paper) -> CustomAssessmentId {
        let (authoring, ctx) = (&self.assessing.authoring, &office.owner.ctx);
        let input = Input::Markdown(paper.file("1.0", "4"));
        let draft = authoring.write(ctx, office.id, input, None).await.unwrap();
        authoring.publish(ctx, office.id, draft.id).await.unwrap();
        authoring.activate(ctx, office.id, draft.id).await.unwrap();
        draft.id
    }

    /// Publishes another version of it.
    pub(crate) async fn edition(&self, office: &Office, id: CustomAssessmentId, file: String) {
        let (authoring, ctx) = (&self.assessing.authoring, &office.owner.ctx);
        let version = authoring.get(ctx, office.id, id).await.unwrap().version();
        authoring.replace_source(ctx, office.id, id, version, Input::Markdown(file)).await.unwrap();
        authoring.publish(ctx, office.id, id).await.unwrap();
    }

    /// An active campaign of this person's.
    pub(crate) async fn campaign(
        &self,
        office: &Office,
        by: &Person,
        assessment: CustomAssessmentId,
        terms: Terms,
        window: (Option<Timestamp>, Option<Timestamp>),
    ) -> Campaign {
        let new = NewCampaign {
            name: Name::new("Spring").unwrap(),
            message: String::new(),
            choice: Choice::Own { assessment, version: None },
            terms,
            opens_at: window.0,
            closes_at: window.1,
            remind_hours: None,
        };
        let campaigns = &self.assessing.campaigns;
        let campaign = campaigns.prepare(&by.ctx, office.id, new).await.unwrap();
        campaigns.activate(&by.ctx, office.id, campaign.id).await.unwrap()
    }

    /// Asks somebody in it; tells which assignment that is.
    pub(crate) async fn ask(&self, office: &Office, campaign: &Campaign, who: Invitee) -> Uuid {
        let asked = vec![Asked { invitee: who, extra: None }];
        let ctx = &office.owner.ctx;
        let assigned = self.assessing.campaigns.assign(ctx, office.id, campaign.id, asked).await.unwrap();
        assigned[0].id.uuid()
    }

    /// Asks an address, and returns the token of its letter.
    pub(crate) async fn invite(&self, office: &Office, campaign: &Campaign, address: &str) -> Secret {
        let email = EmailAddress::new(address).unwrap();
        self.ask(office, campaign, Invitee::address(email, None)).await;
        let letters = self.work_off().await;
        token(letters.iter().rev().find(|letter| letter.to == address).unwrap())
    }

    /// Opens a link; the context of the guest with the pass.
    pub(crate) async fn admit(&self, token: &Secret) -> Ctx {
        let opened = self.assessing.taking.open(&nobody(), token).await.unwrap();
        let (invitation, organization) = (opened.asked.id, opened.asked.organization);
        Ctx::new(Actor::Guest { invitation, organization }, Scope::Tenant(organization))
    }

    /// A member of the organisation who began; his session.
    pub(crate) async fn begun(
        &self,
        office: &Office,
        campaign: &Campaign,
        who: &Person,
    ) -> InterviewSessionId {
        let id = self.ask(office, campaign, Invitee::member(who.account)).await;
        self.assessing.taking.start(&who.ctx, id).await.unwrap().session.id
    }

    pub(crate) async fn answer(
        &self,
        ctx: &Ctx,
        session: InterviewSessionId,
        item: &str,
        sequence: u64,
        reply: Value,
    ) -> Result<Saved, Refused> {
        let reply = if reply.is_null() { None } else { Some(&reply) };
        self.assessing.taking.answer(ctx, session, &slug(item), sequence, reply).await
    }

    /// Answers what must be answered with these two steps, and submits.
    pub(crate) async fn fill(&self, ctx: &Ctx, session: InterviewSessionId, steps: [u8; 2]) -> SessionView {
        for (item, step) in ["i1", "i2"].into_iter().zip(steps) {
            self.answer(ctx, session, item, 1, json!({ "step": step })).await.unwrap();
        }
        self.assessing.taking.submit(ctx, session).await.unwrap()
    }

    /// A guest of this address who took it with these answers; the context of his pass.
    pub(crate) async fn taken(
        &self,
        office: &Office,
        campaign: &Campaign,
        address: &str,
        steps: [u8; 2],
    ) -> (Ctx, InterviewSessionId) {
        let token = self.invite(office, campaign, address).await;
        let guest = self.admit(&token).await;
        let Actor::Guest { invitation, .. } = guest.actor else { unreachable!("admitted as a guest") };
        let session = self.assessing.taking.start(&guest, invitation).await.unwrap().session.id;
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
