//! What happens to assessments: written, published, asked for, taken, scored.

mod acts;
mod calls;
mod lists;

use assessment_engine::{
    AssessmentResult, Assignment, Campaign, CoachingSession, CustomAssessment, InterviewSession,
    MarketplaceStatus, PriceTier, Unit, campaigns::campaign::Plan, coaching::coaching_session::Arrangement,
};
use assessment_format::session::{Event, Minutes, Reason};
use async_trait::async_trait;
use kernel::{
    EmailAddress, Lane, StoreError, Timestamp,
    task::{Chunk, Task},
};
use serde_json::{Value, json};

use self::calls::Call;
pub use self::lists::List;
use super::thing::{Model, things};
use crate::{
    assessment::{
        assessment_fixture::{draft, item},
        samples::extra,
    },
    samples::{email, name},
    world::hours,
};

/// What is done, and two numbers: to which, and in which way.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// What.
    pub action: Action,
    /// To which of those that are there.
    pub which: u8,
    /// With whom, or in which way.
    pub how: u8,
}

/// What can be done.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// An assessment is written under one of a few slugs, now and then as a template's copy.
    Write,
    /// The draft of an assessment is published.
    Publish,
    /// An assessment is deleted, as it is or as it was first saved.
    Delete,
    /// A campaign is prepared with a published version.
    Prepare,
    /// Somebody is asked in a campaign, by account or by one of a few addresses.
    Assign,
    /// Somebody is asked to a coaching session.
    Arrange,
    /// A session is opened in an assignment or coaching session, which does not learn of it yet.
    Open,
    /// An assignment or coaching session learns of its session.
    Enter,
    /// It becomes known whose account it is that was asked, takes a session, or has a result.
    Link,
    /// An item is answered.
    Answer,
    /// The person says something.
    Say,
    /// Somebody rates an answer.
    Rate,
    /// What was said in a session is erased.
    Erase,
    /// A session has its result.
    Score,
    /// A result is scored anew.
    Rescore,
    /// The summary of the results of an assessment is disclosed.
    Disclose,
    /// What was disclosed of an assessment is forgotten.
    Conceal,
    /// A person is told that something is theirs.
    Involve,
    /// A person forgets that.
    Leave,
    /// An address is noted whose owner may register.
    Note,
    /// The address is forgotten.
    Forget,
    /// A published version is offered in the marketplace.
    Offer,
    /// The offer is taken away.
    Withdraw,
    /// A task is queued.
    Queue,
    /// A task writes a part of its output.
    Output,
    /// Whatever is found by something else than its id is looked for.
    Find,
}

impl Action {
    /// What leads to a first session and result, in this order.
    pub(super) const FIRST: [Self; 8] = [
        Self::Write,
        Self::Publish,
        Self::Prepare,
        Self::Assign,
        Self::Arrange,
        Self::Open,
        Self::Score,
        Self::Queue,
    ];
}

things! { assessment_store: Unit {
    /// An assessment.
    CustomAssessment,
    /// A campaign.
    Campaign,
    /// Somebody who is asked in a campaign.
    Assignment,
    /// A coaching session.
    CoachingSession,
    /// An interview session.
    InterviewSession,
    /// A result.
    AssessmentResult,
    /// A task.
    Task,
} }

fn reason() -> Reason {
    Reason::new("A fire alarm").expect("a sound reason")
}

fn minutes(value: u8) -> Minutes {
    Minutes::new(u16::from(value) + 1).expect("a sound number of minutes")
}

/// One of a few, so that two meet now and then.
fn slug(value: u8) -> assessment_format::Slug {
    item(&format!("leadership-{}", value % 5))
}

fn event(value: u8) -> Event {
    match value % 10 {
        0 | 1 => Event::Start,
        2 => Event::Pause,
        3 => Event::Resume,
        4 => Event::Submit,
        5 => Event::Score { ratings_missing: usize::from(value / 10 % 2) },
        6 => Event::Rate { ratings_missing: 0 },
        7 => Event::Release,
        8 => Event::Extend { minutes: minutes(value), reason: reason() },
        _ => Event::Void { reason: reason() },
    }
}

