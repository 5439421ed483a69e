//! Random work, done by two adapters at once: whatever one answers, the other must answer.
//!
//! An [`Operation`] names things by numbers that are taken modulo what is there, so that any sequence of
//! operations makes sense and shrinks well. One adapter, usually storage in memory, is the model of the other.

mod operation;
mod side;
mod thing;

use identity::{Account, Lifetime, NewSession, OneTimeTokenState, OrganizationProfile, Preferences, Profile};
use identity::{Invitation, Membership, OneTimeToken, Organization, Purpose, Role, Roles, Session};
use kernel::{Assurance, DeliveryState, Denial, Outcome, PlatformRole, Scope, Timestamp};

pub use self::operation::{Kind, List, Operation, Reach, Step};
use self::{
    side::{Act, Side},
    thing::Thing,
};
use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    samples::{email, hash, name, slug},
    world::{World, hours},
};

const ADDRESSES: [&str; 6] = [
    "ann@example.org",
    "ANN@example.org",
    "bob@example.org",
    "carl@example.org",
    "Dora@example.org",
    "eve@x.org",
];
const SLUGS: [&str; 3] = ["north-wind", "south-wind", "east-wind"];

fn address(n: u8) -> identity::EmailAddress {
    email(ADDRESSES[usize::from(n) % ADDRESSES.len()])
}

fn role(n: u8) -> Role {
    Role::ALL[usize::from(n) % Role::ALL.len()]
}

/// Two adapters that are given the same work.
pub struct Pair {
    world: World,
    left: Side,
    right: Side,
    known: Vec<Thing>,
}

impl Pair {
    /// Two adapters over empty storage.
    pub fn new(left: &StorageUnderTest, right: &StorageUnderTest) -> Self {
        Self { world: World::of(left), left: Side::new(left), right: Side::new(right), known: Vec::new() }
    }

    /// Founds as many organisations, each with an owner: the tenants the work is about.
    pub async fn populate(&mut self, tenants: u8) {
        for n in 0..tenants {
            let steps = vec![Step::Open(n * 2), Step::Found(SLUGS.len().try_into().unwrap_or(u8::MAX))];
            self.apply(&Operation::Unit { reach: Reach::Identity, steps, commit: true }).await;
            let steps = vec![Step::Join(n, n)];
            self.apply(&Operation::Unit { reach: Reach::Identity, steps, commit: true }).await;
        }
    }

    /// Has both do it, and panics when their answers differ.
    pub async fn apply(&mut self, operation: &Operation) {
        let now = self.world.pass(std::time::Duration::from_secs(7));
        let (left, right) = match operation {
            Operation::Unit { reach, steps, commit } => {
                let scope = self.scope(*reach);
                let acts: Vec<Act> = steps.iter().filter_map(|step| self.act(*step, now)).collect();
                let left = self.left.unit(scope, acts.clone(), *commit).await;
                let right = self.right.unit(scope, acts.clone(), *commit).await;
                if left.last().is_some_and(|answer| answer == "committed") {
                    self.known.extend(acts.into_iter().filter_map(Act::created));
                }
                (left, right)
            }
            Operation::Deny { reach, whom, of } => {
                let (scope, denial) = (self.scope(*reach), self.denial(*whom, *of, now));
                (self.left.deny(scope, denial.clone()).await, self.right.deny(scope, denial).await)
            }
            Operation::List { reach, list, of } => {
                let (scope, account) = (self.scope(*reach), self.account(*of));
                let (left, right) = (&self.left, &self.right);
                let address = address(*of);
                let left = left.list(scope, *list, account, &address, now).await;
                (left, right.list(scope, *list, account, &address, now).await)
            }
            Operation::Rotate { session, behind } => {
                let Some(Thing::Session(session)) = self.pick(Kind::Session, *session) else { return };
                let behind = i64::from(*behind % 4);
                let left = self.left.rotate(session.id, behind, now).await;
                (left, self.right.rotate(session.id, behind, now).await)
            }
        };
        assert_eq!(left, right, "the adapters answer differently to {operation:?}");
    }

    /// Panics unless both hold the same at the end, told the same, and have the same trail.
    pub async fn agree(&self) {
        for thing in &self.known {
            let (left, right) = (self.left.read(thing).await, self.right.read(thing).await);
            assert_eq!(left, right, "the adapters hold different things");
        }
        for state in [DeliveryState::Waiting, DeliveryState::Dead] {
            let (left, right) = (self.left.told(state).await, self.right.told(state).await);
            assert_eq!(left, right, "the adapters told different things");
        }
        let (left, right) = (self.left.trail().await, self.right.trail().await);
        assert_eq!(left, right, "the adapters have different trails");
    }

