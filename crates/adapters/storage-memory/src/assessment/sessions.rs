//! Interview sessions with their answers, turns and ratings.

use assessment_engine::{InterviewSession, InterviewSessionId, Origin, unit::Sessions};
use assessment_format::{
    Answers, Rater, Rating, Ratings, Slug, Transcript,
    interview::Turn,
    rating::Target,
    session::{Stage, StoredAnswer},
};
use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

use super::{
    responses::{AnswerRow, RatingRow, TurnRow},
    rows,
};
use crate::{
    key::{Key, RowId},
    row::{Access, Row},
    tables::Tables,
    unit::MemoryUnit,
};

impl MemoryUnit {
    /// Refuses what is said in a session that is not, or no longer, in progress.
    fn require_progress(&mut self, session: &InterviewSession) -> Result<(), StoreError> {
        let found: Option<InterviewSession> = self.get(RowId::of(session.id))?;
        let is_over = found.is_some_and(|found| found.progress.status.stage() != Stage::InProgress);
        self.run(|_| if is_over { Err(StoreError::Stale) } else { Ok(()) })
    }
}

#[async_trait]
impl Sessions for MemoryUnit {
    async fn interview_session(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn session_of(&mut self, origin: Origin) -> Result<Option<InterviewSession>, StoreError> {
        self.get_unique(&rows::session_of(origin.id()))
    }

    async fn interview_session_for_update(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.lock_session(id, true)
    }

    async fn interview_session_for_answer(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.lock_session(id, false)
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
        self.require_progress(session)?;
        let answered = AnswerRow {
            session: session.id,
            organization: session.organization,
            account: session.account,
            item: item.clone(),
            answer: answer.clone(),
        };
        let newer = self.read(|view| {
            let found: Option<&AnswerRow> = view.get(answered.row_id());
            let newer = found.filter(|found| found.answer.sequence >= answer.sequence);
            newer.filter(|_| answered.access(view.scope) >= Access::Full).map(|found| found.answer.clone())
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
        self.require_progress(session)?;
        let (organization, turn) = (session.organization, turn.clone());
        self.add(TurnRow { session: session.id, organization, turn })
    }

    async fn ratings(&mut self, session: InterviewSessionId) -> Result<Ratings, StoreError> {
        let rated = self.list(&Key::parent(session), |_: &RatingRow| true)?;
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
            session: session.id,
            organization: session.organization,
            target: target.clone(),
            rater: rater.clone(),
            rating: rating.clone(),
        })
    }

    async fn erase_responses(&mut self, session: InterviewSessionId) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        let found = self.get::<InterviewSession>(RowId::of(session))?;
        if found.is_none_or(|found| found.organization != organization) {
            return Ok(());
        }
        let key = Key::parent(session);
        self.remove_all::<AnswerRow>(Access::Full, &key)?;
        self.remove_all::<TurnRow>(Access::Full, &key)?;
        self.remove_all::<RatingRow>(Access::Full, &key)
    }
}

impl MemoryUnit {
    /// The session. The commit is stale where somebody changed it meanwhile or,
    /// where `with_responses` is set, said something in it.
    fn lock_session(
        &mut self,
        id: InterviewSessionId,
        with_responses: bool,
    ) -> Result<Option<InterviewSession>, StoreError> {
        if with_responses {
            let responses = self.read(|view| response_versions(view.committed, id))?;
            self.check_at_commit(move |tables| response_versions(tables, id) == responses);
        }
        self.get_locked(RowId::of(id))
    }

    /// What was said in a session, as far as this unit sees that.
    fn responses<T: Row, V>(
        &mut self,
        session: InterviewSessionId,
        show: impl Fn(&T) -> V,
    ) -> Result<Vec<V>, StoreError> {
        self.read(|view| {
            let of: Option<&InterviewSession> = view.get(RowId::of(session));
            if of.is_some_and(|of| of.visible(view.scope)) {
                view.under(&Key::parent(session)).map(show).collect()
            } else {
                Vec::new()
            }
        })
    }
}

/// Tells apart any two states of what was said in a session: the number of each answer, and how many turns there are.
fn response_versions(tables: &Tables, session: InterviewSessionId) -> (Vec<(RowId, u64)>, usize) {
    let key = Key::parent(session);
    let answers = tables.under(&key).map(|row: &AnswerRow| (row.row_id(), row.answer.sequence));
    (answers.collect(), tables.under::<TurnRow>(&key).count())
}
