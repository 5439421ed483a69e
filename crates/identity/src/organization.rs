//! The organisation: a tenant, founded, changed, handed on and closed.

mod aggregate;
mod service;

pub use self::{
    aggregate::{Organization, OrganizationProfile, OrganizationState, OrganizationStatus},
    service::OrganizationService,
};
