//! The interview: the person speaks, the interviewer answers, each turn kept before the next is thought of.

use assessment_format::{
    Plan, Transcript,
    interview::{Next, Speaker, Step, Turn, TurnOutcome, lead},
    session::{Event, Refused as SessionRefused, Stage},
};
use kernel::Ctx;

use crate::{
    authoring::published::PublishedVersion,
    refusal::Refused,
    sessions::{
        OwnSession, SessionService,
        completion::{RACES, is_race},
        interview_session::{InterviewSession, InterviewSessionId},
    },
    unit::Unit,
};

/// What came of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenTurn {
    /// Whether it was new.
    pub outcome: TurnOutcome,
    /// What was said after it.
    pub after: Vec<Turn>,
    /// Whether the interviewer waits for the person to go on.
    pub goes_on: bool,
}

/// How the interview of a session goes. What no campaign may override is led as the assessment says.
pub(super) fn plan<'d>(session: &InterviewSession, published: &'d PublishedVersion) -> Plan<'d> {
    let led = |style| Plan::new(&published.definition, style);
    led(session.style).or_else(|_| led(None)).expect("no override asks for none")
}

impl SessionService {
    /// The person says something. Its number is one more than that of the last turn; sent again, it is there once.
    pub async fn speak(
        &self,
        ctx: &Ctx,
        id: InterviewSessionId,
        number: u32,
        text: &str,
    ) -> Result<SpokenTurn, Refused> {
        let own = self.enter(ctx, id).await?;
        for _ in 0..RACES {
            match self.append_turn(&own, number, text).await {
                Ok(Some(outcome)) => {
                    self.lead_on(&own.tenant, id, &own.published).await?;
                    return self.spoken(&own, number, outcome).await;
                }
                // The interviewer comes first: somebody stopped before they had spoken.
                Ok(None) => self.lead_on(&own.tenant, id, &own.published).await?,
                Err(refused) if is_race(&refused) => {}
                Err(refused) => return Err(refused),
            }
        }
        Err(Refused::Stale)
    }

    /// Keeps what the person said; `None` where the interviewer comes first.
    async fn append_turn(
        &self,
        own: &OwnSession,
        number: u32,
        text: &str,
    ) -> Result<Option<TurnOutcome>, Refused> {
        let mut unit = self.ports.store.begin(&own.tenant).await?;
        let session = unit.interview_session_for_update(own.session.id).await?;
        let session = session.ok_or(Refused::Missing("session"))?;
        let mut transcript = unit.transcript(session.id).await?;
        let now = self.ports.clock.now();
        let known = transcript.turn(number).is_some();
        if !known {
            let event = Event::Turn { number, by: Speaker::Person, text: text.to_owned() };
            session.admits(&event, now)?;
            match plan(&session, &own.published).next(&transcript, self.ports.interviewer.improvises()) {
                Step::Speak(_) => return Ok(None),
                Step::Over => return Err(Refused::NoInterview),
                Step::Listen => {}
            }
        }
        let outcome =
            transcript.append(number, Speaker::Person, text.to_owned(), now).map_err(SessionRefused::from)?;
        if let (TurnOutcome::Stored, Some(turn)) = (outcome, transcript.turn(number)) {
            unit.put_turn(&session, turn).await?;
            unit.commit().await?;
        }
        Ok(Some(outcome))
    }

    /// The interviewer says what is theirs to say now, if anything. Where somebody else had them say it meanwhile, that
    /// stands.
    pub(super) async fn lead_on(
        &self,
        tenant: &Ctx,
        id: InterviewSessionId,
        published: &PublishedVersion,
    ) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin(tenant).await?;
        let Some(session) = unit.interview_session(id).await? else { return Ok(()) };
        if session.settled(self.ports.clock.now()).status.stage() != Stage::InProgress {
            return Ok(());
        }
        let mut transcript = unit.transcript(id).await?;
        drop(unit);
        let plan = plan(&session, published);
        let said = transcript.turns().len();
        while let Next::Say(utterance) = lead(&plan, &transcript, &*self.ports.interviewer).await {
            let (number, by) = (transcript.next_number(), Speaker::Interviewer(utterance.purpose));
            // What cannot be said ends the interview there: the person submits what there is.
            if transcript.append(number, by, utterance.text, self.ports.clock.now()).is_err() {
                break;
            }
        }
        let new = transcript.turns().get(said..).unwrap_or_default();
        if new.is_empty() {
            return Ok(());
        }
        match self.put_turns(tenant, id, new).await {
            Err(refused) if is_race(&refused) => Ok(()),
            other => other,
        }
    }

    async fn put_turns(&self, tenant: &Ctx, id: InterviewSessionId, turns: &[Turn]) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin(tenant).await?;
        let Some(session) = unit.interview_session_for_update(id).await? else { return Ok(()) };
        for turn in turns {
            let event = Event::Turn { number: turn.number, by: turn.by.clone(), text: turn.text.clone() };
            if session.admits(&event, turn.at).is_err() {
                return Ok(());
            }
            unit.put_turn(&session, turn).await?;
        }
        Ok(unit.commit().await?)
    }

    async fn spoken(
        &self,
        own: &OwnSession,
        number: u32,
        outcome: TurnOutcome,
    ) -> Result<SpokenTurn, Refused> {
        let mut unit = self.ports.store.begin(&own.tenant).await?;
        let transcript = unit.transcript(own.session.id).await?;
        let goes_on = self.listens(&own.session, &own.published, &transcript);
        let after = transcript.turns().iter().filter(|turn| turn.number > number).cloned().collect();
        Ok(SpokenTurn { outcome, after, goes_on })
    }

    /// Whether the interviewer waits for the person to speak.
    pub(super) fn listens(
        &self,
        session: &InterviewSession,
        published: &PublishedVersion,
        transcript: &Transcript,
    ) -> bool {
        plan(session, published).next(transcript, self.ports.interviewer.improvises()) == Step::Listen
    }

    /// Whether the interviewer is to speak before anything else.
    pub(super) fn is_silent(
        &self,
        session: &InterviewSession,
        published: &PublishedVersion,
        transcript: &Transcript,
    ) -> bool {
        let step = plan(session, published).next(transcript, self.ports.interviewer.improvises());
        session.progress.status.stage() == Stage::InProgress && matches!(step, Step::Speak(_))
    }
}

/// What a session collected, read in a unit of its organisation.
pub(super) async fn responses(
    unit: &mut Unit,
    id: InterviewSessionId,
) -> Result<(assessment_format::Answers, Transcript), Refused> {
    Ok((unit.answers(id).await?, unit.transcript(id).await?))
}
