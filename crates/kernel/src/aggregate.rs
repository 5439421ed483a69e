//! What all aggregates have in common: a state only they can change, a version, and the record of their changes.

/// Declares an aggregate over a state struct.
///
/// The state's fields are public so that storage can take them apart and put them together again
/// (`restore`); the aggregate derefs to it for reading. Only the module that declares the aggregate can change
/// it, through the private field `state`. After `of` stands whose it is: the aggregate is then [`Keyed`](crate::Keyed)
/// by the fields `id` and `created_at` of its state.
///
/// ```
/// mod light {
///     pub struct LightState { pub on: bool }
///     kernel::aggregate! {
///         /// A light.
///         pub Light(LightState) as "light"
///     }
///     impl Light {
///         pub fn toggle(&mut self) { self.state.on = !self.state.on }
///     }
/// }
/// let mut light = light::Light::restore(light::LightState { on: false }, 3);
/// light.toggle();
/// assert!(light.on);
/// ```
#[macro_export]
macro_rules! aggregate {
    ($(#[$meta:meta])* pub $name:ident($state:ty) as $kind:literal $(of $owner:expr)?) => {
        $(#[$meta])*
        pub struct $name {
            state: $state,
            version: i64,
            changes: $crate::Changes,
        }

        impl $name {
            /// The name logs and the outbox know this kind of thing by.
            pub const KIND: &'static str = $kind;

            /// Something that is tried on one of this kind, as the audit trail keeps it when it comes to nothing.
            pub const fn attempt(action: &'static str) -> $crate::AuditedAttempt {
                $crate::AuditedAttempt::new(action, Self::KIND)
            }

            /// Puts together what storage kept.
            pub fn restore(state: $state, version: i64) -> Self {
                Self { state, version, changes: $crate::Changes::default() }
            }

            /// All it consists of, for storage to keep.
            pub fn state(&self) -> &$state {
                &self.state
            }

            /// Whether it holds changes that were not saved.
            pub fn has_changed(&self) -> bool {
                !self.changes.is_empty()
            }

            /// The version it was read at; 0 when it was never saved.
            pub fn version(&self) -> i64 {
                self.version
            }

            /// Refuses a change to what was changed since its author read it at this version.
            pub fn unchanged_since(&self, version: i64) -> Result<(), $crate::StoreError> {
                if self.version == version { Ok(()) } else { Err($crate::StoreError::Stale) }
            }

            /// Keeps what happened until it is saved.
            fn record(&mut self, change: $crate::Change) {
                self.changes.record(change);
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = $state;

            fn deref(&self) -> &$state {
                &self.state
            }
        }

        impl $crate::Recorded for $name {
            fn kind(&self) -> &'static str {
                Self::KIND
            }
            fn changes(&mut self) -> &mut $crate::Changes {
                &mut self.changes
            }
            fn version(&self) -> i64 {
                self.version
            }
            fn set_version(&mut self, version: i64) {
                self.version = version;
            }
        }

        $(impl $crate::Keyed for $name {
            fn id(&self) -> $crate::uuid::Uuid {
                self.state.id.uuid()
            }
            fn owner(&self) -> $crate::Owner {
                let owner: fn(&$state) -> $crate::Owner = $owner;
                owner(&self.state)
            }
            fn created_at(&self) -> $crate::Timestamp {
                self.state.created_at
            }
        })?
    };
}
