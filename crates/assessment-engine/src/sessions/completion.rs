//! What becomes of a session once its answers are final: it is scored, waits for ratings where it must, and is
//! released when it is time. All of that happens in the unit that made the answers final, or that read them last.

use assessment_format::{
    Answers, Definition, Ratings, Scorer, Transcript,
    rating::{Material, Required, Target},
    session::{Event, Stage, Status},
};
use kernel::{Ctx, StoreError, Timestamp, encoding};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    authoring::published::PublishedVersion,
    notices,
    ports::Ports,
    refusal::Refused,
    results::result::{AssessmentResult, AssessmentResultState, Run},
    sessions::interview_session::{InterviewSession, InterviewSessionId},
    unit::Unit,
};

/// What a session collected.
#[derive(Debug)]
pub(crate) struct Collected {
    pub answers: Answers,
    pub transcript: Transcript,
    pub ratings: Ratings,
}

impl Collected {
    pub(crate) async fn of(unit: &mut Unit, session: InterviewSessionId) -> Result<Self, StoreError> {
        Ok(Self {
            answers: unit.answers(session).await?,
            transcript: unit.transcript(session).await?,
            ratings: unit.ratings(session).await?,
        })
    }

    pub(crate) const fn material<'a>(&'a self, definition: &'a Definition) -> Material<'a> {
        Material { definition, answers: &self.answers, transcript: &self.transcript }
    }

    /// How many ratings are missing before there can be a result.
    pub(crate) fn ratings_missing(&self, definition: &Definition, of: Required) -> usize {
        self.ratings.missing(&Target::needed(self.material(definition)), of).len()
    }

    /// What binds answers and transcript to the record: the SHA-256 of their canonical JSON (RFC 8785).
    pub(crate) fn evidence(&self) -> Result<Vec<(&'static str, Value)>, Refused> {
        let all = json!({ "answers": self.answers, "transcript": self.transcript });
        let canonical = serde_json_canonicalizer::to_vec(&all).map_err(|e| Refused::Fault(e.to_string()))?;
        Ok(vec![("answers_sha256", encoding::hex(&Sha256::digest(canonical)).into())])
    }

    /// When the person last answered or spoke.
    fn last_word(&self) -> Option<Timestamp> {
        let answered = self.answers.iter().map(|(_, kept)| kept.at);
        answered.chain(self.transcript.turns().iter().map(|turn| turn.at)).max()
    }
}

/// Lets a passed deadline take effect, scores what is final, and saves the session where that changed it; says
/// whether it did. The unit is still to be committed.
pub(crate) async fn finish(
    ports: &Ports,
    unit: &mut Unit,
    session: &mut InterviewSession,
    published: &PublishedVersion,
    now: Timestamp,
) -> Result<bool, Refused> {
    let (stage, settled) = (session.progress.status.stage(), session.settled(now).status.stage());
    if settled == stage && stage != Stage::Submitted {
        return Ok(false);
    }
    let collected = Collected::of(unit, session.id).await?;
    if settled != stage {
        session.expire(collected.evidence()?, now);
    }
    conclude(ports, unit, session, published, &collected, now).await?;
    Ok(true)
}

/// Scores a session that was just submitted, or whose last rating just came, as far as that can be; saves it.
pub(crate) async fn conclude(
    ports: &Ports,
    unit: &mut Unit,
    session: &mut InterviewSession,
    published: &PublishedVersion,
    collected: &Collected,
    now: Timestamp,
) -> Result<(), Refused> {
    let definition = &*published.definition;
    let mut completed_at = None;
    if let Status::Submitted { at, .. } = session.progress.status {
        completed_at = Some(at);
        let ratings_missing = collected.ratings_missing(definition, session.raters);
        let notice = (ratings_missing > 0).then(|| notices::rating_due(session, published, now));
        session.happen_told(&Event::Score { ratings_missing }, Vec::new(), notice, now)?;
    }
    if session.progress.status != Status::Scored {
        return Ok(unit.save_interview_session(session).await?);
    }
    // A session that waited for ratings does not know any more when it was submitted.
    let completed_at = completed_at.or_else(|| collected.last_word()).unwrap_or(now);
    let mut result = scored(ports, session, published, collected, completed_at, now);
    if session.release.is_due(now) {
        let notice = notices::result_released(&result, published);
        session.happen_told(&Event::Release, Vec::new(), notice, now)?;
        result.release(now);
    }
    unit.save_interview_session(session).await?;
    Ok(unit.save_result(&mut result).await?)
}

