//! Unsubscribing from the letters of an organisation, by the link that each of them carries: it works for whoever holds
//! it, with an account or without, for good.

use kernel::{Change, Ctx, EmailAddress, OrganizationId, Scope, Target, encoding, text::Name};
use uuid::Uuid;

use crate::{Organization, Refused, credentials::Vault, ports::Ports};

/// What its MACs are made for. The name never changes, or links in letters of long ago open nothing.
const PURPOSE: &str = "unsubscribe";
const ORGANIZATION: usize = 16;
const MESSAGE: usize = ORGANIZATION + 32;

/// An address that wants no letters of an organisation, by its [fingerprint](EmailAddress::fingerprint).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscription {
    /// Of which organisation.
    pub organization: OrganizationId,
    /// Whose letters.
    pub fingerprint: String,
}

/// What the link in a letter to this address says: the organisation and the address's fingerprint, with a MAC.
pub(super) fn token(vault: &dyn Vault, organization: OrganizationId, to: &EmailAddress) -> String {
    let mut message = organization.uuid().as_bytes().to_vec();
    message.extend(to.fingerprint().as_bytes());
    message.extend(vault.mac(PURPOSE, &message));
    encoding::base64url(&message)
}

fn read(vault: &dyn Vault, token: &str) -> Option<Unsubscription> {
    let bytes = encoding::from_base64url(token)?;
    let (message, mac) = bytes.split_at_checked(MESSAGE)?;
    if !vault.verify_mac(PURPOSE, message, mac) {
        return None;
    }
    let (organization, fingerprint) = message.split_at(ORGANIZATION);
    let organization = OrganizationId::from_uuid(Uuid::from_slice(organization).ok()?);
    Some(Unsubscription { organization, fingerprint: String::from_utf8(fingerprint.to_vec()).ok()? })
}

/// Unsubscribes and subscribes again.
#[derive(Debug, Clone)]
pub struct UnsubscribingService {
    ports: Ports,
}

impl UnsubscribingService {
    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// No letter of the organisation goes to the address any more; tells what the organisation is called. Twice does no
    /// harm.
    pub async fn unsubscribe(&self, ctx: &Ctx, token: &str) -> Result<Name, Refused> {
        self.change(ctx, token, false).await
    }

    /// Letters go to the address again; tells what the organisation is called.
    pub async fn subscribe(&self, ctx: &Ctx, token: &str) -> Result<Name, Refused> {
        self.change(ctx, token, true).await
    }

    async fn change(&self, ctx: &Ctx, token: &str, is_wanted: bool) -> Result<Name, Refused> {
        let named = read(&*self.ports.vault, token).ok_or(Refused::InvalidOneTimeToken)?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let organization = unit.organization(named.organization).await?;
        let organization = organization.ok_or(Refused::InvalidOneTimeToken)?;
        let was_wanted = !unit.is_unsubscribed(named.organization, &named.fingerprint).await?;
        if is_wanted != was_wanted {
            let action = if is_wanted {
                unit.forget_unsubscription(&named).await?;
                "organization.subscribe"
            } else {
                unit.put_unsubscription(&named).await?;
                "organization.unsubscribe"
            };
            // Not whose address it is: who wants to be left alone is not told on.
            let target = Target::new(Organization::KIND, named.organization);
            unit.record(Change::new(action, target, self.ports.clock.now()).of(named.organization));
            unit.commit().await?;
        }
        Ok(organization.name.clone())
    }
}
