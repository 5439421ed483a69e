//! The aggregates of a domain as one type.

use std::fmt::Debug;

use async_trait::async_trait;
use kernel::{Owner, Scope, Store, StoreError, Timestamp, UnitOfWork};
use uuid::Uuid;

use crate::StorageUnderTest;

/// Any aggregate of a domain; made by [`things!`].
#[async_trait]
pub(super) trait Thing: Clone + Debug + Send + Sync + 'static {
    type Unit: UnitOfWork + ?Sized;
    type Kind: Copy + PartialEq;

    fn store(storage: &StorageUnderTest) -> &dyn Store<Self::Unit>;
    fn kind(&self) -> Self::Kind;
    fn id(&self) -> Uuid;
    fn owner(&self) -> Owner;
    /// A scope that sees it.
    fn scope(&self) -> Scope;
    fn shown(&self) -> String;
    fn is_new(&self) -> bool;
    async fn save(&mut self, unit: &mut Self::Unit) -> Result<(), StoreError>;
    async fn read(&self, unit: &mut Self::Unit) -> Result<Option<Self>, StoreError>;
}

/// What is done with the aggregates of a domain.
#[async_trait]
pub(super) trait Model: Thing {
    /// A call of a port that saves no single aggregate.
    type Call: Clone + Debug + Send;

    /// Changes it in one of several ways; some change nothing and leave no record.
    fn edit(&mut self, way: u8, now: Timestamp);
    /// What is kept beside it and is no aggregate.
    async fn beside(&self, unit: &mut Self::Unit) -> Result<String, StoreError>;
    /// Makes the call and tells what was answered.
    async fn call(call: Self::Call, unit: &mut Self::Unit) -> Result<String, StoreError>;
}

/// Makes one type of aggregates that are saved in units of one shape, and a kind for each.
macro_rules! things {
    ($store:ident: $unit:ty { $($(#[$doc:meta])* $thing:ident),+ $(,)? }) => {
        /// What kind of thing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $thing),+
        }

        #[derive(Debug, Clone)]
        pub(in crate::model) enum Any {
            $($thing($thing)),+
        }

        #[async_trait::async_trait]
        impl $crate::model::thing::Thing for Any {
            type Unit = $unit;
            type Kind = Kind;

            fn store(storage: &$crate::StorageUnderTest) -> &dyn kernel::Store<$unit> {
                &*storage.$store
            }
            fn kind(&self) -> Kind {
                match self {
                    $(Self::$thing(_) => Kind::$thing),+
                }
            }
            fn id(&self) -> uuid::Uuid {
                match self {
                    $(Self::$thing(it) => kernel::Keyed::id(it)),+
                }
            }
            fn owner(&self) -> kernel::Owner {
                match self {
                    $(Self::$thing(it) => kernel::Keyed::owner(it)),+
                }
            }
            fn scope(&self) -> kernel::Scope {
                match self {
                    $(Self::$thing(it) => $crate::aggregate::Aggregate::scope(it)),+
                }
            }
            fn shown(&self) -> String {
                match self {
                    $(Self::$thing(it) => $crate::aggregate::Aggregate::shown(it)),+
                }
            }
            fn is_new(&self) -> bool {
                match self {
                    $(Self::$thing(it) => it.version() == 0),+
                }
            }
            async fn save(&mut self, unit: &mut $unit) -> Result<(), kernel::StoreError> {
                match self {
                    $(Self::$thing(it) => $crate::aggregate::Aggregate::save(it, unit).await),+
                }
            }
            async fn read(&self, unit: &mut $unit) -> Result<Option<Self>, kernel::StoreError> {
                match self {
                    $(Self::$thing(it) => {
                        Ok($crate::aggregate::Aggregate::read(it, unit).await?.map(Self::$thing))
                    })+
                }
            }
        }

        $(impl From<$thing> for Any {
            fn from(thing: $thing) -> Self {
                Self::$thing(thing)
            }
        })+
    };
}

pub(super) use things;