/// One that nobody else is asked at.
fn other_address(now: Timestamp) -> EmailAddress {
    email(&format!("corrected-{}@example.org", now.unix_micros()))
}

#[async_trait]
impl Model for Any {
    type Call = Call;

    fn edit(&mut self, way: u8, now: Timestamp) {
        let (which, value) = (way % 4, way / 4);
        let granted = |value: u8| (!value.is_multiple_of(3)).then(|| extra(u16::from(value)));
        let closes_at = (!value.is_multiple_of(3)).then(|| now.plus(hours(u64::from(value))));
        match (self, which) {
            (Self::CustomAssessment(of), 0 | 1) => {
                of.edit(draft("Leadership", &format!("1.{}", value % 4)), slug(value), now);
            }
            (Self::CustomAssessment(of), 2) => of.activate(now),
            (Self::CustomAssessment(of), _) => {
                of.offer(MarketplaceStatus::PendingReview, Some(PriceTier::Starter), None, now);
            }
            (Self::Campaign(of), 0) => of.close(now),
            (Self::Campaign(of), 1) => of.activate(now),
            (Self::Campaign(of), _) => {
                let name = name(if value.is_multiple_of(2) { "Spring" } else { "Frühling" });
                let remind_hours = closes_at.map(|_| u16::from(value % 5) + 1);
                of.edit(Plan { name, closes_at, remind_hours, ..of.plan.clone() }, now);
            }
            (Self::Assignment(of), 0) => match value % 4 {
                0 => of.forget(now),
                1 => of.invite(Lane::Bulk, None, now),
                _ => of.withdraw(now),
            },
            (Self::Assignment(of), 1) => of.correct(other_address(now), None, now),
            (Self::Assignment(of), 2) => of.grant(granted(value), now),
            (Self::Assignment(of), _) => of.remind(Lane::Bulk, None, now),
            (Self::CoachingSession(of), 0) if value.is_multiple_of(3) => of.forget(now),
            (Self::CoachingSession(of), 0) => of.close(now),
            (Self::CoachingSession(of), 1) => of.correct(other_address(now), None, now),
            (Self::CoachingSession(of), 2) => {
                let extra = granted(value);
                of.edit(Arrangement { closes_at, extra, ..of.arrangement.clone() }, now);
            }
            (Self::CoachingSession(of), _) => of.remind(now),
            (Self::InterviewSession(of), 0) if value.is_multiple_of(8) => of.forget(now),
            (Self::InterviewSession(of), 0) => of.allow(u32::from(value % 3), now),
            // What may not happen now leaves no record.
            (Self::InterviewSession(of), _) => drop(of.happen(&event(value), Vec::new(), now)),
            (Self::AssessmentResult(of), 0) => of.forget(now),
            (Self::AssessmentResult(of), _) => of.release(now),
            (Self::Task(of), 0) => of.fail("It cannot be done.", now),
            (Self::Task(of), 1) => of.succeed(chunk(value), json!({ "rows": value }), now),
            (Self::Task(of), _) => of.advance(chunk(value), now),
        }
    }

    async fn beside(&self, unit: &mut Unit) -> Result<String, StoreError> {
        Ok(match self {
            Self::InterviewSession(of) => {
                let (answers, turns) = (unit.answers(of.id).await?, unit.transcript(of.id).await?);
                format!("{answers:?} {turns:?} {:?}", unit.ratings(of.id).await?)
            }
            Self::AssessmentResult(of) => format!("{:?}", unit.older_runs(of.id).await?),
            Self::CustomAssessment(_)
            | Self::Campaign(_)
            | Self::Assignment(_)
            | Self::CoachingSession(_)
            | Self::Task(_) => String::new(),
        })
    }

    async fn call(call: Call, unit: &mut Unit) -> Result<String, StoreError> {
        call.make(unit).await
    }
}

fn chunk(value: u8) -> Chunk {
    let size_bytes = value.is_multiple_of(2).then(|| u64::from(value));
    Chunk { steps: u64::from(value), cursor: Value::from(value), size_bytes }
}
