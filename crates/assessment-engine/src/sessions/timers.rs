//! What time does to sessions: their deadlines pass, and results are shown at the time that was set.

use assessment_format::session::Stage;
use async_trait::async_trait;
use kernel::{Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Scope};

use crate::{
    ports::Ports,
    refusal::Refused,
    sessions::{
        completion,
        interview_session::{DEADLINE_DUE, RELEASE_DUE},
    },
};

/// Reacts to the timers of sessions. One may come early, twice, or after somebody looked: the session and the clock
/// say whether there is anything to do.
#[derive(Debug, Clone)]
pub struct SessionTimers {
    ports: Ports,
}

impl SessionTimers {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    async fn settle(&self, delivery: &Delivery) -> Result<(), Refused> {
        let Some(organization) = delivery.organization else { return Ok(()) };
        let tenant = Ctx::new(Actor::System, Scope::Tenant(organization));
        let id = Id::from_uuid(delivery.target_id);
        if delivery.topic == DEADLINE_DUE {
            return completion::settled(&self.ports, &tenant, id).await.map(|_| ());
        }
        let mut unit = self.ports.store.begin(&tenant).await?;
        let now = self.ports.clock.now();
        match unit.interview_session_for_update(id).await? {
            Some(mut session)
                if session.progress.status.stage() == Stage::Scored && session.release.is_due(now) =>
            {
                completion::release(&self.ports, &mut *unit, &mut session, now).await?;
                Ok(unit.commit().await?)
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl EventHandler for SessionTimers {
    fn topics(&self) -> &'static [&'static str] {
        &[DEADLINE_DUE, RELEASE_DUE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        Ok(self.settle(delivery).await?)
    }
}
