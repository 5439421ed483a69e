//! Campaigns as they are sent and shown.

use assessment_engine::{
    Campaign,
    campaigns::{NewCampaign, campaign::Plan},
    invitations::AssessmentChoice,
    reading::Figures,
};
use assessment_format::session::Stage;
use http_shell::{Checked, Checker, Field, Problem};
use kernel::{Name, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::terms::{TermsBody, TermsPatch, TermsView, patch_terms, read_choice, read_terms};
use crate::schemas;

/// A campaign.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Campaign, example = json!({
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-0123456789ab",
    "created_by": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "name": "Spring 2027", "message": "Take your time.",
    "assessment_type": "custom", "custom_assessment_id": "0192f3c4-5a6b-7c8d-9e0f-abcdefabcdef", "assessment_version": "1.0",
    "interview_style_override": null,
    "terms": { "time_limit_minutes": 45, "pauses": null, "on_deadline": "submit", "release": { "when": "scored" }, "raters": "person" },
    "opens_at": "2027-03-01T08:00:00Z", "closes_at": "2027-03-15T18:00:00Z", "remind_hours": 48, "status": "active",
    "created_at": "2027-02-20T12:00:00Z", "activated_at": "2027-02-21T12:00:00Z", "closed_at": null, "version": 2
}))]
pub(super) struct CampaignView {
    id: Uuid,
    organization_id: Uuid,
    /// The account of whoever runs it, and sees its results.
    created_by: Uuid,
    /// What it is called; people see it.
    name: String,
    /// What invitations say.
    message: String,
    #[schema(value_type = schemas::AssessmentType)]
    assessment_type: &'static str,
    /// The assessment; for a built-in type the organisation's copy of it.
    custom_assessment_id: Uuid,
    /// The published version everyone takes.
    #[schema(example = "1.0")]
    assessment_version: String,
    /// How freely interviews are led, 1 to 5, in place of what the assessment says.
    interview_style_override: Option<u8>,
    terms: TermsView,
    /// Before this nobody begins.
    opens_at: Option<Timestamp>,
    /// From this on nobody begins, and no time limit reaches beyond it.
    closes_at: Option<Timestamp>,
    /// How many hours before the end those who are not done are reminded.
    remind_hours: Option<u16>,
    #[schema(value_type = schemas::CampaignStatus)]
    status: &'static str,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    /// For `If-Match`.
    version: i64,
}

impl From<&Campaign> for CampaignView {
    fn from(campaign: &Campaign) -> Self {
        let plan = &campaign.plan;
        Self {
            id: campaign.id.uuid(),
            organization_id: campaign.organization.uuid(),
            created_by: campaign.created_by.uuid(),
            name: plan.name.to_string(),
            message: plan.message.clone(),
            assessment_type: plan.chosen.kind.name(),
            custom_assessment_id: plan.chosen.assessment.uuid(),
            assessment_version: plan.chosen.version.to_string(),
            interview_style_override: plan.delivery.style.map(u8::from),
            terms: TermsView::from(&plan.delivery),
            opens_at: plan.opens_at,
            closes_at: plan.closes_at,
            remind_hours: plan.remind_hours,
            status: campaign.status.name(),
            created_at: campaign.created_at,
            activated_at: campaign.activated_at,
            closed_at: campaign.closed_at,
            version: campaign.version(),
        }
    }
}

/// A campaign to be prepared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::NewCampaign, example = json!({
    "name": "Spring 2027", "assessment_type": "custom", "custom_assessment_id": "0192f3c4-5a6b-7c8d-9e0f-abcdefabcdef",
    "terms": { "time_limit_minutes": 45 }, "closes_at": "2027-03-15T18:00:00Z", "remind_hours": 48
}))]
pub(super) struct NewCampaignBody {
    /// What it is called; people see it.
    #[schema(value_type = schemas::Name)]
    name: String,
    /// What invitations say, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    message: String,
    /// `custom` for one of the organisation's own. First use of a built-in one copies it into the organisation.
    #[schema(value_type = schemas::AssessmentType)]
    assessment_type: String,
    /// The assessment, which must be active; with `custom` only.
    #[schema(extensions(("x-one-of" = json!([
        { "assessment_type": ["custom"], "custom_assessment_id": true },
        { "assessment_type": ["industry4", "archetype", "education"],
            "custom_assessment_id": false, "assessment_version": false }
    ]))))]
    custom_assessment_id: Option<Uuid>,
    /// Which of its published versions; the newest unless told.
    #[schema(value_type = Option<schemas::Version>)]
    assessment_version: Option<String>,
    /// How freely interviews are led, 1 highly structured to 5 fully conversational; only where the assessment
    /// allows it.
    #[schema(minimum = 1, maximum = 5)]
    interview_style_override: Option<u8>,
    terms: Option<TermsBody>,
    /// Before this nobody begins; from its activation on unless told.
    #[schema(format = DateTime)]
    opens_at: Option<String>,
    /// From this on nobody begins; open-ended unless told.
    #[schema(format = DateTime)]
    closes_at: Option<String>,
    /// How many hours before `closes_at` those who are not done are reminded, 1 to 720; nobody is unless told.
    #[schema(minimum = 1, maximum = 720)]
    remind_hours: Option<u16>,
}

