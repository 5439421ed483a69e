//! The session: how it begins, is renewed and checked, and ends.

mod aggregate;
mod authentication;
pub(crate) mod bearer;
pub(crate) mod guard;
pub(crate) mod reauthentication;
mod rotation;
mod sign_in;
mod token_refresh;

pub(crate) use self::sign_in::{end_sessions, lifetime};
pub use self::{
    aggregate::{EndReason, Lifetime, NewSession, Session, SessionState},
    authentication::AuthenticationService,
    rotation::{GRACE, RefreshRotation, Rotation, judge},
    sign_in::{Login, SignInService, Tokens},
};
