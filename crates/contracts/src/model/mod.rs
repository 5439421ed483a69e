//! Random work, done by two adapters at once: whatever one answers, the other must answer.
//!
//! An [`Operation`] names things by numbers that are taken modulo what is there, so that any sequence of
//! operations makes sense and shrinks well. One adapter, usually storage in memory, is the model of the other.
//! Each domain has a module: its commands, its kinds of aggregates, and what may happen to them.

pub mod assessment;
pub mod identity;
mod operation;
mod record;
mod side;
mod thing;

use ::identity::Account;
use assessment_engine::PublishedVersion;
use kernel::{AccountId, DeliveryState, Denial, OrganizationId, Outcome, Scope, Timestamp};

pub use self::operation::{Operation, Reach, Step, Work};
use self::side::{Act, Answers, Both};
use crate::{StorageUnderTest, world::World};

/// Two adapters that are given the same work.
pub struct Pair {
    world: World,
    storages: [StorageUnderTest; 2],
    identity: Both<identity::Any>,
    assessment: Both<assessment::Any>,
    published: Vec<PublishedVersion>,
}

impl Pair {
    /// Two adapters over empty storage.
    pub fn new(left: &StorageUnderTest, right: &StorageUnderTest) -> Self {
        let both = [left, right];
        Self {
            world: World::of(left),
            storages: both.map(StorageUnderTest::clone),
            identity: Both::new(both),
            assessment: Both::new(both),
            published: Vec::new(),
        }
    }

    /// Founds as many organisations, each with an owner and a person who takes a published assessment: the tenants the
    /// work is about.
    pub async fn populate(&mut self, tenants: u8) {
        use assessment::{Action, Command};
        use identity::Command::{Found, Join, Open};
        let nameless = u8::try_from(identity::SLUGS.len()).unwrap_or(u8::MAX);
        for n in 0..tenants {
            for steps in [vec![Open(n * 2), Found(nameless)], vec![Join(n, n)]] {
                let steps = steps.into_iter().map(Step::Command).collect();
                let work = Work { reach: Reach::Identity, steps, commit: true };
                self.apply(&Operation::Identity(work)).await;
            }
            for action in Action::FIRST {
                let steps = vec![Step::Command(Command { action, which: 1, how: n })];
                let work = Work { reach: Reach::Tenant(n), steps, commit: true };
                self.apply(&Operation::Assessment(work)).await;
            }
        }
    }

    /// Has both do it, and panics when their answers differ.
    pub async fn apply(&mut self, operation: &Operation) {
        let now = self.world.pass(std::time::Duration::from_secs(7));
        let [left, right] = match operation {
            Operation::Identity(Work { reach, steps, commit }) => {
                let acts = steps.iter().filter_map(|step| match *step {
                    Step::Command(command) => self.identity_act(command, now),
                    Step::Edit { kind, which, way, outdated } => {
                        let of = self.identity.pick(kind, which)?.clone();
                        Some(Act::Edit { of, way, outdated, now })
                    }
                    Step::Read { kind, which, keep } => {
                        Some(Act::Read { of: self.identity.pick(kind, which)?.clone(), keep })
                    }
                });
                let (scope, acts) = (self.scope(*reach), acts.collect());
                self.identity.unit(scope, acts, *commit).await
            }
            Operation::Assessment(Work { reach, steps, commit }) => {
                let scope = self.scope(*reach);
                let organization = scope.organization();
                let acts = steps.iter().filter_map(|step| match *step {
                    Step::Command(command) => self.assessment_act(command, scope, now),
                    Step::Edit { kind, which, way, outdated } => {
                        let of = self.assessment.pick_of(organization, kind, which)?.clone();
                        Some(Act::Edit { of, way, outdated, now })
                    }
                    Step::Read { kind, which, keep } => Some(Act::Read {
                        of: self.assessment.pick_of(organization, kind, which)?.clone(),
                        keep,
                    }),
                });
                let acts: Vec<_> = acts.collect();
                let answers = self.assessment.unit(scope, acts.clone(), *commit).await;
                self.remember_versions(scope, acts).await;
                answers
            }
            Operation::Deny { reach, whom, of } => {
                let (scope, denial) = (self.scope(*reach), self.denial(*whom, *of, now));
                self.ask(async |storage| record::deny(storage, scope, denial.clone()).await).await
            }
            Operation::List { reach, list, of } => {
                let (scope, account) = (self.scope(*reach), self.account(*of));
                let address = identity::address(*of);
                self.ask(async |storage| identity::list(storage, scope, *list, account, &address, now).await)
                    .await
            }
            Operation::AssessmentList { reach, list, of } => {
                let scope = self.scope(*reach);
                let Some(query) = self.query(*list, *of, scope) else { return };
                self.ask(async |storage| query.read(storage, scope).await).await
            }
            Operation::Rotate { session, behind } => {
                let picked = self.identity.pick(identity::Kind::Session, *session);
                let Some(identity::Any::Session(session)) = picked else { return };
                let (id, behind) = (session.id, i64::from(*behind % 4));
                self.ask(async |storage| identity::rotate(storage, id, behind, now).await).await
            }
        };
        assert_eq!(left, right, "the adapters answer differently to {operation:?}");
    }

    /// Panics unless both hold the same at the end, told the same, and have the same trail.
    pub async fn agree(&self) {
        self.identity.agree().await;
        self.assessment.agree().await;
        let [left, right] = &self.storages;
        for state in [DeliveryState::Waiting, DeliveryState::Dead] {
            let (left, right) = (record::told(left, state).await, record::told(right, state).await);
            assert_eq!(left, right, "the adapters told different things");
        }
        let (left, right) = (record::trail(left).await, record::trail(right).await);
        assert_eq!(left, right, "the adapters have different trails");
    }

    async fn ask(&self, ask: impl AsyncFn(&StorageUnderTest) -> Vec<String>) -> Answers {
        let [left, right] = &self.storages;
        [ask(left).await, ask(right).await]
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

    fn account(&self, which: u8) -> AccountId {
        match self.identity.pick(identity::Kind::Account, which) {
            Some(identity::Any::Account(account)) => account.id,
            _ => self.world.id(),
        }
    }

    fn organization(&self, which: u8) -> OrganizationId {
        match self.identity.pick(identity::Kind::Organization, which) {
            Some(identity::Any::Organization(organization)) => organization.id,
            _ => self.world.id(),
        }
    }

    fn scope(&self, reach: Reach) -> Scope {
        match reach {
            Reach::Identity => Scope::Identity,
            Reach::Platform => Scope::Platform,
            Reach::Worker => Scope::Worker,
            Reach::Tenant(which) => Scope::Tenant(self.organization(which)),
            Reach::Account(which) => Scope::Account(self.account(which)),
        }
    }
}
