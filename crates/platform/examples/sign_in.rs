//! A service of one's own over the in-memory adapter: a person registers, opens the link in the letter and signs in.
//!
//! ```text
//! cargo run -p platform --no-default-features --example sign_in
//! ```

use std::{error::Error, io::Write as _, sync::Arc, time::Duration};

use credentials::KeyEncryptionKeys;
use identity::{EmailAddress, registration::Register, session::Login};
use kernel::{Actor, Ctx, Scope, Secret};
use mail::MemoryMailer;
use platform::{Options, Platform, WorkerOptions, shutdown};
use system::SystemRandom;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mailer = Arc::new(MemoryMailer::new());
    let options = Options::new(KeyEncryptionKeys::generate(&SystemRandom), mailer.clone());
    let platform = Platform::in_memory(options).await?;
    let (_stop, stopping) = shutdown::channel();
    let _work = platform.start_work(&WorkerOptions::default(), &stopping);

    let nobody = Ctx::new(Actor::Anonymous, Scope::Identity);
    let (email, password) = (EmailAddress::new("ann@example.org")?, Secret::new("plinth-orbit-walnut-sieve"));
    let register =
        Register { email: email.clone(), password: password.clone(), full_name: None, timezone: None };
    platform.identity.registrations.register(&nobody, register).await?;

    let letter = mailer.wait_for(|mail| mail.to == "ann@example.org", Duration::from_secs(10)).await;
    let link = letter.and_then(|letter| letter.link).ok_or("a letter with a link was sent")?;
    let token = link.expose().split("token=").nth(1).ok_or("the link has a token")?;
    platform.identity.registrations.verify(&nobody, &Secret::new(token)).await?;

    let login = Login { email, password, proof: None, device_token: None };
    let tokens = platform.identity.sign_in.login(&nobody, login).await?;
    let ann = platform.identity.authentication.authenticate(&nobody, tokens.access_token.expose()).await?;
    writeln!(std::io::stdout(), "Signed in as {:?}", ann.actor)?;
    Ok(())
}
