//! Calls of ports that save no single aggregate. Those that name a row read it first, as services do.

use assessment_engine::{
    AssessmentResultId, CampaignId, CustomAssessment, CustomAssessmentId, InterviewSessionId, Listing,
    Origin, Participation, PublishedVersionId, Run, TemplateName, Unit, reading::TallyFilter,
};
use assessment_format::{
    Rater, Rating, Slug, Version, interview::Turn, rating::Target, session::StoredAnswer,
};
use kernel::{
    AccountId, Change, EmailAddress, OrganizationId, StoreError, Target as ChangeTarget, Timestamp,
    task::TaskId,
};
use serde_json::json;
use uuid::Uuid;

use super::Any;
use crate::{assessment::assessment_fixture::item, model::thing::Thing as _};

#[derive(Debug, Clone)]
pub(in crate::model) enum Call {
    Publish {
        assessment: CustomAssessmentId,
        id: PublishedVersionId,
        by: AccountId,
        now: Timestamp,
    },
    Delete {
        first: Box<CustomAssessment>,
        outdated: bool,
        now: Timestamp,
    },
    Enter {
        origin: Origin,
        session: InterviewSessionId,
        now: Timestamp,
    },
    Link {
        to: Box<Any>,
        account: AccountId,
        now: Timestamp,
    },
    Answer {
        session: InterviewSessionId,
        item: Slug,
        answer: StoredAnswer,
    },
    Say {
        session: InterviewSessionId,
        turn: Turn,
    },
    Rate {
        session: InterviewSessionId,
        rater: Rater,
        rating: Rating,
        now: Timestamp,
    },
    Erase {
        session: InterviewSessionId,
    },
    Rescore {
        result: AssessmentResultId,
        run: Box<Run>,
        ahead: u32,
        now: Timestamp,
    },
    /// Of so many results; of none, what was disclosed is forgotten.
    Disclose {
        result: AssessmentResultId,
        of: TallyFilter,
        results: Option<u64>,
    },
    Involve(Participation),
    Leave(AccountId, Uuid),
    Note {
        email: EmailAddress,
        organization: OrganizationId,
        origin: Origin,
        now: Timestamp,
    },
    Forget(EmailAddress),
    Offer(Box<Listing>),
    Withdraw(CustomAssessmentId),
    Output {
        task: TaskId,
        part: u32,
        bytes: Vec<u8>,
    },
    Find {
        assessment: CustomAssessmentId,
        version: Version,
        organization: OrganizationId,
        campaign: CampaignId,
        origin: Origin,
        session: InterviewSessionId,
        account: AccountId,
        email: EmailAddress,
        now: Timestamp,
    },
}

impl Call {
    pub(super) async fn make(self, unit: &mut Unit) -> Result<String, StoreError> {
        Ok(match self.answer(unit).await? {
            Some(answer) => answer,
            None => "nothing there".to_owned(),
        })
    }

