//! Guests: people without an account, who hold the token that opening an invitation gave.

use std::sync::Arc;

use async_trait::async_trait;
use http_shell::{Authenticator, Problem};
use kernel::{
    Actor, Ctx, Scope, Timestamp,
    invitation::{GuestToken, GuestTokens, Invited},
};

/// Knows guests by their tokens, and asks another about everyone else.
pub struct GuestAuthenticator {
    /// Reads the tokens of guests.
    pub guest_tokens: Arc<dyn GuestTokens>,
    /// Knows everyone else.
    pub others: Arc<dyn Authenticator>,
}

#[async_trait]
impl Authenticator for GuestAuthenticator {
    async fn authenticate(&self, token: &str, base: &Ctx, now: Timestamp) -> Result<Ctx, Problem> {
        if !token.starts_with(GuestToken::PREFIX) {
            return self.others.authenticate(token, base, now).await;
        }
        let guest = self.guest_tokens.read(token).filter(|guest| now < guest.expires_at);
        let Invited { organization, id, .. } = guest.ok_or_else(Problem::unauthenticated)?.invited;
        let actor = Actor::Guest { invitation: id, organization };
        Ok(Ctx { actor, ..base.within(Scope::Tenant(organization)) })
    }
}
