//! What the rules need to know of an aggregate to be written once for all.

use std::fmt::Debug;

use async_trait::async_trait;
use identity::{
    Account, AdminSettings, ApiKey, EndReason, Invitation, Membership, OneTimeToken, Organization,
    Preferences, Registration, SecondFactor, Session, Unit, text::Name,
};
use kernel::{
    Assurance, Change, Keyed, Owner, Scope, Store, StoreError, Target, Timestamp, UnitOfWork, task::Chunk,
    task::Task,
};
use serde_json::json;

use crate::StorageUnderTest;

#[async_trait]
pub(crate) trait Aggregate: Keyed + Clone + PartialEq + Debug + Send + Sync + 'static {
    /// The unit it is saved in.
    type Unit: UnitOfWork + ?Sized;

    /// Who opens such units.
    fn store(storage: &StorageUnderTest) -> &dyn Store<Self::Unit>;
    async fn save(&mut self, unit: &mut Self::Unit) -> Result<(), StoreError>;
    /// The one with the same id, as the unit sees it.
    async fn read(&self, unit: &mut Self::Unit) -> Result<Option<Self>, StoreError>;
    /// Makes any change its domain allows.
    fn touch(&mut self, now: Timestamp);

    /// A scope that makes and changes it: its owner's.
    fn scope(&self) -> Scope {
        match self.owner() {
            Owner::Organization(id) | Owner::Member(id, _) => Scope::Tenant(id),
            Owner::Account(id) => Scope::Account(id),
            Owner::Nobody => Scope::Identity,
        }
    }

    /// The same in a form that shows the case of letters and no order that does not count.
    fn shown(&self) -> String {
        format!("{self:?}")
    }

    /// Says that something happened to it.
    fn mark(mut self, now: Timestamp) -> Self {
        let target = Target { kind: self.kind(), id: self.id() };
        let change = Change::new("contract.change", target, now);
        let change = match self.owner().organization() {
            Some(organization) => change.of(organization),
            None => change,
        };
        self.changes().record(change);
        self
    }
}

/// Differs at each moment.
pub(crate) fn name_at(now: Timestamp) -> Name {
    Name::new(&format!("Changed at {now}")).expect("a time is short and printable")
}

fn settings_at(now: Timestamp) -> Preferences {
    Preferences::new(json!({ "changed_at": now })).expect("a small object")
}

/// Tells of an aggregate: how it is saved and read, and a change its domain allows; of those that are not identity's
/// also in which units, and which store opens them.
macro_rules! aggregate {
    ($aggregate:ident, $($rest:tt)+) => {
        $crate::aggregate::aggregate!(
            $aggregate in store: identity::Unit [fn scope(&self) -> kernel::Scope { kernel::Scope::Identity }],
            $($rest)+
        );
    };
    ($aggregate:ident in $store:ident: $unit:ty $([$($scope:tt)+])?, $save:ident,
        |$this:ident| $read:ident($($key:expr),+), |$touched:ident, $now:ident| $touch:expr) => {
        #[async_trait::async_trait]
        impl $crate::aggregate::Aggregate for $aggregate {
            type Unit = $unit;

            fn store(storage: &$crate::StorageUnderTest) -> &dyn kernel::Store<$unit> {
                &*storage.$store
            }
            async fn save(&mut self, unit: &mut $unit) -> Result<(), kernel::StoreError> {
                unit.$save(self).await
            }
            async fn read(&self, unit: &mut $unit) -> Result<Option<Self>, kernel::StoreError> {
                let $this = self;
                unit.$read($($key),+).await
            }
            fn touch(&mut self, $now: kernel::Timestamp) {
                let $touched = self;
                $touch
            }
            $($($scope)+)?
        }
    };
}

pub(crate) use aggregate;

aggregate!(Account, save_account, |a| account(a.id), |a, now| {
    let profile = identity::Profile { full_name: Some(name_at(now)), ..a.profile.clone() };
    a.edit_profile(profile, now);
});
aggregate!(AdminSettings, save_admin_settings, |a| admin_settings(a.account), |a, now| {
    a.replace(settings_at(now), now);
});
aggregate!(ApiKey, save_api_key, |a| api_key(a.id), |a, now| a.revoke(now));
aggregate!(Invitation, save_invitation, |a| invitation(a.id), |a, now| a.resend(now));
aggregate!(Membership, save_membership, |a| membership(a.organization, a.account), |a, now| {
    a.describe(Some(name_at(now)), None, now);
});
aggregate!(OneTimeToken, save_one_time_token, |a| one_time_token(a.purpose, &a.digest), |a, now| {
    assert_eq!(a.use_up(now), Ok(()), "the sample token is unused and alive");
});
aggregate!(Organization, save_organization, |a| organization(a.id), |a, now| {
    a.edit(identity::OrganizationProfile { name: name_at(now), ..a.profile() }, now);
});
aggregate!(Registration, save_registration, |a| registration(a.id), |a, now| a.complete(now));
aggregate!(Session, save_session, |a| session(a.id), |a, now| {
    a.stepped_up(Assurance::Aal2, now);
    a.end(EndReason::Logout, now);
});
aggregate!(Task in assessment_store: assessment_engine::Unit, save_task, |a| task(a.id), |a, now| {
    a.advance(Chunk { steps: 1, cursor: json!(now), size_bytes: None }, now);
});

#[async_trait]
impl Aggregate for SecondFactor {
    type Unit = Unit;

    fn store(storage: &StorageUnderTest) -> &dyn Store<Unit> {
        &*storage.store
    }
    fn scope(&self) -> Scope {
        Scope::Identity
    }
    async fn save(&mut self, unit: &mut Unit) -> Result<(), StoreError> {
        unit.save_second_factor(self).await
    }
    async fn read(&self, unit: &mut Unit) -> Result<Option<Self>, StoreError> {
        Ok(unit.second_factor(self.account).await?.as_ref().map(sorted))
    }
    fn touch(&mut self, now: Timestamp) {
        self.renew_recovery_codes(Vec::new(), now);
    }
}

/// Recovery codes stand in no order.
fn sorted(factor: &SecondFactor) -> SecondFactor {
    let mut state = factor.state().clone();
    state.recovery_codes.sort_by_key(|code| code.digest);
    SecondFactor::restore(state, factor.version())
}

/// Runs a check with a sample of every aggregate of identity, and of a task.
macro_rules! each_aggregate {
    ($world:ident, $people:ident, $check:ident) => {
        $check(&$world, $world.account_sample("eve@example.org")).await;
        $check(&$world, $world.settings_sample(&$people)).await;
        $check(&$world, $world.key_sample(&$people)).await;
        $check(&$world, $world.invitation_sample(&$people)).await;
        $check(&$world, $world.membership_sample(&$people)).await;
        $check(&$world, $world.token_sample(&$people)).await;
        $check(&$world, $world.organization_sample("north-wind")).await;
        $check(&$world, $world.registration_sample("fay@example.org")).await;
        $check(&$world, $world.factor_sample(&$people)).await;
        $check(&$world, $world.session_sample(&$people)).await;
        $check(&$world, $world.task_sample(&$people)).await;
    };
}

pub(crate) use each_aggregate;
