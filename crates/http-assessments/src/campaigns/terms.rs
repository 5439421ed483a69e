//! What campaigns and coaching sessions have in common: what is taken, how, and by whom.

use assessment_engine::{
    AssessmentType, DeliverySettings, ExtraTime, Release, invitations::AssessmentChoice,
};
use assessment_format::{
    Version,
    definition::Style,
    rating::Required,
    session::{Minutes, OnDeadline, Pauses, Reason},
};
use kernel::{AccountId, EmailAddress, Id, Name, Timestamp, invitation::Invitee};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use http_shell::{Checked, Checker, Field, named};

use crate::schemas;

/// How an assessment is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::NewTerms, example = json!({ "time_limit_minutes": 45, "on_deadline": "submit", "release": { "when": "scored" } }))]
pub(in super::super) struct TermsBody {
    /// Minutes from the start, 1 to 10,080, in place of those of the assessment.
    #[schema(example = 45, minimum = 1, maximum = 10_080)]
    time_limit_minutes: Option<u16>,
    /// Whether a session may pause; it may not unless told.
    pauses: Option<PausesBody>,
    /// What becomes of a session whose deadline passes: `submit` what was answered, or `abandon` it. `submit`
    /// unless told.
    #[schema(value_type = Option<schemas::OnDeadline>)]
    on_deadline: Option<String>,
    /// When the person may see the result: as soon as it is scored, unless told.
    release: Option<ReleaseBody>,
    /// Whose ratings complete a session: a `person`'s, or `anyone`'s, a model's included. `person` unless told.
    #[schema(value_type = Option<schemas::Raters>)]
    raters: Option<String>,
}

/// A change of how an assessment is taken: what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::TermsPatch, example = json!({ "time_limit_minutes": 60 }))]
pub(in super::super) struct TermsPatch {
    /// Minutes from the start, 1 to 10,080; `null` for those of the assessment.
    #[serde(default)]
    #[schema(value_type = Option<u16>, example = 60, minimum = 1, maximum = 10_080)]
    time_limit_minutes: Field<u16>,
    /// Whether a session may pause; `null` for not.
    #[serde(default)]
    #[schema(value_type = Option<PausesBody>)]
    pauses: Field<PausesBody>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::OnDeadline>, nullable = false)]
    on_deadline: Field<String>,
    /// When the person may see the result.
    #[serde(default)]
    #[schema(value_type = Option<ReleaseBody>, nullable = false)]
    release: Field<ReleaseBody>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Raters>, nullable = false)]
    raters: Field<String>,
}

/// How a session may pause: the clock stands still meanwhile, until the minutes are spent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Pauses, example = json!({ "most": 2, "minutes": 30 }))]
pub(in super::super) struct PausesBody {
    /// How often, from 1.
    #[schema(minimum = 1)]
    most: u8,
    /// How many minutes in all, 1 to 10,080.
    #[schema(minimum = 1, maximum = 10_080)]
    minutes: u16,
}

/// When a person may see the result.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Release, example = json!({ "when": "at", "at": "2026-12-24T08:00:00Z" }))]
pub(in super::super) struct ReleaseBody {
    /// `scored`: as soon as it is scored. `at`: at a time, if it is scored by then. `by_hand`: when someone
    /// releases it.
    #[schema(extensions(("x-one-of" = json!([
        { "when": ["scored", "by_hand"], "at": false }, { "when": ["at"], "at": true }
    ]))))]
    when: String,
    /// The time that goes with `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    at: Option<String>,
}

/// How an assessment is taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = assessment::Terms, example = json!({ "time_limit_minutes": 45, "pauses": null, "on_deadline": "submit", "release": { "when": "scored" }, "raters": "person" }))]
pub(in super::super) struct TermsView {
    /// Minutes from the start; `null` for those of the assessment.
    time_limit_minutes: Option<u16>,
    /// How a session may pause; `null` where it may not.
    pauses: Option<PausesBody>,
    #[schema(value_type = schemas::OnDeadline)]
    on_deadline: OnDeadline,
    /// When the person may see the result.
    release: ReleaseBody,
    #[schema(value_type = schemas::Raters)]
    raters: Required,
}

/// Time a person has beyond everyone else.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::ExtraTime, example = json!({ "minutes": 15, "reason": "reads with a screen reader" }))]
pub(in super::super) struct ExtraBody {
    /// How many minutes, 1 to 10,080.
    #[schema(minimum = 1, maximum = 10_080)]
    minutes: u16,
    /// Why.
    #[schema(value_type = schemas::Reason)]
    reason: String,
}

