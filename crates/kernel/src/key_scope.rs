//! The scopes of API keys: words, which each domain declares for itself.

use std::borrow::Cow;

use serde::Serialize;

/// What an API key may be allowed to do, such as `members.read`: two parts of small letters and underscores.
///
/// A domain declares its scopes as constants, lists them in [`Domain::key_scopes`](crate::Domain::key_scopes) and has
/// its rules ask for them. A scope that no domain declares opens nothing, and nobody is given it.
///
/// ```
/// use kernel::KeyScope;
///
/// const READ: KeyScope = KeyScope::new("candidates.read");
/// assert_eq!(KeyScope::from_name("candidates.read"), Some(READ));
/// assert_eq!(KeyScope::from_name("Candidates"), None);
/// ```
///
/// A constant of another form does not compile:
///
/// ```compile_fail
/// const READ: kernel::KeyScope = kernel::KeyScope::new("Candidates");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct KeyScope(Cow<'static, str>);

impl KeyScope {
    /// The scope of that name.
    ///
    /// # Panics
    /// If the name has another form; in a constant that is an error of the compiler.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_well_formed(name), "a key scope is two words of small letters with a dot between");
        Self(Cow::Borrowed(name))
    }

    /// The scope that was stored or sent under that name, whether or not a domain declares it; `None` if no scope can
    /// have the name.
    pub fn from_name(name: &str) -> Option<Self> {
        is_well_formed(name).then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name it is stored and sent under.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Whether it matches `^[a-z][a-z_]*\.[a-z][a-z_]*$`, which the constraint on the table of API keys says as well.
pub(crate) const fn is_well_formed(name: &str) -> bool {
    let bytes = name.as_bytes();
    let (mut at, mut parts, mut begins) = (0, 1, true);
    while at < bytes.len() {
        match bytes[at] {
            b'a'..=b'z' => begins = false,
            b'_' if !begins => {}
            b'.' if !begins => {
                parts += 1;
                begins = true;
            }
            _ => return false,
        }
        at += 1;
    }
    parts == 2 && !begins
}
