//! A small world to act in: people who register, sign in and read their mail.

use std::{sync::Arc, time::Duration};

use audit::EventRecorder;
use contracts::fixture::FixedClock;
use credentials::{
    Argon2Hasher, HashingSettings, JwtTokens, KeyEncryptionKeys, KeySet, KeyVault, SigningKeyPair, Strength,
    Totp,
};
use identity::{
    EmailAddress, Identity, Name, OrganizationProfile, Ports, Preferences, Refused, Role, Roles, Settings,
    directory::MemberOrganization,
    invitation::InvitationRef,
    mails::IdentityMails,
    registration::Register,
    second_factor::SecondFactorProof,
    session::{Login, Tokens},
};
use kernel::{
    Actor, Clock as _, Ctx, Delivery, EventHandler as _, Mail, OrganizationId, Outbox as _, Room, Scope,
    Secret,
};
use mail::MemoryMailer;
use storage_memory::MemoryStorage;
use system::{IanaZones, SystemIds, SystemRandom};

/// Long, and no dictionary knows it.
pub(crate) const PASSWORD: &str = "plinth-orbit-walnut-sieve";
pub(crate) const OTHER_PASSWORD: &str = "gravel-teapot-mosaic-wren";

/// What administrators are given, and change at once.
pub(crate) const TEMPORARY_PASSWORD: &str = "thimble-quarry-lantern-moss";

pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) storage: MemoryStorage,
    pub(crate) vault: Arc<KeyVault>,
    pub(crate) mailer: Arc<MemoryMailer>,
    mails: IdentityMails,
}

/// Someone signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) email: EmailAddress,
    pub(crate) ctx: Ctx,
    pub(crate) tokens: Tokens,
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::new(text).expect("a test's address")
}

pub(crate) fn nobody() -> Ctx {
    Ctx::new(Actor::Anonymous, Scope::Identity)
}

