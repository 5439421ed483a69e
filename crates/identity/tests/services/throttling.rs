//! Guesses at accounts, and what they do to those who share an address with the guesser.

use identity::{
    Refused, Throttle as _,
    session::{Login, Tokens},
    throttle::Counter,
};
use kernel::{Clock as _, PageRequest, Refusal as _, Secret};

use crate::world::{OTHER_PASSWORD, PASSWORD, World, email, from_address};

const SCHOOL: &str = "192.0.2.7";

impl World {
    /// A sign-in from an address.
    fn login_from(
        &self,
        address: &str,
        who: &str,
        password: &str,
        device_token: Option<&Secret>,
    ) -> impl Future<Output = Result<Tokens, Refused>> + use<> {
        let (email, password, device_token) = (email(who), Secret::new(password), device_token.cloned());
        let (identity, ctx) = (self.identity.clone(), from_address(address));
        let login = Login { email, password, proof: None, device_token };
        async move { identity.sign_in.login(&ctx, login).await }
    }

    /// Guesses at fifteen accounts from the school, which ban it for five minutes.
    async fn ban_the_school(&self) {
        for n in 0..15 {
            let refused = self.login_from(SCHOOL, &format!("p{n}@example.org"), OTHER_PASSWORD, None).await;
            assert!(matches!(refused, Err(Refused::WrongCredentials)), "{refused:?}");
        }
    }

    async fn locked(&self) -> Vec<(String, Counter)> {
        self.storage.locked(self.clock.now(), &PageRequest::default()).await.unwrap().items
    }

    async fn locked_keys(&self) -> Vec<String> {
        self.locked().await.into_iter().map(|(key, _)| key).collect()
    }
}

/// All at once.
async fn together<F: Future<Output: Send> + Send + 'static>(
    logins: impl Iterator<Item = F>,
) -> Vec<F::Output> {
    let running: Vec<_> = logins.map(tokio::spawn).collect();
    let mut done = Vec::new();
    for login in running {
        done.push(login.await.unwrap());
    }
    done
}

#[tokio::test]
async fn fifteen_failures_ban_an_address_for_minutes_and_the_right_password_passes_afterwards() {
    let world = World::new();
    world.person("ann@example.org").await;
    world.ban_the_school().await;
    world.pass(299);
    let refused = world.login_from(SCHOOL, "ann@example.org", PASSWORD, None).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry_after()), ("identity.address_banned", Some(1)));
    assert!(refused.to_string().contains("try again in 1 s"), "{refused}");
    assert!(world.login_from("192.0.2.8", "ann@example.org", PASSWORD, None).await.is_ok(), "from elsewhere");
    world.pass(1);
    assert!(world.login_from(SCHOOL, "ann@example.org", PASSWORD, None).await.is_ok());
}

#[tokio::test]
async fn a_known_device_and_a_session_pass_the_ban_of_their_address() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.ban_the_school().await;
    let device = ann.tokens.device_token.as_ref();
    assert!(world.login_from(SCHOOL, "ann@example.org", PASSWORD, device).await.is_ok());
    let at_school = kernel::Ctx { address: from_address(SCHOOL).address, ..ann.ctx };
    world.identity.sign_in.step_up(&at_school, &Secret::new(PASSWORD), None).await.unwrap();
    let another = world.login_from(SCHOOL, "ben@example.org", PASSWORD, device).await;
    assert!(matches!(another, Err(Refused::AddressBanned { .. })), "a device is known to one account");
}