    async fn answer(self, unit: &mut Unit) -> Result<Option<String>, StoreError> {
        let done = |()| Some("done".to_owned());
        match self {
            Self::Publish { assessment, id, by, now } => {
                let Some(mut assessment) = unit.custom_assessment(assessment).await? else { return Ok(None) };
                let published = assessment.publish(id, by, now);
                unit.put_published_version(&published).await?;
                unit.save_custom_assessment(&mut assessment).await?;
                Ok(Some(format!("{:?}", unit.published_version(id).await?)))
            }
            Self::Delete { first, outdated, now } => {
                let current = unit.custom_assessment(first.id).await?;
                let Some(mut assessment) = (if outdated { Some(*first) } else { current }) else {
                    return Ok(None);
                };
                assessment.delete(now);
                unit.delete_custom_assessment(&mut assessment).await.map(done)
            }
            Self::Enter { origin: Origin::Campaign { assignment, .. }, session, now } => {
                let Some(mut assignment) = unit.assignment(assignment).await? else { return Ok(None) };
                assignment.open(session, now);
                unit.save_assignment(&mut assignment).await.map(done)
            }
            Self::Enter { origin: Origin::Coaching(coaching), session, now } => {
                let Some(mut coaching) = unit.coaching_session(coaching).await? else { return Ok(None) };
                coaching.open(session, now);
                unit.save_coaching_session(&mut coaching).await.map(done)
            }
            Self::Link { to, account, now } => {
                let Some(mut to) = to.read(unit).await? else { return Ok(None) };
                match &mut to {
                    Any::Assignment(it) => it.link(account, None, now),
                    Any::CoachingSession(it) => it.link(account, now),
                    Any::InterviewSession(it) => it.link(account, now),
                    Any::AssessmentResult(it) => it.link(account, now),
                    Any::CustomAssessment(_) | Any::Campaign(_) | Any::Task(_) => {}
                }
                to.save(unit).await.map(done)
            }
            Self::Answer { session, item, answer } => {
                let Some(session) = unit.interview_session_for_answer(session).await? else {
                    return Ok(None);
                };
                Ok(Some(format!("{:?}", unit.save_answer(&session, &item, &answer).await?)))
            }
            Self::Say { session, turn } => {
                let Some(session) = unit.interview_session_for_update(session).await? else {
                    return Ok(None);
                };
                unit.put_turn(&session, &turn).await.map(done)
            }
            Self::Rate { session, rater, rating, now } => {
                let Some(session) = unit.interview_session_for_update(session).await? else {
                    return Ok(None);
                };
                let target = Target { dimension: item("direction"), item: None };
                unit.save_rating(&session, &target, &rater, &rating, now).await.map(done)
            }
            Self::Erase { session } => unit.erase_responses(session).await.map(done),
            Self::Rescore { result, run, ahead, now } => {
                let Some(found) = unit.result(result).await? else { return Ok(None) };
                let run = Run { number: found.run.number + ahead, ..*run };
                let replaced = unit.replace_runs(&[(result, run)]).await?;
                let target = ChangeTarget::new("custom_assessment", found.assessment);
                let change = Change::new("assessment_result.rescore", target, now);
                unit.record(change.of(found.organization).with(json!(replaced)));
                Ok(Some(format!("{replaced} {:?}", unit.result(result).await?)))
            }
            Self::Disclose { result, of, results } => {
                if unit.result(result).await?.is_none() {
                    return Ok(None);
                }
                if let Some(results) = results {
                    unit.save_disclosed_summary(&of, results, &json!({ "of": results })).await?;
                } else {
                    unit.delete_disclosed_summaries(of.results.assessment).await?;
                }
                Ok(Some(format!("{:?}", unit.disclosed_summary(&of).await?)))
            }
            Self::Involve(participation) => unit.put_participations(&[participation]).await.map(done),
            Self::Leave(account, origin) => unit.delete_participation(account, origin).await.map(done),
            Self::Note { email, organization, origin, now } => unit
                .put_pending_email_invitations(&[(email, origin.invited(organization))], now)
                .await
                .map(done),
            Self::Forget(email) => {
                unit.delete_pending_email_invitations(&email, &Origin::KINDS).await.map(done)
            }
            Self::Offer(listing) => unit.put_listing(&listing).await.map(done),
            Self::Withdraw(assessment) => unit.remove_listing(assessment).await.map(done),
            Self::Output { task, part, bytes } => {
                let Some(task) = unit.task(task).await? else { return Ok(None) };
                unit.put_output(&task, part, &bytes).await.map(done)
            }
            Self::Find {
                assessment,
                version,
                organization,
                campaign,
                origin,
                session,
                account,
                email,
                now,
            } => {
                let mut slugs = unit.slugs_like(organization, &item("leadership")).await?;
                slugs.sort();
                let found = (
                    unit.version_of(assessment, version).await?,
                    unit.copy_of_template(organization, TemplateName::Industry4).await?,
                    unit.assignments_to_invite(campaign, 3).await?,
                    unit.assignments_to_remind(campaign, now, 3).await?,
                    unit.session_of(origin).await?,
                    unit.result_of(session).await?,
                    unit.participations(account).await?,
                    unit.pending_email_invitations(&email, &Origin::KINDS).await?,
                );
                Ok(Some(format!("{slugs:?} {found:?}")))
            }
        }
    }
}
