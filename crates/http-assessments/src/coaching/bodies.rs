//! Coaching sessions as they are sent and shown.

use assessment_engine::{
    CoachingSession, TemplateName,
    coaching::{NewCoachingSession, coaching_session::Arrangement, meeting::MeetingMinutes},
    invitations::AssessmentChoice,
    reading::Asked,
};
use http_shell::{Checked, Checker, DeliveryView, Field, Problem};
use kernel::{EmailAddress, Id, Name, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::campaigns::terms::{
    ExtraBody, InviteeBody, TermsBody, TermsPatch, TermsView, patch_extra, patch_terms, read_address,
    read_choice, read_invitee, read_optional_extra, read_terms,
};
use crate::schemas;

/// A coaching session.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::CoachingSession, example = json!({
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-0123456789ab",
    "coach_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6",
    "coachee": { "account_id": null, "email": "cleo@example.net", "name": "Cleo" }, "title": "Finding a role", "message": "",
    "assessment_type": "archetype", "custom_assessment_id": "0192f3c4-5a6b-7c8d-9e0f-abcdefabcdef", "assessment_version": "1.0",
    "interview_style_override": null,
    "terms": { "time_limit_minutes": null, "pauses": null, "on_deadline": "submit", "release": { "when": "scored" }, "raters": "person" },
    "scheduled_at": "2027-03-20T09:00:00Z", "duration_minutes": 60, "time_zone": "Europe/Berlin", "closes_at": null, "extra_time": null, "status": "open", "session_id": null,
    "delivery": { "status": "sent", "code": null, "at": "2027-03-01T08:00:02Z" }, "invited_at": "2027-03-01T08:00:00Z", "reminded_at": null, "created_at": "2027-03-01T08:00:00Z", "closed_at": null, "version": 2
}))]
pub(super) struct CoachingView {
    id: Uuid,
    organization_id: Uuid,
    /// The account of the coach, who sees the result.
    coach_id: Uuid,
    coachee: CoacheeView,
    /// What it is called; the coachee sees it.
    title: String,
    /// What the invitation says.
    message: String,
    #[schema(value_type = schemas::AssessmentType)]
    assessment_type: &'static str,
    /// The assessment; for a built-in type the organisation's copy of it.
    custom_assessment_id: Uuid,
    /// The published version that is taken.
    #[schema(example = "1.0")]
    assessment_version: String,
    /// How freely the interview is led, 1 to 5, in place of what the assessment says.
    interview_style_override: Option<u8>,
    terms: TermsView,
    /// When coach and coachee meet.
    scheduled_at: Option<Timestamp>,
    /// How long they meet.
    duration_minutes: u16,
    /// The time zone in which their time was chosen, by its IANA name; `null` where it is the coach's.
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// From this on nothing begins, and no time limit reaches beyond it.
    closes_at: Option<Timestamp>,
    /// Time the coachee has beyond the limit.
    extra_time: Option<ExtraBody>,
    #[schema(value_type = schemas::CoachingStatus)]
    status: &'static str,
    /// Where the coachee takes it, once it was opened.
    session_id: Option<Uuid>,
    /// How far the newest letter to the coachee has come.
    delivery: Option<DeliveryView>,
    /// When the coachee was invited.
    invited_at: Option<Timestamp>,
    reminded_at: Option<Timestamp>,
    created_at: Timestamp,
    closed_at: Option<Timestamp>,
    /// For `If-Match`.
    version: i64,
}

/// Who is coached.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Coachee, example = json!({ "account_id": null, "email": "cleo@example.net", "name": "Cleo" }))]
pub(super) struct CoacheeView {
    /// The member who is coached; `null` where an address was asked, whoever has it.
    account_id: Option<Uuid>,
    /// The address that was asked.
    email: Option<String>,
    /// How letters to the address greet the person.
    name: Option<String>,
}

