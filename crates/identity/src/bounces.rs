//! Letters that came back after a mail server had accepted them.

use kernel::{Actor, Ctx, Scope};
use uuid::Uuid;

use crate::{Refused, ports::Ports};

/// Notes which letters came back, of whichever domain.
#[derive(Debug, Clone)]
pub struct BounceService {
    ports: Ports,
}

impl BounceService {
    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// The letter of this id came back, for the reason that this code tells. Says whether that is news: of a letter
    /// that asks nobody for anything, of one that a newer letter followed, and of one known to have come back it is
    /// none.
    pub async fn bounced(&self, letter: Uuid, code: &str) -> Result<bool, Refused> {
        let ctx = Ctx::new(Actor::System, Scope::Worker);
        let mut unit = self.ports.store.begin_in(&ctx, Scope::Worker).await?;
        let Some(mut history) = unit.letters_with(letter).await? else { return Ok(false) };
        if !history.bounce(letter, code.to_owned(), self.ports.clock.now()) {
            return Ok(false);
        }
        unit.put_letters(&history).await?;
        unit.commit().await?;
        Ok(true)
    }
}
