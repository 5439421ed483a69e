//! Entitlements: whether somebody may use what is sold, and using it up.
//!
//! Whoever may do something is the [`Gate`](crate::Gate)'s to say; whether it was also bought is asked here. A service
//! asks [`Entitlements`] before it opens a unit; where the answer names a grant, it takes one use of that with
//! [`Redemptions`] in the unit of what the use is for, so that both happen or neither.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{AccountId, Id, OrganizationId, StoreError, Target, Timestamp, key_scope::is_well_formed};

/// Something that can be sold, such as `assessment.take`: two parts of small letters and underscores.
///
/// ```
/// use kernel::entitlement::Feature;
///
/// const TAKE: Feature = Feature::new("assessment.take");
/// assert_eq!(TAKE.name(), "assessment.take");
/// ```
///
/// A constant of another form does not compile:
///
/// ```compile_fail
/// const TAKE: kernel::entitlement::Feature = kernel::entitlement::Feature::new("Take");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Feature(&'static str);

impl Feature {
    /// The feature of that name.
    ///
    /// # Panics
    /// If the name has another form; in a constant that is an error of the compiler.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_well_formed(name), "a feature is two words of small letters with a dot between");
        Self(name)
    }

    /// The name it is stored, sent and sold under.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// Who holds a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person.
    Account(AccountId),
    /// An organisation, for all of its members.
    Organization(OrganizationId),
}

/// Marks ids of grants; the grant itself lives in the domain that sells.
#[derive(Debug)]
pub enum GrantTag {}
/// Identifies a grant: what entitles one holder to one feature.
pub type GrantId = Id<GrantTag>;

crate::named! {
    /// How far something may be used.
    pub enum Access {
        /// As it is meant to be.
        Full = "full",
        /// What is there may be read, and nothing is added: it was paid for once.
        ReadOnly = "read_only",
        /// Not at all.
        None = "none",
    }
}

/// What a holder may do with a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entitled {
    /// How far.
    pub access: Access,
    /// Up to which level, of a feature that is sold in levels; `None` for any.
    pub level: Option<u32>,
    /// How many uses are left, or how many there may be at once; `None` for any number.
    pub left: Option<u64>,
    /// Until when; `None` for as long as nobody ends it.
    pub until: Option<Timestamp>,
    /// What a use is taken from; `None` if uses are not counted.
    pub grant: Option<GrantId>,
}

/// Tells what holders are entitled to. Whoever sells keeps it; every other domain asks, by the features it declares.
#[async_trait]
pub trait Entitlements: Send + Sync {
    /// What the holder may do with a feature now; `reference` tells which one where there are several, such as the
    /// product.
    async fn entitled(
        &self,
        holder: Holder,
        feature: Feature,
        reference: Option<Uuid>,
    ) -> Result<Entitled, StoreError>;
}

/// Where nothing is sold, everybody may use everything: without limit, and without a grant to take a use from.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllGranted;

#[async_trait]
impl Entitlements for AllGranted {
    async fn entitled(&self, _: Holder, _: Feature, _: Option<Uuid>) -> Result<Entitled, StoreError> {
        Ok(Entitled { access: Access::Full, level: None, left: None, until: None, grant: None })
    }
}

/// Uses of grants in a unit of work. A domain whose features are counted adds it to its own unit.
///
/// No adapter keeps grants yet, and [`AllGranted`] names none: every grant is one that is not there.
#[async_trait]
pub trait Redemptions: Send {
    /// Takes one use of the grant for what it is used by, such as a booking; for what has taken one already, nothing
    /// changes. Where no use is left, or no such grant is there, this is [`StoreError::Stale`]: what
    /// [`Entitlements`] told is no longer so.
    async fn consume(&mut self, grant: GrantId, by: &Target, now: Timestamp) -> Result<(), StoreError>;

    /// Gives back the use that this had taken; without one, nothing changes.
    async fn give_back(&mut self, by: &Target) -> Result<(), StoreError>;
}
