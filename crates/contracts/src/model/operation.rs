//! What the adapters are told to do.

use super::{assessment, identity};

/// One thing that happens.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A unit of work of identity.
    Identity(Work<identity::Command, identity::Kind>),
    /// A unit of work of assessments.
    Assessment(Work<assessment::Command, assessment::Kind>),
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
        list: identity::List,
        /// Whose, where the list is somebody's.
        of: u8,
    },
    /// What assessments tell without a unit is read; lists to their end, three items a page.
    AssessmentList {
        /// What it may reach.
        reach: Reach,
        /// Which list.
        list: assessment::List,
        /// Of what, where the list is of something.
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

/// A unit of work: commands `C` to a domain, and work on its kinds `K` of aggregates.
#[derive(Debug, Clone)]
pub struct Work<C, K> {
    /// What it may reach.
    pub reach: Reach,
    /// What is done in it, one after the other.
    pub steps: Vec<Step<C, K>>,
    /// Whether it is committed; otherwise it is dropped.
    pub commit: bool,
}

/// A scope.
#[derive(Debug, Clone, Copy)]
pub enum Reach {
    /// That of what happens before anyone is known.
    Identity,
    /// That of platform administrators.
    Platform,
    /// That of work nobody waits for.
    Worker,
    /// An organisation's.
    Tenant(u8),
    /// A person's.
    Account(u8),
}

/// What a unit does.
#[derive(Debug, Clone, Copy)]
pub enum Step<C, K> {
    /// Makes something, or does what only this domain does.
    Command(C),
    /// Changes what is there, in one of several ways.
    Edit {
        /// What kind of thing.
        kind: K,
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
        kind: K,
        /// Which one.
        which: u8,
        /// Whether the copy is kept for an outdated edit.
        keep: bool,
    },
}
