//! Interview sessions with their answers, turns and ratings.

use assessment_engine::{
    Answers, Rater, Rating, Ratings, Slug, Transcript,
    custom::{InterviewSession, InterviewSessionId, Origin, unit::Sessions},
    interview::Turn,
    rating::Target,
    session::Kept,
};
use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use uuid::Uuid;

use super::MemoryUnit;
use crate::{
    overlay::Against,
    rows::{Answered, Rated, Spoken},
    table::{Access, Key, Row},
    tables::{Stored, Tables},
};

#[async_trait]
impl Sessions for MemoryUnit {
    async fn interview_session(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.get(id.uuid())
    }

    async fn session_of(&mut self, origin: Origin) -> Result<Option<InterviewSession>, StoreError> {
        self.get_unique(&Key::Origin(origin.id()))
    }

    async fn interview_session_for_update(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.session_alone(id.uuid(), true)
    }

    async fn interview_session_for_answer(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.session_alone(id.uuid(), false)
    }

    async fn save_interview_session(&mut self, session: &mut InterviewSession) -> Result<(), StoreError> {
        self.save(session)
    }

    async fn answers(&mut self, session: InterviewSessionId) -> Result<Answers, StoreError> {
        let answers = self.words(session, |of: &Answered| (of.item.clone(), of.kept.clone()))?;
        Ok(answers.into_iter().collect())
    }

    async fn keep_answer(
        &mut self,
        session: &InterviewSession,
        item: &Slug,
        answer: &Kept,
    ) -> Result<Option<Kept>, StoreError> {
        let answered = Answered {
            session: session.id.uuid(),
            organization: session.organization,
            account: session.account,
            item: item.clone(),
            kept: answer.clone(),
        };
        let newer = self.run(|unit| {
            let state = unit.shared.read();
            let found = unit.overlay::<Answered>().get(&state.tables.answers, answered.id());
            let newer = found.filter(|found| found.kept.sequence >= answer.sequence);
            Ok(newer
                .filter(|_| answered.access(unit.ctx.scope) >= Access::Keep)
                .map(|found| found.kept.clone()))
        })?;
        if newer.is_none() {
            self.put(answered)?;
        }
        Ok(newer)
    }

    async fn transcript(&mut self, session: InterviewSessionId) -> Result<Transcript, StoreError> {
        Ok(Transcript::restore(self.words(session, |of: &Spoken| of.turn.clone())?))
    }

    async fn put_turn(&mut self, session: &InterviewSession, turn: &Turn) -> Result<(), StoreError> {
        let (organization, turn) = (session.organization, turn.clone());
        self.add(Spoken { session: session.id.uuid(), organization, turn })
    }

    async fn ratings(&mut self, session: InterviewSessionId) -> Result<Ratings, StoreError> {
        let rated = self.list(&Key::Under(session.uuid()), |_: &Rated| true)?;
        Ok(rated.into_iter().map(|of| (of.target, of.rater, of.rating)).collect())
    }

    async fn keep_rating(
        &mut self,
        session: &InterviewSession,
        target: &Target,
        rater: &Rater,
        rating: &Rating,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(Rated {
            session: session.id.uuid(),
            organization: session.organization,
            target: target.clone(),
            rater: rater.clone(),
            rating: rating.clone(),
        })
    }

    async fn forget_words(&mut self, session: InterviewSessionId) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        let found = self.get::<InterviewSession>(session.uuid())?;
        if found.is_none_or(|found| found.organization != organization) {
            return Ok(());
        }
        let key = Key::Under(session.uuid());
        self.remove_all(Access::Keep, &key, |_: &Answered| Against::Whatever)?;
        self.remove_all(Access::Keep, &key, |_: &Spoken| Against::Whatever)?;
        self.remove_all(Access::Keep, &key, |_: &Rated| Against::Whatever)
    }
}

impl MemoryUnit {
    /// The session. The commit is stale where somebody changed it meanwhile, or, where this unit wants it `whole`, said
    /// something in it.
    fn session_alone(&mut self, id: Uuid, whole: bool) -> Result<Option<InterviewSession>, StoreError> {
        self.run(|unit| {
            // One lock for all of it: a commit in between would go unnoticed.
            let state = unit.shared.read();
            let committed = &state.tables.interview_sessions;
            let session = unit.overlay::<InterviewSession>().get(committed, id);
            let session = session.filter(|session| session.visible(unit.ctx.scope)).cloned();
            let known = committed.get(id).map(|row| (id, row.revision()));
            let said = said(&state.tables, id);
            drop(state);
            unit.lock::<InterviewSession>(known);
            if whole {
                unit.locked.push(Box::new(move |tables| self::said(tables, id) == said));
            }
            Ok(session)
        })
    }

    /// What was said in a session, as far as this unit sees that.
    fn words<T: Stored, V>(
        &mut self,
        session: InterviewSessionId,
        view: impl Fn(&T) -> V,
    ) -> Result<Vec<V>, StoreError> {
        self.run(|unit| {
            let state = unit.shared.read();
            let sessions = &state.tables.interview_sessions;
            let of = unit.overlay::<InterviewSession>().get(sessions, session.uuid());
            if !of.is_some_and(|of| of.visible(unit.ctx.scope)) {
                return Ok(Vec::new());
            }
            let rows = unit.overlay::<T>().under(T::table(&state.tables), &Key::Under(session.uuid()));
            Ok(rows.into_iter().map(view).collect())
        })
    }
}

/// Tells apart any two states of what was said in a session: the number of each answer, and how many turns there are.
fn said(tables: &Tables, session: Uuid) -> (Vec<(<Answered as Row>::Id, u64)>, usize) {
    let key = Key::Under(session);
    let answers = tables.answers.under(&key).map(|row| (row.id(), row.kept.sequence));
    (answers.collect(), tables.turns.under(&key).count())
}
