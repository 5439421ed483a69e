//! What programs outside are told of: some of a domain's actions, under names of their own.

/// An action that programs outside can be told of, such as by a webhook. They learn that it happened, and to what; the
/// rest they read under their own permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicEvent {
    /// The action, one of the domain's.
    pub action: &'static str,
    /// What it is called outside, such as `membership.joined`: two words or more, dotted, in the past tense. The name
    /// never changes, whatever becomes of the action.
    pub name: &'static str,
    /// What happened, as a sentence.
    pub meaning: &'static str,
}

impl PublicEvent {
    /// The action under this name.
    pub const fn new(action: &'static str, name: &'static str, meaning: &'static str) -> Self {
        Self { action, name, meaning }
    }
}
