//! Links identity into a service of one's own, over the in-memory adapter: someone registers, opens the link in
//! the letter, signs in and founds an organisation.
//!
//! ```text
//! cargo run -p identity --example own_service
//! ```

use std::{error::Error, io::Write as _, sync::Arc, time::Duration};

use audit::EventRecorder;
use credentials::{
    Argon2Hasher, HashingSettings, JwtTokens, KeyEncryptionKeys, KeySet, KeyVault, SigningKeyPair, Strength,
    Totp,
};
use identity::{
    EmailAddress, Identity, Name, OrganizationProfile, Ports, Preferences, Settings, registrations::Register,
    sign_in::Login,
};
use kernel::{Actor, Clock as _, Ctx, EventHandler as _, Outbox as _, Scope, Secret};
use mail::MemoryMailer;
use storage_memory::MemoryStorage;
use system::{IanaZones, SystemClock, SystemIds, SystemRandom};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The adapters: swap `MemoryStorage` for `storage_postgres::PostgresStorage` and nothing else changes.
    let clock = Arc::new(SystemClock);
    let now = clock.now();
    let vault = Arc::new(KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom)));
    let recorder = Arc::new(EventRecorder::new(Arc::new(SystemIds), Arc::new(SystemRandom), vault.clone()));
    let storage = MemoryStorage::new(clock.clone(), Arc::new(SystemIds), recorder);
    let signing_key = SigningKeyPair::generate(&*vault, now, now);
    let keys = KeySet::load(&[signing_key], &*vault, now)?;
    let identity = Identity::new(
        Ports {
            store: Arc::new(storage.clone()),
            directory: Arc::new(storage.clone()),
            rotation: Arc::new(storage.clone()),
            throttle: Arc::new(storage.clone()),
            hasher: Arc::new(Argon2Hasher::new(HashingSettings::default())?),
            strength: Arc::new(Strength::new(&["touchstone"])),
            tokens: Arc::new(JwtTokens::new("https://example.org", "example", keys, Arc::new(SystemIds))),
            vault,
            codes: Arc::new(Totp),
            clock,
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            zones: Arc::new(IanaZones),
            denials: Arc::new(storage.clone()),
            domains: Vec::new(),
        },
        Settings::default(),
    );

    // A command takes the caller's context first. Nobody is known yet.
    let nobody = Ctx::new(Actor::Anonymous, Scope::Identity);
    let email = EmailAddress::new("ann@example.org")?;
    let password = Secret::new("plinth-orbit-walnut-sieve");
    let full_name = Some(Name::new("Ann Lee")?);
    let register = Register { email: email.clone(), password: password.clone(), full_name, timezone: None };
    identity.registrations.register(&nobody, register).await?;

    // What happened waits in the outbox; the domain's own handler writes the letter.
    let mailer = Arc::new(MemoryMailer::new());
    let mails = identity.mails(mailer.clone());
    for delivery in storage.take(SystemClock.now(), 10, Duration::from_secs(60)).await? {
        if mails.topics().contains(&delivery.topic.as_str()) {
            mails.handle(&delivery).await?;
        }
        storage.done(&[delivery.id]).await?;
    }
    let letter = mailer.sent().pop().ok_or("a letter was sent")?;
    let link = letter.link.ok_or("the letter has a link")?;
    let token = link.expose().split("token=").nth(1).ok_or("the link has a token")?;
    identity.registrations.verify(&nobody, &Secret::new(token)).await?;

    let login = Login { email, password, proof: None, device_token: None };
    let tokens = identity.sign_in.login(&nobody, login).await?;
    let ann = identity.authentication.authenticate(&nobody, tokens.access_token.expose()).await?;
    let profile = OrganizationProfile {
        name: Name::new("North Wind")?,
        slug: None,
        requires_second_factor: false,
        settings: Preferences::default(),
    };
    let founded = identity.organizations.found(&ann, profile).await?;

    let roles = founded.membership.roles.names().join(", ");
    writeln!(std::io::stdout(), "Ann is {roles} of {}.", founded.organization.name)?;
    Ok(())
}