pub(crate) fn from_address(address: &str) -> Ctx {
    Ctx { address: Some(address.parse().expect("a test's address")), ..nobody() }
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
        let record = SigningKeyPair::generate(&*vault, clock.now(), clock.now());
        let keys = KeySet::load(&[record], &*vault, clock.now()).expect("a fresh key loads");
        let mut ports = Ports {
            store: Arc::new(storage.clone()),
            directory: Arc::new(storage.clone()),
            rotation: Arc::new(storage.clone()),
            throttle: Arc::new(storage.clone()),
            hasher: Arc::new(Argon2Hasher::new(HashingSettings::for_tests()).expect("a decoy is hashed")),
            strength: Arc::new(Strength::new(&["touchstone"])),
            tokens: Arc::new(JwtTokens::new(
                "https://touchstone.test",
                "touchstone",
                keys,
                Arc::new(SystemIds),
            )),
            vault: vault.clone(),
            codes: Arc::new(Totp),
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            zones: Arc::new(IanaZones),
            denials: Arc::new(storage.clone()),
            domains: vec![&audit::DOMAIN],
        };
        adjust(&mut ports);
        let identity = Identity::new(ports, Settings::default());
        let mailer = Arc::new(MemoryMailer::new());
        let mails = identity.mails(mailer.clone());
        Self { identity, clock, storage, vault, mailer, mails }
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Takes what waits in the outbox.
    pub(crate) async fn take(&self, lease: Duration) -> Vec<Delivery> {
        self.storage.admit(self.clock.now(), None, 100).await.expect("admitted");
        self.storage.take(self.clock.now(), Room::of_any(100), lease).await.expect("taken")
    }

    /// Delivers what waits in the outbox and returns the letters that were sent.
    pub(crate) async fn post(&self) -> Vec<Mail> {
        let before = self.mailer.sent().len();
        loop {
            let taken = self.take(Duration::from_secs(60)).await;
            if taken.is_empty() {
                return self.mailer.sent().split_off(before);
            }
            for delivery in &taken {
                if self.mails.topics().contains(&delivery.topic.as_str()) {
                    self.mails.handle(delivery).await.expect("a letter is written");
                }
            }
            let ids: Vec<_> = taken.iter().map(|delivery| delivery.id).collect();
            self.storage.done(&ids).await.expect("done");
        }
    }

    pub(crate) async fn register(&self, address: &str, password: &str) -> Result<(), Refused> {
        let register = Register {
            email: email(address),
            password: Secret::new(password),
            full_name: Some(Name::new("Ann Lee").expect("a name")),
            timezone: None,
        };
        self.identity.registrations.register(&nobody(), register).await
    }

    /// Registers, opens the link, signs in.
    pub(crate) async fn person(&self, address: &str) -> Person {
        self.register(address, PASSWORD).await.expect("registered");
        let letters = self.post().await;
        let token = token_of(letters.iter().rfind(|letter| letter.link.is_some()).expect("a letter came"));
        self.identity.registrations.verify(&nobody(), &token).await.expect("verified");
        self.sign_in(address).await
    }

    /// An administrator who has changed the temporary password, and has no second factor yet.
    pub(crate) async fn administrator(&self, address: &str) -> Person {
        let (temporary, own) = (Secret::new(TEMPORARY_PASSWORD), Secret::new(PASSWORD));
        let administration = &self.identity.administration;
        administration.create_admin(&nobody(), email(address), None, &temporary).await.expect("made");
        let tokens = self.login(address, TEMPORARY_PASSWORD, None).await.expect("signed in");
        let ctx = self.ctx_of(&tokens).await.expect("the token is good");
        self.identity.passwords.change(&ctx, &temporary, &own).await.expect("changed");
        self.sign_in(address).await
    }

    pub(crate) async fn sign_in(&self, address: &str) -> Person {
        let tokens = self.login(address, PASSWORD, None).await.expect("signed in");
        Person { email: email(address), ctx: self.ctx_of(&tokens).await.expect("the token is good"), tokens }
    }

    pub(crate) async fn login(
        &self,
        address: &str,
        password: &str,
        proof: Option<SecondFactorProof>,
    ) -> Result<Tokens, Refused> {
        let login =
            Login { email: email(address), password: Secret::new(password), proof, device_token: None };
        self.identity.sign_in.login(&nobody(), login).await
    }

    /// What an access token opens.
    pub(crate) async fn ctx_of(&self, tokens: &Tokens) -> Result<Ctx, Refused> {
        self.identity.authentication.authenticate(&nobody(), tokens.access_token.expose()).await
    }

    pub(crate) async fn found(&self, owner: &Person, name: &str) -> MemberOrganization {
        let profile = OrganizationProfile {
            name: Name::new(name).expect("a name"),
            slug: None,
            requires_second_factor: false,
            settings: Preferences::default(),
        };
        self.identity.organizations.found(&owner.ctx, profile).await.expect("founded")
    }

    /// Invites `who` with a role; they accept.
    pub(crate) async fn join(
        &self,
        organization: OrganizationId,
        inviter: &Person,
        who: &Person,
        role: Role,
    ) {
        let invitations = &self.identity.invitations;
        let roles = Roles::only(role);
        let invitation =
            invitations.invite(&inviter.ctx, organization, who.email.clone(), roles).await.expect("invited");
        invitations.accept(&who.ctx, InvitationRef::Id(invitation.id)).await.expect("joined");
    }
}

/// The token in a letter's link.
pub(crate) fn token_of(mail: &Mail) -> Secret {
    let link = mail.link.as_ref().expect("the letter has a link").expose();
    Secret::new(link.rsplit_once("token=").expect("the link has a token").1)
}

/// The code an authenticator app shows for the Base32 secret.
pub(crate) fn code_at(base32: &Secret, at: kernel::Timestamp) -> Secret {
    let secret = totp_rs::Secret::try_from_base32(base32.expose()).expect("a Base32 secret");
    let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a generator");
    Secret::new(totp.generate(u64::try_from(at.unix_seconds()).expect("after 1970")).to_string())
}
