use identity::{Refused, Session, Spent, account::AccountChange, session::Login};
use kernel::{PageRequest, Secret};

use crate::world::{OTHER_PASSWORD, PASSWORD, Person, World, email, nobody};

async fn refresh(world: &World, token: &Secret) -> Result<identity::session::Tokens, Refused> {
    world.identity.sign_in.refresh(&nobody(), token).await
}

#[tokio::test]
async fn wrong_password_and_unknown_address_are_one_refusal() {
    let world = World::new();
    world.person("ann@example.org").await;
    let wrong = world.login("ann@example.org", OTHER_PASSWORD, None).await.unwrap_err();
    let unknown = world.login("eve@example.org", OTHER_PASSWORD, None).await.unwrap_err();
    assert_eq!(wrong.to_string(), unknown.to_string());
    assert!(matches!((wrong, unknown), (Refused::WrongCredentials, Refused::WrongCredentials)));
}

#[tokio::test]
async fn refreshing_hands_on_the_session_and_the_token_before_still_fetches_the_current_one_for_ten_seconds()
{
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.pass(60);
    let second = refresh(&world, &ann.tokens.refresh_token).await.unwrap();
    world.pass(10);
    let again = refresh(&world, &ann.tokens.refresh_token).await.unwrap();
    assert_eq!(second.refresh_token, again.refresh_token);
    assert!(world.ctx_of(&again).await.is_ok());
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_the_session_and_is_mailed() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let second = refresh(&world, &ann.tokens.refresh_token).await.unwrap();
    world.post().await;
    world.pass(11);
    assert!(matches!(refresh(&world, &ann.tokens.refresh_token).await, Err(Refused::InvalidToken)));
    assert!(matches!(refresh(&world, &second.refresh_token).await, Err(Refused::InvalidToken)));
    assert!(matches!(world.ctx_of(&second).await, Err(Refused::InvalidToken)));
    let letters = world.post().await;
    assert_eq!(letters.iter().map(|mail| mail.template).collect::<Vec<_>>(), ["identity/session-reused"]);
}

#[tokio::test]
async fn fifty_parallel_refreshes_leave_one_lineage() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (identity, token) = (world.identity.clone(), ann.tokens.refresh_token.clone());
            tokio::spawn(async move { identity.sign_in.refresh(&nobody(), &token).await })
        })
        .collect();
    let mut tokens = Vec::new();
    for call in calls {
        tokens.push(call.await.unwrap().unwrap().refresh_token);
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    let sessions = world.identity.accounts.sessions(&ann.ctx, &PageRequest::default()).await.unwrap();
    assert_eq!(sessions.items.iter().map(|session| session.counter).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_forged_refresh_token_is_refused() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let good = ann.tokens.refresh_token.expose();
    for at in 0..good.len() {
        let mut bytes = good.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let forged = Secret::new(String::from_utf8(bytes).unwrap());
        if forged.expose() != good {
            assert!(refresh(&world, &forged).await.is_err(), "octet {at}");
        }
    }
}

#[tokio::test]
async fn a_new_device_is_mailed_and_a_known_one_is_not() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    assert!(world.post().await.is_empty(), "the first device is not news");
    world.login("ann@example.org", PASSWORD, None).await.unwrap();
    assert_eq!(world.post().await[0].template, "identity/new-device");
    let known = Login {
        email: ann.email.clone(),
        password: Secret::new(PASSWORD),
        proof: None,
        device_token: ann.tokens.device_token.clone(),
    };
    let tokens = world.identity.sign_in.login(&nobody(), known).await.unwrap();
    assert!(tokens.device_token.is_none());
    assert!(world.post().await.is_empty());
}

#[tokio::test]
async fn the_eleventh_session_ends_the_oldest() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    for _ in 0..Session::MOST {
        world.pass(1);
        world.login("ann@example.org", PASSWORD, None).await.unwrap();
    }
    world.pass(5);
    assert!(matches!(world.ctx_of(&ann.tokens).await, Err(Refused::InvalidToken)));
    assert!(refresh(&world, &ann.tokens.refresh_token).await.is_err());
}

async fn super_admin(world: &World) -> Person {
    world.administrator("root@example.org").await;
    world.with_second_factor("root@example.org").await
}

#[tokio::test]
async fn a_suspended_account_cannot_refresh_and_its_access_token_ends_within_five_seconds() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let root = super_admin(&world).await;
    let account = world.identity.accounts.own(&ann.ctx).await.unwrap();
    let suspend = AccountChange { suspended: Some(true), ..AccountChange::default() };
    world.identity.administration.update(&root.ctx, account.id, account.version(), suspend).await.unwrap();
    world.pass(5);
    assert!(matches!(world.ctx_of(&ann.tokens).await, Err(Refused::InvalidToken)));
    assert!(refresh(&world, &ann.tokens.refresh_token).await.is_err());
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_err());
}

#[tokio::test]
async fn administrating_needs_a_second_factor_and_the_role() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let account = world.identity.accounts.own(&ann.ctx).await.unwrap();
    let administration = &world.identity.administration;
    let update = async |ctx: &kernel::Ctx| {
        let suspend = AccountChange { suspended: Some(true), ..AccountChange::default() };
        administration.update(ctx, account.id, account.version(), suspend).await.unwrap_err()
    };
    assert!(matches!(update(&ann.ctx).await, Refused::Forbidden));
    let one_factor = world.administrator("root@example.org").await;
    assert!(matches!(update(&one_factor.ctx).await, Refused::SecondFactorNeeded));
}

