//! Answers, saved while they are given.

use std::sync::Arc;

use assessment_format::{
    Answers, Reply, Slug,
    session::{Event, NotAllowed, Refused as SessionRefused, SaveOutcome, StoredAnswer},
};
use kernel::{Ctx, Scope};
use serde_json::Value;

use crate::{
    authoring::published::PublishedVersion,
    refusal::Refused,
    sessions::{
        Participant, SessionService, admitted, completion,
        interview_session::{InterviewSession, InterviewSessionId},
        is_of,
    },
    unit::Unit,
};

impl SessionService {
    /// Keeps an answer; `None` takes it back. The newest sequence number wins, whichever comes last: two tabs, or an
    /// answer that is sent again because nobody saw that it had arrived, leave what was meant to be left.
    pub async fn answer(
        &self,
        ctx: &Ctx,
        id: InterviewSessionId,
        item: &Slug,
        sequence: u64,
        reply: Option<&Value>,
    ) -> Result<SaveOutcome, Refused> {
        let participant = Participant::of(&self.ports, ctx).await?;
        if self.answered_at_once(ctx, participant, id, item, sequence, reply).await? {
            return Ok(SaveOutcome::Stored);
        }
        let (mut unit, session, published) = self.answering(ctx, participant, id).await?;
        let now = self.ports.clock.now();
        let answer = read_reply(&published, item, sequence, reply).map(|reply| StoredAnswer {
            sequence,
            reply,
            at: now,
        });
        let event = Event::Answer { item: item.clone(), sequence, reply: None };
        if let Err(refused) = session.admits(&event, now) {
            drop(unit);
            return Err(self.too_late(ctx, &session, refused).await);
        }
        let answer = answer?;
        let saved = match unit.save_answer(&session, item, &answer).await? {
            None => SaveOutcome::Stored,
            Some(newer) if newer.sequence > sequence => SaveOutcome::Superseded { by: newer.sequence },
            Some(same) if same.reply == answer.reply => SaveOutcome::Repeated,
            Some(_) => return Err(SessionRefused::SequenceReused { item: item.clone(), sequence }.into()),
        };
        unit.commit().await?;
        self.ports.session_cache.put(id, session);
        Ok(saved)
    }

    /// Keeps an answer by what was seen of the session when the one before was saved; storage holds it against what is
    /// true. Whatever speaks against it is for who looks again.
    async fn answered_at_once(
        &self,
        ctx: &Ctx,
        participant: Participant,
        id: InterviewSessionId,
        item: &Slug,
        sequence: u64,
        reply: Option<&Value>,
    ) -> Result<bool, Refused> {
        let seen = self.ports.session_cache.get(id).filter(|session| is_of(session, participant));
        let Some(session) = seen.and_then(|session| admitted(session, participant).ok()) else {
            return Ok(false);
        };
        let Some(published) = self.ports.cached(session.organization, session.published) else {
            return Ok(false);
        };
        let now = self.ports.clock.now();
        let event = Event::Answer { item: item.clone(), sequence, reply: None };
        let Ok(reply) = read_reply(&published, item, sequence, reply) else { return Ok(false) };
        if session.admits(&event, now).is_err() {
            return Ok(false);
        }
        let answer = StoredAnswer { sequence, reply, at: now };
        let ctx = &ctx.within(participant.scope());
        Ok(self.ports.answers.keep_answer(ctx, &session, item, &answer).await?)
    }

    /// The session, held against whatever would end it, and what is taken. That is known by heart after the first time:
    /// no second connection is asked for while the unit is open.
    async fn answering(
        &self,
        ctx: &Ctx,
        participant: Participant,
        id: InterviewSessionId,
    ) -> Result<(Box<Unit>, InterviewSession, Arc<PublishedVersion>), Refused> {
        loop {
            let mut unit = self.ports.store.begin_in(ctx, participant.scope()).await?;
            let found = unit.interview_session_for_answer(id).await?;
            let Some(session) = found.filter(|session| is_of(session, participant)) else {
                drop(unit);
                return Err(self.stranger(ctx, id).await);
            };
            let session = admitted(session, participant)?;
            if let Some(published) = self.ports.cached(session.organization, session.published) {
                return Ok((unit, session, published));
            }
            drop(unit);
            self.ports.published(ctx, session.organization, session.published).await?;
        }
    }

    /// Whoever comes after the deadline ends the session, as it would have ended.
    async fn too_late(&self, ctx: &Ctx, session: &InterviewSession, refused: NotAllowed) -> Refused {
        let tenant = ctx.within(Scope::Tenant(session.organization));
        match completion::settled(&self.ports, &tenant, session.id).await {
            Ok(_) => refused.into(),
            Err(error) => error,
        }
    }
}

fn read_reply(
    published: &PublishedVersion,
    id: &Slug,
    sequence: u64,
    reply: Option<&Value>,
) -> Result<Option<Reply>, Refused> {
    let item = published.definition.items.iter().find(|item| item.id == *id);
    let item = item.ok_or_else(|| SessionRefused::UnknownItem { item: id.clone() })?;
    if sequence > Answers::MAX_SEQUENCE {
        return Err(SessionRefused::Sequence.into());
    }
    let read = reply.map(|json| Reply::read(json, item)).transpose();
    let reply = read.map_err(|why| SessionRefused::NoAnswer { item: id.clone(), why })?;
    Ok(reply.flatten())
}
