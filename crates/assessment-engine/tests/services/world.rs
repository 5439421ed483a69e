//! A small world to act in: organisations with a person in each role, and strangers.

use std::{sync::Arc, time::Duration};

use assessment_engine::{AssessmentServices, Ports, Quotas, Settings};
use assessment_format::interview::ScriptedInterviewer;
use audit::EventRecorder;
use contracts::fixture::FixedClock;
use credentials::{
    Argon2Hasher, HashingSettings, JwtTokens, KeyEncryptionKeys, KeySet, KeyVault, SigningKeyPair, Strength,
    Totp,
};
use identity::{
    Account, EmailAddress, Identity, Membership, Name, Organization, OrganizationProfile, PasswordHash,
    Preferences, Profile, Role, Roles,
};
use kernel::{
    AccountId, Actor, Allotment, Assurance, Clock, Ctx, Erasure, EventHandler, Ids, Mail, OrganizationId,
    Outbox as _, PlatformRole, Room, Scope, Store, Timestamp,
};
use mail::MemoryMailer;
use storage_memory::MemoryStorage;
use system::{IanaZones, SystemIds, SystemRandom};

pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) assessments: AssessmentServices,
    pub(crate) ports: Ports,
    pub(crate) storage: MemoryStorage,
    pub(crate) mailer: Arc<MemoryMailer>,
    pub(crate) clock: Arc<FixedClock>,
    event_handlers: Vec<Arc<dyn EventHandler>>,
}

/// Someone with an account.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) account: AccountId,
    pub(crate) ctx: Ctx,
}

