//! Interview sessions with their answers, turns and ratings.

use assessment_engine::{InterviewSession, InterviewSessionId, Origin, unit::Sessions};
use assessment_format::{
    Answers, Rater, Rating, Ratings, Slug, Transcript, interview::Turn, rating::Target, session::StoredAnswer,
};
use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use uuid::Uuid;

use super::MemoryUnit;
use crate::{
    overlay::ExpectedVersion,
    rows::{AnswerRow, RatingRow, TurnRow},
    table::{Access, Key, Row},
    tables::{HasTable, Tables},
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
        self.lock_session(id.uuid(), true)
    }

    async fn interview_session_for_answer(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.lock_session(id.uuid(), false)
    }

    async fn save_interview_session(&mut self, session: &mut InterviewSession) -> Result<(), StoreError> {
        self.save(session)
    }

    async fn answers(&mut self, session: InterviewSessionId) -> Result<Answers, StoreError> {
        let answers = self.responses(session, |of: &AnswerRow| (of.item.clone(), of.answer.clone()))?;
        Ok(answers.into_iter().collect())
    }

    async fn save_answer(
        &mut self,
        session: &InterviewSession,
        item: &Slug,
        answer: &StoredAnswer,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        let answered = AnswerRow {
            session: session.id.uuid(),
            organization: session.organization,
            account: session.account,
            item: item.clone(),
            answer: answer.clone(),
        };
        let newer = self.run(|unit| {
            let state = unit.shared.read();
            let found = unit.overlay::<AnswerRow>().get(&state.tables.answers, answered.id());
            let newer = found.filter(|found| found.answer.sequence >= answer.sequence);
            Ok(newer
                .filter(|_| answered.access(unit.ctx.scope) >= Access::Full)
                .map(|found| found.answer.clone()))
        })?;
        if newer.is_none() {
            self.put(answered)?;
        }
        Ok(newer)
    }

    async fn transcript(&mut self, session: InterviewSessionId) -> Result<Transcript, StoreError> {
        Ok(Transcript::restore(self.responses(session, |of: &TurnRow| of.turn.clone())?))
    }

    async fn put_turn(&mut self, session: &InterviewSession, turn: &Turn) -> Result<(), StoreError> {
        let (organization, turn) = (session.organization, turn.clone());
        self.add(TurnRow { session: session.id.uuid(), organization, turn })
    }

    async fn ratings(&mut self, session: InterviewSessionId) -> Result<Ratings, StoreError> {
        let rated = self.list(&Key::Parent(session.uuid()), |_: &RatingRow| true)?;
        Ok(rated.into_iter().map(|of| (of.target, of.rater, of.rating)).collect())
    }

    async fn save_rating(
        &mut self,
        session: &InterviewSession,
        target: &Target,
        rater: &Rater,
        rating: &Rating,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(RatingRow {
            session: session.id.uuid(),
            organization: session.organization,
            target: target.clone(),
            rater: rater.clone(),
            rating: rating.clone(),
        })
    }

    async fn erase_responses(&mut self, session: InterviewSessionId) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        let found = self.get::<InterviewSession>(session.uuid())?;
        if found.is_none_or(|found| found.organization != organization) {
            return Ok(());
        }
        let key = Key::Parent(session.uuid());
        self.remove_all(Access::Full, &key, |_: &AnswerRow| ExpectedVersion::Any)?;
        self.remove_all(Access::Full, &key, |_: &TurnRow| ExpectedVersion::Any)?;
        self.remove_all(Access::Full, &key, |_: &RatingRow| ExpectedVersion::Any)
    }
}

impl MemoryUnit {
    /// The session. The commit is stale where somebody changed it meanwhile or,
    /// where `with_responses` is set, said something in it.
    fn lock_session(
        &mut self,
        id: Uuid,
        with_responses: bool,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.run(|unit| {
            // One lock for all of it: a commit in between would go unnoticed.
            let state = unit.shared.read();
            let committed = &state.tables.interview_sessions;
            let session = unit.overlay::<InterviewSession>().get(committed, id);
            let session = session.filter(|session| session.visible(unit.ctx.scope)).cloned();
            let known = committed.get(id).map(|row| (id, row.revision()));
            let response_versions = response_versions(&state.tables, id);
            drop(state);
            unit.lock::<InterviewSession>(known);
            if with_responses {
                unit.commit_checks
                    .push(Box::new(move |tables| self::response_versions(tables, id) == response_versions));
            }
            Ok(session)
        })
    }

    /// What was said in a session, as far as this unit sees that.
    fn responses<T: HasTable, V>(
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
            let rows = unit.overlay::<T>().under(T::table(&state.tables), &Key::Parent(session.uuid()));
            Ok(rows.into_iter().map(view).collect())
        })
    }
}

/// Tells apart any two states of what was said in a session: the number of each answer, and how many turns there are.
fn response_versions(tables: &Tables, session: Uuid) -> (Vec<(<AnswerRow as Row>::Id, u64)>, usize) {
    let key = Key::Parent(session);
    let answers = tables.answers.under(&key).map(|row| (row.id(), row.answer.sequence));
    (answers.collect(), tables.turns.under(&key).count())
}
