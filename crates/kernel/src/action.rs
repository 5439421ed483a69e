//! What stands in the audit trail: the names of actions, what they mean, and how they are exported.

/// The class of the Open Cybersecurity Schema Framework an action maps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OcsfClass {
    /// Account Change: a person's account, its secrets, its standing.
    AccountChange,
    /// Authentication: proving who one is.
    Authentication,
    /// User Access Management: who may do what.
    UserAccess,
    /// API Activity: everything else that is done or read.
    ApiActivity,
}

impl OcsfClass {
    /// The number OCSF knows the class by: its `class_uid`.
    pub const fn uid(self) -> u16 {
        match self {
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::UserAccess => 3005,
            Self::ApiActivity => 6003,
        }
    }
}

/// What an action means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionNote {
    /// Its name, `thing.verb`.
    pub action: &'static str,
    /// What was done, or tried.
    pub meaning: &'static str,
    /// How it is exported.
    pub class: OcsfClass,
}

/// A reason only the trail gives: the client is told less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonNote {
    /// The stable name, such as `identity.locked`.
    pub reason: &'static str,
    /// What it means.
    pub meaning: &'static str,
}