/// Somebody who is asked: a member by their account, or anyone by an address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Invitee, example = json!({ "email": "cleo@example.net", "name": "Cleo" }))]
pub(in super::super) struct InviteeBody {
    /// A member of the organisation.
    #[schema(extensions(("x-one-of" = json!([
        { "account_id": true, "email": false, "name": false }, { "account_id": false, "email": true }
    ]))))]
    pub(super) account_id: Option<Uuid>,
    /// Whoever has this address, with an account or without.
    #[schema(value_type = Option<schemas::EmailAddress>)]
    pub(super) email: Option<String>,
    /// How letters to the address greet the person.
    #[schema(value_type = Option<schemas::Name>)]
    pub(super) name: Option<String>,
}

impl ReleaseBody {
    fn check(self) -> Result<Release, String> {
        match (self.when.as_str(), self.at) {
            ("scored", None) => Ok(Release::Scored),
            ("by_hand", None) => Ok(Release::ByHand),
            ("at", Some(at)) => {
                let at = at.parse::<Timestamp>().map_err(|error| error.to_string())?;
                Ok(Release::At { at })
            }
            ("at", None) => Err("`at` needs a time in `at`".to_owned()),
            ("scored" | "by_hand", Some(_)) => Err("a time goes with `at` only".to_owned()),
            _ => Err("`when` must be one of scored, at, by_hand".to_owned()),
        }
    }
}

impl From<Release> for ReleaseBody {
    fn from(release: Release) -> Self {
        let (when, at) = match release {
            Release::Scored => ("scored", None),
            Release::At { at } => ("at", Some(at.to_string())),
            Release::ByHand => ("by_hand", None),
        };
        Self { when: when.to_owned(), at }
    }
}

impl From<PausesBody> for Pauses {
    fn from(PausesBody { most, minutes }: PausesBody) -> Self {
        Self { most, minutes }
    }
}

impl From<&DeliverySettings> for TermsView {
    fn from(settings: &DeliverySettings) -> Self {
        let DeliverySettings { style: _, minutes, pauses, on_deadline, release, raters } = *settings;
        Self {
            time_limit_minutes: minutes,
            pauses: pauses.map(|Pauses { most, minutes }| PausesBody { most, minutes }),
            on_deadline,
            release: release.into(),
            raters,
        }
    }
}

impl From<&ExtraTime> for ExtraBody {
    fn from(extra: &ExtraTime) -> Self {
        Self { minutes: extra.minutes.get(), reason: extra.reason.as_str().to_owned() }
    }
}

/// The terms, from what was sent and what holds where nothing was.
pub(in super::super) fn read_terms(
    check: &mut Checker,
    body: Option<TermsBody>,
    style: Option<u8>,
) -> Checked<DeliverySettings> {
    let style = check.optional("/interview_style_override", style.map(Style::new));
    let Some(TermsBody { time_limit_minutes, pauses, on_deadline, release, raters }) = body else {
        return style.map(|style| DeliverySettings { style, ..DeliverySettings::default() });
    };
    let on_deadline = check.optional("/terms/on_deadline", on_deadline.map(|name| named(&name)));
    let release = check.optional("/terms/release", release.map(ReleaseBody::check));
    let raters = check.optional("/terms/raters", raters.map(|name| named(&name)));
    let standard = DeliverySettings::default();
    Checked::of((style, on_deadline, release, raters)).map(|(style, on_deadline, release, raters)| {
        DeliverySettings {
            style,
            minutes: time_limit_minutes,
            pauses: pauses.map(Pauses::from),
            on_deadline: on_deadline.unwrap_or(standard.on_deadline),
            release: release.unwrap_or(standard.release),
            raters: raters.unwrap_or(standard.raters),
        }
    })
}

/// What a patch makes of the settings.
pub(in super::super) fn patch_terms(
    check: &mut Checker,
    body: TermsPatch,
    style: Field<u8>,
) -> Checked<impl FnOnce(&mut DeliverySettings) + Send + use<>> {
    let TermsPatch { time_limit_minutes, pauses, on_deadline, release, raters } = body;
    let style = check.patch("/interview_style_override", style, Style::new);
    let on_deadline = check.replace("/terms/on_deadline", on_deadline, |name| named(&name));
    let release = check.replace("/terms/release", release, ReleaseBody::check);
    let raters = check.replace("/terms/raters", raters, |name| named(&name));
    Checked::of((style, on_deadline, release, raters)).map(move |(style, on_deadline, release, raters)| {
        move |settings: &mut DeliverySettings| {
            settings.style = style.over(settings.style);
            settings.minutes = time_limit_minutes.over(settings.minutes);
            settings.pauses = pauses.map(Pauses::from).over(settings.pauses);
            settings.on_deadline = on_deadline.unwrap_or(settings.on_deadline);
            settings.release = release.unwrap_or(settings.release);
            settings.raters = raters.unwrap_or(settings.raters);
        }
    })
}