    fn denial(&self, whom: u8, of: u8, at: Timestamp) -> Denial {
        let whom = self.account(whom).uuid();
        Denial {
            action: "session.begin",
            outcome: [Outcome::Failure, Outcome::Denied][usize::from(of % 2)],
            reason: "session.wrong_password",
            target_kind: Account::KIND,
            target: Some(whom),
            organization: Some(self.organization(of)).filter(|_| !of.is_multiple_of(3)),
            subject: Some(whom),
            at,
        }
    }

    fn pick(&self, kind: Kind, which: u8) -> Option<Thing> {
        let all: Vec<&Thing> = self.known.iter().filter(|thing| thing.kind() == kind).collect();
        all.get(usize::from(which) % all.len().max(1)).map(|thing| (*thing).clone())
    }

    fn account(&self, which: u8) -> kernel::AccountId {
        match self.pick(Kind::Account, which) {
            Some(Thing::Account(account)) => account.id,
            _ => self.world.id(),
        }
    }

    fn organization(&self, which: u8) -> kernel::OrganizationId {
        match self.pick(Kind::Organization, which) {
            Some(Thing::Organization(organization)) => organization.id,
            _ => self.world.id(),
        }
    }

    fn scope(&self, reach: Reach) -> Scope {
        match reach {
            Reach::Identity => Scope::Identity,
            Reach::Platform => Scope::Platform,
            Reach::Tenant(which) => Scope::Tenant(self.organization(which)),
            Reach::Account(which) => Scope::Account(self.account(which)),
        }
    }

    /// What both are to do; nothing when it needs an account or organisation and there is none.
    fn act(&self, step: Step, now: Timestamp) -> Option<Act> {
        let id = self.world.id::<()>().uuid();
        let account = |which| match self.pick(Kind::Account, which)? {
            Thing::Account(account) => Some(account.id),
            _ => None,
        };
        let organization = |which| match self.pick(Kind::Organization, which)? {
            Thing::Organization(organization) => Some(organization.id),
            _ => None,
        };
        let fresh = match step {
            Step::Open(n) => {
                let (role, profile) = (PlatformRole::User, Profile::default());
                Account::open(kernel::Id::from_uuid(id), address(n), hash("any"), profile, role, now).into()
            }
            Step::Found(n) => {
                let slug = SLUGS.get(usize::from(n) % (SLUGS.len() + 1)).map(|text| slug(text));
                let (name, settings) = (name("Some AB"), Preferences::default());
                let profile = OrganizationProfile { name, slug, requires_second_factor: false, settings };
                Organization::found(kernel::Id::from_uuid(id), profile, now).into()
            }
            Step::Join(of, who) => {
                let (id, roles) = (kernel::Id::from_uuid(id), Roles::only(role(who)));
                Membership::join(id, organization(of)?, account(who)?, roles, now).into()
            }
            Step::Invite(to, whom) => {
                let (id, roles) = (kernel::Id::from_uuid(id), Roles::only(role(whom)));
                Invitation::invite(id, organization(to)?, address(whom), roles, account(to)?, true, now)
                    .into()
            }
            Step::SignIn(who) => {
                let lifetime = Lifetime { absolute: hours(2), idle: hours(1) };
                let new = NewSession {
                    id: kernel::Id::from_uuid(id),
                    account: account(who)?,
                    assurance: Assurance::Aal1,
                    lifetime,
                    user_agent: None,
                    address: None,
                    on_new_device: false,
                };
                Session::begin(new, now).into()
            }
            Step::Mint(who) => {
                let purpose = Purpose::ALL[usize::from(who) % 2];
                let state = OneTimeTokenState {
                    id: kernel::Id::from_uuid(id),
                    purpose,
                    subject: account(who / 2)?.uuid(),
                    binding: "what must hold".to_owned(),
                    digest: self.world.digest(),
                    created_at: now,
                    expires_at: now.plus(purpose.life()),
                    used_at: None,
                };
                OneTimeToken::restore(state, 0).mark(now).into()
            }
            Step::Edit { kind, which, way, outdated } => {
                return Some(Act::Edit { of: self.pick(kind, which)?, way, outdated, now });
            }
            Step::Read { kind, which, keep } => return Some(Act::Read { of: self.pick(kind, which)?, keep }),
        };
        Some(Act::Save(fresh))
    }
}
