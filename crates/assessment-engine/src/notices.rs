//! What people with an account are told in the product. Guests are written to.

use assessment_format::definition::Disclosure;
use kernel::{Notice, NoticeKind, NoticePriority, Recipients, Timestamp, invitation::Invitee};
use serde_json::{Value, json};

use crate::{
    authoring::published::PublishedVersion,
    campaigns::campaign::Campaign,
    coaching::coaching_session::Arrangement,
    results::result::AssessmentResult,
    sessions::interview_session::{InterviewSession, Origin},
};

/// To whoever is asked, beside a letter.
fn asked(invitee: &Invitee, template: &'static str, values: Value) -> Option<Notice> {
    let to = Recipients::Account(invitee.account?);
    let notice = Notice::new(to, NoticeKind::Assessment, template).with(values);
    Some(notice.priority(NoticePriority::High).beside_a_letter())
}

fn of_campaign(invitee: &Invitee, template: &'static str, campaign: &Campaign) -> Option<Notice> {
    let plan = &campaign.plan;
    asked(invitee, template, json!({ "title": plan.name, "closes_at": plan.closes_at }))
}

/// A person is asked in a campaign.
pub(crate) fn assigned(invitee: &Invitee, campaign: &Campaign) -> Option<Notice> {
    of_campaign(invitee, "assessment/assigned", campaign)
}

/// They are asked again.
pub(crate) fn reminded(invitee: &Invitee, campaign: &Campaign) -> Option<Notice> {
    of_campaign(invitee, "assessment/reminded", campaign)
}

fn of_coaching(coachee: &Invitee, template: &'static str, arrangement: &Arrangement) -> Option<Notice> {
    let Arrangement { title, scheduled_at, .. } = arrangement;
    asked(coachee, template, json!({ "title": title, "scheduled_at": scheduled_at }))
}

/// A coachee is asked.
pub(crate) fn coaching_arranged(coachee: &Invitee, arrangement: &Arrangement) -> Option<Notice> {
    of_coaching(coachee, "assessment/coaching-arranged", arrangement)
}

/// They are asked again.
pub(crate) fn coaching_reminded(coachee: &Invitee, arrangement: &Arrangement) -> Option<Notice> {
    of_coaching(coachee, "assessment/coaching-reminded", arrangement)
}

/// The person may see their result, where anything of it may be seen.
pub(crate) fn result_released(result: &AssessmentResult, published: &PublishedVersion) -> Option<Notice> {
    let settings = &published.definition.settings;
    let to = Recipients::Account(result.account.filter(|_| settings.disclosure != Disclosure::None)?);
    let notice = Notice::new(to, NoticeKind::Assessment, "assessment/result-released");
    let page = format!("/assessment#result={}", result.id);
    Some(notice.with(json!({ "title": settings.name })).action(page).beside_a_letter())
}

/// Answers wait for the ratings of whoever runs the session: told once a day of a campaign, however many submit.
pub(crate) fn rating_due(session: &InterviewSession, published: &PublishedVersion, now: Timestamp) -> Notice {
    let of = match session.origin {
        Origin::Campaign { campaign, .. } => campaign.uuid(),
        Origin::Coaching(id) => id.uuid(),
    };
    let to = Recipients::Account(session.run_by);
    Notice::new(to, NoticeKind::Assessment, "assessment/rating-due")
        .with(json!({ "title": published.definition.settings.name }))
        .dedupe(format!("rating_due:{of}:{}", now.to_offset_date_time().date()))
}
