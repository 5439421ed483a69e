//! Accounts, organisations, sessions and everything that proves who somebody is.
//!
//! # The words
//!
//! A person **registers** an address and, once it is proved to be theirs, has an [`Account`]. They sign in and
//! have a [`Session`], which lives by refresh tokens; requests carry access tokens. An [`Organization`] is a tenant;
//! a [`Membership`] says what a person is in it, with [`Roles`]. An [`Invitation`] asks an address to join. An
//! [`ApiKey`] lets a program act for an organisation. A [`SecondFactor`] is a one-time password with recovery codes.
//!
//! # What always holds
//!
//! - The password of an account is that of the registration whose link was opened.
//! - An organisation that is not closed has an owner.
//! - Nobody grants roles that allow more than their own; an API key never does more than its maker may now.
//! - A link, a one-time password and a recovery code work once; a newer link makes older ones worthless.
//! - A refresh token that is used again after its grace ends the session.
//! - No token, password or code is stored in a form that opens anything.
//! - Every command leaves its events in its transaction, and every attempt that was denied or went wrong leaves one of
//!   its own; [`ACTIONS`] lists their names. What cannot be recorded does not happen.
//! - What the record says of an erased person opens for nobody any more.
//!
//! # Where things are
//!
//! Each subject has a module, such as [`membership`]: in its folder `aggregate.rs` holds the state and its rules, which
//! nothing else can change, and `service.rs` what people do with it; a subject with several services or helpers names
//! each file after its own. What all subjects share stands beside them: [`permission`] is the matrix, [`mod@unit`] and
//! [`directory`] are storage to write and to read, [`ports`] is what services are given, [`refusal`] why they refuse.
//! What other domains are served stands in [`gate`], [`people`] and [`personal_keys`].
//!
//! # Using it
//!
//! [`Identity`] holds every service over one set of [`Ports`]. The crate `platform` fills them, and its example
//! `sign_in` registers, verifies and signs in over the in-memory adapter. The rules can be used alone:
//!
//! ```
//! use identity::{Action, Reach, Role, Roles, permission::{may_grant, reach}};
//!
//! assert_eq!(reach(Role::Recruiter, Action::Invite), Reach::Tenant);
//! assert_eq!(reach(Role::Candidate, Action::ViewMembers), Reach::Own);
//! assert!(!may_grant(&Roles::only(Role::Recruiter), &Roles::only(Role::Admin), &[]));
//! ```
#![deny(missing_docs)]

mod access;
pub mod account;
pub mod actions;
pub mod api_key;
pub mod bounces;
pub mod credentials;
pub mod directory;
mod domain;
mod events;
pub mod gate;
pub mod housekeeping;
pub mod identity;
pub mod invitation;
pub mod mails;
pub mod membership;
pub mod one_time_token;
pub mod organization;
pub mod password;
pub mod people;
pub mod permission;
pub mod personal_keys;
pub mod ports;
pub mod preferences;
pub mod quotas;
pub mod refusal;
pub mod registration;
pub mod second_factor;
pub mod session;
pub mod throttle;
pub mod unit;

pub(crate) use kernel::encoding;
pub use kernel::{KeyScope, Reach, Role, Roles, digest, email, text};

pub use account::{
    Account, AccountState, AccountStatus, AdminSettings, AdminSettingsState, PasswordHash, Profile, Streak,
};
pub use actions::{ACTIONS, ActionNote, OcsfClass, REASONS, ReasonNote};
pub use api_key::{ApiKey, ApiKeyId, ApiKeyState};
pub use digest::Digest;
pub use directory::Directory;
pub use domain::DOMAIN;
pub use email::EmailAddress;
pub use housekeeping::Housekeeping;
pub use identity::Identity;
pub use invitation::{Invitation, InvitationId, InvitationState, InvitationStatus};
pub use membership::{Membership, MembershipId, MembershipState, MembershipStatus};
pub use one_time_token::{OneTimeToken, OneTimeTokenId, OneTimeTokenState, Purpose, Spent};
pub use organization::{
    Organization, OrganizationLimits, OrganizationProfile, OrganizationState, OrganizationStatus,
    Unsubscription,
};
pub use permission::Action;
pub use ports::{Ports, Settings};
pub use preferences::Preferences;
pub use quotas::Quotas;
pub use refusal::{PasswordRefused, Refused};
pub use registration::{Registration, RegistrationId, RegistrationState};
pub use second_factor::{FactorStatus, RecoveryCode, SecondFactor, SecondFactorId, SecondFactorState};
pub use session::{EndReason, Lifetime, NewSession, RefreshRotation, Rotation, Session, SessionState};
pub use text::{Name, SingleLine, Slug, TextError, WebAddress};
pub use throttle::Throttle;
pub use unit::{IdentityUnit, Unit};
