//! Everything the services of assessments need from outside, in one place for the composition root to fill.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assessment_format::Interviewer;
use kernel::{
    Actor, Asking, AuditedAttempt, Clock, Ctx, Denials, Gate, Ids, OrganizationId, Outcome, People, Random,
    Scope, Store, TimeZones, claims::ClaimUpkeep, invitation::GuestTokens, task::TaskId,
};

use crate::{
    authoring::published::{PublishedVersion, PublishedVersionId},
    quotas::Quotas,
    reading::Assessments,
    refusal::Refused,
    sessions::interview_session::{InterviewSession, InterviewSessionId},
    unit::{AnswerStore, Unit},
};

/// The ports the services hold.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named after its port, which is documented")]
pub struct Ports {
    pub store: Arc<dyn Store<Unit>>,
    pub reading: Arc<dyn Assessments>,
    pub answers: Arc<dyn AnswerStore>,
    pub gate: Arc<dyn Gate>,
    pub people: Arc<dyn People>,
    pub denials: Arc<dyn Denials>,
    pub guest_tokens: Arc<dyn GuestTokens>,
    pub claim_upkeep: Arc<dyn ClaimUpkeep>,
    pub zones: Arc<dyn TimeZones>,
    pub interviewer: Arc<dyn Interviewer>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub random: Arc<dyn Random>,
    pub version_cache: Arc<VersionCache>,
    pub session_cache: Arc<SessionCache>,
    pub quotas: Quotas,
}

/// What can be set about assessments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where links in mails lead, without a slash at the end.
    pub public_url: String,
    /// How long after its release a guest may look at their result by the link; 90 days.
    pub result_life: Duration,
    /// How long the token of a guest works; the link gives another. 12 hours.
    pub guest_token_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: u64 = 24 * 3600;
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            result_life: Duration::from_secs(90 * DAY),
            guest_token_life: Duration::from_secs(DAY / 2),
        }
    }
}

/// A part of a task that failed so often is tried no more, and the task is given up.
pub(crate) const LAST_ATTEMPT: u32 = 9;

/// Published versions that were read before, at most 500. They never change, so that none is ever outdated.
pub type VersionCache = Cache<PublishedVersionId, Arc<PublishedVersion>, 500>;

/// Sessions as they were when an answer was last saved in them, at most 5,000: good for what names their version.
pub type SessionCache = Cache<InterviewSessionId, InterviewSession, 5_000>;

/// At most `N` values that were read before.
pub struct Cache<K, V, const N: usize>(Mutex<HashMap<K, V>>);

impl<K: Copy + Eq + Hash, V: Clone, const N: usize> Cache<K, V, N> {
    fn entries(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, key: K) -> Option<V> {
        self.entries().get(&key).cloned()
    }

    /// Puts one in the place of any where there are too many.
    pub(crate) fn put(&self, key: K, value: V) {
        let mut entries = self.entries();
        if entries.len() >= N {
            let any = entries.keys().next().copied();
            any.and_then(|key| entries.remove(&key));
        }
        entries.insert(key, value);
    }
}

impl<K, V, const N: usize> Default for Cache<K, V, N> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, V, const N: usize> fmt::Debug for Cache<K, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

impl Ports {
    /// What bounds how many people the organisation may ask. No unit may be open meanwhile.
    pub(crate) async fn asking(&self, organization: OrganizationId) -> Result<Asking, Refused> {
        self.people.asking(organization).await?.ok_or(Refused::Missing("organisation"))
    }

    /// A published version of an organisation, which the caller may see already: the cache does not ask again.
    pub(crate) async fn published(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: PublishedVersionId,
    ) -> Result<Arc<PublishedVersion>, Refused> {
        if let Some(published) = self.cached(organization, id) {
            return Ok(published);
        }
        let tenant = ctx.within(Scope::Tenant(organization));
        self.cache(id, self.reading.published_version(&tenant, id).await?)
    }

    /// The same where a unit is open, which then reads it.
    pub(crate) async fn published_in(
        &self,
        unit: &mut Unit,
        organization: OrganizationId,
        id: PublishedVersionId,
    ) -> Result<Arc<PublishedVersion>, Refused> {
        if let Some(published) = self.cached(organization, id) {
            return Ok(published);
        }
        self.cache(id, unit.published_version(id).await?)
    }

    fn cache(
        &self,
        id: PublishedVersionId,
        found: Option<PublishedVersion>,
    ) -> Result<Arc<PublishedVersion>, Refused> {
        let found = Arc::new(found.ok_or_else(|| Refused::Fault(format!("version {id} is gone")))?);
        self.version_cache.put(id, found.clone());
        Ok(found)
    }

    /// A published version that was read before, if it is cached still.
    pub(crate) fn cached(
        &self,
        organization: OrganizationId,
        id: PublishedVersionId,
    ) -> Option<Arc<PublishedVersion>> {
        self.version_cache.get(id).filter(|of| of.organization == organization)
    }

    /// Gives a task up, unless it is over by now.
    pub(crate) async fn give_up(
        &self,
        organization: OrganizationId,
        id: TaskId,
        why: &str,
    ) -> Result<(), Refused> {
        let tenant = Ctx::new(Actor::System, Scope::Tenant(organization));
        let mut unit = self.store.begin(&tenant).await?;
        let Some(mut task) = unit.task(id).await?.filter(|task| !task.status.is_over()) else {
            return Ok(());
        };
        task.fail(why, self.clock.now());
        unit.save_task(&mut task).await?;
        Ok(unit.commit().await?)
    }

    /// Records that the attempt was denied, and hands on why. No unit may be open meanwhile.
    pub(crate) async fn denied(&self, ctx: &Ctx, attempt: AuditedAttempt, refused: Refused) -> Refused {
        attempt.refused(&*self.denials, ctx, self.clock.now(), Outcome::Denied, refused).await
    }
}
