//! Rating what was said, and what those who run a campaign or coach do with a session.

mod decisions;

use std::{collections::BTreeSet, sync::Arc};

use assessment_format::{
    Rater, Rating, Transcript,
    definition::{Answer, Dimension},
    rating::{self, Target},
    session::{Event, Reply, Stage},
};
use kernel::{Ctx, OrganizationId, Permit};
use serde_json::json;

use crate::{
    authoring::published::PublishedVersion,
    opened::{Managed as _, reaches},
    ports::Ports,
    refusal::Refused,
    rule::Action,
    sessions::{
        completion::{self, Collected, RACES, is_race},
        interview_session::{InterviewSession, InterviewSessionId},
    },
};

/// The service of raters and of whoever runs a campaign.
#[derive(Debug, Clone)]
pub struct RatingService {
    ports: Ports,
}

/// A session as those see it who rate it or run it.
#[derive(Debug, Clone)]
pub struct SessionToRate {
    /// The session.
    pub session: InterviewSession,
    /// What can be rated; `None` while the person is at it, and where nothing counts.
    pub material: Option<RatingMaterial>,
}

/// What raters judge by, and what they concluded.
#[derive(Debug, Clone)]
pub struct RatingMaterial {
    /// What was said in the interview.
    pub transcript: Transcript,
    /// The texts that were answered, in the order of the questionnaire.
    pub texts: Vec<AnsweredText>,
    /// What has to be rated.
    pub needed: BTreeSet<Target>,
    /// What of it is missing.
    pub missing: BTreeSet<Target>,
    /// The ratings so far.
    pub ratings: Vec<GivenRating>,
    published: Arc<PublishedVersion>,
}

/// A text that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredText {
    /// The item.
    pub item: assessment_format::Slug,
    /// What was asked: markdown.
    pub question: String,
    /// What was answered.
    pub answer: String,
}

/// A rating somebody gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenRating {
    /// Of what.
    pub target: Target,
    /// By whom.
    pub rater: Rater,
    /// What they concluded.
    pub rating: Rating,
}

impl RatingMaterial {
    fn of(collected: Collected, session: &InterviewSession, published: Arc<PublishedVersion>) -> Self {
        let definition = &published.definition;
        let needed = Target::needed(collected.material(definition));
        let missing = collected.ratings.missing(&needed, session.raters).into_iter().cloned().collect();
        let texts = definition.items.iter().filter_map(|item| match collected.answers.reply(&item.id) {
            Some(Reply::Text(answer)) if matches!(item.answer, Answer::Text { .. }) => Some(AnsweredText {
                item: item.id.clone(),
                question: item.text.clone(),
                answer: answer.clone(),
            }),
            _ => None,
        });
        let given = |(target, rater, rating): (&Target, &Rater, &Rating)| GivenRating {
            target: target.clone(),
            rater: rater.clone(),
            rating: rating.clone(),
        };
        Self {
            texts: texts.collect(),
            ratings: collected.ratings.iter().map(given).collect(),
            transcript: collected.transcript,
            needed,
            missing,
            published,
        }
    }

    /// What is rated, with what scores look like in a person.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.published.definition.dimensions
    }
}

impl RatingService {
    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// A session with what can be rated in it.
    pub async fn session(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
    ) -> Result<SessionToRate, Refused> {
        let (permit, session) = self.found(ctx, organization, id, Action::Rate).await?;
        self.session_to_rate(&permit, session).await
    }

    async fn session_to_rate(
        &self,
        permit: &Permit,
        session: InterviewSession,
    ) -> Result<SessionToRate, Refused> {
        if !matches!(
            session.progress.status.stage(),
            Stage::Submitted | Stage::NeedsRating | Stage::Scored | Stage::Released
        ) {
            return Ok(SessionToRate { session, material: None });
        }
        let published = self.ports.published(&permit.ctx, session.organization, session.published).await?;
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let collected = Collected::of(&mut *unit, session.id).await?;
        let material = RatingMaterial::of(collected, &session, published);
        Ok(SessionToRate { session, material: Some(material) })
    }

    /// Rates a dimension by the interview, or a text by one of the dimensions it counts for. Every quote stands
    /// word for word in what was said; where its blanks differ, what was said is kept. With the last rating that is
    /// missing the session is scored.
    pub async fn rate(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
        target: &Target,
        rating: &Rating,
    ) -> Result<SessionToRate, Refused> {
        let (permit, session) = self.found(ctx, organization, id, Action::Rate).await?;
        let published = self.ports.published(&permit.ctx, organization, session.published).await?;
        for _ in 0..RACES {
            match self.try_rate(&permit, &published, id, target, rating).await {
                Err(refused) if is_race(&refused) => {}
                Err(refused) => return Err(refused),
                Ok(session) => return self.session_to_rate(&permit, session).await,
            }
        }
        Err(Refused::Stale)
    }

    async fn try_rate(
        &self,
        permit: &Permit,
        published: &PublishedVersion,
        id: InterviewSessionId,
        target: &Target,
        rating: &Rating,
    ) -> Result<InterviewSession, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        let session = unit.interview_session_for_update(id).await?;
        let mut session = session.ok_or(Refused::Missing("session"))?;
        session.admits(&Event::Rate { ratings_missing: 0 }, now)?;
        let mut collected = Collected::of(&mut *unit, id).await?;
        let rater = Rater::Person(permit.account);
        let material = rating::Material {
            definition: &published.definition,
            answers: &collected.answers,
            transcript: &collected.transcript,
        };
        let kept = collected.ratings.rate(target.clone(), rater.clone(), rating.clone(), material)?;
        unit.save_rating(&session, target, &rater, kept, now).await?;
        let ratings_missing = collected.ratings_missing(&published.definition, session.raters);
        let evidence = vec![("target", json!(target)), ("rater", json!(permit.account))];
        session.happen(&Event::Rate { ratings_missing }, evidence, now)?;
        completion::conclude(&self.ports, &mut *unit, &mut session, published, &collected, now).await?;
        unit.commit().await?;
        Ok(session)
    }

    /// A session within the caller's reach, finished where its deadline has passed. Nobody judges themselves.
    async fn found(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InterviewSessionId,
        action: Action,
    ) -> Result<(Permit, InterviewSession), Refused> {
        let permit = self.ports.gate.permit(ctx, organization, &action).await?;
        let session = completion::settled(&self.ports, &permit.ctx, id).await?;
        let session = session.ok_or(Refused::Missing(InterviewSession::NOUN))?;
        self.ensure_leave(&permit, &session, action).await?;
        Ok((permit, session))
    }

    /// Refuses a session beyond the caller's reach, and their own.
    async fn ensure_leave(
        &self,
        permit: &Permit,
        session: &InterviewSession,
        action: Action,
    ) -> Result<(), Refused> {
        let refused = if !reaches(permit, session) {
            Refused::Missing(InterviewSession::NOUN)
        } else if session.account == Some(permit.account) {
            Refused::OwnSession
        } else {
            return Ok(());
        };
        Err(self.ports.denied_on(permit, session, action, refused).await)
    }
}
