//! The membership: what a person is in an organisation, described, granted and ended.

mod aggregate;
mod service;

pub use self::{
    aggregate::{Membership, MembershipId, MembershipState, MembershipStatus},
    service::{MemberChange, MemberService},
};
