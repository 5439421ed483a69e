use kernel::{Secret, letters::LetterStatus};

use crate::world::{OTHER_PASSWORD, PASSWORD, World, nobody, token_of};
use identity::{Purpose, Refused, Role, Roles, Spent, invitation::InvitationRef};

#[tokio::test]
async fn whoever_opens_the_link_has_an_account() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let account = world.identity.accounts.own(&ann.ctx).await.unwrap();
    assert_eq!(account.email, Some(ann.email.clone()));
    assert_eq!(account.email_verified_at, Some(account.created_at));
    assert_eq!(account.login_streak.current, 1);
}

#[tokio::test]
async fn nothing_can_be_signed_in_to_before_the_link_was_opened() {
    let world = World::new();
    world.register("ann@example.org", PASSWORD).await.unwrap();
    let refused = world.login("ann@example.org", PASSWORD, None).await.unwrap_err();
    assert!(matches!(refused, Refused::WrongCredentials));
}

#[tokio::test]
async fn registering_anothers_address_in_advance_gains_nothing() {
    let world = World::new();
    world.register("ann@example.org", "an attacker knows this one").await.unwrap();
    world.post().await;
    world.register("ann@example.org", PASSWORD).await.unwrap();
    let letters = world.post().await;
    world.identity.registrations.verify(&nobody(), &token_of(&letters[0])).await.unwrap();
    assert!(world.login("ann@example.org", "an attacker knows this one", None).await.is_err());
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_ok());
}

#[tokio::test]
async fn a_known_address_is_told_that_it_has_an_account() {
    let world = World::new();
    world.person("ann@example.org").await;
    world.register("Ann@Example.org", OTHER_PASSWORD).await.unwrap();
    let letters = world.post().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].template, "identity/account-exists");
    assert!(letters[0].link.is_none());
}

#[tokio::test]
async fn a_link_works_once_and_the_one_before_for_a_day_beside_it() {
    let world = World::new();
    let ann = crate::world::email("ann@example.org");
    world.register("ann@example.org", PASSWORD).await.unwrap();
    let first = token_of(&world.post().await[0]);
    let resend = async || {
        world.identity.registrations.resend(&nobody(), &ann).await.unwrap();
        token_of(&world.post().await[0])
    };
    world.pass(23 * 3600);
    resend().await;
    world.pass(1);
    let second = resend().await;
    let verify = |token| {
        let identity = world.identity.clone();
        async move { identity.registrations.verify(&nobody(), &token).await }
    };
    assert!(verify(first.clone()).await.is_ok(), "the letters after it were delivered less than a day ago");
    for link in [first, second] {
        let refused = verify(link).await.unwrap_err();
        assert!(matches!(refused, Refused::SpentLink(Spent::Used, _)), "{refused}");
        assert!(refused.to_string().contains("sign in"), "{refused}");
    }
    world.identity.registrations.resend(&nobody(), &ann).await.unwrap();
    let letters = world.post().await;
    assert_eq!(
        letters[0].template, "identity/account-exists",
        "whoever asks for another link is told why none comes"
    );
    let unknown = Secret::new("x".repeat(43));
    assert!(matches!(verify(unknown).await, Err(Refused::InvalidOneTimeToken)), "others learn nothing");
}

#[tokio::test]
async fn a_letter_that_was_refused_replaces_no_earlier_one() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.post().await;
    let invitations = &world.identity.invitations;
    let ben = world.person("ben@example.org").await;
    let sent = invitations.invite(&ann.ctx, id, ben.email.clone(), Roles::only(Role::Member)).await.unwrap();
    assert_eq!(sent.delivery.as_ref().map(|of| of.status), Some(LetterStatus::Queued));
    let first = token_of(&world.post().await[0]);
    let status = async || {
        let found = invitations.get(&ann.ctx, id, sent.invitation.id).await.unwrap();
        found.delivery.map(|of| (of.status, of.code)).unwrap()
    };
    assert_eq!(status().await, (LetterStatus::Sent, None));
    world.pass(3601);
    world.mailer.refuse(ben.email.as_str(), "550 5.1.1");
    invitations.resend(&ann.ctx, id, sent.invitation.id).await.unwrap();
    assert!(world.post().await.is_empty());
    assert_eq!(status().await, (LetterStatus::Refused, Some("550 5.1.1".to_owned())));
    let listed = invitations.list(&ann.ctx, id, &kernel::PageRequest::default()).await.unwrap();
    assert_eq!(listed.items[0].delivery.as_ref().map(|of| of.status), Some(LetterStatus::Refused));
    world.mailer.accept(ben.email.as_str());
    world.pass(2 * 24 * 3600);
    let ben = world.sign_in("ben@example.org").await;
    invitations.accept(&ben.ctx, InvitationRef::Token(first)).await.unwrap();
}