impl From<&Asked<CoachingSession>> for CoachingView {
    fn from(Asked { of: session, delivery }: &Asked<CoachingSession>) -> Self {
        let (of, coachee) = (&session.arrangement, &session.coachee);
        // Who has an address is not for the organisation to know.
        let account = coachee.account.filter(|_| coachee.email.is_none());
        Self {
            id: session.id.uuid(),
            organization_id: session.organization.uuid(),
            coach_id: session.coach.uuid(),
            coachee: CoacheeView {
                account_id: account.map(Id::uuid),
                email: coachee.email.as_ref().map(ToString::to_string),
                name: coachee.name.as_ref().map(ToString::to_string),
            },
            title: of.title.to_string(),
            message: of.message.clone(),
            assessment_type: of.chosen.kind.name(),
            custom_assessment_id: of.chosen.assessment.uuid(),
            assessment_version: of.chosen.version.to_string(),
            interview_style_override: of.delivery.style.map(u8::from),
            terms: TermsView::from(&of.delivery),
            scheduled_at: of.scheduled_at,
            duration_minutes: of.duration.get(),
            time_zone: of.time_zone.clone(),
            closes_at: of.closes_at,
            extra_time: of.extra.as_ref().map(ExtraBody::from),
            status: session.status.name(),
            session_id: session.session.map(Id::uuid),
            delivery: delivery.as_ref().map(DeliveryView::from),
            invited_at: coachee.invited_at,
            reminded_at: coachee.reminded_at,
            created_at: session.created_at,
            closed_at: session.closed_at,
            version: session.version(),
        }
    }
}

/// A coaching session to be arranged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::NewCoachingSession, example = json!({
    "coachee": { "email": "cleo@example.net", "name": "Cleo" }, "title": "Finding a role", "scheduled_at": "2027-03-20T09:00:00Z"
}))]
pub(super) struct NewCoachingBody {
    coachee: InviteeBody,
    /// What it is called; the coachee sees it.
    #[schema(value_type = schemas::Name)]
    title: String,
    /// What the invitation says, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    message: String,
    /// `archetype`, or `custom` for one of the organisation's own. `archetype` unless told; first use of it copies
    /// it into the organisation.
    #[schema(value_type = Option<schemas::AssessmentType>)]
    assessment_type: Option<String>,
    /// The assessment, which must be active; with `custom` only.
    #[schema(extensions(("x-one-of" = json!([
        { "assessment_type": ["custom"], "custom_assessment_id": true },
        { "assessment_type": ["archetype"], "custom_assessment_id": false, "assessment_version": false },
        { "assessment_type": false, "custom_assessment_id": true },
        { "assessment_type": false, "custom_assessment_id": false, "assessment_version": false }
    ]))))]
    custom_assessment_id: Option<Uuid>,
    /// Which of its published versions; the newest unless told.
    #[schema(value_type = Option<schemas::Version>)]
    assessment_version: Option<String>,
    /// How freely the interview is led, 1 to 5; only where the assessment allows it.
    #[schema(minimum = 1, maximum = 5)]
    interview_style_override: Option<u8>,
    terms: Option<TermsBody>,
    /// When coach and coachee meet. The time is the coach's from then on: nobody else meets them in it.
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
    /// How long they meet; an hour unless told.
    #[schema(minimum = 5, maximum = 480)]
    duration_minutes: Option<u16>,
    /// The time zone in which their time was chosen, by its IANA name; the coach's unless told.
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// From this on nothing begins; open-ended unless told.
    #[schema(format = DateTime)]
    closes_at: Option<String>,
    /// Time the coachee has beyond the limit.
    extra_time: Option<ExtraBody>,
}

impl NewCoachingBody {
    pub(super) fn check(self) -> Result<NewCoachingSession, Problem> {
        const STANDARD: AssessmentChoice = AssessmentChoice::BuiltIn(TemplateName::Archetype);
        let mut check = Checker::new();
        let coachee = read_invitee(&mut check, "/coachee", self.coachee);
        let title = check.take("/title", Name::new(&self.title));
        let (kind, version) = (self.assessment_type, self.assessment_version.as_deref());
        let choice = read_choice(&mut check, kind, self.custom_assessment_id, version);
        let terms = read_terms(&mut check, self.terms, self.interview_style_override);
        let scheduled_at =
            check.optional("/scheduled_at", self.scheduled_at.map(|at| at.parse::<Timestamp>()));
        let duration = check.optional("/duration_minutes", self.duration_minutes.map(MeetingMinutes::new));
        let closes_at = check.optional("/closes_at", self.closes_at.map(|at| at.parse::<Timestamp>()));
        let extra = read_optional_extra(&mut check, "/extra_time", self.extra_time);
        let times = Checked::of((scheduled_at, duration, closes_at));
        let fields = check.finish((coachee, title, choice, terms, times, extra))?;
        let (coachee, title, choice, terms, (scheduled_at, duration, closes_at), extra) = fields;
        let (message, choice) = (self.message, choice.unwrap_or(STANDARD));
        Ok(NewCoachingSession {
            coachee,
            title,
            message,
            choice,
            delivery: terms,
            scheduled_at,
            duration: duration.unwrap_or_default(),
            time_zone: self.time_zone,
            closes_at,
            extra,
        })
    }
}

