//! The invitation: sent, taken back, accepted or declined.

mod aggregate;
mod response;
mod service;

pub use self::{
    aggregate::{Invitation, InvitationId, InvitationState, InvitationStatus},
    service::{InvitationRef, InvitationService, SentInvitation},
};
