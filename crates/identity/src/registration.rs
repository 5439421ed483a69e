//! The registration: an address somebody claims, until it is proved.

mod aggregate;
mod service;

pub(crate) use self::service::{MailKind, forget_registrations, may_mail, open_account, reserve_mail};
pub use self::{
    aggregate::{Registration, RegistrationId, RegistrationState},
    service::{Register, RegistrationService},
};
