//! The adapter under test.

use std::{any::Any, sync::Arc};

use crate::StorageUnderTest;

/// Makes [`StorageUnderTest`] of the ports that all adapters have.
macro_rules! ports {
    ($($(#[$doc:meta])+ $name:ident: $port:path,)+) => {
        /// An adapter's ports, all over the same storage, which is empty at first. Each rule gets one of its own. Its
        /// units are recorded by a [`fixture::recorder`].
        #[derive(Clone)]
        pub struct StorageUnderTest {
            $($(#[$doc])+ pub $name: std::sync::Arc<dyn $port>,)+
            // Last, so that it goes after everything that may still use it.
            guard: Option<std::sync::Arc<dyn std::any::Any + Send + Sync>>,
        }

        impl StorageUnderTest {
            /// Storage that implements every port itself.
            pub fn of<S: $($port +)+ 'static>(storage: S) -> Self {
                let storage = std::sync::Arc::new(storage);
                Self { $($name: storage.clone(),)+ guard: None }
            }
        }
    };
}

pub(crate) use ports;

impl StorageUnderTest {
    /// Keeps something alive for as long as the storage, such as a database that is dropped at the end.
    pub fn holding(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guard = Some(Arc::new((self.guard.take(), guard)));
        self
    }
}
