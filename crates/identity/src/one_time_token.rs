//! The one-time token: the secret in a mailed link, and the link that was opened.

mod aggregate;
pub(crate) mod link;

pub use self::aggregate::{OneTimeToken, OneTimeTokenId, OneTimeTokenState, Purpose, Spent};
