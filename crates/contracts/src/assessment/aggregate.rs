//! What the rules need to know of the aggregates of this domain.

use assessment_engine::{
    AssessmentResult, Assignment, Campaign, CoachingSession, CustomAssessment, InterviewSession,
    MarketplaceStatus, Unit, campaigns::campaign::Plan,
};
use assessment_format::session::{Event, Reason};
use kernel::{
    Scope,
    task::{Chunk, Task},
};
use serde_json::json;

use crate::aggregate::{aggregate, name_at};

aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); CustomAssessment, |a| a.id, Some(a.organization),
    save_custom_assessment, custom_assessment(a.id), |a, now| {
    a.offer(MarketplaceStatus::Private, a.price_tier, Some(format!("Changed at {now}")), now);
});
aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); Campaign, |a| a.id, Some(a.organization),
    save_campaign, campaign(a.id), |a, now| {
    a.edit(Plan { name: name_at(now), ..a.plan.clone() }, now);
});
aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); Assignment, |a| a.id, Some(a.organization),
    save_assignment, assignment(a.id), |a, now| a.remind(now));
aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); CoachingSession, |a| a.id, Some(a.organization),
    save_coaching_session, coaching_session(a.id), |a, now| a.remind(now));
aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); InterviewSession, |a| a.id, Some(a.organization),
    save_interview_session, interview_session(a.id), |a, now| {
    let reason = Reason::new(&format!("Changed at {now}")).expect("a time is short and printable");
    a.happen(&Event::Void { reason }, Vec::new(), now).expect("the sample session can be voided");
});
aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); AssessmentResult, |a| a.id, Some(a.organization),
    save_result, result(a.id), |a, now| a.release(now));
aggregate!(@ Unit, assessment_store, |a| Scope::Tenant(a.organization); Task, |a| a.id, Some(a.organization),
    save_task, task(a.id), |a, now| a.advance(Chunk { steps: 1, cursor: json!(now), size_bytes: None }, now));
