//! Access: may this caller do that in this organisation, and how far.

use kernel::{
    AccountId, Actor, AuditedAttempt, Ctx, Leave, OrganizationId, Reach, Roles, Rule, Scope, SessionId,
};
use uuid::Uuid;

use crate::{
    Account, Action, ApiKeyId, Membership, Organization, Refused,
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
    /// The organisation.
    pub organization: Organization,
    /// What the person is in it on whose behalf this happens.
    pub membership: Membership,
}

impl Permit {
    /// On whose behalf this happens: the caller, or the maker of the API key.
    pub(crate) fn account(&self) -> AccountId {
        self.membership.account
    }

    /// The account a list is narrowed to, when the permission covers one's own alone.
    pub(crate) fn only_own(&self) -> Option<AccountId> {
        (self.reach < Reach::Tenant).then(|| self.account())
    }

    /// Refuses to give or take roles that allow more than those of whoever does it.
    pub(crate) fn covers(&self, ports: &Ports, roles: &Roles) -> Result<(), Refused> {
        let covered = may_grant(&self.membership.roles, roles, &ports.domains);
        if covered { Ok(()) } else { Err(Refused::BeyondOwnRoles) }
    }

    /// Something tried in the organisation with this leave, that may yet go beyond it.
    pub(crate) fn attempt(&self, action: &'static str, kind: &'static str, target: Uuid) -> AuditedAttempt {
        AuditedAttempt::new(action, kind).on(target).of(self.organization.id)
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
    let decided = decide(ports, ctx, organization, rule, Freshness::Now).await;
    let audited = Organization::attempt(tried).on(organization.uuid());
    let audited =
        if matches!(decided, Err(Refused::Missing(_))) { audited } else { audited.of(organization) };
    ports.audit_refusal(ctx, audited, decided).await
}

/// The same by what was true a moment ago, for who uses the leave and nothing else of the permit: storage holds it
/// against what is true. Nothing is refused by it.
pub(crate) async fn permit_recent(
    ports: &Ports,
    ctx: &Ctx,
    organization: OrganizationId,
    rule: &dyn Rule,
) -> Result<Permit, Refused> {
    match decide(ports, ctx, organization, rule, Freshness::Recent).await {
        Ok(permit) => Ok(permit),
        Err(_) => permit_by(ports, ctx, organization, rule, rule.name()).await,
    }
}

/// When what a decision rests on was true.
enum Freshness {
    Now,
    Recent,
}

async fn decide(
    ports: &Ports,
    ctx: &Ctx,
    organization: OrganizationId,
    rule: &dyn Rule,
    freshness: Freshness,
) -> Result<Permit, Refused> {
    const WHAT: &str = "organisation";
    let identity = ctx.within(Scope::Identity);
    let mut maker_has_factor = false;
    let mut missing = None;
    let account = match ctx.actor {
        Actor::Account { id, .. } => id,
        Actor::Service { key, organization: own } if own == organization => {
            let key = ports.directory.api_key(&identity, ApiKeyId::from_uuid(key)).await?;
            let key = key.ok_or(Refused::InvalidToken)?;
            let scope = rule.key_scope().ok_or(Refused::PersonNeeded)?;
            missing = Some(scope).filter(|scope| !key.scopes.contains(scope));
            maker_has_factor = maker_of(ports, &identity, key.created_by).await?;
            key.created_by
        }
        Actor::Newcomer { .. } => return Err(Refused::PasswordChangeNeeded),
        _ => return Err(Refused::Missing(WHAT)),
    };
    let found = match freshness {
        Freshness::Now => ports.directory.membership_of(&identity, organization, account).await?,
        Freshness::Recent => ports.directory.recent_membership_of(&identity, organization, account).await?,
    };
    let found = found.filter(|found| found.membership.is_active() && found.organization.is_active());
    let found = found.ok_or(Refused::Missing(WHAT))?;
    let sure = ctx.actor.has_second_factor() || maker_has_factor;
    let second_factor = sure || rule.name() == Action::Leave.name();
    if found.organization.requires_second_factor && !second_factor {
        return Err(Refused::SecondFactorNeeded);
    }
    match (rule.reach_of(&found.membership.roles), missing) {
        (Reach::None, _) => Err(Refused::Forbidden),
        // Told last: whoever hears it knows that the key's maker may.
        (_, Some(scope)) => Err(Refused::ScopeMissing(scope)),
        (reach, None) => Ok(Permit {
            ctx: Ctx {
                leave: Some(Leave { account, roles: found.membership.roles.clone(), second_factor }),
                ..ctx.within(Scope::Tenant(organization))
            },
            reach,
            organization: found.organization,
            membership: found.membership,
        }),
    }
}

/// Whether the maker of a key has a second factor; a key of someone who cannot sign in opens nothing.
async fn maker_of(ports: &Ports, identity: &Ctx, maker: AccountId) -> Result<bool, Refused> {
    let mut unit = ports.store.begin_in(identity, Scope::Identity).await?;
    let maker = unit.account(maker).await?.filter(Account::is_active).ok_or(Refused::InvalidToken)?;
    Ok(unit.second_factor(maker.id).await?.is_some_and(|factor| factor.is_confirmed()))
}

/// Grants or refuses leave to act on the platform: nobody has it without a second factor. What is refused leaves its
/// event in the platform's trail.
pub(crate) async fn permit_platform(ports: &Ports, ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, Refused> {
    ports.audit_refusal(ctx, AuditedAttempt::new(rule.name(), "platform"), decide_platform(ctx, rule)).await
}

fn decide_platform(ctx: &Ctx, rule: &dyn Rule) -> Result<Ctx, Refused> {
    let platform_role = match ctx.actor {
        Actor::Account { platform_role, .. } => platform_role,
        Actor::Newcomer { .. } => return Err(Refused::PasswordChangeNeeded),
        _ => return Err(Refused::PersonNeeded),
    };
    match rule.platform_reach(platform_role) {
        Reach::Platform if ctx.actor.has_second_factor() => Ok(ctx.within(Scope::Platform)),
        Reach::Platform => Err(Refused::SecondFactorNeeded),
        _ => Err(Refused::Forbidden),
    }
}

/// The signed-in person; a program that tries what only a person may do leaves its event.
pub(crate) async fn person(ports: &Ports, ctx: &Ctx, audited: AuditedAttempt) -> Result<AccountId, Refused> {
    Ok(own_session(ports, ctx, audited).await?.0)
}

/// The same with the session they came with.
pub(crate) async fn own_session(
    ports: &Ports,
    ctx: &Ctx,
    audited: AuditedAttempt,
) -> Result<(AccountId, SessionId), Refused> {
    let own = match ctx.actor {
        Actor::Account { id, session, .. } => Ok((id, session)),
        Actor::Newcomer { .. } => Err(Refused::PasswordChangeNeeded),
        _ => Err(Refused::PersonNeeded),
    };
    ports.audit_refusal(ctx, audited, own).await
}

/// The same for what may be done before a temporary password was changed, too.
pub(crate) async fn newcomer_session(
    ports: &Ports,
    ctx: &Ctx,
    audited: AuditedAttempt,
) -> Result<(AccountId, SessionId), Refused> {
    match ctx.actor {
        Actor::Newcomer { id, session } => Ok((id, session)),
        _ => own_session(ports, ctx, audited).await,
    }
}

/// The signed-in person, who proved a moment ago who they are.
pub(crate) async fn recent_person(
    ports: &Ports,
    settings: &Settings,
    ctx: &Ctx,
    audited: AuditedAttempt,
) -> Result<AccountId, Refused> {
    Ok(recent_session(ports, settings, ctx, audited).await?.0)
}

/// The same with the session they came with.
pub(crate) async fn recent_session(
    ports: &Ports,
    settings: &Settings,
    ctx: &Ctx,
    audited: AuditedAttempt,
) -> Result<(AccountId, SessionId), Refused> {
    let own = own_session(ports, ctx, audited).await?;
    let now = ports.clock.now();
    match ctx.actor {
        Actor::Account { authenticated_at, .. } if now.since(authenticated_at) <= settings.step_up_window => {
            Ok(own)
        }
        _ => Err(Refused::StepUpRequired),
    }
}