#[tokio::test]
async fn failures_of_a_known_device_and_of_a_session_do_not_weigh_on_their_address() {
    let world = World::new();
    let mut devices = Vec::new();
    for n in 0..15 {
        devices.push(world.person(&format!("p{n}@example.org")).await);
    }
    for person in devices {
        let device = person.tokens.device_token.as_ref();
        let refused = world.login_from(SCHOOL, person.email.as_str(), OTHER_PASSWORD, device).await;
        assert!(matches!(refused, Err(Refused::WrongCredentials)));
        let at_school = kernel::Ctx { address: from_address(SCHOOL).address, ..person.ctx };
        world.identity.sign_in.step_up(&at_school, &Secret::new(OTHER_PASSWORD), None).await.unwrap_err();
    }
    assert_eq!(world.locked_keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_neighbours_failures_do_not_lock_an_account_nor_its_owners_elsewhere() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    for n in 0..14 {
        world.login_from(SCHOOL, &format!("p{n}@example.org"), OTHER_PASSWORD, None).await.unwrap_err();
    }
    assert!(world.login_from(SCHOOL, "ann@example.org", PASSWORD, None).await.is_ok(), "fourteen are borne");
    for _ in 0..6 {
        world.login_from("192.0.2.66", "ann@example.org", OTHER_PASSWORD, None).await.unwrap_err();
    }
    assert_eq!(world.locked_keys().await, [format!("account:{}", ann.ctx.actor.id().unwrap())]);
    let device = ann.tokens.device_token.as_ref();
    assert!(world.login_from(SCHOOL, "ann@example.org", PASSWORD, device).await.is_ok(), "a known device");
}

#[tokio::test]
async fn people_who_mistype_once_and_then_sign_in_are_no_guessers() {
    let world = World::new();
    for n in 0..30 {
        let who = format!("p{n}@example.org");
        world.person(&who).await;
        world.login_from(SCHOOL, &who, OTHER_PASSWORD, None).await.unwrap_err();
        world.login_from(SCHOOL, &who, PASSWORD, None).await.unwrap();
    }
}

#[tokio::test]
async fn fifty_parallel_guesses_at_an_account_cannot_pass_the_limit_and_spare_its_known_device() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let guess = |_| world.login_from("192.0.2.66", "ann@example.org", OTHER_PASSWORD, None);
    assert!(together((0..50).map(guess)).await.iter().all(Result::is_err));
    let locked = world.locked().await;
    let counts: Vec<_> = locked.iter().map(|(_, counter)| (counter.count, counter.under_way.len())).collect();
    assert_eq!(counts, [(6, 0)], "the five that are free, and the one that locks");
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_err(), "locked for two seconds");
    let device = ann.tokens.device_token.as_ref();
    assert!(world.login_from(SCHOOL, "ann@example.org", PASSWORD, device).await.is_ok());
    world.pass(2);
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_ok());
}

#[tokio::test]
async fn parallel_guesses_from_an_address_cannot_pass_the_limit_and_right_passwords_are_no_failures() {
    let world = World::new();
    let mut people = Vec::new();
    for n in 0..30 {
        people.push(world.person(&format!("p{n}@example.org")).await);
    }
    let right = people.iter().map(|who| world.login_from(SCHOOL, who.email.as_str(), PASSWORD, None));
    assert!(together(right).await.iter().all(Result::is_ok));
    let wrong =
        (0..200).map(|n| world.login_from(SCHOOL, &format!("q{n}@example.org"), OTHER_PASSWORD, None));
    assert!(together(wrong).await.iter().all(Result::is_err));
    let locked = world.locked().await;
    let [(key, counter)] = locked.as_slice() else { panic!("one is banned: {locked:?}") };
    assert_eq!((key.as_str(), counter.count), ("address:192.0.2.7", 1));
    assert!((15..=44).contains(&counter.failed.len()), "{} accounts were tried", counter.failed.len());
}

#[tokio::test]
async fn what_is_locked_says_nothing_of_the_password() {
    let world = World::new();
    world.person("ann@example.org").await;
    for who in ["ann@example.org", "nobody@example.org"] {
        for _ in 0..6 {
            world.login(who, OTHER_PASSWORD, None).await.unwrap_err();
        }
    }
    let mut said = Vec::new();
    for (who, password) in
        [("ann@example.org", PASSWORD), ("ann@example.org", OTHER_PASSWORD), ("nobody@example.org", PASSWORD)]
    {
        let refused = world.login(who, password, None).await.unwrap_err();
        said.push((refused.code(), refused.to_string(), refused.retry_after()));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn a_lifted_ban_is_over_and_lifting_an_account_is_too() {
    let world = World::new();
    world.person("ann@example.org").await;
    world.ban_the_school().await;
    for _ in 0..6 {
        world.login("ann@example.org", OTHER_PASSWORD, None).await.unwrap_err();
    }
    let keys = world.locked_keys().await;
    assert_eq!(keys.len(), 2, "{keys:?}");
    for key in keys {
        assert!(world.storage.lift(&key).await.unwrap(), "{key}");
    }
    assert!(world.login_from(SCHOOL, "ann@example.org", PASSWORD, None).await.is_ok());
}

#[tokio::test]
async fn neighbours_in_one_ipv6_network_count_as_one() {
    let world = World::new();
    world.person("ann@example.org").await;
    for n in 0..15 {
        let from = format!("2001:db8:1:2::{n}");
        world.login_from(&from, &format!("p{n}@example.org"), OTHER_PASSWORD, None).await.unwrap_err();
    }
    assert!(world.login_from("2001:db8:1:2::ffff", "ann@example.org", PASSWORD, None).await.is_err());
    assert!(world.login_from("2001:db8:1:3::1", "ann@example.org", PASSWORD, None).await.is_ok());
    assert_eq!(world.locked_keys().await, ["address:2001:db8:1:2::/64"]);
}
