//! What time does to sessions: their deadlines pass, and results are shown at the time that was set.

use async_trait::async_trait;
use kernel::{Actor, Ctx, Delivery, Id, Reaction, ReactionError, Scope};

use super::{
    finishing,
    interview_session::{LAPSE_DUE, RELEASE_DUE},
    ports::Ports,
    refusal::Refused,
};
use crate::session::Stage;

/// Reacts to the timers of sessions. One may come early, twice, or after somebody looked: the session and the clock
/// say whether there is anything to do.
#[derive(Debug, Clone)]
pub struct Lapsing {
    ports: Ports,
}

impl Lapsing {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn settle(&self, delivery: &Delivery) -> Result<(), Refused> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        let tenant = Ctx::new(Actor::System, Scope::Tenant(organization));
        let id = Id::from_uuid(delivery.target_id);
        if delivery.topic == LAPSE_DUE {
            return finishing::settled(&self.ports, &tenant, id).await.map(|_| ());
        }
        let mut unit = self.ports.begin(&tenant, tenant.scope).await?;
        let now = self.ports.clock.now();
        match unit.interview_session_for_update(id).await? {
            Some(mut session)
                if session.progress.status.stage() == Stage::Scored && session.release.is_due(now) =>
            {
                finishing::release(&mut *unit, &mut session, now).await?;
                Ok(unit.commit().await?)
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Reaction for Lapsing {
    fn topics(&self) -> &'static [&'static str] {
        &[LAPSE_DUE, RELEASE_DUE]
    }

    async fn react(&self, delivery: &Delivery) -> Result<(), ReactionError> {
        self.settle(delivery).await.map_err(|refused| ReactionError::Retry(refused.to_string()))
    }
}
