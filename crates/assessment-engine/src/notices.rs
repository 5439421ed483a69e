//! What people with an account are told in the product. Guests are written to.

use assessment_format::definition::Disclosure;
use kernel::{Notice, NoticeKind, NoticePriority, Recipients, Timestamp, invitation::Invitee};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    authoring::published::PublishedVersion,
    campaigns::{assignment::Assignment, campaign::Campaign},
    coaching::coaching_session::{Arrangement, CoachingSession},
    results::result::AssessmentResult,
    sessions::interview_session::{InterviewSession, Origin},
};

/// To whoever is asked, beside a letter.
fn asked(id: Uuid, invitee: &Invitee, template: &'static str, values: Value) -> Option<Notice> {
    let to = Recipients::Account(invitee.account?);
    let notice = Notice::new(to, NoticeKind::Assessment, template).with(values);
    let page = format!("/assessment#assignment={id}");
    Some(notice.priority(NoticePriority::High).action(page).beside_a_letter())
}

fn of_campaign(of: &Assignment, template: &'static str, campaign: &Campaign) -> Option<Notice> {
    let plan = &campaign.plan;
    let values = json!({ "title": plan.name, "closes_at": plan.closes_at });
    asked(of.id.uuid(), &of.invitee, template, values)
}

/// A person is asked in a campaign.
pub(crate) fn assigned(of: &Assignment, campaign: &Campaign) -> Option<Notice> {
    of_campaign(of, "assessment/assigned", campaign)
}

/// They are asked again.
pub(crate) fn reminded(of: &Assignment, campaign: &Campaign) -> Option<Notice> {
    of_campaign(of, "assessment/reminded", campaign)
}

fn of_coaching(of: &CoachingSession, template: &'static str) -> Option<Notice> {
    let Arrangement { title, scheduled_at, .. } = &of.arrangement;
    let values = json!({ "title": title, "scheduled_at": scheduled_at });
    asked(of.id.uuid(), &of.coachee, template, values)
}

/// A coachee is asked.
pub(crate) fn coaching_arranged(of: &CoachingSession) -> Option<Notice> {
    of_coaching(of, "assessment/coaching-arranged")
}

/// They are asked again.
pub(crate) fn coaching_reminded(of: &CoachingSession) -> Option<Notice> {
    of_coaching(of, "assessment/coaching-reminded")
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
    let to = Recipients::Member(session.organization, session.run_by);
    Notice::new(to, NoticeKind::Assessment, "assessment/rating-due")
        .with(json!({ "title": published.definition.settings.name }))
        .dedupe(format!("rating_due:{of}:{}", now.to_offset_date_time().date()))
}