#[tokio::test]
async fn a_letter_that_arrived_takes_the_place_of_the_one_before_a_day_later() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.post().await;
    let invitations = &world.identity.invitations;
    let ben = world.person("ben@example.org").await;
    let sent = invitations.invite(&ann.ctx, id, ben.email.clone(), Roles::only(Role::Member)).await.unwrap();
    let first = token_of(&world.post().await[0]);
    world.pass(1);
    let ann = world.sign_in("ann@example.org").await;
    invitations.resend(&ann.ctx, id, sent.invitation.id).await.unwrap();
    let letters = world.post().await;
    let second = token_of(letters.iter().find(|letter| letter.link.is_some()).unwrap());
    world.pass(24 * 3600);
    let ben = world.sign_in("ben@example.org").await;
    let refused = invitations.accept(&ben.ctx, InvitationRef::Token(first)).await.unwrap_err();
    assert!(matches!(refused, Refused::SpentLink(Spent::Replaced, Purpose::Invitation)), "{refused}");
    invitations.accept(&ben.ctx, InvitationRef::Token(second)).await.unwrap();
}

#[tokio::test]
async fn of_many_parallel_uses_of_a_link_one_counts() {
    let world = World::new();
    world.register("ann@example.org", PASSWORD).await.unwrap();
    let token = token_of(&world.post().await[0]);
    let uses = (0..20).map(|_| {
        let (identity, token) = (world.identity.clone(), token.clone());
        tokio::spawn(async move { identity.registrations.verify(&nobody(), &token).await.is_ok() })
    });
    let mut counted = 0;
    for one in uses.collect::<Vec<_>>() {
        counted += usize::from(one.await.unwrap());
    }
    assert_eq!(counted, 1);
}

#[tokio::test]
async fn a_link_expires_after_a_day() {
    let world = World::new();
    world.register("ann@example.org", PASSWORD).await.unwrap();
    let token = token_of(&world.post().await[0]);
    world.pass(24 * 3600);
    let refused = world.identity.registrations.verify(&nobody(), &token).await.unwrap_err();
    assert!(matches!(refused, Refused::SpentLink(Spent::Expired, _)));
}

#[tokio::test]
async fn an_address_gets_three_letters_an_hour_whatever_is_asked() {
    let world = World::new();
    for _ in 0..5 {
        world.register("ann@example.org", PASSWORD).await.unwrap();
    }
    assert_eq!(world.post().await.len(), 3);
    world.pass(3600);
    world.register("ann@example.org", PASSWORD).await.unwrap();
    assert_eq!(world.post().await.len(), 1);
}

#[tokio::test]
async fn weak_passwords_are_refused_with_the_reason() {
    use identity::PasswordRefused as P;
    let world = World::new();
    let refused = async |password: &str| match world.register("bruno@example.org", password).await {
        Err(Refused::Password(refused)) => refused,
        other => panic!("{password}: {other:?}"),
    };
    assert_eq!(refused("tooshort").await, P::TooShort { found: 8, least: 15 });
    assert_eq!(refused(&"x".repeat(129)).await, P::TooLong);
    assert_eq!(refused(&"€".repeat(2000)).await, P::TooLong);
    assert!(matches!(refused("touchstone-bruno").await, P::Predictable | P::Guessable));
    assert!(matches!(refused("aaaaaaaaaaaaaaaaaaaa").await, P::Guessable | P::Common));
}

#[tokio::test]
async fn no_secret_stands_in_the_outbox_or_in_debug_output() {
    let world = World::new();
    world.register("ann@example.org", "canary-plinth-orbit-walnut").await.unwrap();
    let waiting = world.take(std::time::Duration::ZERO).await;
    assert!(!waiting.is_empty());
    assert!(!format!("{waiting:?}").contains("canary"));
    let letters = world.post().await;
    let token = token_of(&letters[0]);
    assert!(!format!("{letters:?}").contains(token.expose()));
}