/// Another address of a coachee.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::CoacheePatch, example = json!({ "email": "cleo@example.net", "name": "Cleo" }))]
struct CoacheePatch {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// How letters to it greet the person.
    #[schema(value_type = Option<schemas::Name>)]
    name: Option<String>,
}

/// What a patch says: what is taken, where the coachee is asked, and the rest.
type Patch<F> = (Option<AssessmentChoice>, Option<(EmailAddress, Option<Name>)>, F);

/// A change of a coaching session: fields that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::CoachingPatch, example = json!({ "scheduled_at": "2027-03-21T09:00:00Z" }))]
pub(super) struct CoachingPatch {
    /// Where the coachee is asked, where the address before was wrong; before it was opened. They are sent another
    /// letter, and links of earlier ones open nothing any more.
    coachee: Option<CoacheePatch>,
    /// What it is called from now on.
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>, nullable = false)]
    title: Field<String>,
    /// What reminders say from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    message: Field<String>,
    /// What is taken; before it was opened. With `custom` comes `custom_assessment_id`.
    #[schema(value_type = Option<schemas::AssessmentType>)]
    assessment_type: Option<String>,
    /// The assessment.
    #[schema(extensions(("x-one-of" = json!([
        { "assessment_type": ["custom"], "custom_assessment_id": true },
        { "assessment_type": ["archetype"], "custom_assessment_id": false, "assessment_version": false },
        { "assessment_type": false, "custom_assessment_id": true },
        { "assessment_type": false, "custom_assessment_id": false, "assessment_version": false }
    ]))))]
    custom_assessment_id: Option<Uuid>,
    /// Which of its published versions; the newest unless told.
    #[schema(value_type = Option<schemas::Version>)]
    assessment_version: Option<String>,
    /// How freely the interview is led; before it was opened.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    interview_style_override: Field<u8>,
    /// How it is taken; before it was opened.
    #[serde(default)]
    terms: TermsPatch,
    /// When coach and coachee meet.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    scheduled_at: Field<String>,
    /// How long they meet.
    #[serde(default)]
    #[schema(value_type = Option<u16>, minimum = 5, maximum = 480, nullable = false)]
    duration_minutes: Field<u16>,
    /// The time zone in which their time was chosen, by its IANA name; the coach's where it is `null`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    time_zone: Field<String>,
    /// From this on nothing begins. A session that has begun keeps the deadline it began with.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    closes_at: Field<String>,
    /// Time the coachee has beyond the limit; before they begin.
    #[serde(default)]
    #[schema(value_type = Option<ExtraBody>)]
    extra_time: Field<ExtraBody>,
}

impl CoachingPatch {
    pub(super) fn check(self) -> Result<Patch<impl FnOnce(&mut Arrangement) + Send + use<>>, Problem> {
        let mut check = Checker::new();
        let (email, name) = self.coachee.map(|of| (of.email, of.name)).unzip();
        let address = read_address(&mut check, "/coachee", email, name.flatten());
        let title = check.replace("/title", self.title, |title| Name::new(&title));
        let (kind, version) = (self.assessment_type, self.assessment_version.as_deref());
        let choice = read_choice(&mut check, kind, self.custom_assessment_id, version);
        let terms = patch_terms(&mut check, self.terms, self.interview_style_override);
        let scheduled_at = check.patch("/scheduled_at", self.scheduled_at, |at| at.parse::<Timestamp>());
        let duration = check.replace("/duration_minutes", self.duration_minutes, MeetingMinutes::new);
        let closes_at = check.patch("/closes_at", self.closes_at, |at| at.parse::<Timestamp>());
        let extra = patch_extra(&mut check, "/extra_time", self.extra_time);
        let (message, time_zone) = (self.message, self.time_zone);
        let times = Checked::of((scheduled_at, duration, closes_at));
        let ((title, choice), terms, (scheduled_at, duration, closes_at), extra, address) =
            check.finish((Checked::of((title, choice)), terms, times, extra, address))?;
        let set = move |of: &mut Arrangement| {
            if let Some(title) = title {
                of.title = title;
            }
            of.message = message.over(Some(std::mem::take(&mut of.message))).unwrap_or_default();
            terms(&mut of.delivery);
            of.scheduled_at = scheduled_at.over(of.scheduled_at);
            of.duration = duration.unwrap_or(of.duration);
            of.time_zone = time_zone.over(of.time_zone.take());
            of.closes_at = closes_at.over(of.closes_at);
            of.extra = extra.over(of.extra.take());
        };
        Ok((choice, address, set))
    }
}
