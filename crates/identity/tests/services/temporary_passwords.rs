//! Passwords that somebody else chose, and second factors that were lost.

use identity::{Account, PasswordRefused, Refused, directory::AccountFilter};
use kernel::{Actor, Ctx, PageRequest, Refusal as _, Secret};

use crate::world::{OTHER_PASSWORD, PASSWORD, TEMPORARY_PASSWORD, World, email, nobody, token_of};

const ROOT: &str = "root@example.org";

impl World {
    async fn make_admin(&self, password: &str) -> identity::account::MadeAdmin {
        let password = Secret::new(password);
        self.identity.administration.create_admin(&nobody(), email(ROOT), None, &password).await.unwrap()
    }

    /// Signed in with the temporary password.
    async fn newcomer(&self) -> Ctx {
        self.make_admin(TEMPORARY_PASSWORD).await;
        let tokens = self.login(ROOT, TEMPORARY_PASSWORD, None).await.unwrap();
        self.ctx_of(&tokens).await.unwrap()
    }

    async fn change(&self, ctx: &Ctx, to: &str) -> Result<(), Refused> {
        self.identity.passwords.change(ctx, &Secret::new(TEMPORARY_PASSWORD), &Secret::new(to)).await
    }
}

#[tokio::test]
async fn a_temporary_password_opens_its_change_and_ones_own_account_alone() {
    let world = World::new();
    let root = world.newcomer().await;
    let identity = &world.identity;
    let page = PageRequest::default();
    let needed = |refused: Refused| assert!(matches!(refused, Refused::PasswordChangeNeeded), "{refused:?}");
    needed(identity.accounts.sessions(&root, &page).await.unwrap_err());
    needed(identity.organizations.list(&root, &page).await.unwrap_err());
    needed(identity.sign_in.step_up(&root, &Secret::new(TEMPORARY_PASSWORD), None).await.unwrap_err());
    needed(identity.second_factors.enrol(&root).await.unwrap_err());
    needed(identity.administration.accounts(&root, &AccountFilter::default(), &page).await.unwrap_err());
    let gate = identity.gate();
    let rule = &audit::Action::ReadPlatform;
    for denied in [
        gate.permit_own(&root).await.unwrap_err(),
        gate.permit_platform(&root, rule).await.unwrap_err(),
        gate.permit(&root, kernel::Id::from_uuid(uuid::Uuid::nil()), rule).await.unwrap_err(),
    ] {
        assert_eq!(denied.code(), "identity.password_change_needed");
    }
    assert!(identity.accounts.own(&root).await.unwrap().has_temporary_password());
    world.change(&root, PASSWORD).await.unwrap();
    let root = world.sign_in(ROOT).await;
    assert!(matches!(root.ctx.actor, Actor::Account { .. }));
    assert_eq!(identity.accounts.own(&root.ctx).await.unwrap().password_expires_at, None);
}

#[tokio::test]
async fn the_session_goes_on_once_the_password_was_changed() {
    let world = World::new();
    world.make_admin(TEMPORARY_PASSWORD).await;
    let tokens = world.login(ROOT, TEMPORARY_PASSWORD, None).await.unwrap();
    let root = world.ctx_of(&tokens).await.unwrap();
    world.change(&root, PASSWORD).await.unwrap();
    assert!(world.ctx_of(&tokens).await.is_err());
    let tokens = world.identity.sign_in.refresh(&nobody(), &tokens.refresh_token).await.unwrap();
    assert!(matches!(world.ctx_of(&tokens).await.unwrap().actor, Actor::Account { .. }));
}

