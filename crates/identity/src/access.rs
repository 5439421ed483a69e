//! Access: may this caller do that in this organisation, and how far.

use kernel::{AccountId, Actor, Assurance, Ctx, OrganizationId, Scope, Timestamp};

use crate::{
    Account, Action, ApiKeyId, Reach, Refused,
    directory::OwnOrganization,
    permission::{platform_reach, reach_of},
    ports::{Ports, Settings},
};

/// Leave to act in an organisation.
#[derive(Debug, Clone)]
pub(crate) struct Permit {
    /// The caller's context, in the organisation's scope.
    pub ctx: Ctx,
    /// How far the permission reaches.
    pub reach: Reach,
    /// The organisation, and what the person is in it on whose behalf this happens.
    pub place: OwnOrganization,
}

impl Permit {
    /// On whose behalf this happens: the caller, or the maker of his API key.
    pub(crate) fn account(&self) -> AccountId {
        self.place.membership.account
    }

    /// The account a list is narrowed to, when the permission covers one's own alone.
    pub(crate) fn only_own(&self) -> Option<AccountId> {
        (self.reach < Reach::Tenant).then(|| self.account())
    }
}

/// Grants or refuses leave to act in an organisation. What the caller may not know of is missing, not forbidden.
pub(crate) async fn permit(
    ports: &Ports,
    ctx: &Ctx,
    organization: OrganizationId,
    action: Action,
) -> Result<Permit, Refused> {
    const WHAT: &str = "organisation";
    let identity = ctx.within(Scope::Identity);
    let mut maker_has_factor = false;
    let account = match ctx.actor {
        Actor::Account { id, .. } => id,
        Actor::Service { key, organization: own } if own == organization => {
            let key = ports.directory.api_key(&identity, ApiKeyId::from_uuid(key)).await?;
            let key = key.ok_or(Refused::InvalidToken)?;
            let scope = action.key_scope().ok_or(Refused::PersonNeeded)?;
            if !key.scopes.contains(&scope) {
                return Err(Refused::Forbidden);
            }
            maker_has_factor = maker_of(ports, &identity, key.created_by).await?;
            key.created_by
        }
        _ => return Err(Refused::Missing(WHAT)),
    };
    let place = ports.directory.place(&identity, organization, account).await?;
    let place = place.filter(|place| place.membership.is_active() && place.organization.is_active());
    let place = place.ok_or(Refused::Missing(WHAT))?;
    let sure = match ctx.actor {
        Actor::Account { assurance, .. } => assurance >= Assurance::Aal2,
        _ => maker_has_factor,
    };
    if place.organization.requires_second_factor && !sure && action != Action::Leave {
        return Err(Refused::SecondFactorNeeded);
    }
    match reach_of(&place.membership.roles, action) {
        Reach::None => Err(Refused::Forbidden),
        reach => Ok(Permit { ctx: ctx.within(Scope::Tenant(organization)), reach, place }),
    }
}

/// Whether the maker of a key has a second factor; a key of someone who cannot sign in opens nothing.
async fn maker_of(ports: &Ports, identity: &Ctx, maker: AccountId) -> Result<bool, Refused> {
    let mut unit = ports.begin(identity, Scope::Identity).await?;
    let maker = unit.account(maker).await?.filter(Account::is_active).ok_or(Refused::InvalidToken)?;
    Ok(unit.second_factor(maker.id).await?.is_some_and(|factor| factor.is_confirmed()))
}

/// Grants or refuses leave to act on the platform.
pub(crate) fn permit_platform(ctx: &Ctx, action: Action) -> Result<Ctx, Refused> {
    let Actor::Account { platform_role, assurance, .. } = ctx.actor else {
        return Err(Refused::PersonNeeded);
    };
    match platform_reach(platform_role, action) {
        Reach::Platform if action.needs_second_factor() && assurance < Assurance::Aal2 => {
            Err(Refused::SecondFactorNeeded)
        }
        Reach::Platform => Ok(ctx.within(Scope::Platform)),
        _ => Err(Refused::Forbidden),
    }
}

/// The signed-in person.
pub(crate) fn person(ctx: &Ctx) -> Result<AccountId, Refused> {
    ctx.actor.account().ok_or(Refused::PersonNeeded)
}

/// The signed-in person, who proved a moment ago who he is.
pub(crate) fn recent_person(ctx: &Ctx, settings: &Settings, now: Timestamp) -> Result<AccountId, Refused> {
    match ctx.actor {
        Actor::Account { id, authenticated_at, .. }
            if now.since(authenticated_at) <= settings.step_up_window =>
        {
            Ok(id)
        }
        Actor::Account { .. } => Err(Refused::StepUpRequired),
        _ => Err(Refused::PersonNeeded),
    }
}
