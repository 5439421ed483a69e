//! Pausing, going on, and being done.

use assessment_format::{
    Session,
    session::{Event, Refused as SessionRefused},
};
use kernel::Ctx;

use crate::{
    refusal::Refused,
    sessions::{
        OwnSession, SessionService, SessionView,
        completion::{Collected, RACES, conclude, is_race},
        interview_session::InterviewSessionId,
    },
};

impl SessionService {
    /// The clock stands still, where and as long as that is allowed.
    pub async fn pause(&self, ctx: &Ctx, id: InterviewSessionId) -> Result<SessionView, Refused> {
        self.moved(ctx, id, &Event::Pause).await
    }

    /// The clock runs again.
    pub async fn resume(&self, ctx: &Ctx, id: InterviewSessionId) -> Result<SessionView, Refused> {
        self.moved(ctx, id, &Event::Resume).await
    }

    /// The answers are final: they are scored in the same unit, unless a person has to rate first.
    pub async fn submit(&self, ctx: &Ctx, id: InterviewSessionId) -> Result<SessionView, Refused> {
        self.moved(ctx, id, &Event::Submit).await
    }

    async fn moved(&self, ctx: &Ctx, id: InterviewSessionId, event: &Event) -> Result<SessionView, Refused> {
        let own = self.enter(ctx, id).await?;
        for _ in 0..RACES {
            match self.try_move(&own, event).await {
                Err(refused) if is_race(&refused) => {}
                Err(refused) => return Err(refused),
                Ok(()) => return self.view(ctx, id).await,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_move(&self, own: &OwnSession, event: &Event) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin(&own.tenant).await?;
        let session = unit.interview_session_for_update(own.session.id).await?;
        let mut session = session.ok_or(Refused::Missing("session"))?;
        if *event == Event::Submit {
            session.admits(event, now)?;
            let collected = Collected::of(&mut *unit, session.id).await?;
            let definition = &own.published.definition;
            let taken = Session::restore(
                session.progress.clone(),
                collected.answers.clone(),
                collected.transcript.clone(),
            );
            let missing = taken.missing(definition);
            if !missing.is_empty() {
                return Err(SessionRefused::Incomplete { missing }.into());
            }
            session.happen(event, collected.evidence()?, now)?;
            conclude(&self.ports, &mut *unit, &mut session, &own.published, &collected, now).await?;
        } else {
            session.happen(event, Vec::new(), now)?;
            unit.save_interview_session(&mut session).await?;
        }
        Ok(unit.commit().await?)
    }
}