#[tokio::test]
async fn a_temporary_password_does_not_become_ones_own() {
    let world = World::new();
    let root = world.newcomer().await;
    let refused = world.change(&root, TEMPORARY_PASSWORD).await.unwrap_err();
    assert!(matches!(refused, Refused::Password(PasswordRefused::Temporary)), "{refused:?}");
    let passwords = &world.identity.passwords;
    passwords.forgot(&nobody(), &email(ROOT)).await.unwrap();
    let link = token_of(world.post().await.last().unwrap());
    let refused = passwords.reset(&nobody(), &link, &Secret::new(TEMPORARY_PASSWORD)).await.unwrap_err();
    assert!(matches!(refused, Refused::Password(PasswordRefused::Temporary)), "{refused:?}");
    passwords.reset(&nobody(), &link, &Secret::new(PASSWORD)).await.unwrap();
    assert!(matches!(world.sign_in(ROOT).await.ctx.actor, Actor::Account { .. }));
}

#[tokio::test]
async fn a_temporary_password_opens_nothing_after_a_day() {
    let world = World::new();
    let root = world.newcomer().await;
    world.pass(Account::TEMPORARY_PASSWORD_LIFE.as_secs() - 1);
    world.login(ROOT, TEMPORARY_PASSWORD, None).await.unwrap();
    world.pass(1);
    let refused = world.login(ROOT, TEMPORARY_PASSWORD, None).await.unwrap_err();
    assert!(matches!(refused, Refused::WrongCredentials), "{refused:?}");
    let event = world.events().await.pop().unwrap();
    assert_eq!(event.reason.as_deref(), Some("identity.password_expired"));
    let refused = world.change(&root, PASSWORD).await.unwrap_err();
    assert!(matches!(refused, Refused::WrongCredentials), "{refused:?}");

    let again = world.make_admin(OTHER_PASSWORD).await;
    assert!(!again.is_new, "a day was too short: there is another");
    assert!(world.login(ROOT, TEMPORARY_PASSWORD, None).await.is_err());
    let tokens = world.login(ROOT, OTHER_PASSWORD, None).await.unwrap();
    assert!(matches!(world.ctx_of(&tokens).await.unwrap().actor, Actor::Newcomer { .. }));
}

#[tokio::test]
async fn a_password_of_ones_own_stays_when_one_becomes_an_administrator() {
    let world = World::new();
    let ann = world.person(ROOT).await;
    world.make_admin(TEMPORARY_PASSWORD).await;
    assert!(world.login(ROOT, TEMPORARY_PASSWORD, None).await.is_err());
    world.login(ROOT, PASSWORD, None).await.unwrap();
    let account = world.identity.accounts.own(&world.sign_in(ROOT).await.ctx).await.unwrap();
    assert_eq!((account.id, account.password_expires_at), (ann.ctx.actor.account().unwrap(), None));
}

#[tokio::test]
async fn a_lost_second_factor_is_removed_by_the_operator_and_the_platform_stays_shut_without_another() {
    let world = World::new();
    world.administrator(ROOT).await;
    let root = world.with_second_factor(ROOT).await;
    let administration = &world.identity.administration;
    let (filter, page) = (AccountFilter::default(), PageRequest::default());
    administration.accounts(&root.ctx, &filter, &page).await.unwrap();
    world.post().await;
    administration.remove_second_factor(&nobody(), &email(ROOT)).await.unwrap();
    let letters: Vec<_> = world.post().await.iter().map(|mail| mail.template).collect();
    assert!(letters.contains(&"identity/second-factor-removed"), "{letters:?}");
    assert!(world.ctx_of(&root.tokens).await.is_err(), "whoever holds the lost factor is signed out");
    let root = world.sign_in(ROOT).await;
    let refused = administration.accounts(&root.ctx, &filter, &page).await.unwrap_err();
    assert!(matches!(refused, Refused::SecondFactorNeeded), "{refused:?}");
    let refused = administration.remove_second_factor(&nobody(), &email(ROOT)).await.unwrap_err();
    assert!(matches!(refused, Refused::NoSecondFactor), "{refused:?}");
    let unknown = administration.remove_second_factor(&nobody(), &email("eve@example.org")).await;
    assert!(matches!(unknown, Err(Refused::Missing(_))));
}
