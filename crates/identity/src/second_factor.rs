//! The second factor: set up, proved and removed.

mod aggregate;
pub(crate) mod proof;
mod service;

pub use self::{
    aggregate::{FactorStatus, RecoveryCode, SecondFactor, SecondFactorId, SecondFactorState},
    proof::SecondFactorProof,
    service::{Enrolment, SecondFactorService},
};
