//! Every no of this domain.

use kernel::{AccessDenied, PageRefusal, QuotaRefused, StoreError};

use crate::endpoint::DisabledReason;

/// A part of the input that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON Pointer.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl Fault {
    pub(crate) fn new(pointer: impl Into<String>, detail: &impl ToString) -> Self {
        Self { pointer: pointer.into(), detail: detail.to_string() }
    }
}

/// A refused call.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The gate says no.
    #[error(transparent)]
    AccessDenied(#[from] AccessDenied),
    /// Parts of the input break rules that only the service can check; one at least.
    #[error("{}", .0.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Fault>),
    /// Not there, or not for this caller to know.
    #[error("there is no such {0}, or it is not for you to see")]
    Missing(&'static str),
    /// Nothing is sent to the endpoint.
    #[error("the endpoint is disabled ({}); enable it first", .0.name())]
    Disabled(DisabledReason),
    /// Nothing is sent to the endpoint, for as long as somebody paused it.
    #[error("the endpoint is paused; enable it first")]
    Paused,
    /// Only operators enable what they disabled.
    #[error("whoever runs this installation disabled the endpoint; ask them to enable it")]
    DisabledByOperator,
    /// The organisation has as many endpoints as it may.
    #[error(transparent)]
    Quota(#[from] QuotaRefused),
    /// A page that cannot be given.
    #[error(transparent)]
    Page(#[from] PageRefusal),
    /// Storage did not do it.
    #[error(transparent)]
    Store(StoreError),
}

impl Refused {
    pub(crate) fn invalid(pointer: &str, detail: &str) -> Self {
        Self::Invalid(vec![Fault::new(pointer, &detail)])
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Page(refusal) => Self::Page(refusal),
            error => Self::Store(error),
        }
    }
}

kernel::refusals! {
    Refused {
        own {
            Self::Disabled(_) => Conflict, "webhook.disabled",
                "Nothing is sent to a disabled endpoint. Owners and administrators mend its receiver and enable it.";
            Self::Paused => Conflict, "webhook.paused",
                "Nothing is sent to a paused endpoint but pings. Owners and administrators enable it.";
            Self::DisabledByOperator => Conflict, "webhook.disabled_by_operator",
                "Operators of the installation disabled the endpoint, and only they enable it. People ask them why.";
        }
        shared {
            Self::Invalid(_) => Invalid, "request.invalid";
            Self::Missing(_) => Missing, "request.not_found";
        }
        nested { AccessDenied, Quota, Page, Store }
        errors {
            Self::Invalid(faults) => faults.iter().map(|fault| (fault.pointer.clone(), fault.detail.clone())).collect();
        }
    }
}
