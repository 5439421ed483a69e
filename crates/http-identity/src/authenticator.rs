//! Who holds an access token or an API key.

use std::sync::Arc;

use async_trait::async_trait;
use http_shell::{Authenticator, Problem};
use identity::session::AuthenticationService;
use kernel::{Ctx, Timestamp};

/// Asks identity who holds a token.
pub struct BearerAuthenticator(pub Arc<AuthenticationService>);

#[async_trait]
impl Authenticator for BearerAuthenticator {
    async fn authenticate(&self, token: &str, base: &Ctx, _: Timestamp) -> Result<Ctx, Problem> {
        Ok(self.0.authenticate(base, token).await?)
    }
}
