//! The password: what one must be, and how it is changed or set anew.

pub(crate) mod policy;
mod service;

pub use self::service::PasswordService;