#[tokio::test]
async fn a_changed_password_ends_other_sessions_and_old_access_tokens() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let elsewhere = world.sign_in("ann@example.org").await;
    let (current, new) = (Secret::new(PASSWORD), Secret::new(OTHER_PASSWORD));
    let passwords = &world.identity.passwords;
    assert!(matches!(passwords.change(&ann.ctx, &new, &new).await, Err(Refused::WrongCredentials)));
    passwords.change(&ann.ctx, &current, &new).await.unwrap();
    assert!(world.ctx_of(&ann.tokens).await.is_err());
    assert!(refresh(&world, &elsewhere.tokens.refresh_token).await.is_err());
    let renewed = refresh(&world, &ann.tokens.refresh_token).await.unwrap();
    assert!(world.ctx_of(&renewed).await.is_ok());
    let templates: Vec<_> = world.post().await.iter().map(|mail| mail.template).collect();
    assert!(templates.contains(&"identity/password-changed"), "{templates:?}");
}

#[tokio::test]
async fn a_reset_ends_all_sessions_signs_nobody_in_and_spares_the_link_when_the_password_is_weak() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let passwords = &world.identity.passwords;
    passwords.forgot(&nobody(), &ann.email).await.unwrap();
    let token = crate::world::token_of(world.post().await.last().unwrap());
    assert!(matches!(
        passwords.reset(&nobody(), &token, &Secret::new("weak")).await,
        Err(Refused::Password(_))
    ));
    passwords.reset(&nobody(), &token, &Secret::new(OTHER_PASSWORD)).await.unwrap();
    assert!(refresh(&world, &ann.tokens.refresh_token).await.is_err());
    assert!(world.ctx_of(&ann.tokens).await.is_err());
    assert!(world.login("ann@example.org", OTHER_PASSWORD, None).await.is_ok());
    let again = passwords.reset(&nobody(), &token, &Secret::new(PASSWORD)).await;
    assert!(matches!(again, Err(Refused::SpentLink(Spent::Used, _))));
}

#[tokio::test]
async fn a_reset_link_lives_ten_minutes_and_an_unknown_address_gets_none() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.post().await;
    let passwords = &world.identity.passwords;
    passwords.forgot(&nobody(), &email("nobody@example.org")).await.unwrap();
    assert!(world.post().await.is_empty());
    passwords.forgot(&nobody(), &ann.email).await.unwrap();
    let token = crate::world::token_of(world.post().await.last().unwrap());
    world.pass(10 * 60);
    let late = passwords.reset(&nobody(), &token, &Secret::new(OTHER_PASSWORD)).await;
    assert!(matches!(late, Err(Refused::SpentLink(Spent::Expired, _))));
}

#[tokio::test]
async fn sensitive_calls_need_a_proof_of_the_last_five_minutes() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.pass(301);
    let accounts = &world.identity.accounts;
    let to = email("new@example.org");
    assert!(matches!(
        accounts.request_email_change(&ann.ctx, to.clone()).await,
        Err(Refused::StepUpRequired)
    ));
    let wrong = world.identity.sign_in.step_up(&ann.ctx, &Secret::new(OTHER_PASSWORD), None).await;
    assert!(matches!(wrong, Err(Refused::WrongCredentials)));
    let tokens = world.identity.sign_in.step_up(&ann.ctx, &Secret::new(PASSWORD), None).await.unwrap();
    let fresh = world.ctx_of(&tokens).await.unwrap();
    accounts.request_email_change(&fresh, to).await.unwrap();
    let retired = world.ctx_of(&ann.tokens).await;
    assert!(matches!(retired, Err(Refused::InvalidToken)), "the token from before the proof is good no more");
    world.pass(1);
    let refreshed = refresh(&world, &ann.tokens.refresh_token).await.unwrap();
    accounts
        .request_email_change(&world.ctx_of(&refreshed).await.unwrap(), email("x@example.org"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_ends_at_its_absolute_age_and_when_idle() {
    let world = World::new();
    let day = 24 * 3600;
    let ann = world.person("ann@example.org").await;
    let mut token = ann.tokens.refresh_token.clone();
    for _ in 0..3 {
        world.pass(9 * day);
        token = refresh(&world, &token).await.unwrap().refresh_token;
    }
    world.pass(3 * day);
    assert!(refresh(&world, &token).await.is_err(), "thirty days have passed");
    let idle = world.sign_in("ann@example.org").await;
    world.pass(14 * day);
    assert!(refresh(&world, &idle.tokens.refresh_token).await.is_err(), "fourteen idle days");
}

#[tokio::test]
async fn whoever_becomes_an_owner_has_short_sessions_from_then_on() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.found(&ann, "North Wind").await;
    world.pass(3599);
    let next = refresh(&world, &ann.tokens.refresh_token).await.unwrap();
    world.pass(3600);
    assert!(refresh(&world, &next.refresh_token).await.is_err());
}

#[tokio::test]
async fn signing_out_twice_is_fine_and_final() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    for _ in 0..2 {
        world.identity.sign_in.logout(&nobody(), &ann.tokens.refresh_token).await.unwrap();
    }
    assert!(world.ctx_of(&ann.tokens).await.is_err());
    assert!(refresh(&world, &ann.tokens.refresh_token).await.is_err());
}
