//! What programs outside are told of assessments, and of what organisations do with them.

use kernel::PublicEvent;

const fn event(action: &'static str, name: &'static str, meaning: &'static str) -> PublicEvent {
    PublicEvent::new(action, name, meaning)
}

/// All of them, by name.
pub(crate) const EVENTS: &[PublicEvent] = &[
    event(
        "custom_assessment.activate",
        "assessment.activated",
        "People can be asked to take the assessment.",
    ),
    event("custom_assessment.archive", "assessment.archived", "Nobody new is asked to take the assessment."),
    event(
        "custom_assessment.publish",
        "assessment.published",
        "A draft became a version that never changes.",
    ),
    event("assessment_result.release", "assessment.result.released", "The person may see their result."),
    event("assessment_result.score", "assessment.result.scored", "A session was scored."),
    event("interview_session.expire", "assessment.session.expired", "The deadline of a session passed."),
    event("interview_session.start", "assessment.session.started", "A person began: the clock runs."),
    event("interview_session.submit", "assessment.session.submitted", "The answers of a session are final."),
    event("interview_session.void", "assessment.session.voided", "A session does not count."),
    event(
        "campaign.activate",
        "campaign.activated",
        "The people of a campaign are asked, once its window opens.",
    ),
    event(
        "campaign_assignment.assign",
        "campaign.assignment.created",
        "A person is to be asked in a campaign.",
    ),
    event("campaign_assignment.withdraw", "campaign.assignment.withdrawn", "A person is not asked any more."),
    event("campaign.close", "campaign.closed", "Nobody begins in a campaign any more."),
    event("campaign.prepare", "campaign.created", "A campaign was made."),
    event("campaign.edit", "campaign.edited", "A campaign was set otherwise."),
    event("coaching_session.arrange", "coaching.session.arranged", "A coach asked a coachee."),
    event("coaching_session.close", "coaching.session.closed", "A coaching session is over."),
];
