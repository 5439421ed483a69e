//! Access: may this caller do that in this organisation, and how far.

use kernel::{AccountId, Actor, Assurance, Ctx, OrganizationId, Reach, Roles, Rule, Scope, SessionId};
use uuid::Uuid;

use crate::{
    Account, Action, ApiKeyId, Organization, Refused,
    deed::Deed,
    directory::OwnOrganization,
    permission::may_grant,
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

    /// Refuses to give or take roles that allow more than those of whoever does it.
    pub(crate) fn covers(&self, ports: &Ports, roles: &Roles) -> Result<(), Refused> {
        let covered = may_grant(&self.place.membership.roles, roles, &ports.rules);
        if covered { Ok(()) } else { Err(Refused::BeyondOwnRoles) }
    }

    /// Something tried in the organisation with this leave, that may yet go beyond it.
    pub(crate) fn deed(&self, action: &'static str, kind: &'static str, target: Uuid) -> Deed {
        Deed::new(action, kind).on(target).of(self.place.organization.id)
    }
}

/// Grants or refuses leave to act in an organisation. What the caller may not know of is missing, not forbidden. What
/// is refused leaves its event: in the organisation's trail when a member or a key of its own tried, else in the
/// platform's.
pub(crate) async fn permit(
    ports: &Ports,
    ctx: &Ctx,
    organization: OrganizationId,
    action: Action,
) -> Result<Permit, Refused> {
    permit_by(ports, ctx, organization, &action, action.name()).await
}

/// The same by a rule of any domain; `tried` is what the trail calls it.
pub(crate) async fn permit_by(
    ports: &Ports,
    ctx: &Ctx,
    organization: OrganizationId,
    rule: &dyn Rule,
    tried: &'static str,
) -> Result<Permit, Refused> {
    let decided = decide(ports, ctx, organization, rule).await;
    let deed = Deed::new(tried, Organization::KIND).on(organization.uuid());
    let deed = if matches!(decided, Err(Refused::Missing(_))) { deed } else { deed.of(organization) };
    ports.witness(ctx, deed, decided).await
}

async fn decide(
    ports: &Ports,
    ctx: &Ctx,
    organization: OrganizationId,
    rule: &dyn Rule,
) -> Result<Permit, Refused> {
    const WHAT: &str = "organisation";
    let identity = ctx.within(Scope::Identity);
    let mut maker_has_factor = false;
    let account = match ctx.actor {
        Actor::Account { id, .. } => id,
        Actor::Service { key, organization: own } if own == organization => {
            let key = ports.directory.api_key(&identity, ApiKeyId::from_uuid(key)).await?;
            let key = key.ok_or(Refused::InvalidToken)?;
            let scope = rule.key_scope().ok_or(Refused::PersonNeeded)?;
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
    if place.organization.requires_second_factor && !sure && rule.name() != Action::Leave.name() {
        return Err(Refused::SecondFactorNeeded);
    }
    match rule.reach_of(&place.membership.roles) {
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

/// Grants or refuses leave to act on the platform. What is refused leaves its event in the platform's trail.
pub(crate) async fn permit_platform(ports: &Ports, ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, Refused> {
    ports.witness(ctx, Deed::new(rule.name(), "platform"), decide_platform(ctx, rule)).await
}

fn decide_platform(ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, Refused> {
    let Actor::Account { platform_role, assurance, .. } = ctx.actor else {
        return Err(Refused::PersonNeeded);
    };
    match rule.platform_reach(platform_role) {
        Reach::Platform if rule.needs_second_factor() && assurance < Assurance::Aal2 => {
            Err(Refused::SecondFactorNeeded)
        }
        Reach::Platform => Ok(ctx.within(Scope::Platform)),
        _ => Err(Refused::Forbidden),
    }
}

/// The signed-in person; a program that tries a person's deed leaves its event.
pub(crate) async fn person(ports: &Ports, ctx: &Ctx, deed: Deed) -> Result<AccountId, Refused> {
    Ok(own_session(ports, ctx, deed).await?.0)
}

/// The same with the session he came with.
pub(crate) async fn own_session(
    ports: &Ports,
    ctx: &Ctx,
    deed: Deed,
) -> Result<(AccountId, SessionId), Refused> {
    let own = match ctx.actor {
        Actor::Account { id, session, .. } => Ok((id, session)),
        _ => Err(Refused::PersonNeeded),
    };
    ports.witness(ctx, deed, own).await
}

/// The signed-in person, who proved a moment ago who he is.
pub(crate) async fn recent_person(
    ports: &Ports,
    settings: &Settings,
    ctx: &Ctx,
    deed: Deed,
) -> Result<AccountId, Refused> {
    Ok(recent_session(ports, settings, ctx, deed).await?.0)
}

/// The same with the session he came with.
pub(crate) async fn recent_session(
    ports: &Ports,
    settings: &Settings,
    ctx: &Ctx,
    deed: Deed,
) -> Result<(AccountId, SessionId), Refused> {
    let own = own_session(ports, ctx, deed).await?;
    let now = ports.clock.now();
    match ctx.actor {
        Actor::Account { authenticated_at, .. } if now.since(authenticated_at) <= settings.step_up_window => {
            Ok(own)
        }
        _ => Err(Refused::StepUpRequired),
    }
}
