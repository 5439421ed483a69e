use identity::{Refused, second_factor::SecondFactorProof};
use kernel::{Assurance, Clock as _, Secret};

use crate::world::{PASSWORD, Person, World, code_at, email};

impl World {
    /// Someone with a confirmed second factor, signed in with it.
    pub(crate) async fn with_second_factor(&self, address: &str) -> Person {
        let person = self.sign_in(address).await;
        let (secret, _) = self.enrol(&person).await;
        self.pass(30);
        let code = SecondFactorProof::Totp(code_at(&secret, self.clock.now()));
        let tokens = self.login(address, PASSWORD, Some(code)).await.expect("signed in with two factors");
        Person { email: email(address), ctx: self.ctx_of(&tokens).await.expect("good"), tokens }
    }

    /// Sets up a second factor; returns its secret in Base32 and the recovery codes.
    pub(crate) async fn enrol(&self, person: &Person) -> (Secret, Vec<Secret>) {
        let factors = &self.identity.second_factors;
        let enrolment = factors.enrol(&person.ctx).await.expect("enrolled");
        let code = code_at(&enrolment.secret, self.clock.now());
        let recovery = factors.confirm(&person.ctx, &code).await.expect("confirmed");
        (enrolment.secret, recovery)
    }
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let (secret, _) = world.enrol(&ann).await;
    let refused = world.login("ann@example.org", PASSWORD, None).await.unwrap_err();
    assert!(matches!(refused, Refused::SecondFactorRequired));
    world.pass(30);
    let code = code_at(&secret, world.clock.now());
    let tokens = world.login("ann@example.org", PASSWORD, Some(SecondFactorProof::Totp(code))).await.unwrap();
    let ctx = world.ctx_of(&tokens).await.unwrap();
    assert!(matches!(ctx.actor, kernel::Actor::Account { assurance: Assurance::Aal2, .. }));
}

#[tokio::test]
async fn a_code_works_once_even_in_parallel() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let (secret, _) = world.enrol(&ann).await;
    world.pass(30);
    let code = code_at(&secret, world.clock.now());
    let first = world.login("ann@example.org", PASSWORD, Some(SecondFactorProof::Totp(code.clone())));
    let second = world.login("ann@example.org", PASSWORD, Some(SecondFactorProof::Totp(code.clone())));
    let (first, second) = tokio::join!(first, second);
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    assert!(world.login("ann@example.org", PASSWORD, Some(SecondFactorProof::Totp(code))).await.is_err());
}

#[tokio::test]
async fn each_recovery_code_works_once_and_its_use_is_mailed() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let (_, recovery) = world.enrol(&ann).await;
    assert_eq!(recovery.len(), 10);
    world.post().await;
    let login = async |code: &Secret| {
        world.login("ann@example.org", PASSWORD, Some(SecondFactorProof::Recovery(code.clone()))).await
    };
    assert!(login(&recovery[0]).await.is_ok());
    assert!(matches!(login(&recovery[0]).await, Err(Refused::WrongCredentials)));
    assert!(login(&Secret::new(recovery[1].expose().to_uppercase().replace('-', " "))).await.is_ok());
    let templates: Vec<_> = world.post().await.iter().map(|mail| mail.template).collect();
    assert_eq!(templates.iter().filter(|name| **name == "identity/recovery-code-used").count(), 2);
}

#[tokio::test]
async fn guessing_codes_with_a_known_password_locks() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let (secret, _) = world.enrol(&ann).await;
    for guess in 0..8 {
        let wrong = SecondFactorProof::Totp(Secret::new(format!("00000{guess}")));
        let _ = world.login("ann@example.org", PASSWORD, Some(wrong)).await;
        let _ = world.login("ann@example.org", PASSWORD, None).await;
    }
    let right = SecondFactorProof::Totp(code_at(&secret, world.clock.now()));
    assert!(matches!(
        world.login("ann@example.org", PASSWORD, Some(right)).await,
        Err(Refused::WrongCredentials)
    ));
}

#[tokio::test]
async fn confirming_ends_other_sessions_and_a_wrong_code_confirms_nothing() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let elsewhere = world.sign_in("ann@example.org").await;
    let factors = &world.identity.second_factors;
    assert!(matches!(factors.confirm(&ann.ctx, &Secret::new("000000")).await, Err(Refused::NoSecondFactor)));
    let enrolment = factors.enrol(&ann.ctx).await.unwrap();
    assert!(enrolment.uri.expose().starts_with("otpauth://totp/Touchstone:"));
    assert!(matches!(factors.confirm(&ann.ctx, &Secret::new("12345")).await, Err(Refused::WrongCode)));
    let code = code_at(&enrolment.secret, world.clock.now());
    factors.confirm(&ann.ctx, &code).await.unwrap();
    assert!(world.ctx_of(&elsewhere.tokens).await.is_err());
    assert!(world.ctx_of(&ann.tokens).await.is_err(), "one factor is not enough any more");
    let renewed =
        world.identity.sign_in.refresh(&crate::world::nobody(), &ann.tokens.refresh_token).await.unwrap();
    let ctx = world.ctx_of(&renewed).await.unwrap();
    assert!(matches!(factors.enrol(&ctx).await, Err(Refused::SecondFactorExists)));
    factors.remove(&ctx).await.unwrap();
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_ok());
}
