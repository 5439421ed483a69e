//! What the rules need to know of the aggregates of this domain.

use assessment_engine::{
    AssessmentResult, Assignment, Campaign, CoachingSession, CustomAssessment, InterviewSession,
    MarketplaceStatus, Unit, campaigns::campaign::Plan,
};
use assessment_format::session::{Event, Reason};

use crate::aggregate::{aggregate, name_at};

aggregate!(
    CustomAssessment in assessment_store: Unit,
    save_custom_assessment,
    |a| custom_assessment(a.id),
    |a, now| a.offer(MarketplaceStatus::Private, a.price_tier, Some(format!("Changed at {now}")), now)
);
aggregate!(Campaign in assessment_store: Unit, save_campaign, |a| campaign(a.id), |a, now| {
    a.edit(Plan { name: name_at(now), ..a.plan.clone() }, now);
});
aggregate!(Assignment in assessment_store: Unit, save_assignment, |a| assignment(a.id), |a, now| a.remind(kernel::Lane::Bulk, None, now));
aggregate!(
    CoachingSession in assessment_store: Unit,
    save_coaching_session,
    |a| coaching_session(a.id),
    |a, now| a.remind(now)
);
aggregate!(
    InterviewSession in assessment_store: Unit,
    save_interview_session,
    |a| interview_session(a.id),
    |a, now| {
        let reason = Reason::new(&format!("Changed at {now}")).expect("a time is short and printable");
        a.happen(&Event::Void { reason }, Vec::new(), now).expect("the sample session can be voided");
    }
);
aggregate!(AssessmentResult in assessment_store: Unit, save_result, |a| result(a.id), |a, now| a.release(now));

/// Runs a check with a sample of every aggregate of assessments.
macro_rules! each_aggregate {
    ($world:ident, $people:ident, $check:ident) => {
        let fixture = $world.assessment_fixture($people.north, $people.ann).await;
        $check(&$world, $world.assessment_sample(&$people)).await;
        $check(&$world, $world.campaign_sample(&fixture)).await;
        $check(&$world, $world.assignment_sample(&fixture, &$people)).await;
        $check(&$world, $world.coaching_sample(&fixture, &$people)).await;
        $check(&$world, $world.interview_sample(&fixture, &$people).await).await;
        $check(&$world, $world.result_sample(&fixture, &$people).await).await;
    };
}

pub(crate) use each_aggregate;
