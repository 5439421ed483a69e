//! Who acts while the trail is watched.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use identity::{
    KeyScope, Name, PasswordHash,
    api_key::NewApiKey,
    credentials::{HashingError, PasswordHasher, Verified},
    second_factor::SecondFactorProof,
};
use kernel::{AccountId, Ctx, Secret, Timestamp};
use uuid::Uuid;

use super::{ExpectedEvent, Watch, done};
use crate::world::{OTHER_PASSWORD, PASSWORD, Person, World, nobody, token_of};

/// Finds every stored hash outdated when told so.
pub(super) struct OutdatedHasher {
    pub(super) hasher: Arc<dyn PasswordHasher>,
    pub(super) outdated: Arc<AtomicBool>,
}

#[async_trait]
impl PasswordHasher for OutdatedHasher {
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, HashingError> {
        self.hasher.hash(password).await
    }

    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verified, HashingError> {
        let outdated = self.outdated.load(Ordering::SeqCst);
        Ok(Verified { outdated, ..self.hasher.verify(password, hash).await? })
    }
}

pub(super) fn id_of(person: &Person) -> Uuid {
    person.ctx.actor.id().expect("a person has an account")
}

pub(super) fn account_of(person: &Person) -> AccountId {
    person.ctx.actor.account().expect("a person has an account")
}

pub(super) fn ended(person: &Person, by: &Ctx) -> ExpectedEvent {
    done("session.end").by(by).on(person.tokens.session.uuid()).about(id_of(person))
}

impl World {
    /// The same session with an access token of its present standing.
    pub(super) async fn renewed(&self, person: &Person) -> Person {
        let token = &person.tokens.refresh_token;
        let tokens = self.identity.sign_in.refresh(&nobody(), token).await.expect("renewed");
        Person { email: person.email.clone(), ctx: self.ctx_of(&tokens).await.expect("good"), tokens }
    }

    pub(super) async fn begun(
        &self,
        person: &Person,
        password: &str,
        proof: Option<SecondFactorProof>,
    ) -> Person {
        self.pass(1);
        let tokens = self.login(person.email.as_str(), password, proof).await.expect("signed in");
        Person { email: person.email.clone(), ctx: self.ctx_of(&tokens).await.expect("good"), tokens }
    }

    pub(super) async fn account_version(&self, person: &Person) -> i64 {
        self.identity.accounts.own(&person.ctx).await.expect("there").version()
    }

    /// The link in the only letter that has one.
    pub(super) async fn link(&self) -> Secret {
        let letters = self.post().await;
        token_of(letters.iter().find(|letter| letter.link.is_some()).expect("a letter with a link"))
    }
}

impl Watch<'_> {
    /// The letter was written; its link belongs to this.
    pub(super) async fn link_to(&mut self, subject: Uuid) -> Secret {
        let link = self.world.link().await;
        self.secret("a link", &link);
        self.left("IdentityMails::handle", &[done("one_time_token.mint").about(subject)]).await;
        link
    }

    pub(super) fn secrets_of(&mut self, person: &Person) {
        self.secret("an access token", &person.tokens.access_token);
        self.secret("a refresh token", &person.tokens.refresh_token);
        if let Some(device) = &person.tokens.device_token {
            self.secret("a device token", device);
        }
    }

    /// Somebody new, whose coming is not looked at.
    pub(super) async fn newcomer(&mut self, address: &str) -> Person {
        let person = self.world.person(address).await;
        self.news().await;
        person
    }
}

pub(super) fn wrong() -> Secret {
    Secret::new(OTHER_PASSWORD)
}

pub(super) fn right() -> Secret {
    Secret::new(PASSWORD)
}

pub(super) fn new_key(scopes: impl IntoIterator<Item = KeyScope>, now: Timestamp) -> NewApiKey {
    let expires_at = now.plus(Duration::from_secs(3600));
    NewApiKey { name: Name::new("Payroll").unwrap(), scopes: scopes.into_iter().collect(), expires_at }
}
