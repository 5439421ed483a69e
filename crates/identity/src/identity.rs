//! All services of the domain over one set of ports.

use std::sync::Arc;

use kernel::{Gate, Mailer, Members, People, PersonalKeys};

use crate::{
    account::{AccountService, AdministrationService},
    api_key::{ApiKeyExpiry, ApiKeyService},
    bounces::BounceService,
    gate::MembershipGate,
    invitation::InvitationService,
    mails::IdentityMails,
    membership::MemberService,
    organization::{OrganizationLimitService, OrganizationMailer, OrganizationService, UnsubscribingService},
    password::PasswordService,
    people::IdentityPeople,
    personal_keys::IdentityPersonalKeys,
    ports::{Ports, Settings},
    registration::RegistrationService,
    second_factor::SecondFactorService,
    session::{AuthenticationService, SignInService},
};

/// The identity domain, ready to use.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is named after its service, which is documented")]
pub struct Identity {
    pub authentication: Arc<AuthenticationService>,
    pub registrations: RegistrationService,
    pub sign_in: SignInService,
    pub passwords: PasswordService,
    pub accounts: AccountService,
    pub second_factors: SecondFactorService,
    pub organizations: OrganizationService,
    pub organization_limits: OrganizationLimitService,
    pub unsubscribing: UnsubscribingService,
    pub members: MemberService,
    pub invitations: InvitationService,
    pub api_keys: ApiKeyService,
    pub bounces: BounceService,
    pub administration: AdministrationService,
    ports: Ports,
    settings: Arc<Settings>,
}

impl Identity {
    /// All services over these ports.
    pub fn new(ports: Ports, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let authentication = Arc::new(AuthenticationService::new(ports.clone(), settings.clone()));
        let (p, s, a) = (|| ports.clone(), || settings.clone(), || authentication.clone());
        Self {
            registrations: RegistrationService::new(p(), s()),
            sign_in: SignInService::new(p(), s(), a()),
            passwords: PasswordService::new(p(), s(), a()),
            accounts: AccountService::new(p(), s(), a()),
            second_factors: SecondFactorService::new(p(), s(), a()),
            organizations: OrganizationService::new(p(), s()),
            organization_limits: OrganizationLimitService::new(p()),
            unsubscribing: UnsubscribingService::new(p()),
            members: MemberService::new(p(), s()),
            invitations: InvitationService::new(p(), s()),
            api_keys: ApiKeyService::new(p(), s()),
            bounces: BounceService::new(p()),
            administration: AdministrationService::new(p(), s(), a()),
            authentication: a(),
            ports,
            settings,
        }
    }

    /// Where links in mails lead, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.settings.public_url
    }

    /// What decides for the other domains whether a caller may act.
    pub fn gate(&self) -> Arc<dyn Gate> {
        Arc::new(MembershipGate::new(self.ports.clone()))
    }

    /// What tells the other domains who people are.
    pub fn people(&self) -> Arc<dyn People> {
        Arc::new(IdentityPeople::new(self.ports.clone()))
    }

    /// What lists the members of organisations to the other domains.
    pub fn member_lists(&self) -> Arc<dyn Members> {
        Arc::new(IdentityPeople::new(self.ports.clone()))
    }

    /// What gives the other domains people's data keys.
    pub fn personal_keys(&self) -> Arc<dyn PersonalKeys> {
        Arc::new(IdentityPersonalKeys::new(self.ports.store.clone(), self.ports.vault.clone()))
    }

    /// What sends the letters of all domains, over a mailer that only delivers: those of organisations have limits.
    pub fn mailer(&self, delivering: Arc<dyn Mailer>) -> Arc<dyn Mailer> {
        Arc::new(OrganizationMailer::new(self.ports.clone(), self.settings.clone(), delivering))
    }

    /// What time does in the domain, for the outbox worker.
    pub fn timers(&self) -> ApiKeyExpiry {
        ApiKeyExpiry::new(self.ports.clone())
    }

    /// What writes the domain's mails, for the outbox worker.
    pub fn mails(&self, mailer: Arc<dyn Mailer>) -> IdentityMails {
        IdentityMails::new(self.ports.clone(), self.settings.clone(), mailer)
    }
}
