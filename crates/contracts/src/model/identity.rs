//! What happens in identity.

use async_trait::async_trait;
use identity::{
    Account, EmailAddress, EndReason, Invitation, Lifetime, Membership, NewSession, OneTimeToken,
    OneTimeTokenState, Organization, OrganizationProfile, Preferences, Profile, Purpose, Role, Roles,
    Rotation, Session, Unit, directory::AccountFilter,
};
use kernel::{AccountId, Assurance, Id, PlatformRole, Scope, SessionId, StoreError, Timestamp};

use super::{
    Pair,
    side::{Act, all},
    thing::{Model, things},
};
use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    samples::{email, hash, name, slug},
    world::{ctx, hours},
};

pub(super) const ADDRESSES: [&str; 6] = [
    "ann@example.org",
    "ANN@example.org",
    "bob@example.org",
    "carl@example.org",
    "Dora@example.org",
    "eve@x.org",
];
pub(super) const SLUGS: [&str; 3] = ["north-wind", "south-wind", "east-wind"];

pub(super) fn address(n: u8) -> EmailAddress {
    email(ADDRESSES[usize::from(n) % ADDRESSES.len()])
}

fn role(n: u8) -> Role {
    Role::ALL[usize::from(n) % Role::ALL.len()]
}

/// Makes something.
#[derive(Debug, Clone, Copy)]
pub enum Command {
    /// Opens an account under one of a few addresses.
    Open(u8),
    /// Founds an organisation under one of a few slugs, or without one.
    Found(u8),
    /// Lets someone join an organisation.
    Join(u8, u8),
    /// Invites one of a few addresses to an organisation.
    Invite(u8, u8),
    /// Begins someone's session.
    SignIn(u8),
    /// Mints a token for someone.
    Mint(u8),
}

/// A list of the directory.
#[derive(Debug, Clone, Copy)]
pub enum List {
    /// All accounts.
    Accounts,
    /// A tenant's invitations.
    Invitations,
    /// A tenant's members.
    Members,
    /// A person's organisations.
    Organizations,
    /// An address's invitations.
    Received,
    /// A person's sessions.
    Sessions,
}

things! { store: Unit {
    /// An account.
    Account,
    /// An invitation.
    Invitation,
    /// A membership.
    Membership,
    /// An organisation.
    Organization,
    /// A session.
    Session,
    /// A one-time token.
    OneTimeToken,
} }

/// Identity keeps nothing beside its aggregates that the model reaches.
#[derive(Debug, Clone)]
pub(super) enum Never {}

#[async_trait]
impl Model for Any {
    type Call = Never;

    fn edit(&mut self, way: u8, now: Timestamp) {
        let (which, value) = (way % 4, way / 4);
        match (self, which) {
            (Self::Account(account), 0) => {
                let full_name = Some(name(if value.is_multiple_of(2) { "Ann" } else { "Anna" }));
                let profile = Profile { full_name, ..account.profile.clone() };
                account.edit_profile(profile, now);
            }
            (Self::Account(account), 1) => account.suspend(now),
            (Self::Account(account), 2) => account.reinstate(now),
            (Self::Account(account), _) => {
                account.request_email_change(address(value), true, now);
                account.confirm_email_change(now);
            }
            (Self::Organization(organization), 0) => organization.close(now),
            (Self::Organization(organization), _) => {
                let slug = SLUGS.get(usize::from(value) % (SLUGS.len() + 1)).map(|text| slug(text));
                organization.edit(OrganizationProfile { slug, ..organization.profile() }, now);
            }
            (Self::Membership(membership), 0) => membership.grant(Roles::only(role(value)), now),
            (Self::Membership(membership), 1) => membership.end(value.is_multiple_of(2), now),
            (Self::Membership(membership), 2) => membership.suspend(now),
            (Self::Membership(membership), _) => membership.rejoin(Roles::only(role(value)), now),
            (Self::Invitation(invitation), 0) => invitation.decline(now),
            (Self::Invitation(invitation), 1) => invitation.revoke(now),
            (Self::Invitation(invitation), 2) => invitation.forget_address(now),
            (Self::Invitation(invitation), _) => invitation.resend(now),
            (Self::Session(session), 0) => session.end(EndReason::Logout, now),
            (Self::Session(session), _) => session.stepped_up(Assurance::Aal2, now),
            (Self::OneTimeToken(token), _) => {
                let _used = token.use_up(now);
            }
        }
    }

