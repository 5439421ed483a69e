//! What is done to endpoints of all organisations.

use kernel::{Actor, Ctx, OrganizationId, Resealed, Scope, StoreError, Unsealable};

use crate::{EndpointId, Ports};

/// So many are looked at in one step.
const AT_A_TIME: u32 = 500;

/// Looks after endpoints, whoever they belong to.
#[derive(Debug, Clone)]
pub struct EndpointUpkeep {
    ports: Ports,
}

impl EndpointUpkeep {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Ids of up to 500 endpoints, in order, after that one; nothing at the end.
    pub async fn page(
        &self,
        last: Option<(OrganizationId, EndpointId)>,
    ) -> Result<Vec<(OrganizationId, EndpointId)>, StoreError> {
        self.ports.deliveries.endpoints_after(last, AT_A_TIME).await
    }

    /// Seals the keys of an endpoint anew, where a key before the current one seals them.
    pub async fn reseal(&self, id: (OrganizationId, EndpointId)) -> Result<Resealed, StoreError> {
        let ctx = Ctx::new(Actor::System, Scope::Tenant(id.0));
        let mut unit = self.ports.store.begin(&ctx).await?;
        let Some(mut found) = unit.webhook_endpoint(id.1).await? else { return Ok(Resealed::Current) };
        match found.reseal(&*self.ports.sealing) {
            Ok(true) => {}
            Ok(false) => return Ok(Resealed::Current),
            Err(Unsealable) => return Ok(Resealed::Unsealable),
        }
        if let Err(error) = unit.save_resealed_webhook_endpoint(&found).await {
            return Resealed::unless_stale(error);
        }
        unit.commit().await.map_or_else(Resealed::unless_stale, |()| Ok(Resealed::Anew))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{OLD, World, endpoint, id, organization, run};

    #[test]
    fn what_an_older_key_sealed_is_sealed_anew_and_signs_as_before() {
        let world = World::new();
        let upkeep = EndpointUpkeep::new(world.ports());
        let reseal = |number: u128| run(upkeep.reseal((organization(), id(number)))).unwrap();
        world.keep(&endpoint(1));
        assert_eq!(reseal(1), Resealed::Current);
        let mut state = endpoint(1).state().clone();
        let current = state.secrets[0].clone();
        state.secrets.push(current.clone());
        state.secrets[1].sealed.splice(..0, OLD.iter().copied());
        world.keep(&crate::Endpoint::restore(state.clone(), 1));
        assert_eq!((reseal(1), reseal(1)), (Resealed::Anew, Resealed::Current));
        assert_eq!(world.kept(1).secrets, [current.clone(), current]);
        assert!(world.take_changes().is_empty(), "it is no change");
        state.secrets[0].sealed = b"nonsense".to_vec();
        world.keep(&crate::Endpoint::restore(state.clone(), 1));
        assert_eq!(reseal(1), Resealed::Unsealable);
        assert_eq!(world.kept(1).secrets, state.secrets, "it stays as it is");
        assert_eq!(reseal(2), Resealed::Current, "it is gone");
    }
}
