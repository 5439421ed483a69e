//! Saying no: what every domain's refusals have in common.

/// What kind of no it is. The HTTP layer has the one table from kind to status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The input is wrong.
    Invalid,
    /// Nobody proved who they are.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Not there, or not for this caller to know.
    Missing,
    /// It contradicts what is there.
    Conflict,
    /// It was changed since it was read.
    Stale,
    /// Too often.
    Limited,
    /// Not now; later.
    Unavailable,
    /// A defect on our side.
    Fault,
}

/// A refused command: a kind every client can act on and a code that never changes.
///
/// `Display` is the sentence for people: what is wrong, where, and how to mend it. It never holds secrets.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// What kind of no it is.
    fn kind(&self) -> Kind;

    /// The stable name, `area.reason`.
    fn code(&self) -> &'static str;

    /// Where the input is wrong: JSON Pointers with a sentence each.
    fn errors(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// In how many seconds it is worth trying again.
    fn retry_after(&self) -> Option<u64> {
        None
    }
}

/// What a code means and who reacts how: a domain lists all of its own, for the page that explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeNote {
    /// The stable code, `area.reason`.
    pub code: &'static str,
    /// What kind of no it is.
    pub kind: Kind,
    /// What it means and who reacts how.
    pub note: &'static str,
}