impl NewCampaignBody {
    pub(super) fn check(self) -> Result<NewCampaign, Problem> {
        let mut check = Checker::new();
        let name = check.take("/name", Name::new(&self.name));
        let (kind, version) = (Some(self.assessment_type), self.assessment_version.as_deref());
        let choice = read_choice(&mut check, kind, self.custom_assessment_id, version);
        let choice = choice.and_then(|choice| {
            check.take("/assessment_type", choice.ok_or("says which kind of assessment is taken"))
        });
        let terms = read_terms(&mut check, self.terms, self.interview_style_override);
        let opens_at = check.optional("/opens_at", self.opens_at.map(|at| at.parse::<Timestamp>()));
        let closes_at = check.optional("/closes_at", self.closes_at.map(|at| at.parse::<Timestamp>()));
        let fields = check.finish((name, choice, terms, opens_at, closes_at))?;
        let (name, choice, terms, opens_at, closes_at) = fields;
        let (message, remind_hours) = (self.message, self.remind_hours);
        Ok(NewCampaign { name, message, choice, delivery: terms, opens_at, closes_at, remind_hours })
    }
}

/// A change of a campaign: fields that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::CampaignPatch, example = json!({ "closes_at": "2027-03-22T18:00:00Z" }))]
pub(super) struct CampaignPatch {
    /// What it is called from now on.
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>, nullable = false)]
    name: Field<String>,
    /// What invitations say from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    message: Field<String>,
    /// What is taken; of a draft only. With `custom` comes `custom_assessment_id`.
    #[schema(value_type = Option<schemas::AssessmentType>)]
    assessment_type: Option<String>,
    /// The assessment.
    #[schema(extensions(("x-one-of" = json!([
        { "assessment_type": ["custom"], "custom_assessment_id": true },
        { "assessment_type": ["industry4", "archetype", "education"],
            "custom_assessment_id": false, "assessment_version": false },
        { "assessment_type": false, "custom_assessment_id": true },
        { "assessment_type": false, "custom_assessment_id": false, "assessment_version": false }
    ]))))]
    custom_assessment_id: Option<Uuid>,
    /// Which of its published versions; the newest unless told.
    #[schema(value_type = Option<schemas::Version>)]
    assessment_version: Option<String>,
    /// How freely interviews are led; of a draft only.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    interview_style_override: Field<u8>,
    /// How it is taken; of a draft only.
    #[serde(default)]
    terms: TermsPatch,
    /// Before this nobody begins; of a draft only.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Field<String>,
    /// From this on nobody begins. Whoever began goes on under the rules they began with: an earlier end takes no
    /// time from them, a later one gives them none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    closes_at: Field<String>,
    /// How many hours before the end people are reminded.
    #[serde(default)]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 720)]
    remind_hours: Field<u16>,
}

impl CampaignPatch {
    pub(super) fn check(
        self,
    ) -> Result<(Option<AssessmentChoice>, impl FnOnce(&mut Plan) + Send + use<>), Problem> {
        let mut check = Checker::new();
        let name = check.replace("/name", self.name, |name| Name::new(&name));
        let (kind, version) = (self.assessment_type, self.assessment_version.as_deref());
        let choice = read_choice(&mut check, kind, self.custom_assessment_id, version);
        let terms = patch_terms(&mut check, self.terms, self.interview_style_override);
        let opens_at = check.patch("/opens_at", self.opens_at, |at| at.parse::<Timestamp>());
        let closes_at = check.patch("/closes_at", self.closes_at, |at| at.parse::<Timestamp>());
        let (message, remind_hours) = (self.message, self.remind_hours);
        let fields = check.finish((Checked::of((name, choice)), terms, opens_at, closes_at))?;
        let ((name, choice), terms, opens_at, closes_at) = fields;
        let set = move |plan: &mut Plan| {
            if let Some(name) = name {
                plan.name = name;
            }
            plan.message = message.over(Some(std::mem::take(&mut plan.message))).unwrap_or_default();
            terms(&mut plan.delivery);
            plan.opens_at = opens_at.over(plan.opens_at);
            plan.closes_at = closes_at.over(plan.closes_at);
            plan.remind_hours = remind_hours.over(plan.remind_hours);
        };
        Ok((choice, set))
    }
}

/// How far the people of a campaign have come.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::CampaignProgress, example = json!({
    "assigned": 40, "invited": 39, "undelivered": 1, "not_opened": 12, "not_started": 3, "in_progress": 5, "paused": 0, "submitted": 1,
    "abandoned": 0, "needs_rating": 4, "scored": 0, "released": 15, "voided": 0
}))]
pub(super) struct ProgressView {
    /// How many are asked; those who were withdrawn are left out, here and below.
    assigned: u64,
    /// How many were sent a letter, or are about to be; those whose letter did not reach them are left out.
    invited: u64,
    /// How many were sent a letter that the mail server refused, or that came back.
    undelivered: u64,
    /// How many have not opened it.
    not_opened: u64,
    /// How many opened it and have not begun.
    not_started: u64,
    in_progress: u64,
    paused: u64,
    /// How many are done and wait to be scored.
    submitted: u64,
    /// How many did not finish in time, where that does not count.
    abandoned: u64,
    /// How many wait for a person's rating.
    needs_rating: u64,
    /// How many were scored and see nothing yet.
    scored: u64,
    /// How many may see their results.
    released: u64,
    voided: u64,
}

impl From<Figures> for ProgressView {
    fn from(Figures { assigned, invited, undelivered, stages }: Figures) -> Self {
        let at = |stage: Stage| stages.iter().filter(|(of, _)| *of == stage).map(|(_, count)| *count).sum();
        let opened: u64 = stages.iter().map(|(_, count)| *count).sum();
        Self {
            assigned,
            invited,
            undelivered,
            not_opened: assigned.saturating_sub(opened),
            not_started: at(Stage::NotStarted),
            in_progress: at(Stage::InProgress),
            paused: at(Stage::Paused),
            submitted: at(Stage::Submitted),
            abandoned: at(Stage::Abandoned),
            needs_rating: at(Stage::NeedsRating),
            scored: at(Stage::Scored),
            released: at(Stage::Released),
            voided: at(Stage::Voided),
        }
    }
}
