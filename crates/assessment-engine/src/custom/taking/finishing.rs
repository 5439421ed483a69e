//! Pausing, going on, and being done.

use kernel::Ctx;

use super::{Place, SessionView, Taking};
use crate::{
    Session,
    custom::{
        finishing::{Collected, RACES, conclude, is_race},
        interview_session::InterviewSessionId,
        refusal::Refused,
    },
    session::{Event, Refused as Unfit},
};

impl Taking {
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
        let place = self.enter(ctx, id).await?;
        for _ in 0..RACES {
            match self.try_move(&place, event).await {
                Err(refused) if is_race(&refused) => {}
                Err(refused) => return Err(refused),
                Ok(()) => return self.view(ctx, id).await,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_move(&self, place: &Place, event: &Event) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.begin(&place.tenant, place.tenant.scope).await?;
        let session = unit.interview_session_for_update(place.session.id).await?;
        let mut session = session.ok_or(Refused::Missing("session"))?;
        if *event == Event::Submit {
            session.admits(event, now)?;
            let collected = Collected::of(&mut *unit, session.id).await?;
            let definition = &place.published.definition;
            let taken = Session::restore(
                session.progress.clone(),
                collected.answers.clone(),
                collected.transcript.clone(),
            );
            let missing = taken.missing(definition);
            if !missing.is_empty() {
                return Err(Unfit::Incomplete { missing }.into());
            }
            session.happen(event, collected.evidence()?, now)?;
            conclude(&self.ports, &mut *unit, &mut session, &place.published, &collected, now).await?;
        } else {
            session.happen(event, Vec::new(), now)?;
            unit.save_interview_session(&mut session).await?;
        }
        Ok(unit.commit().await?)
    }
}