fn scored(
    ports: &Ports,
    session: &InterviewSession,
    published: &PublishedVersion,
    collected: &Collected,
    completed_at: Timestamp,
    now: Timestamp,
) -> AssessmentResult {
    let scorer = Scorer::new(&published.definition);
    let report = scorer.report(scorer.score(&collected.answers, &collected.ratings));
    let state = AssessmentResultState {
        id: ports.ids.next(),
        organization: session.organization,
        assessment: session.assessment,
        session: session.id,
        origin: session.origin,
        run_by: session.run_by,
        account: session.account,
        run: Run::of(1, published, &report, now),
        ai_insights: None,
        completed_at,
        created_at: now,
        released_at: None,
    };
    AssessmentResult::score(state, now)
}

/// Shows the person the result of a scored session, and saves both.
pub(crate) async fn release(
    ports: &Ports,
    unit: &mut Unit,
    session: &mut InterviewSession,
    now: Timestamp,
) -> Result<(), Refused> {
    let published = ports.published_in(unit, session.organization, session.published).await?;
    let result = unit.result_of(session.id).await?;
    let notice = result.as_ref().and_then(|result| notices::result_released(result, &published));
    session.happen_told(&Event::Release, Vec::new(), notice, now)?;
    let mut result = result.ok_or(Refused::NotScored)?;
    result.release(now);
    unit.save_interview_session(session).await?;
    Ok(unit.save_result(&mut result).await?)
}

/// The session as it is by now: finished, where its deadline has passed and nobody had looked. `tenant` is in the scope
/// of its organisation.
pub(crate) async fn settled(
    ports: &Ports,
    tenant: &Ctx,
    id: InterviewSessionId,
) -> Result<Option<InterviewSession>, Refused> {
    // The request this is part of may be refused yet: what time did is not its effect.
    let tenant = &Ctx { idempotency: None, ..tenant.clone() };
    for _ in 0..RACES {
        let mut unit = ports.store.begin(tenant).await?;
        let Some(session) = unit.interview_session(id).await? else { return Ok(None) };
        if session.settled(ports.clock.now()) == session.progress {
            return Ok(Some(session));
        }
        drop(unit);
        let published = ports.published(tenant, session.organization, session.published).await?;
        match finished(ports, tenant, id, &published).await {
            Err(refused) if is_race(&refused) => {}
            other => return other,
        }
    }
    Err(Refused::Stale)
}

async fn finished(
    ports: &Ports,
    tenant: &Ctx,
    id: InterviewSessionId,
    published: &PublishedVersion,
) -> Result<Option<InterviewSession>, Refused> {
    let mut unit = ports.store.begin(tenant).await?;
    let Some(mut session) = unit.interview_session_for_update(id).await? else { return Ok(None) };
    if finish(ports, &mut *unit, &mut session, published, ports.clock.now()).await? {
        unit.commit().await?;
    }
    Ok(Some(session))
}

/// How often something is tried that others may come before.
pub(crate) const RACES: usize = 5;

/// Whether somebody else came before: trying again, on what they left, is all it takes.
pub(crate) const fn is_race(refused: &Refused) -> bool {
    matches!(refused, Refused::Stale | Refused::Store(StoreError::Duplicate(_)))
}
