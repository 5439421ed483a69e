//! What the adapters are told to do.

/// One thing that happens.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A unit of work.
    Unit {
        /// What it may reach.
        reach: Reach,
        /// What is done in it, one after the other.
        steps: Vec<Step>,
        /// Whether it is committed; otherwise it is dropped.
        commit: bool,
    },
    /// An attempt on an account comes to nothing.
    Deny {
        /// What it may reach.
        reach: Reach,
        /// On which account.
        whom: u8,
        /// In the trail of which organisation.
        of: u8,
    },
    /// A list of the directory is read to its end, three items a page.
    List {
        /// What it may reach.
        reach: Reach,
        /// Which list.
        list: List,
        /// Whose, where the list is somebody's.
        of: u8,
    },
    /// A refresh token is used.
    Rotate {
        /// Of which session.
        session: u8,
        /// How many rotations ago it was current.
        behind: u8,
    },
}

/// A scope.
#[derive(Debug, Clone, Copy)]
pub enum Reach {
    /// That of what happens before anyone is known.
    Identity,
    /// That of platform administrators.
    Platform,
    /// An organisation's.
    Tenant(u8),
    /// A person's.
    Account(u8),
}

/// What a unit does.
#[derive(Debug, Clone, Copy)]
pub enum Step {
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
    /// Changes what is there, in one of several ways.
    Edit {
        /// What kind of thing.
        kind: Kind,
        /// Which one.
        which: u8,
        /// In which way.
        way: u8,
        /// Whether a copy that was read in an earlier unit is changed and not the current one.
        outdated: bool,
    },
    /// Reads what is there.
    Read {
        /// What kind of thing.
        kind: Kind,
        /// Which one.
        which: u8,
        /// Whether the copy is kept for an outdated edit.
        keep: bool,
    },
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
    Token,
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
