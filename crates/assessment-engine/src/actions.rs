//! Every action this part of the domain puts on record.

use kernel::{ActionNote, OcsfClass};

const fn note(action: &'static str, meaning: &'static str) -> ActionNote {
    ActionNote { action, meaning, class: OcsfClass::ApiActivity }
}

/// All actions, by name. Those that only read, and those of no command of its own, stand in the trail only when they
/// were denied.
pub const ACTIONS: &[ActionNote] = &[
    note("assessment_result.export", "Results were ordered as a file."),
    note("assessment_result.forget", "The person had their data erased: the scores are nobody's now."),
    note("assessment_result.link", "It is known whose result it is: the person registered."),
    note("assessment_result.release", "The person may see the result."),
    note("assessment_result.rescore", "Stored results were scored anew, or were to be."),
    note("assessment_result.score", "A session was scored."),
    note("assessment_result.summarize", "A summary was to be read."),
    note("assessment_result.view", "Results were to be read."),
    note("campaign.activate", "People are asked, once the window opens."),
    note("campaign.close", "Nobody begins any more."),
    note("campaign.edit", "The campaign was set otherwise."),
    note("campaign.invite", "A part of those who are asked is sent letters; the next part follows."),
    note("campaign.prepare", "A campaign was made."),
    note("campaign.remind", "Those who are not done are reminded."),
    note("campaign.run", "Somebody without leave tried to run a campaign."),
    note("campaign.view", "Campaigns were to be read."),
    note("campaign_assignment.assign", "A person is to be asked."),
    note("campaign_assignment.correct", "The address was wrong: the person is asked at another."),
    note("campaign_assignment.forget", "The person had their data erased."),
    note("campaign_assignment.grant", "The person has time beyond everyone else."),
    note("campaign_assignment.invite", "The person was sent a letter."),
    note("campaign_assignment.link", "It is known who has the address."),
    note("campaign_assignment.open", "The person opened the assignment, or tried to."),
    note("campaign_assignment.remind", "The person was reminded."),
    note("campaign_assignment.withdraw", "The person is not asked any more."),
    note("coaching_session.arrange", "A coach asked a coachee."),
    note("coaching_session.close", "The coaching session is over."),
    note("coaching_session.coach", "Somebody without leave tried to coach."),
    note("coaching_session.correct", "The coachee's address was wrong: they are asked at another."),
    note("coaching_session.edit", "The coaching session was set otherwise."),
    note("coaching_session.forget", "The coachee had their data erased."),
    note("coaching_session.link", "It is known who has the coachee's address."),
    note("coaching_session.open", "The coachee opened it."),
    note("coaching_session.remind", "The coachee was reminded."),
    note("coaching_session.view", "Coaching sessions were to be read."),
    note("custom_assessment.activate", "People can be asked to take the assessment."),
    note("custom_assessment.archive", "Nobody new is asked to take the assessment."),
    note("custom_assessment.author", "Somebody without leave tried to write an assessment."),
    note("custom_assessment.delete", "A draft was deleted."),
    note("custom_assessment.edit", "The draft says something else."),
    note("custom_assessment.list", "The platform put the assessment into the marketplace."),
    note("custom_assessment.offer", "The assessment was offered to the marketplace."),
    note("custom_assessment.publish", "The draft became a version that never changes."),
    note("custom_assessment.reject", "The platform refused the assessment."),
    note("custom_assessment.view", "Assessments were to be read."),
    note("custom_assessment.withdraw", "The assessment was taken out of the marketplace."),
    note("custom_assessment.write", "An assessment was begun."),
    note("interview_session.allow", "The person has time beyond everyone else, before they begin."),
    note("interview_session.expire", "The deadline passed."),
    note("interview_session.extend", "The person got more time before the end."),
    note("interview_session.forget", "The person had their data erased: what was said is gone."),
    note("interview_session.judge", "Somebody without leave tried to read or rate what was said."),
    note("interview_session.link", "It is known who takes it."),
    note("interview_session.open", "A session was opened; the clock does not run yet."),
    note("interview_session.pause", "The clock stands still."),
    note("interview_session.rate", "A person rated what was said."),
    note("interview_session.release", "The person may see the result."),
    note("interview_session.reopen", "The person got more time after the end."),
    note("interview_session.resume", "The clock runs again."),
    note("interview_session.score", "What code can score was scored."),
    note("interview_session.start", "The person began: the clock runs."),
    note("interview_session.submit", "The answers are final; their digest is kept."),
    note("interview_session.take", "Somebody tried to take a session that is not theirs."),
    note("interview_session.void", "The session does not count."),
    note("marketplace.review", "Somebody without leave tried to decide what the marketplace shows."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order() {
        assert!(ACTIONS.is_sorted_by(|a, b| a.action < b.action));
    }
}
