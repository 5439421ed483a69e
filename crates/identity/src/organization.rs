//! The organisation: a tenant, founded, changed, handed on and closed.

mod aggregate;
mod limits;
mod mailer;
mod service;
mod unsubscribing;

pub use self::{
    aggregate::{Organization, OrganizationProfile, OrganizationState, OrganizationStatus},
    limits::{OrganizationLimitService, OrganizationLimits},
    mailer::OrganizationMailer,
    service::OrganizationService,
    unsubscribing::{UnsubscribingService, Unsubscription},
};