/// What is to be taken; `None` where nothing was said of it.
pub(in super::super) fn read_choice(
    check: &mut Checker,
    kind: Option<String>,
    assessment: Option<Uuid>,
    version: Option<&str>,
) -> Checked<Option<AssessmentChoice>> {
    let kind = check.optional("/assessment_type", kind.map(|name| named(&name)));
    let version = check.optional("/assessment_version", version.map(str::parse::<Version>));
    Checked::of((kind, version)).and_then(|(kind, version)| match choice(kind, assessment, version) {
        Ok(choice) => check.take("/assessment_type", Ok::<_, String>(choice)),
        Err((field, why)) => check.take(field, Err(why)),
    })
}

fn choice(
    kind: Option<AssessmentType>,
    assessment: Option<Uuid>,
    version: Option<Version>,
) -> Result<Option<AssessmentChoice>, (&'static str, &'static str)> {
    match (kind.map(AssessmentType::template), assessment, version) {
        (None, None, None) => Ok(None),
        (Some(Some(template)), None, None) => Ok(Some(AssessmentChoice::BuiltIn(template))),
        (None | Some(None), Some(assessment), version) => {
            Ok(Some(AssessmentChoice::Own { assessment: Id::from_uuid(assessment), version }))
        }
        (Some(None), None, _) => {
            Err(("/custom_assessment_id", "names the assessment where `assessment_type` is `custom`"))
        }
        (None, None, Some(_)) => Err(("/assessment_version", "goes with `custom_assessment_id`")),
        (Some(Some(_)), Some(_), _) => Err(("/custom_assessment_id", "goes with `custom` only")),
        (Some(Some(_)), None, Some(_)) => Err((
            "/assessment_version",
            "goes with `custom` only; built-in ones are taken in their newest version",
        )),
    }
}

/// Somebody who is asked.
pub(in super::super) fn read_invitee(check: &mut Checker, at: &str, body: InviteeBody) -> Checked<Invitee> {
    let InviteeBody { account_id, email, name } = body;
    let email = check.optional(format!("{at}/email"), email.map(|email| EmailAddress::new(&email)));
    let name = check.optional(format!("{at}/name"), name.map(|name| Name::new(&name)));
    Checked::of((email, name)).and_then(|(email, name)| {
        let invitee = match (account_id, email, name) {
            (Some(account), None, None) => Ok(Invitee::member(AccountId::from_uuid(account))),
            (None, Some(email), name) => Ok(Invitee::address(email, name)),
            (Some(_), None, Some(_)) => Err("a member is called as their account says: leave `name` out"),
            _ => Err("takes either `account_id` or `email`"),
        };
        check.take(at.to_owned(), invitee)
    })
}

/// The address somebody is asked at in the place of another.
pub(in super::super) fn read_address(
    check: &mut Checker,
    at: &str,
    email: Option<String>,
    name: Option<String>,
) -> Checked<Option<(EmailAddress, Option<Name>)>> {
    let email = check.optional(format!("{at}/email"), email.map(|email| EmailAddress::new(&email)));
    let name = check.optional(format!("{at}/name"), name.map(|name| Name::new(&name)));
    Checked::of((email, name)).and_then(|(email, name)| match (email, name) {
        (None, Some(_)) => check.take(format!("{at}/name"), Err("goes with `email`")),
        (email, name) => check.take(at.to_owned(), Ok::<_, String>(email.map(|email| (email, name)))),
    })
}

/// Time somebody has beyond everyone else.
fn read_extra(check: &mut Checker, at: &str, body: &ExtraBody) -> Checked<ExtraTime> {
    let minutes = check.take(format!("{at}/minutes"), Minutes::new(body.minutes));
    let reason = check.take(format!("{at}/reason"), Reason::new(&body.reason));
    Checked::of((minutes, reason)).map(|(minutes, reason)| ExtraTime { minutes, reason })
}

/// The same where it may be left out.
pub(in super::super) fn read_optional_extra(
    check: &mut Checker,
    at: &str,
    body: Option<ExtraBody>,
) -> Checked<Option<ExtraTime>> {
    match body {
        Some(body) => read_extra(check, at, &body).map(Some),
        None => check.take(at.to_owned(), Ok::<_, String>(None)),
    }
}

/// The same in a patch.
pub(in super::super) fn patch_extra(
    check: &mut Checker,
    at: &str,
    body: Field<ExtraBody>,
) -> Checked<Field<ExtraTime>> {
    match body {
        Field::Value(body) => read_extra(check, at, &body).map(Field::Value),
        Field::Null => check.take(at.to_owned(), Ok::<_, String>(Field::Null)),
        Field::Absent => check.take(at.to_owned(), Ok::<_, String>(Field::Absent)),
    }
}
