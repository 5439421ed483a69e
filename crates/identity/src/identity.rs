//! All services of the domain over one set of ports.

use std::sync::Arc;

use kernel::{Gate, Mailer, People};

use crate::{
    administration::Administration,
    api_keys::ApiKeys,
    authentication::Authentication,
    correspondence::Correspondence,
    gate::Doorkeeper,
    invitations::Invitations,
    me::Me,
    members::Members,
    organizations::Organizations,
    passwords::Passwords,
    people::Acquaintance,
    ports::{Ports, Settings},
    registering::Registering,
    second_factors::SecondFactors,
    signing_in::SigningIn,
};

/// The identity domain, ready to use.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is named after its service, which is documented")]
pub struct Identity {
    pub authentication: Arc<Authentication>,
    pub registering: Registering,
    pub signing_in: SigningIn,
    pub passwords: Passwords,
    pub me: Me,
    pub second_factors: SecondFactors,
    pub organizations: Organizations,
    pub members: Members,
    pub invitations: Invitations,
    pub api_keys: ApiKeys,
    pub administration: Administration,
    ports: Ports,
    settings: Arc<Settings>,
}

impl Identity {
    /// All services over these ports.
    pub fn new(ports: Ports, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let authentication = Arc::new(Authentication::new(ports.clone(), settings.clone()));
        let (p, s, a) = (|| ports.clone(), || settings.clone(), || authentication.clone());
        Self {
            registering: Registering::new(p(), s()),
            signing_in: SigningIn::new(p(), s(), a()),
            passwords: Passwords::new(p(), s(), a()),
            me: Me::new(p(), s(), a()),
            second_factors: SecondFactors::new(p(), s(), a()),
            organizations: Organizations::new(p(), s()),
            members: Members::new(p(), s()),
            invitations: Invitations::new(p(), s()),
            api_keys: ApiKeys::new(p(), s()),
            administration: Administration::new(p(), s(), a()),
            authentication: a(),
            ports,
            settings,
        }
    }

    /// What decides for the other domains whether a caller may act.
    pub fn gate(&self) -> Arc<dyn Gate> {
        Arc::new(Doorkeeper::new(self.ports.clone()))
    }

    /// What tells the other domains who people are.
    pub fn people(&self) -> Arc<dyn People> {
        Arc::new(Acquaintance::new(self.ports.clone()))
    }

    /// What writes the domain's letters, for the outbox worker.
    pub fn correspondence(&self, mailer: Arc<dyn Mailer>) -> Correspondence {
        Correspondence::new(self.ports.clone(), self.settings.clone(), mailer)
    }
}