    async fn beside(&self, _: &mut Unit) -> Result<String, StoreError> {
        Ok(String::new())
    }

    async fn call(call: Never, _: &mut Unit) -> Result<String, StoreError> {
        match call {}
    }
}

impl Pair {
    /// What both are to do; nothing when it needs an account or organisation and there is none.
    pub(super) fn identity_act(&self, command: Command, now: Timestamp) -> Option<Act<Any>> {
        let id = self.world.id::<()>().uuid();
        let account = |which| match self.identity.pick(Kind::Account, which)? {
            Any::Account(account) => Some(account.id),
            _ => None,
        };
        let organization = |which| match self.identity.pick(Kind::Organization, which)? {
            Any::Organization(organization) => Some(organization.id),
            _ => None,
        };
        let made = match command {
            Command::Open(n) => {
                let (role, profile) = (PlatformRole::User, Profile::default());
                Account::open(Id::from_uuid(id), address(n), hash("any"), profile, role, now).into()
            }
            Command::Found(n) => {
                let slug = SLUGS.get(usize::from(n) % (SLUGS.len() + 1)).map(|text| slug(text));
                let (name, settings) = (name("Some AB"), Preferences::default());
                let profile = OrganizationProfile { name, slug, requires_second_factor: false, settings };
                Organization::found(Id::from_uuid(id), profile, now).into()
            }
            Command::Join(of, who) => {
                let roles = Roles::only(role(who));
                Membership::join(Id::from_uuid(id), organization(of)?, account(who)?, roles, now).into()
            }
            Command::Invite(to, whom) => {
                let (id, roles) = (Id::from_uuid(id), Roles::only(role(whom)));
                Invitation::invite(id, organization(to)?, address(whom), roles, account(to)?, now).into()
            }
            Command::SignIn(who) => {
                let lifetime = Lifetime { absolute: hours(2), idle: hours(1) };
                let new = NewSession {
                    id: Id::from_uuid(id),
                    account: account(who)?,
                    assurance: Assurance::Aal1,
                    lifetime,
                    user_agent: None,
                    address: None,
                    on_new_device: false,
                };
                Session::begin(new, now).into()
            }
            Command::Mint(who) => {
                let purpose = Purpose::ALL[usize::from(who) % 2];
                let state = OneTimeTokenState {
                    id: Id::from_uuid(id),
                    purpose,
                    subject: account(who / 2)?.uuid(),
                    binding: "what must hold".to_owned(),
                    digest: self.world.digest(),
                    created_at: now,
                    expires_at: now.plus(purpose.life()),
                    used_at: None,
                    replaced_at: None,
                };
                OneTimeToken::restore(state, 0).mark(now).into()
            }
        };
        Some(Act::Save(made))
    }
}

/// Reads a list of the directory.
pub(super) async fn list(
    storage: &StorageUnderTest,
    scope: Scope,
    list: List,
    account: AccountId,
    address: &EmailAddress,
    now: Timestamp,
) -> Vec<String> {
    let (directory, ctx) = (&storage.directory, &ctx(scope));
    match list {
        List::Accounts => {
            all(async |page| directory.accounts(ctx, &AccountFilter::default(), &page).await).await
        }
        List::Invitations => all(async |page| directory.invitations(ctx, None, &page).await).await,
        List::Members => all(async |page| directory.members(ctx, None, &page).await).await,
        List::Organizations => all(async |page| directory.organizations_of(ctx, account, &page).await).await,
        List::Received => all(async |page| directory.invitations_for(ctx, address, now, &page).await).await,
        List::Sessions => all(async |page| directory.sessions(ctx, account, now, &page).await).await,
    }
}

/// Uses the refresh token that was current so many rotations ago.
pub(super) async fn rotate(
    storage: &StorageUnderTest,
    session: SessionId,
    behind: i64,
    now: Timestamp,
) -> Vec<String> {
    let mut unit = storage.store.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    let current = unit.session(session).await.expect("it can be read").map_or(0, |session| session.counter);
    drop(unit);
    let rotation = storage.rotation.rotate(session, current - behind, now).await;
    vec![match rotation.expect("a rotation is answered") {
        Rotation::Rotated(session) => format!("rotated {session:?}"),
        Rotation::Reissued(session) => format!("reissued {session:?}"),
        Rotation::Reused(session) => format!("reused {session:?}"),
        Rotation::Dead => "dead".to_owned(),
    }]
}