/// An organisation with a person in each role.
#[derive(Debug, Clone)]
pub(crate) struct TestOrganization {
    pub(crate) id: OrganizationId,
    pub(crate) owner: Person,
    pub(crate) admin: Person,
    pub(crate) manager: Person,
    pub(crate) recruiter: Person,
    pub(crate) interviewer: Person,
    pub(crate) practitioner: Person,
    pub(crate) member: Person,
    pub(crate) candidate: Person,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other ports in place of some.
    pub(crate) fn with(adjust: impl FnOnce(&mut Ports)) -> Self {
        let clock = Arc::new(FixedClock::default());
        let vault =
            Arc::new(KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom)));
        let recorder = EventRecorder::new(Arc::new(SystemIds), Arc::new(SystemRandom), vault.clone());
        let storage = MemoryStorage::new(clock.clone(), Arc::new(SystemIds), Arc::new(recorder));
        let identity = identity_over(&storage, &clock, &vault);
        let mut ports = Ports {
            store: Arc::new(storage.clone()),
            reading: Arc::new(storage.clone()),
            answers: Arc::new(storage.clone()),
            gate: identity.gate(),
            people: identity.people(),
            denials: Arc::new(storage.clone()),
            guest_tokens: vault,
            claim_upkeep: Arc::new(storage.clone()),
            zones: Arc::new(IanaZones),
            interviewer: Arc::new(ScriptedInterviewer),
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            version_cache: Arc::default(),
            session_cache: Arc::default(),
            quotas: Quotas { asked_per_day: Allotment::flat(20_000), ..Quotas::default() },
        };
        adjust(&mut ports);
        let assessments = AssessmentServices::new(ports.clone(), Settings::default());
        let mailer = Arc::new(MemoryMailer::new());
        let mut event_handlers: Vec<Arc<dyn EventHandler>> = vec![Arc::new(identity.mails(mailer.clone()))];
        event_handlers.extend(assessments.event_handlers(mailer.clone()));
        event_handlers.push(Arc::new(Erasure(vec![Arc::new(assessments.personal_data.clone())])));
        Self { identity, assessments, ports, storage, mailer, clock, event_handlers }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time go by.
    pub(crate) fn pass(&self, seconds: u64) -> Timestamp {
        self.clock.advance(Duration::from_secs(seconds))
    }

    /// Reacts to all that happened and is due, until nothing is, and returns the letters that were sent.
    pub(crate) async fn work_off(&self) -> Vec<Mail> {
        self.deliver(1).await
    }

    /// The same with each delivery coming twice, as it may.
    pub(crate) async fn work_off_twice(&self) -> Vec<Mail> {
        self.deliver(2).await
    }

    async fn deliver(&self, times: usize) -> Vec<Mail> {
        let before = self.mailer.sent().len();
        loop {
            self.storage.admit(self.now(), None, 100).await.unwrap();
            let taken =
                self.storage.take(self.now(), Room::of_any(100), Duration::from_secs(60)).await.unwrap();
            if taken.is_empty() {
                return self.mailer.sent().split_off(before);
            }
            for delivery in &taken {
                let listens = |of: &&Arc<dyn EventHandler>| of.topics().contains(&delivery.topic.as_str());
                for handler in self.event_handlers.iter().filter(listens) {
                    for _ in 0..times {
                        handler.handle(delivery).await.unwrap();
                    }
                }
            }
            let ids: Vec<_> = taken.iter().map(|delivery| delivery.id).collect();
            self.storage.done(&ids).await.unwrap();
        }
    }

    /// Someone with an account, signed in with two factors.
    pub(crate) async fn person(&self, address: &str) -> Person {
        self.account(address, PlatformRole::User).await
    }

    /// Someone who administrates the platform.
    pub(crate) async fn super_admin(&self) -> Person {
        self.account("super@touchstone.test", PlatformRole::SuperAdmin).await
    }

    async fn account(&self, address: &str, platform_role: PlatformRole) -> Person {
        let (email, now) = (EmailAddress::new(address).unwrap(), self.now());
        let full_name = address.split_once('@').and_then(|(name, _)| Name::new(name).ok());
        let profile = Profile { full_name, ..Profile::default() };
        let hash = PasswordHash("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$bm9ib2R5".to_owned());
        let id = ids().next();
        let mut account = Account::open(id, email, hash, profile, platform_role, now);
        let mut unit = self.unit().await;
        unit.save_account(&mut account).await.unwrap();
        unit.commit().await.unwrap();
        let session = ids().next();
        let actor =
            Actor::Account { id, session, platform_role, assurance: Assurance::Aal2, authenticated_at: now };
        Person { account: id, ctx: Ctx::new(actor, Scope::Account(id)) }
    }

    /// An organisation of this name with a person in each role, `owner@` to `candidate@` its name in lower case.
    pub(crate) async fn org(&self, name: &str) -> TestOrganization {
        let id = ids().next();
        let profile = OrganizationProfile {
            name: Name::new(name).unwrap(),
            slug: None,
            requires_second_factor: false,
            settings: Preferences::default(),
        };
        let mut unit = self.unit().await;
        unit.save_organization(&mut Organization::found(id, profile, self.now())).await.unwrap();
        unit.commit().await.unwrap();
        let domain = format!("{}.test", name.to_lowercase().replace(' ', "-"));
        let hire = async |role: Role| {
            let person = self.person(&format!("{}@{domain}", role.name())).await;
            self.join(id, &person, role).await;
            person
        };
        TestOrganization {
            id,
            owner: hire(Role::Owner).await,
            admin: hire(Role::Admin).await,
            manager: hire(Role::Manager).await,
            recruiter: hire(Role::Recruiter).await,
            interviewer: hire(Role::Interviewer).await,
            practitioner: hire(Role::Practitioner).await,
            member: hire(Role::Member).await,
            candidate: hire(Role::Candidate).await,
        }
    }

    /// Makes someone a member.
    pub(crate) async fn join(&self, organization: OrganizationId, person: &Person, role: Role) {
        let roles = Roles::only(role);
        let mut membership = Membership::join(ids().next(), organization, person.account, roles, self.now());
        let mut unit = self.unit().await;
        unit.save_membership(&mut membership).await.unwrap();
        unit.commit().await.unwrap();
    }

    async fn unit(&self) -> Box<identity::Unit> {
        self.storage.begin(&Ctx::new(Actor::System, Scope::Identity)).await.unwrap()
    }
}

fn ids() -> &'static dyn Ids {
    &SystemIds
}

fn identity_over(storage: &MemoryStorage, clock: &Arc<FixedClock>, vault: &Arc<KeyVault>) -> Identity {
    let record = SigningKeyPair::generate(&**vault, clock.now(), clock.now());
    let keys = KeySet::load(&[record], &**vault, clock.now()).unwrap();
    let ports = identity::Ports {
        store: Arc::new(storage.clone()),
        directory: Arc::new(storage.clone()),
        rotation: Arc::new(storage.clone()),
        throttle: Arc::new(storage.clone()),
        hasher: Arc::new(Argon2Hasher::new(HashingSettings::for_tests()).unwrap()),
        strength: Arc::new(Strength::new(&["touchstone"])),
        tokens: Arc::new(JwtTokens::new("https://touchstone.test", "touchstone", keys, Arc::new(SystemIds))),
        vault: vault.clone(),
        codes: Arc::new(Totp),
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        random: Arc::new(SystemRandom),
        zones: Arc::new(IanaZones),
        denials: Arc::new(storage.clone()),
        domains: vec![&audit::DOMAIN, &assessment_engine::DOMAIN, &kernel::PLATFORM],
    };
    Identity::new(ports, identity::Settings::default())
}
